"""The mail to the owner of a connection that needs them: which mailbox, what happened, what it means, what to do."""

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from calendarsync.models import Account
from calendarsync.selectors.states import AccountStatus
from marketplace import moments


def notice_for(account: Account, status: AccountStatus) -> EmailMultiAlternatives:
    """The mail in the active language and zone, ready to be sent; it holds no secret and nothing of a calendar."""
    owner, last = account.owner, status.last_ok_at
    context = {
        "account": account,
        "owner": owner,
        "status": status,
        "last_success": moments.exact(timezone.localtime(last), owner.clock) if last else "",
        "link": settings.PUBLIC_URL + reverse("calendar-sync"),
    }
    mail = EmailMultiAlternatives(
        subject=_("%(words)s: %(address)s") % {"words": status.words, "address": account.address},
        body=render_to_string("calendarsync/mail/needs_you.txt", context),
        to=[owner.email],
        # RFC 3834: nobody's out-of-office answer comes back.
        headers={"Auto-Submitted": "auto-generated"},
    )
    mail.attach_alternative(render_to_string("calendarsync/mail/needs_you.html", context), "text/html")
    return mail
