"""What happened: requests seen, mails that would have gone out, channels open."""

from dataclasses import asdict
from itertools import islice

from sandbox.google.cloud import Cloud
from sandbox.shapes import Json


def read_log(cloud: Cloud, raw: Json) -> Json:
    """?limit=100&mailbox=…: the latest provider requests, newest first; not control, not pages."""
    mailbox = str(raw.get("mailbox") or "").lower()
    lines = (line for line in reversed(cloud.world.log) if mailbox in ("", line.mailbox))
    return {"requests": [asdict(line) for line in islice(lines, int(raw.get("limit") or 100))]}


def clear_log(cloud: Cloud, raw: Json) -> Json:
    """Forget the request log."""
    cloud.world.log.clear()
    return {"requests": []}


def read_outbox(cloud: Cloud, raw: Json) -> Json:
    """The mails the provider would have sent to attendees, oldest first."""
    return {"mails": [asdict(mail) for mail in cloud.world.outbox], "count": len(cloud.world.outbox)}


def clear_outbox(cloud: Cloud, raw: Json) -> Json:
    """Forget the mails."""
    cloud.world.outbox.clear()
    return {"mails": [], "count": 0}


def list_channels(cloud: Cloud, raw: Json) -> Json:
    """All push channels with their deliveries; `alive` is false once stopped or expired."""
    channels = [
        {
            **channel.describe(),
            "mailbox": channel.mailbox,
            "address": channel.address,
            "alive": cloud.channels.alive(channel),
            "delivered": channel.delivered,
            "failed": channel.failed,
            "last_status": channel.last_status,
        }
        for channel in cloud.channels.all.values()
    ]
    return {"channels": channels}
