"""What a benchmark comes to: one number, what it should reach, and the numbers behind it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Literal

Detail = Mapping[str, float | str]


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value with its unit, and the value it is meant to reach."""

    name: str
    value: float
    unit: str
    reach: float
    better: Literal["lower", "higher"]
    detail: Detail = field(default_factory=dict)

    @property
    def is_reached(self) -> bool:
        """Whether the value is as good as it should be."""
        return self.value <= self.reach if self.better == "lower" else self.value >= self.reach

    def as_json(self) -> str:
        """One line with every field, for programs."""
        return json.dumps(asdict(self), ensure_ascii=False)

    def as_row(self) -> str:
        """One line of the table, for people; its columns are those of HEADING."""
        sign = "≤" if self.better == "lower" else "≥"
        reach = f"{sign} {_short(self.reach)}"
        verdict = "reached" if self.is_reached else "not reached"
        detail = "  ".join(f"{name} {_short(value)}" for name, value in self.detail.items())
        return _ROW.format(self.name, _short(self.value), self.unit, reach, verdict, detail).rstrip()


_ROW = "{:<18}{:>12} {:<10}{:>12}  {:<13}{}"
HEADING = _ROW.format("benchmark", "value", "unit", "reach", "", "detail").rstrip()


def _short(value: float | str) -> str:
    """Three figures are enough to compare."""
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"
