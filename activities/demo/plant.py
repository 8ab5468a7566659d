"""Writes the demo. A tenant that exists is left exactly as it is, so running again changes nothing."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from activities.demo.cast import CASTS, OPERATOR, PASSWORD, Cast, post_address
from activities.demo.diary import Diary, Draft, Match
from activities.demo.vocabulary import VOCABULARIES, Vocabulary
from activities.models import Activity, ActivityType, Facility, Record, RecordAddress, Result
from marketplace.models import Tenant, User
from marketplace.tenancy import every_tenant, tenant_scope


def plant_demo(*, today: date) -> list[Tenant]:
    """Make what is missing: the operator, and tenants with all they have. Returns the tenants made now."""
    with every_tenant():
        if not User.objects.filter(email=OPERATOR).exists():
            User.objects.create_superuser(OPERATOR, PASSWORD, name="Operator")
    missing = [cast for cast in CASTS if not Tenant.objects.filter(slug=cast.slug).exists()]
    return [_plant_tenant(cast, today) for cast in missing]


@transaction.atomic
def _plant_tenant(cast: Cast, today: date) -> Tenant:
    tenant = Tenant.objects.create(
        slug=cast.slug,
        name=cast.name,
        time_zone=cast.time_zone,
        language=cast.language,
        country=cast.country,
    )
    with tenant_scope(tenant):
        Planting(tenant, cast, today).run()
    return tenant


class Planting:
    """One tenant being filled."""

    def __init__(self, tenant: Tenant, cast: Cast, today: date) -> None:
        self.tenant = tenant
        self.cast = cast
        self.today = today
        self.words: Vocabulary = VOCABULARIES[cast.language]
        self.records: dict[str, Record] = {}

    def run(self) -> None:
        """People, lists, records, then a diary for each person."""
        self.users = self._people()
        self._lists()
        self._records()
        self._activities([(user, draft) for user in self.users for draft in self._diary(user).drafts()])

    def _people(self) -> list[User]:
        return [
            User.objects.create_user(
                email=f"{person.mailbox}@{self.cast.slug}.example",
                password=PASSWORD,
                name=person.name,
                tenant=self.tenant,
                language=person.language,
                role=User.Role.ADMIN if person.is_administrator else User.Role.RECRUITER,
            )
            for person in self.cast.people
        ]

    def _lists(self) -> None:
        types = ActivityType.objects.bulk_create(
            ActivityType(tenant=self.tenant, position=place, name=name, colour=colour)
            for place, (name, colour) in enumerate(self.words.types.values())
        )
        self.types = dict(zip(self.words.types, types, strict=True))
        self.results = Result.objects.bulk_create(
            Result(tenant=self.tenant, position=place, name=name)
            for place, name in enumerate(self.words.results)
        )
        self.facilities = Facility.objects.bulk_create(
            Facility(
                tenant=self.tenant, position=place, name=name, location=location, description=description
            )
            for place, (name, location, description) in enumerate(self.words.facilities)
        )

    def _records(self) -> None:
        rows = [
            Record(tenant=self.tenant, kind=kind, external_id=str(number), name=name, headline=headline)
            for number, (kind, name, headline, _) in enumerate(self._known(), start=1001)
        ]
        for row, owner in zip(rows, self._taking_turns(), strict=False):
            row.owner = owner
        self.records = {row.name: row for row in Record.objects.bulk_create(rows)}
        RecordAddress.objects.bulk_create(
            RecordAddress(tenant=self.tenant, record=self.records[name], address=address)
            for _, name, _, address in self._known()
            if address
        )

    def _known(self) -> Iterator[tuple[str, str, str, str]]:
        """Kind, name, headline and address of every record."""
        for name, headline in self.cast.candidates:
            yield Record.Kind.CANDIDATE, name, headline, post_address(name)
        for company in self.cast.companies:
            yield Record.Kind.COMPANY, company.name, "", post_address(company.name)
            for contact in company.contacts:
                yield Record.Kind.CONTACT, contact, company.name, post_address(contact)
            for vacancy in company.vacancies:
                yield Record.Kind.VACANCY, vacancy, company.name, ""
        for match in self._matches()[: len(self.cast.candidates) // 2]:
            yield Record.Kind.MATCH, f"{match.candidate} · {match.vacancy}", match.company, ""

    def _taking_turns(self) -> Iterator[User]:
        while True:
            yield from self.users

    def _matches(self) -> list[Match]:
        """Every candidate meets one client."""
        clients = self.cast.companies
        return [
            Match(
                candidate,
                clients[at % len(clients)].contacts[0],
                clients[at % len(clients)].name,
                clients[at % len(clients)].vacancies[-1],
            )
            for at, (candidate, _) in enumerate(self.cast.candidates)
        ]

    def _diary(self, user: User) -> Diary:
        chance = random.Random(user.email)  # noqa: S311 (the same diary for the same person, no secret)
        return Diary(chance, self.words, self._matches(), self.today, ZoneInfo(self.tenant.time_zone))

    def _activities(self, planned: list[tuple[User, Draft]]) -> None:
        rows = [self._activity(user, draft) for user, draft in planned]
        Activity.objects.bulk_create(rows, batch_size=500)
        link = Activity.records.through
        link.objects.bulk_create(
            link(activity_id=row.pk, record_id=self.records[name].pk)
            for row, (_, draft) in zip(rows, planned, strict=True)
            for name in draft.records
        )

    def _activity(self, user: User, draft: Draft) -> Activity:
        is_high, has_result = draft.draw > 0.9, draft.is_done and draft.type and draft.draw < 0.7
        row = Activity(
            tenant=self.tenant,
            owner=user,
            kind=draft.kind,
            subject=draft.subject,
            description=draft.remark,
            location=self._location(draft),
            status=Activity.Status.DONE if draft.is_done else Activity.Status.OPEN,
            priority=Activity.Priority.HIGH if is_high else Activity.Priority.NORMAL,
            type=self.types.get(draft.type),
            result=self.results[int(draft.draw * 10) % len(self.results)] if has_result else None,
            facility=self._room(draft),
            created_at=self._created_at(draft),
        )
        self._set_times(row, draft)
        row.place()
        return row

    def _set_times(self, row: Activity, draft: Draft) -> None:
        if draft.start is not None:
            row.starts_at = draft.start.astimezone(UTC)
            row.ends_at = row.starts_at + timedelta(minutes=draft.minutes)
            row.tzid = self.tenant.time_zone
        elif draft.first_day is not None:
            row.start_date = draft.first_day
            row.end_date = draft.first_day + timedelta(days=draft.days)

    def _location(self, draft: Draft) -> str:
        room = self._room(draft)
        return {"phone": self.words.phone, "client": draft.company, "room": room.name if room else ""}.get(
            draft.where, ""
        )

    def _room(self, draft: Draft) -> Facility | None:
        return self.facilities[int(draft.draw * 100) % 3] if draft.where == "room" else None

    def _created_at(self, draft: Draft) -> datetime:
        """A week before it happens, and never later than the evening before the demo begins."""
        evening = datetime.combine(self.today - timedelta(days=1), time(18), ZoneInfo(self.tenant.time_zone))
        happens = draft.start or evening - timedelta(days=int(draft.draw * 300))
        return min(evening, happens - timedelta(days=7))
