"""Reseal every stored credential with the first key of FIELD_ENCRYPTION_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from calendarsync.services.reseal import reseal_credentials


class Command(BaseCommand):
    help = (
        "Reseals stored credentials with the first key of FIELD_ENCRYPTION_KEYS; may be repeated at any time."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what was done; fail when something could not be read, so that no key is dropped too early."""
        done = reseal_credentials()
        self.stdout.write(f"Resealed: {done.resealed}. Sealed with the first key already: {done.current}.")
        for name in done.unreadable:
            self.stderr.write(f"Cannot be read with any key: account {name}. Its owner has to reconnect.")
        if done.unreadable:
            raise CommandError(f"Unreadable: {len(done.unreadable)}.")
