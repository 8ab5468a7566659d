"""Sign-in state: tokens that end, grants that are withdrawn, consents that give less than was asked."""

from sandbox.control.places import calendar_of, mailbox_of
from sandbox.google.cloud import Cloud
from sandbox.google.grants import Client
from sandbox.google.scopes import PREFIX
from sandbox.shapes import Json


def change_tokens(cloud: Cloud, raw: Json) -> Json:
    """{"access_seconds"?, "refresh_seconds"?, "drop_refresh_token"?: bool, "withheld_scopes"?: [...]}

    For tokens issued from now on. Withheld scopes (full or short names) are left out of every consent,
    whatever is ticked. ``DELETE /control/faults`` puts all of it back.
    """
    switches = cloud.grants.switches
    if "access_seconds" in raw:
        switches.access_seconds = int(raw["access_seconds"])
    if "refresh_seconds" in raw:
        switches.refresh_seconds = int(raw["refresh_seconds"]) if raw["refresh_seconds"] else None
    if "drop_refresh_token" in raw:
        switches.drop_refresh_token = bool(raw["drop_refresh_token"])
    if "withheld_scopes" in raw:
        names = [str(name) for name in raw["withheld_scopes"]]
        switches.withheld = [*names, *(PREFIX + name for name in names)]
    return {"access_seconds": switches.access_seconds, "withheld_scopes": switches.withheld}


def expire_tokens(cloud: Cloud, raw: Json) -> Json:
    """{"mailbox"?}: access tokens run out now, of one mailbox or of all; refresh tokens stay good."""
    address = mailbox_of(cloud, raw) if raw.get("mailbox") else ""
    return {"expired": cloud.grants.expire_access(address)}


def expire_sync_tokens(cloud: Cloud, raw: Json) -> Json:
    """{"mailbox"?, "calendar"?}: sync tokens end with 410 fullSyncRequired: of that calendar, else of all
    calendars the mailbox owns, else of all.
    """
    if raw.get("calendar"):
        chosen = [calendar_of(cloud, raw)]
    else:
        owner = mailbox_of(cloud, raw) if raw.get("mailbox") else ""
        chosen = [each for each in cloud.store.calendars.values() if owner in ("", each.owner)]
    for calendar in chosen:
        cloud.store.expire_tokens(calendar)
    return {"calendars": [calendar.id for calendar in chosen]}


def revoke_grants(cloud: Cloud, raw: Json) -> Json:
    """{"mailbox", "client"?}: the person removes the app's access; all its tokens are dead."""
    return {"ended": cloud.grants.revoke_mailbox(mailbox_of(cloud, raw), str(raw.get("client") or ""))}


def list_grants(cloud: Cloud, raw: Json) -> Json:
    """What is allowed to whom, and how many tokens are alive."""
    grants = [
        {
            "client": client,
            "mailbox": mailbox,
            "scopes": scopes,
            "refresh_tokens": sum(
                (each.client, each.mailbox) == (client, mailbox) for each in cloud.grants.refresh.values()
            ),
        }
        for (client, mailbox), scopes in cloud.grants.consents.items()
    ]
    return {"grants": grants}


def add_client(cloud: Cloud, raw: Json) -> Json:
    """{"id", "secret", "name"?, "redirects"?: [...]}: another app; with redirects only those are allowed."""
    redirects = [str(each) for each in raw.get("redirects") or ()]
    client = Client(str(raw["id"]), str(raw["secret"]), str(raw.get("name") or raw["id"]), redirects)
    cloud.grants.add_client(client)
    return {"id": client.id, "redirects": client.redirects}
