"""Fills an empty installation with invented people, records and diaries."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from activities.demo.cast import CASTS, OPERATOR, PASSWORD, Cast
from activities.demo.plant import plant_demo


class Command(BaseCommand):
    """Makes what is missing and leaves the rest alone, so it is safe to run again."""

    help = "Make two demo tenants with people, records and diaries; tenants that exist stay as they are."

    def add_arguments(self, parser: CommandParser) -> None:
        """One switch, for those who know what they do."""
        parser.add_argument("--force", action="store_true", help="also where DEBUG is off")

    def handle(self, *args: Any, **options: Any) -> None:
        """Plant, then print who can log in."""
        if not settings.DEBUG and not options["force"]:
            raise CommandError("The demo has a public password, so it needs DEBUG. --force plants it anyway.")
        made = plant_demo(today=timezone.localdate())
        names = ", ".join(tenant.name for tenant in made)
        self.stdout.write(f"Demo data made for {names}." if made else "Demo data was there already.")
        for row in (line for cast in CASTS for line in _logins(cast)):
            self.stdout.write("  {:<24}{:<10}{:<16}{:<15}{}".format(*row))
        self.stdout.write("  {:<24}{:<10}{}".format(OPERATOR, PASSWORD, "Operator of the Django admin"))


def _logins(cast: Cast) -> list[tuple[str, str, str, str, str]]:
    return [
        (
            f"{person.mailbox}@{cast.slug}.example",
            PASSWORD,
            person.name,
            "Administrator" if person.is_administrator else "Recruiter",
            cast.name,
        )
        for person in cast.people
    ]
