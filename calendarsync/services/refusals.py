"""Why a sign-in that came back does not become an account here."""

from django.utils.translation import gettext_lazy as _

from carerix_calendar.lib.errors import AppError


class ConnectRefused(AppError):
    """The sign-in came back, but must not become an account here."""

    code = "connect_refused"


class StateUnknown(ConnectRefused):
    """Forged, replayed, outdated or another session's redirect (RFC 6749 10.12)."""

    code = "state_unknown"
    sentence = _(
        "This sign-in was not started here, or took too long. Please start again; nothing was connected."
    )


class MailboxTaken(ConnectRefused):
    """A colleague has connected this mailbox."""

    code = "mailbox_taken"
    sentence = _(
        "A colleague already synchronises this mailbox. Each person connects an own account; choose another one."
    )


class MailboxKept(MailboxTaken):
    """A colleague has ended the connection, and keeps its copies: a second set would show everything twice."""

    code = "mailbox_kept"
    sentence = _(
        "A colleague was connected to this mailbox and keeps its appointments here. "
        "It can be connected once that colleague has removed them."
    )


class MailboxLeaving(MailboxTaken):
    """A colleague has ended the connection; its last traces are being removed."""

    code = "mailbox_leaving"
    sentence = _("A colleague has just disconnected this mailbox. Please try again in some minutes.")


class OtherMailbox(ConnectRefused):
    """Reconnecting `account_id` with another mailbox. Only its owner can decide that; the grant was put aside."""

    code = "other_mailbox"
    sentence = _(
        "You signed in with another account than the one to reconnect. Choose the same one, or disconnect it first."
    )

    def __init__(self, account_id: int) -> None:
        self.account_id = account_id
        super().__init__()
