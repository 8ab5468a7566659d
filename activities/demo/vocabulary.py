"""The words of a diary in the tenant's language: lists, subjects, descriptions.

In subjects `{candidate}`, `{contact}`, `{company}` and `{vacancy}` are filled in and become linked records.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """A subject, the key of its type, its minutes, and where it is: "room", "client", "phone" or ""."""

    subject: str
    type: str = ""
    minutes: int = 60
    where: str = ""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Everything that is written in one language."""

    types: dict[str, tuple[str, str]]
    """Key to name and colour."""
    results: tuple[str, ...]
    facilities: tuple[tuple[str, str, str], ...]
    """Name, location, description."""
    appointments: tuple[Line, ...]
    whole_days: tuple[tuple[str, int], ...]
    """Subject and number of days."""
    tasks: tuple[str, ...]
    calls: tuple[str, ...]
    notes: tuple[str, ...]
    remarks: tuple[str, ...]
    phone: str


DUTCH = Vocabulary(
    types={
        "phone": ("Telefonisch interview", "#0b7a75"),
        "office": ("Gesprek op kantoor", "#2d5bd1"),
        "first": ("Eerste gesprek bij klant", "#8a4b00"),
        "second": ("Tweede gesprek bij klant", "#ad2323"),
        "intake": ("Intake vacature", "#5a48b0"),
        "client": ("Klantbezoek", "#17693c"),
        "internal": ("Intern overleg", "#4f5766"),
        "absence": ("Afwezig", "#7a5195"),
    },
    results=(
        "Uitgenodigd voor vervolggesprek",
        "Aanbod gedaan",
        "Geplaatst",
        "Afgewezen door klant",
        "Kandidaat trekt zich terug",
        "Niet verschenen",
        "Terugbellen",
    ),
    facilities=(
        ("Kamer Linde", "Keizersgracht 000, begane grond", "Zes personen, scherm en camera"),
        ("Kamer Berk", "Keizersgracht 000, eerste verdieping", "Vier personen"),
        ("Kamer Esdoorn", "Keizersgracht 000, eerste verdieping", "Tien personen, scherm"),
        ("Leenauto", "Parkeerplaats achter", "Sleutel bij de receptie"),
    ),
    appointments=(
        Line("Telefonisch interview {candidate}", "phone", 30, "phone"),
        Line("Kennismaking {candidate}", "office", 60, "room"),
        Line("Gesprek op kantoor: {candidate} voor {vacancy}", "office", 60, "room"),
        Line("Eerste gesprek {candidate} bij {company}", "first", 60, "client"),
        Line("Tweede gesprek {candidate} bij {company}", "second", 90, "client"),
        Line("Intake {vacancy} met {contact}", "intake", 60, "client"),
        Line("Kwartaalgesprek {company}", "client", 90, "client"),
        Line("Bijpraten met {contact}", "client", 30, "phone"),
        Line("Teamoverleg", "internal", 30, "room"),
        Line("Doornemen shortlist {vacancy}", "internal", 45, "room"),
    ),
    whole_days=(
        ("Vakantie", 5),
        ("Banenbeurs Jaarbeurs", 2),
        ("Training gesprekstechniek", 1),
        ("Vrije dag", 1),
        ("Heidag", 1),
        ("Recruitmentcongres", 3),
    ),
    tasks=(
        "Referenties opvragen van {candidate}",
        "Cv van {candidate} opmaken",
        "Offerte sturen aan {contact}",
        "Vacaturetekst {vacancy} nakijken",
        "Contract klaarzetten voor {candidate}",
        "Shortlist {vacancy} bijwerken",
    ),
    calls=(
        "Gebeld met {candidate} over beschikbaarheid",
        "Terugkoppeling van {contact}",
        "{candidate} gevraagd naar salariswens",
        "{contact} gesproken over planning",
    ),
    notes=(
        "Indruk van {candidate}",
        "Werksfeer bij {company}",
        "Wensen van {contact}",
        "Afspraken over {vacancy}",
    ),
    remarks=(
        "Neemt portfolio mee.",
        "Vraag ook naar opzegtermijn en reistijd.",
        "Graag vooraf het profiel doorlezen.",
        "Parkeren kan achter het gebouw, aanmelden bij de receptie.",
        "Voorkeur voor vier dagen per week, thuiswerken bespreekbaar.",
    ),
    phone="Telefonisch",
)

ENGLISH = Vocabulary(
    types={
        "phone": ("Phone interview", "#0b7a75"),
        "office": ("Interview at our office", "#2d5bd1"),
        "first": ("First interview at client", "#8a4b00"),
        "second": ("Second interview at client", "#ad2323"),
        "intake": ("Vacancy intake", "#5a48b0"),
        "client": ("Client visit", "#17693c"),
        "internal": ("Internal meeting", "#4f5766"),
        "absence": ("Absence", "#7a5195"),
    },
    results=(
        "Invited for the next interview",
        "Offer made",
        "Placed",
        "Rejected by client",
        "Candidate withdrew",
        "No show",
        "Call back",
    ),
    facilities=(
        ("Oak room", "Ground floor", "Six people, screen and camera"),
        ("Elm room", "First floor", "Four people"),
        ("Pool car", "Rear car park", "Key at reception"),
    ),
    appointments=(
        Line("Phone interview with {candidate}", "phone", 30, "phone"),
        Line("Meet {candidate}", "office", 60, "room"),
        Line("Interview {candidate} for {vacancy}", "office", 60, "room"),
        Line("First interview: {candidate} at {company}", "first", 60, "client"),
        Line("Second interview: {candidate} at {company}", "second", 90, "client"),
        Line("Intake {vacancy} with {contact}", "intake", 60, "client"),
        Line("Quarterly review {company}", "client", 90, "client"),
        Line("Catch up with {contact}", "client", 30, "phone"),
        Line("Team meeting", "internal", 30, "room"),
        Line("Shortlist for {vacancy}", "internal", 45, "room"),
    ),
    whole_days=(
        ("Annual leave", 5),
        ("Careers fair", 2),
        ("Interview training", 1),
        ("Day off", 1),
        ("Team away day", 1),
        ("Recruitment conference", 3),
    ),
    tasks=(
        "Ask for references of {candidate}",
        "Format the CV of {candidate}",
        "Send a quote to {contact}",
        "Check the advertisement for {vacancy}",
        "Prepare the contract of {candidate}",
        "Update the shortlist for {vacancy}",
    ),
    calls=(
        "Called {candidate} about availability",
        "Feedback from {contact}",
        "Asked {candidate} about salary",
        "Planning with {contact}",
    ),
    notes=(
        "Impression of {candidate}",
        "Atmosphere at {company}",
        "Wishes of {contact}",
        "Agreements about {vacancy}",
    ),
    remarks=(
        "Brings a portfolio.",
        "Ask about notice period and travel time as well.",
        "Please read the profile first.",
        "Parking behind the building, sign in at reception.",
        "Prefers four days a week, open to working from home.",
    ),
    phone="By telephone",
)

VOCABULARIES = {"nl": DUTCH, "en": ENGLISH}
