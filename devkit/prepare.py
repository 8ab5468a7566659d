"""Brings the data of one machine up to date, in one process as starting Django is most of the work.

Prints what the demo says about its logins.
"""

import django
from django.core.management import call_command


def main() -> None:
    """Migrate, collect static files, make the demo data; all of it may be repeated."""
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("demo", force=True)


if __name__ == "__main__":
    main()
