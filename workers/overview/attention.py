"""What asks for somebody, in the order of its weight, with the command that says more."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from store.database import SCHEMA
from workers.overview.looking import Overview

_QUIET: Final = 300
"""Seconds that something may wait before it is worth a line."""


class Matter(NamedTuple):
    """One line."""

    what: str
    todo: str


def matters(found: Overview) -> list[Matter]:
    """All that is not as it should be, of what could be seen."""
    return [
        *_database(found.seen.get("database")),
        *_work(found.seen.get("work") or ()),
        *_accounts(found),
        *_queues(found.seen.get("queues") or ()),
        *_providers(found.seen.get("providers") or ()),
        *_waiting(found),
        *_webhooks(found.seen.get("webhooks") or {}),
    ]


def _database(seen: Any) -> Iterator[Matter]:
    if seen is None:
        return
    if seen["halted"]:
        yield Matter(f"NOBODY IS CONTACTED: {seen['halted']}", "docs/guide/runbook.md, Halted")
    if not seen["is_current"]:
        what = f"the schema is at {seen['schema']}, this version needs {SCHEMA}"
        yield Matter(what, "contrapunto migrate")
    if seen["standby"]:
        yield Matter("PostgreSQL is a standby: it takes no writes", "contrapunto doctor")


def _work(seen: Any) -> Iterator[Matter]:
    if crises := sum(one["items"] for one in seen if one["reason"] == "crisis"):
        yield Matter(f"{crises} customers may be in danger", "contrapunto work list")
    if late := sum(one["items"] for one in seen if one["late"]):
        yield Matter(f"{late} items of work are late", "contrapunto work list")


def _accounts(found: Overview) -> Iterator[Matter]:
    seen = found.seen
    if overdue := sum(one["overdue"] for one in seen.get("accounts") or ()):
        what = f"{overdue} accounts should have moved on more than an hour ago"
        yield Matter(what, "contrapunto account overdue")
    for one in seen.get("failing") or ():
        what = f"{one['accounts']} accounts stand still: {one['activity']} fails ({one['error']})"
        yield Matter(what, "contrapunto account overdue")
    if count := seen.get("stuck"):
        what = f"the workflow tasks of {count} accounts fail again and again"
        yield Matter(what, "contrapunto rollout replay")
    if unknown := sum(one["contacts"] for one in seen.get("unknown") or ()):
        what = f"of {unknown} contacts nobody can say whether they were made"
        yield Matter(what, "contrapunto ledger unknown")


def _queues(seen: Any) -> Iterator[Matter]:
    for one in seen:
        if not one["pollers"]:
            what = f"nobody works on the {one['kind']} tasks of {one['name']}"
            yield Matter(what, "contrapunto worker")
        elif one["age"] > 3 * _QUIET:
            minutes = one["age"] / 60
            what = f"the oldest {one['kind']} task of {one['name']} waits for {minutes:.0f} minutes"
            yield Matter(what, "docs/guide/runbook.md, QueueOld")


def _providers(seen: Any) -> Iterator[Matter]:
    for one in seen:
        if one["health"] == 0:
            what = f"{one['provider']} is left out of {one['channel']}"
            yield Matter(what, "contrapunto doctor --only providers")


_KINDS: Final = {
    "kept": "could not be stored yet",
    "event": "are on record, and workflows have not heard of them",
    "unread": "may be stops and could not be understood",
    "person": "were done by people, and workflows have not heard of them",
}


def _waiting(found: Overview) -> Iterator[Matter]:
    for one in found.seen.get("unheard") or ():
        at_once = one["kind"] in ("kept", "unread")
        if one["waiting"] and (at_once or one["oldest"] > _QUIET):
            what = f"{one['waiting']} things {_KINDS[one['kind']]}"
            yield Matter(what, "docs/operations.md, Webhooks")
    last = found.seen.get("intake") or {}
    if last.get("waiting") and _since(last, found) > _QUIET:
        what = f"{last['waiting']} accounts of a file wait for their workflow"
        yield Matter(what, "contrapunto intake, with the same file")


def _since(last: Any, found: Overview) -> float:
    return float((found.at - (last["finished_at"] or last["begun_at"])).total_seconds())


def _webhooks(seen: Any) -> Iterator[Matter]:
    if seen.get("unnumbered") and seen["oldest"] > _QUIET:
        yield Matter(f"{seen['unnumbered']} events wait for a relay", "contrapunto relay")
    for one in seen.get("endpoints") or ():
        name = one["endpoint"]
        if not one["configured"]:
            continue
        if one["disabled_at"] is not None:
            what = f"{name} is told nothing any more: it {one['disabled_why']}"
            yield Matter(what, f"contrapunto webhooks enable {name}")
        elif (one["behind"] or 0) > 3 * _QUIET:
            what = f"{name} has not been told for {one['behind'] / 60:.0f} minutes"
            yield Matter(what, "contrapunto webhooks status")
        if one["dead"]:
            what = f"{one['dead']} events for {name} were given up"
            yield Matter(what, "contrapunto webhooks failed")
