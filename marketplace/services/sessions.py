"""Ending the sessions of a whole tenant."""

from django.db.models import F

from marketplace.models import Tenant


def end_sessions(*, tenant: Tenant, reason: Tenant.SessionReason) -> None:
    """Everybody of `tenant` logs in again at the next request and is told why; others notice nothing."""
    Tenant.objects.filter(pk=tenant.pk).update(session_epoch=F("session_epoch") + 1, session_reason=reason)
