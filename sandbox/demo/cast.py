"""The people and companies of the demo. All invented; addresses end in reserved domains."""

from sandbox.world import Mailbox

SANNE = Mailbox("sanne.devries@sandbox.example", "Sanne de Vries", language="nl")
DAAN = Mailbox("daan.bakker@sandbox.example", "Daan Bakker", language="nl")
EMMA = Mailbox("emma.clarke@sandbox.example", "Emma Clarke", language="en")
NOOR = Mailbox("noor.haddad@sandbox.example", "Noor Haddad", language="en")
LEEG = Mailbox("leeg@sandbox.example", "Luuk Leeg", language="nl")
RECRUITERS = (SANNE, DAAN, EMMA, NOOR)

CANDIDATES = (
    "Lotte Vermeulen", "Tim Hoekzema", "Yasmin Elmasri", "Bram Oosterveen", "Iris Tolsma", "Kofi Mensink",
    "Marit Zandvliet", "Jonas Wielinga", "Priya Ramdin", "Sven Dijkhof", "Fleur Nagtegaal", "Omar Benhadi",
    "Rosa Lindeboom", "Thijs Kramerveld", "Amira Sallouh", "Wout Brandsteder", "Hannah Fairleigh",
    "Oliver Penwick", "Zoe Marchbank", "Liam Thornbury", "Chloe Astridge", "Mila Kovarek", "Ruben Achterhuis",
    "Eline Posthoorn", "Joost Wiersinkhof", "Nadia Verhallen", "Pim Slotemaker", "Freya Dunmore",
)  # fmt: skip
CLIENTS = (
    "Noordzee Logistiek", "Zonnedak Energie", "Helder & Vaart Accountants", "Polderbank",
    "Medicura Klinieken",
    "Kanaalkwartier Architecten", "Tulp Digital", "Brightwater Insurance", "Northgate Robotics",
    "Fietsfabriek Oost",
    "Lumen Foods", "Waterwerk Techniek",
)  # fmt: skip
ROLES = {
    "nl": (
        "Java-ontwikkelaar", "HR-adviseur", "Financial controller", "Projectleider bouw", "Data-analist",
        "Teamleider klantenservice", "Verpleegkundig specialist", "Werkvoorbereider",
        "Accountmanager binnendienst",
    ),
    "en": (
        "Java developer", "HR business partner", "Financial controller", "Product owner", "Data analyst",
        "Customer service lead", "Site reliability engineer", "Marketing manager", "Account executive",
    ),
}  # fmt: skip
ROOMS = (
    "Vergaderzaal Maas",
    "Vergaderzaal Waal",
    "Spreekkamer 2",
    "Huiskamer",
    "Keizersgracht 999, Amsterdam",
)


def post_address(name: str) -> str:
    """The mail address of an invented stranger."""
    return f"{name.lower().replace(' ', '.')}@post.example"
