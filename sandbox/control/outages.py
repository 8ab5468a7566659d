"""What can be broken from outside: answers, speed, quotas, pages, notifications, the clock."""

from sandbox.faults import Quota, parse_fault
from sandbox.google.cloud import Cloud, PageShape
from sandbox.shapes import Json


def list_faults(cloud: Cloud, raw: Json) -> Json:
    """The rules in force, with how often each struck."""
    return {"faults": [rule.describe() for rule in cloud.world.faults.rules if rule.alive]}


def add_fault(cloud: Cloud, raw: Json) -> Json:
    """{"match"?: {"path": regex, "query": regex, "method", "mailbox"}, "status"?, "reason"?, "retry_after"?,
    "body"?, "ms"?, "times"?: N, "after"?: K, "seconds"?, "label"?}

    Matching requests are answered with the status and Google's error body for the reason. `body` is "html",
    "truncated" (half of the true answer), "empty", "reset" (connection closed in the middle) or raw text,
    with status 200 unless given. The first K matching requests pass, then N are hit; without N until cleared.
    """
    rule = parse_fault(raw)
    if not (rule.replaces or rule.delay):
        raise ValueError("a fault needs status, body or ms")
    return cloud.world.faults.add(rule).describe()


def clear_faults(cloud: Cloud, raw: Json) -> Json:
    """Everything works again: rules, latency, quotas, page shapes, silent notifications, token switches."""
    cloud.world.faults.clear()
    cloud.page_shapes.clear()
    cloud.channels.silent = False
    cloud.grants.reset_switches()
    return {"faults": []}


def add_latency(cloud: Cloud, raw: Json) -> Json:
    """{"ms": 150, "match"?, "times"?, "after"?, "seconds"?}: matching requests wait before the answer."""
    rule = parse_fault({"label": "latency", **raw, "ms": raw["ms"], "status": 0, "body": ""})
    return cloud.world.faults.add(rule).describe()


def set_quota(cloud: Cloud, raw: Json) -> Json:
    """{"per_user"?: 600, "per_project"?: 10000, "status"?: 403 or 429}: requests a minute; 0: no limit."""
    quota = Quota(
        int(raw.get("per_user") or 0), int(raw.get("per_project") or 0), int(raw.get("status") or 403)
    )
    cloud.world.faults.quota = quota
    return {"per_user": quota.per_user, "per_project": quota.per_project, "status": quota.status}


def shape_pages(cloud: Cloud, raw: Json) -> Json:
    """{"calendar"?, "size"?: N, "empties"?: K, "duplicates"?: true}: events.list gives N items a page,
    K empty pages with a nextPageToken first, and the first item of a page twice. Without "calendar" for all.
    """
    shape = PageShape(
        int(raw.get("size") or 0), int(raw.get("empties") or 0), duplicates=bool(raw.get("duplicates"))
    )
    cloud.page_shapes[str(raw.get("calendar") or "")] = shape
    return {"size": shape.size, "empties": shape.empties, "duplicates": shape.duplicates}


def set_notifications(cloud: Cloud, raw: Json) -> Json:
    """{"silent": true}: channels stay open but nothing is delivered any more; false ends the silence."""
    cloud.channels.silent = bool(raw["silent"])
    return {"silent": cloud.channels.silent}


def advance_clock(cloud: Cloud, raw: Json) -> Json:
    """{"seconds": N}: the provider's clock jumps; tokens and channels age, `updated` follows."""
    cloud.world.clock_offset += float(raw["seconds"])
    cloud.world.keep_meta()
    return {"now": cloud.world.now().isoformat()}
