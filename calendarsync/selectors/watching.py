"""Which calendars of a person on the page need asking, because nobody tells us of changes."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from calendarsync.models import Calendar, Channel
from calendarsync.models.account import RUNNING
from calendarsync.models.channel import working
from calendarsync.selectors.own import own_accounts, visible_calendars
from marketplace.models import User


def lanes_without_push(user: User, now: datetime) -> dict[int, datetime]:
    """Live calendars of `user` that may be read now and have no working push, with the moment of their last success."""
    push = Channel.objects.filter(working(now), calendar=OuterRef("pk"))
    followed = visible_calendars(user).filter(account__in=own_accounts(user).filter(RUNNING))
    may_start = Q(not_before=None) | Q(not_before__lte=now)
    lanes = followed.filter(may_start, ~Exists(push), phase=Calendar.Phase.LIVE)
    return {pk: moment for pk, moment in lanes.values_list("pk", "last_ok_at") if moment is not None}
