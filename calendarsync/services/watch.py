"""Push channels: opened, and renewed before they end. Polling goes on beside them; unwatch.py stops them."""

import random
from datetime import datetime, timedelta
from uuid import uuid4

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.urls import reverse
from django.utils import timezone

from calendarsync.channel_secret import hash_of, new_secret
from calendarsync.domain import Watch
from calendarsync.engine.failures import settle_account
from calendarsync.engine.lane import startable
from calendarsync.engine.pace import retry_moment
from calendarsync.engine.session import Session
from calendarsync.engine.silence import condemn
from calendarsync.enqueue import enqueue_lane, enqueue_task
from calendarsync.errors import Retry, SyncError
from calendarsync.models import Account, Calendar, Channel, Signal
from calendarsync.providers import provider_of
from calendarsync.services.unwatch import stop_useless
from marketplace.tenancy import every_tenant, tenant_scope

log = structlog.get_logger(__name__)

# Renewed with about a fifth of the life left; not all at once those that were opened together.
_RENEW_SHARES = (0.75, 0.85)
# A calendar that cannot be watched is asked for again after a day.
_ASK_AGAIN = timedelta(days=1)
# How long an attempt may take: until the provider's answer, and from there until its first message.
_ATTEMPT = timedelta(minutes=5)
# For so long a calendar is polled often because one message was missing, though no other change gave proof.
_DOUBT_LASTS = timedelta(days=1)
_AT_ONCE = 500
_UNREADABLE = (Calendar.Phase.NO_ACCESS, Calendar.Phase.GONE)


def calendars_to_watch(now: datetime) -> list[int]:
    """Calendars without a channel that lasts, of any tenant."""
    if not settings.WEBHOOK_URL:
        return []
    with every_tenant():
        lasting = Channel.objects.filter(calendar=OuterRef("pk"), renew_at__gt=now)
        unwatched = Calendar.objects.filter(startable(now), ~Exists(lasting), first_complete_at__isnull=False)
        return list(unwatched.exclude(phase__in=_UNREADABLE).values_list("pk", flat=True)[:_AT_ONCE])


def review_channels(now: datetime) -> None:
    """A channel that never sent its first message fell silent at birth. A doubt that nothing confirmed is dropped."""
    with every_tenant(), transaction.atomic():
        active = Channel.objects.filter(state=Channel.State.ACTIVE)
        for mute in active.filter(verified_at=None, created_at__lt=now - _ATTEMPT):
            condemn(mute, now)
        active.filter(doubted_at__lt=now - _DOUBT_LASTS).update(doubted_at=None)


def open_channel(calendar_id: int) -> None:
    """Open a channel beside those there are; notifications of all are accepted until it has spoken."""
    with every_tenant():
        found = Calendar.objects.select_related("account__tenant", "account__owner").filter(pk=calendar_id)
        calendar = found.first()
        lasts = Channel.objects.filter(calendar=calendar_id, renew_at__gt=timezone.now()).exists()
    if calendar is None or lasts or not _can_be_watched(calendar):
        return
    with tenant_scope(calendar.account.tenant):
        session = Session(calendar.account, timezone.now)
        try:
            _open(calendar, session)
            stop_useless(calendar.account, session, timezone.now())
        finally:
            session.close()


@transaction.atomic
def distrust_channels(*, account: Account, now: datetime) -> None:
    """The account has a new grant: channels of the former one may have died with it. Each gets a successor soon.

    Until then they are heard, but not relied on.
    """
    former = Channel.objects.filter(calendar__account=account)
    for calendar_id in set(former.values_list("calendar", flat=True)):
        enqueue_task("watch_calendar", calendar_id)
    former.update(state=Channel.State.REGISTERING, renew_at=now)


def _can_be_watched(calendar: Calendar) -> bool:
    is_read = calendar.selected and calendar.phase not in _UNREADABLE and calendar.account.may_run
    return is_read and bool(settings.WEBHOOK_URL) and provider_of(calendar.account.provider).capabilities.push


def _open(calendar: Calendar, session: Session) -> None:
    channel_id, now = uuid4(), timezone.now()
    secret = new_secret(str(channel_id))
    channel = Channel.objects.create(
        tenant=calendar.tenant,
        calendar=calendar,
        channel_id=channel_id,
        secret_hash=hash_of(secret),
        expires_at=now + _ATTEMPT,
        renew_at=now + _ATTEMPT,
        silences=_silences_before(calendar),
    )
    address = settings.WEBHOOK_URL + reverse("hook", args=[calendar.account.provider])
    try:
        watch = session.watch(calendar, channel_id=str(channel_id), secret=secret, address=address)
    except SyncError as error:
        _put_off(channel, calendar.account, error)
    else:
        _opened(channel, watch)


def _silences_before(calendar: Calendar) -> int:
    """How many channels in a row fell silent up to now."""
    channels = calendar.channels.all()
    return max(
        (channel.silences + (channel.state == Channel.State.SILENT) for channel in channels), default=0
    )


def _put_off(channel: Channel, account: Account, error: SyncError) -> None:
    """Nothing was opened, as far as we know; the channels there were stay. Asked again in minutes, or in a day."""
    now = timezone.now()
    log.warning("channel_not_opened", calendar=channel.calendar_id, code=error.code, **error.context)
    if error.retry in (Retry.DAILY, Retry.NEVER):
        # Holidays and birthdays cannot be watched; a faulty address of ours is not mended by asking often.
        Channel.objects.filter(pk=channel.pk).update(
            state=Channel.State.REFUSED, expires_at=now + _ASK_AGAIN, renew_at=now + _ASK_AGAIN
        )
    settle_account(account, error, retry_moment(error, 0, now, random.uniform), now)


@transaction.atomic
def _opened(channel: Channel, watch: Watch) -> None:
    now = timezone.now()
    Channel.objects.filter(pk=channel.pk).update(
        state=Channel.State.ACTIVE,
        resource_id=watch.resource_id,
        expires_at=watch.expires_at,
        renew_at=now + (watch.expires_at - now) * random.uniform(*_RENEW_SHARES),  # noqa: S311  # a spread, no secret
    )
    # What changed between the last reading and the opening was not announced to anybody.
    Signal.objects.filter(calendar=channel.calendar_id).update(dirty_seq=F("dirty_seq") + 1)
    enqueue_lane(channel.calendar_id)
