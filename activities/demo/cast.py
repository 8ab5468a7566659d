"""Who plays in the demo. All invented; e-mail domains that cannot exist."""

from dataclasses import dataclass

PASSWORD = "demo"  # noqa: S105 (printed for everybody, refused in production)
OPERATOR = "admin@carerix.example"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who logs in; the address is `first@slug.example`."""

    name: str
    language: str
    is_administrator: bool = False

    @property
    def mailbox(self) -> str:
        """The part of the address before the @."""
        return self.name.split()[0].lower()


@dataclass(frozen=True, slots=True)
class Company:
    """A client with its contact persons and its vacancies."""

    name: str
    contacts: tuple[str, ...]
    vacancies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cast:
    """Everything that one tenant of the demo knows."""

    slug: str
    name: str
    time_zone: str
    language: str
    country: str
    people: tuple[Person, ...]
    companies: tuple[Company, ...]
    candidates: tuple[tuple[str, str], ...]
    """Name and headline."""


LINDEN = Cast(
    slug="linden",
    name="Linden Recruitment",
    time_zone="Europe/Amsterdam",
    language="nl",
    country="NL",
    people=(
        Person("Iris van Dam", "en", is_administrator=True),
        Person("Sanne de Vries", "nl"),
        Person("Daan Bakker", "nl"),
        Person("Emma Clarke", "en"),
    ),
    companies=(
        Company("Noordzee Logistiek", ("Joost Hendriks",), ("Teamleider magazijn",)),
        Company("Zonnedak Energie", ("Femke Posthuma",), ("Projectleider zonneparken", "Data-analist")),
        Company("Helder & Vaart Accountants", ("Ilse Koster",), ("Junior accountant",)),
        Company("Polderbank", ("Yasmin Aydin", "Pieter Smeets"), ("Compliance officer", "Java-ontwikkelaar")),
        Company("Medicura Klinieken", ("Anneke Mulder",), ("Verpleegkundig specialist",)),
        Company("Kanaalkwartier Architecten", ("Wim Dekker",), ("Projectleider bouw",)),
        Company("Tulp Digital", ("Mei Lin Tan",), ("Front-end developer",)),
        Company("Waterwerk Techniek", ("Tom Whitfield",), ("Werkvoorbereider",)),
    ),
    candidates=(
        ("Lotte Vermeulen", "Recruitment marketeer · Haarlem"),
        ("Tim Hoekzema", "Java-ontwikkelaar · Utrecht"),
        ("Yasmin Elmasri", "Compliance officer · Den Haag"),
        ("Bram Oosterveen", "Data-analist · Amsterdam"),
        ("Iris Tolsma", "HR-adviseur · Arnhem"),
        ("Kofi Mensink", "Teamleider logistiek · Almere"),
        ("Marit Zandvliet", "Controller · Zwolle"),
        ("Jonas Wielinga", "Projectleider energie · Groningen"),
        ("Priya Ramdin", "Business analist · Eindhoven"),
        ("Sven Dijkhof", "DevOps engineer · Nijmegen"),
        ("Fleur Nagtegaal", "Vormgever en illustrator · Rotterdam"),
        ("Omar Benhadi", "Monteur windturbines · Den Helder"),
        ("Rosa Lindeboom", "Office manager · Tilburg"),
        ("Thijs Kramerveld", "Werkvoorbereider · Breda"),
        ("Amira Sallouh", "Verpleegkundige · Tiel"),
        ("Wout Brandsteder", "Inkoper · Delft"),
        ("Mila Kovarek", "UX-researcher · Amsterdam"),
        ("Ruben Achterhuis", "Supportmedewerker · Leeuwarden"),
        ("Eline Posthoorn", "Junior accountant · Amersfoort"),
        ("Joost Wiersinkhof", "Field service engineer · Maastricht"),
        ("Nadia Verhallen", "Product owner · Amsterdam"),
        ("Pim Slotemaker", "Accountmanager binnendienst · Hoorn"),
    ),
)

MAPLE = Cast(
    slug="maple",
    name="Maple & Stone",
    time_zone="Europe/London",
    language="en",
    country="GB",
    people=(Person("Oliver Hart", "en", is_administrator=True), Person("Noor Haddad", "en")),
    companies=(
        Company("Brightwater Insurance", ("Imogen Price",), ("Financial controller",)),
        Company("Northgate Robotics", ("Priscilla Obi",), ("Site reliability engineer",)),
        Company("Lumen Foods", ("Gareth Lowe",), ("Marketing manager",)),
        Company("Wren & Co Solicitors", ("Callum Reid",), ("Legal assistant",)),
    ),
    candidates=(
        ("Hannah Fairleigh", "Data engineer · Bristol"),
        ("Oliver Penwick", "Product owner · London"),
        ("Zoe Marchbank", "Marketing manager · Reading"),
        ("Liam Thornbury", "Site reliability engineer · Cambridge"),
        ("Chloe Astridge", "Account executive · Leeds"),
        ("Freya Dunmore", "Legal assistant · Edinburgh"),
        ("Grace Okafor", "Paralegal · Leicester"),
        ("Ben Whitlock", "Financial controller · London"),
    ),
)

CASTS = (LINDEN, MAPLE)


def post_address(name: str) -> str:
    """The e-mail address of a record; the sandbox invites its candidates and clients by the same rule."""
    return f"{name.lower().replace(' ', '.')}@post.example"
