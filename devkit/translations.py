"""Catalogues of translations without GNU gettext: `python -m devkit.translations compile|extract|check`.

English is the msgid. `extract` brings every locale/*/LC_MESSAGES/django.po up to date with the sources and
keeps what was translated; `check` tells what a language still lacks; `compile` makes the .mo files of Django.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from devkit.layout import ROOT
from devkit.terminal import complain, say

SOURCES = ["carerix_calendar", "marketplace", "activities", "calendarsync", "scheduler", "templates"]
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
STRING = r"""(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')"""
TEMPLATE_CALL = re.compile(rf"\b(_|n?p?gettext)\(\s*u?({STRING}(?:\s*,\s*u?{STRING})*)")


def catalogue_files(root: Path = ROOT) -> list[Path]:
    """Every catalogue of the project; Dutch is expected even before its file exists."""
    dutch = root / "locale" / "nl" / "LC_MESSAGES" / "django.po"
    return sorted({dutch, *root.glob("locale/*/LC_MESSAGES/django.po")})


def extract(root: Path = ROOT) -> Catalog:
    """All texts of the sources, as a catalogue without translations."""
    catalogue = Catalog(project="Calendar 2.0")
    for path in _source_files(root):
        where = [(path.relative_to(root).as_posix(), 0)]
        for text, context in _texts(path):
            catalogue.add(text, None, where, context=context)
    return catalogue


def update_files(root: Path = ROOT) -> None:
    """Bring the catalogue files up to date; nothing is guessed, new texts are empty."""
    template = extract(root)
    for path in catalogue_files(root):
        catalogue = _read(path)
        created = catalogue.creation_date
        catalogue.update(template, no_fuzzy_matching=True, update_header_comment=False)
        catalogue.obsolete.clear()
        catalogue.creation_date = created
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, catalogue, width=100, sort_by_file=True, include_lineno=False)


def gaps(root: Path = ROOT) -> list[str]:
    """A sentence for each text that a catalogue lacks, leaves empty, marks as a guess or formats wrongly."""
    template = extract(root)
    return [gap for path in catalogue_files(root) for gap in _gaps_in(_read(path), template)]


def compile_files(root: Path = ROOT) -> None:
    """Write the .mo file beside each .po file that changed since."""
    for path in catalogue_files(root):
        compiled = path.with_suffix(".mo")
        if path.is_file() and (not compiled.exists() or compiled.stat().st_mtime < path.stat().st_mtime):
            with compiled.open("wb") as file:
                write_mo(file, _read(path))


def main() -> int:
    """Run the command named on the command line; returns the exit status."""
    match sys.argv[1:]:
        case ["compile"]:
            compile_files()
        case ["extract"]:
            update_files()
        case ["check"]:
            found = gaps()
            for gap in found:
                complain(gap)
            return 1 if found else 0
        case _:
            say(__doc__ or "")
            return 2
    return 0


def _source_files(root: Path) -> Iterator[Path]:
    for source in SOURCES:
        for path in sorted((root / source).rglob("*")):
            if path.suffix in {".py", ".html", ".txt"} and "migrations" not in path.parts:
                yield path


def _texts(path: Path) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    if path.suffix == ".py":
        for _line, text, _comments, context in extract_from_file("python", path, keywords=KEYWORDS):
            yield text, context
    else:
        yield from _template_texts(path.read_text(encoding="utf-8"))


def _template_texts(source: str) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    # Django rewrites a template as function calls for xgettext, each with its strings on one line
    from django.conf import settings
    from django.utils.translation.template import templatize

    if not settings.configured:
        settings.configure()
    for function, arguments in TEMPLATE_CALL.findall(templatize(source)):
        texts = list(ast.literal_eval(f"[{arguments}]"))
        context = texts.pop(0) if "p" in function.removesuffix("gettext") else None
        yield (tuple(texts[:2]) if function.startswith("n") else texts[0]), context


def _read(path: Path) -> Catalog:
    language = path.parts[-3]
    if not path.is_file():
        return Catalog(locale=language, project="Calendar 2.0")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def _gaps_in(catalogue: Catalog, template: Catalog) -> Iterator[str]:
    language = catalogue.locale_identifier
    for wanted in template:
        if not wanted.id:
            continue
        found = catalogue.get(wanted.id, wanted.context)
        if found is None or not found.string or not all(found.string):
            yield f"{language}: not translated: {wanted.id!r} ({wanted.locations[0][0]})"
        elif found.fuzzy:
            yield f"{language}: still a guess (fuzzy): {wanted.id!r}"
    for message, errors in catalogue.check():
        yield f"{language}: {message.id!r}: {'; '.join(str(error) for error in errors)}"


if __name__ == "__main__":
    sys.exit(main())
