"""Catalogues made, checked and compiled without GNU gettext."""

import gettext
from pathlib import Path

import pytest

from devkit.translations import compile_files, extract, gaps, update_files

TEMPLATE = """
{% load i18n %}
<p title="{% translate 'Today' %}">{{ state|default:_("Nothing yet") }}</p>
{% blocktranslate trimmed count n=rows|length %}
  One "event"
{% plural %}
  {{ n }} events
{% endblocktranslate %}
{% translate "May" context "month" %}
"""
CODE = """
from django.utils.translation import gettext_lazy as _, ngettext
label = _("Calendar")
count = ngettext("%(n)s day", "%(n)s days", 2)
"""
DUTCH = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "Calendar"
msgstr "Agenda"

#, fuzzy
msgid "Today"
msgstr "Vandaag"

msgid "Gone from the sources"
msgstr "Weg"

#, python-format
msgid "%(n)s day"
msgid_plural "%(n)s days"
msgstr[0] "%(m)s dag"
msgstr[1] "%(n)s dagen"
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one template, one module and a Dutch catalogue with every kind of gap."""
    for name, text in {"templates/page.html": TEMPLATE, "activities/words.py": CODE}.items():
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text)
    catalogue = dutch(tmp_path)
    catalogue.parent.mkdir(parents=True)
    catalogue.write_text(DUTCH)
    return tmp_path


def dutch(project: Path) -> Path:
    return project / "locale" / "nl" / "LC_MESSAGES" / "django.po"


def test_texts_of_templates_and_code_are_found(project: Path) -> None:
    found = {(message.id, message.context) for message in extract(project) if message.id}

    assert found == {
        ("Today", None),
        ("Nothing yet", None),
        (('One "event"', "%(n)s events"), None),
        ("May", "month"),
        ("Calendar", None),
        (("%(n)s day", "%(n)s days"), None),
    }


def test_each_gap_is_a_sentence(project: Path) -> None:
    said = "\n".join(gaps(project))

    assert "not translated: 'Nothing yet' (templates/page.html)" in said
    assert "still a guess (fuzzy): 'Today'" in said
    assert "%(n)s day" in said
    assert "Calendar" not in said


def test_update_keeps_translations_and_drops_what_is_gone(project: Path) -> None:
    update_files(project)

    text = dutch(project).read_text()
    assert 'msgid "Calendar"\nmsgstr "Agenda"' in text
    assert 'msgid "Nothing yet"\nmsgstr ""' in text
    assert "Gone from the sources" not in text


def test_update_twice_changes_nothing(project: Path) -> None:
    update_files(project)
    first = dutch(project).read_text()

    update_files(project)

    assert dutch(project).read_text() == first


def test_compiled_catalogue_speaks_dutch(project: Path) -> None:
    compile_files(project)

    with dutch(project).with_suffix(".mo").open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Calendar") == "Agenda"
