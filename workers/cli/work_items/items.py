"""Work items as people see them, and what happens when one is done."""

import json
import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from rich.console import Console

from config.rules import RulesFactory
from domain.calendar import wall
from domain.conversation.work import RECORDS
from domain.conversation.work_words import WorkOutcome
from domain.failures import BadInput
from domain.law.terms import EventKind
from store.conversation.work import WorkItem, WorkItems
from store.conversation.written import one as one_message
from store.database import Pool
from workers.accounts import Accounts
from workers.cli.output import folding, shown
from workers.clock import Clock
from workers.intake.event_lines import Whose
from workers.intake.events import record_one, wake_all

log = logging.getLogger(__name__)


def show_items(
    items: Sequence[WorkItem], now: datetime, console: Console, *, as_json: bool
) -> None:
    """Print items, a line each."""
    if as_json:
        for item in items:
            console.file.write(json.dumps(as_dict(item, now), ensure_ascii=False) + "\n")
        return
    table = folding("work", "reason", "priority", "customer", "accounts", "opened", "due", "who")
    for item in items:
        zones = item.zones or ()
        late = " (late)" if item.done_at is None and item.due_at <= now else ""
        table.add_row(
            *(str(item.work_id), item.reason, str(item.priority), shown(item.customer_id)),
            *("\n".join(map(shown, item.accounts)), wall(item.opened_at, zones)),
            *(f"{wall(item.due_at, zones)}{late}", shown(_who(item, now))),
        )
    console.print(table)


async def show_words(
    items: WorkItems, work_id: int, by: str, now: datetime, console: Console, *, as_json: bool
) -> None:
    """Print one item and what the customer wrote. That it was looked at, and by whom, is logged."""
    item = await items.one(work_id)
    log.info("%s looked at work %d of customer %s", by, work_id, item.customer_id)
    written = []
    for name in item.messages:
        provider, _, inbound_id = name.partition("/")
        if (message := await one_message(items.pool, provider, inbound_id)) is not None:
            written.append(message)
    if as_json:
        words = [
            one.model_dump(mode="json", include={"at", "channel", "text"}) | {"id": one.id}
            for one in written
        ]
        told = as_dict(item, now) | {"words": words}
        console.file.write(json.dumps(told, ensure_ascii=False) + "\n")
        return
    show_items([item], now, console, as_json=False)
    for one in written:
        said = f"{wall(one.at, item.zones or ())}  {one.channel}  {one.text}"
        console.print(shown(said), highlight=False)
    if item.note:
        console.print(shown(f"note: {item.note}"), highlight=False)


class Finished(NamedTuple):
    """What doing an item has done."""

    item: WorkItem
    event: EventKind | None
    """What went on file."""
    changes: dict[str, list[str]]
    """What that changes, in words, and for which accounts."""
    plan_anew: int
    """How many accounts plan again."""


async def finish(
    pool: Pool,
    accounts: Accounts,
    clock: Clock,
    rules: RulesFactory,
    work_id: int,
    by: str,
    outcome: WorkOutcome,
    note: str | None,
) -> Finished:
    """Say what came of an item, record what the law gives weight to, and have accounts plan anew.

    Said again, it is told again. Raises BadInput where another has the item or has done it,
    Unavailable where Temporal does not take the news: what is on record stays.
    """
    items, event, changes = WorkItems(pool), RECORDS[outcome], dict[str, list[str]]()
    item = await items.one(work_id)
    if event is EventKind.WRONG_NUMBER and item.contact_point_id is None:
        raise BadInput(f"work {work_id} came by no message: which address is wrong, nobody can say")
    concerned = dict.fromkeys(item.accounts, f"work:{work_id}")
    if not item.done_at or (item.done_by, item.outcome) != (by, outcome):
        now = await clock.now(f"account/{item.accounts[0]}" if item.accounts else None)
        async with pool.acquire() as connection, connection.transaction():
            await items.done(connection, work_id, by, outcome, note, now)
            if event is not None:
                whose = Whose(id=f"work:{work_id}", customer_id=item.customer_id)
                told = await record_one(connection, whose, _said(item, event), clock, rules, {})
                concerned |= dict.fromkeys(told.accounts, f"work:{work_id}")
                changes = told.effects
    return Finished(await items.one(work_id), event, changes, await wake_all(accounts, concerned))


def tell_done(finished: Finished, console: Console, out: Console, *, as_json: bool) -> None:
    """Say what doing it has done."""
    item, event, changes, plan_anew = finished
    if as_json:
        told = {
            "work_id": item.work_id,
            "outcome": item.outcome,
            "recorded": event,
            "changes": [{"what": what, "accounts": whose} for what, whose in changes.items()],
            "plan_anew": plan_anew,
        }
        out.file.write(json.dumps(told, ensure_ascii=False) + "\n")
        return
    words = [f"work {item.work_id} is done: {item.outcome}"]
    if event is not None:
        words.append(f"on file for customer {item.customer_id}: {event}")
    words += [f"{', '.join(whose)}: {what}" for what, whose in changes.items()]
    words.append(f"{plan_anew} accounts plan anew")
    for line in words:
        console.print(line, highlight=False, markup=False)


def _said(item: WorkItem, event: EventKind) -> dict[str, object]:
    """What goes on file: as of when they wrote."""
    written = {"in_writing": True} if event is EventKind.DISPUTE and item.messages else {}
    there = event in (EventKind.WRONG_NUMBER, EventKind.OPT_OUT) and item.contact_point_id
    where = {"contact_point_id": item.contact_point_id} if there else {}
    return {"kind": event.value, "at": item.opened_at.isoformat(), **written, **where}


def _who(item: WorkItem, now: datetime) -> str:
    if item.done_at is not None:
        return f"done by {item.done_by}: {item.outcome}"
    return item.holder(now) or "free"


def as_dict(item: WorkItem, now: datetime) -> dict[str, Any]:
    """An item as other systems read it."""
    told = item.model_dump(mode="json", exclude={"zones", "claimed_by", "claim_ends"})
    holder = item.holder(now)
    ends = item.claim_ends.isoformat() if holder and item.claim_ends else None
    return told | {"holder": holder, "held_until": ends}
