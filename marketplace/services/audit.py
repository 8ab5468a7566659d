"""The audit log: written in the transaction of what it tells."""

from django.utils import timezone

from marketplace.models import AuditEntry, Tenant, User


def record(
    *,
    tenant: Tenant,
    by: User | None,
    action: AuditEntry.Action,
    subject: str,
    module: str = "",
    before: str = "",
    after: str = "",
) -> AuditEntry:
    """Add an entry; `by` is None for what happened by itself. The actor's name is kept should the user go."""
    return AuditEntry.objects.create(
        tenant=tenant,
        at=timezone.now(),
        actor=by,
        actor_name=by.name if by else "",
        action=action,
        module=module,
        subject=subject,
        before=before,
        after=after,
    )
