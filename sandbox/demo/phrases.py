"""What stands in a recruiter's diary: kinds of appointments in Dutch and English."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of appointment. Texts may use {candidate}, {client} and {role}; `minutes` are usual lengths."""

    weight: int
    nl: str
    en: str
    minutes: tuple[int, ...]
    guests: str = ""
    place: str = ""
    note: str = ""
    private: bool = False
    color: str = ""


KINDS = (
    Kind(20, "Interview {candidate} · {role}", "Interview {candidate} · {role}", (45, 60), "candidate",
    "meet",
         note="interview", color="9"),
    Kind(10, "Kennismaking {candidate}", "Intro call {candidate}", (30,), "candidate", "meet"),
    Kind(9, "Telefonische screening {candidate}", "Phone screen {candidate}", (30,), "", "phone"),
    Kind(9, "Intake {client}: {role}", "Intake {client}: {role}", (60, 90), "client", "client", note="intake",
         color="10"),
    Kind(6, "Tweede gesprek {candidate} bij {client}", "Second interview {candidate} at {client}", (60, 90),
         "both", "client", color="9"),
    Kind(5, "Arbeidsvoorwaardengesprek {candidate}", "Offer talk {candidate}", (30, 45), "candidate", "meet",
         color="2"),
    Kind(5, "Referentie bellen: {candidate}", "Reference check {candidate}", (30,), "", "phone"),
    Kind(5, "Shortlist doornemen {role} met {client}", "Review shortlist {role} with {client}", (30, 45),
    "client",
         "meet"),
    Kind(4, "Evaluatie plaatsing {candidate}", "Placement review {candidate}", (30,), "candidate", "meet"),
    Kind(4, "Klantbezoek {client}", "Client visit {client}", (90, 120), "client", "client", color="10"),
    Kind(4, "Zoekopdracht {role} uitwerken", "Sourcing block: {role}", (60, 90), color="8"),
    Kind(3, "Vacaturetekst {role} schrijven ✍️", "Write job ad {role} ✍️", (60,), color="8"),
    Kind(3, "Lunch met {candidate}", "Lunch with {candidate}", (60,), "", "lunch"),
    Kind(2, "Tandarts", "Dentist", (45,), private=True),
    Kind(2, "Ouderavond school", "Parents' evening at school", (60,), private=True),
    Kind(2, "Kick-off campagne “Werken bij {client}” 🚀", "Kick-off campaign “Work at {client}” 🚀", (60,),
         "team", "room"),
    Kind(2, "Assessment {candidate} terugkoppelen", "Assessment feedback {candidate}", (30,), "team", "meet"),
)  # fmt: skip

LONG_TITLE = (
    "Voortgangsoverleg over de gezamenlijke wervingscampagne voor verpleegkundig specialisten, "
    "werkvoorbereiders en projectleiders bij Medicura Klinieken, Waterwerk Techniek en Kanaalkwartier "
    "Architecten (deel 2, vervolg op de bespreking van vorige maand)"
)

NOTES: Mapping[str, Mapping[str, str]] = {
    "interview": {
        "nl": "<p>Gesprek met <b>{candidate}</b> voor <i>{role}</i> bij {client}.</p>"
        "<ul><li>Motivatie en ervaring</li><li>Salarisindicatie</li><li>Opzegtermijn</li></ul>"
        '<p>Cv: <a href="https://crm.example/cv">openen</a></p>',
        "en": "<p>Interview with <b>{candidate}</b> for <i>{role}</i> at {client}.</p>"
        "<ul><li>Motivation</li><li>Salary expectation</li><li>Notice period</li></ul>"
        '<p>CV: <a href="https://crm.example/cv">open</a></p>',
    },
    "intake": {
        "nl": "Agenda:<br>1. Profiel {role}<br>2. Tarief & voorwaarden<br>3. Planning<br><br>"
        "Neem de <b>samenwerkingsovereenkomst</b> mee.",
        "en": "Agenda:<br>1. Profile {role}<br>2. Fee & terms<br>3. Timeline<br><br>"
        "Please bring the <b>terms of business</b>.",
    },
}

THIS_WEEK: Mapping[str, tuple[tuple[int, str, int, str, str], ...]] = {
    # weekday, start, minutes, title, trait
    "nl": (
        (0, "11:30", 30, "Interview Lotte Vermeulen · Java-ontwikkelaar", "meet"),
        (0, "14:00", 60, "Intake Noordzee Logistiek: Teamleider klantenservice", "client"),
        (1, "11:00", 45, "Kennismaking Bram Oosterveen ☕", "meet"),
        (1, "13:30", 60, LONG_TITLE, "team"),
        (2, "13:00", 60, "Tweede gesprek Yasmin Elmasri bij Polderbank", "client"),
        (2, "15:00", 30, "Onder voorbehoud: koffie met Zonnedak Energie", "tentative"),
        (3, "10:30", 45, "Arbeidsvoorwaardengesprek Tim Hoekzema", "meet"),
        (3, "16:00", 30, "Fysiotherapeut", "private"),
        (4, "10:00", 60, "Shortlist Financial controller met Helder & Vaart", "meet"),
        (4, "14:30", 45, "Weekafsluiting en planning volgende week", "team"),
    ),
    "en": (
        (0, "13:00", 45, "Interview Hannah Fairleigh · Product owner", "meet"),
        (0, "15:30", 30, "Prep call Brightwater Insurance", "meet"),
        (1, "10:30", 60, "Intake Northgate Robotics: Site reliability engineer", "client"),
        (1, "14:00", 30, "Phone screen Oliver Penwick", "phone"),
        (2, "11:00", 60, "Second interview Zoe Marchbank at Tulp Digital", "client"),
        (2, "14:30", 45, "Offer talk Mila Kovarek 🎉", "meet"),
        (3, "10:30", 30, "Reference check Liam Thornbury", "phone"),
        (3, "14:00", 60, "Maybe: webinar on skills-based hiring", "tentative"),
        (4, "09:30", 60, "Campaign review “Work at Lumen Foods”", "team"),
        (4, "15:00", 30, "School run", "private"),
    ),
}  # fmt: skip
