"""The one loose type of the sandbox: a JSON object on its way to or from the wire."""

from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]
