"""Work items as people see them, and what happens when one is done."""

import json
import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from rich.console import Console

from config.rules import RulesFactory
from domain.calendar import wall
from domain.contacts.manual import UNDER_WAY
from domain.conversation.work import RECORDS
from domain.conversation.work_words import WorkOutcome
from domain.failures import BadInput
from domain.law.terms import EventKind
from store.audit.writing import looked
from store.contacts import manual
from store.conversation.untold import to_tell, told
from store.conversation.work import Deeds, WorkItem, WorkItems
from store.conversation.written import Written
from store.conversation.written import one as one_message
from store.database import Pool
from store.law_events import DifferentEventError
from store.law_rows import RefusedError
from workers.accounts import Accounts
from workers.cli.output import account_shown, folding, line, shown
from workers.clock import Clock
from workers.contacts.cases import OPENS, open_for_each
from workers.intake.event_lines import Whose
from workers.intake.events import record_one, wake_all

log = logging.getLogger(__name__)

BY_CONTACT: Final = "contact/"
"""Begins the name of what asks for an item and is no message, but a contact of a person's."""

_OF_CONTACT: Final = {"contact_id", "action", "began_at", "result", "by_whom", "note"}


def show_items(
    items: Sequence[WorkItem], now: datetime, console: Console, *, as_json: bool
) -> None:
    """Print items, a line each."""
    if as_json:
        for item in items:
            console.file.write(line(as_dict(item, now)) + "\n")
        return
    table = folding("work", "reason", "priority", "customer", "accounts", "opened", "due", "who")
    for item in items:
        zones = item.zones or ()
        late = " (late)" if item.done_at is None and item.due_at <= now else ""
        table.add_row(
            *(str(item.work_id), item.reason, str(item.priority), shown(item.customer_id)),
            *("\n".join(_accounts(item)), wall(item.opened_at, zones)),
            *(f"{wall(item.due_at, zones)}{late}", shown(_who(item, now))),
        )
    console.print(table)


async def words_of(items: WorkItems, item: WorkItem, by: str) -> list[Written]:
    """What the customer wrote. That it was looked at, and by whom, is logged."""
    await looked(items.pool, [item.customer_id], {"work": item.work_id})
    log.info("%s looked at work %d of customer %s", by, item.work_id, item.customer_id)
    written = []
    for name in item.messages:
        provider, _, inbound_id = name.partition("/")
        if name.startswith(BY_CONTACT):
            continue
        if (message := await one_message(items.pool, provider, inbound_id)) is not None:
            written.append(message)
    return written


async def _contacts_of(items: WorkItems, item: WorkItem) -> list[manual.ContactRecord]:
    """What people did that asks for the item."""
    ids = (name.removeprefix(BY_CONTACT) for name in item.messages if name.startswith(BY_CONTACT))
    found = [await manual.find(items.pool, one) for one in ids]
    return [one for one in found if one is not None]


async def show_words(
    items: WorkItems, work_id: int, by: str, now: datetime, console: Console, *, as_json: bool
) -> None:
    """Print one item and what the customer wrote. The look is logged."""
    item = await items.one(work_id)
    written, contacts = await words_of(items, item, by), await _contacts_of(items, item)
    if as_json:
        made = [one.model_dump(mode="json", include=_OF_CONTACT) for one in contacts]
        found = as_dict(item, now) | {"words": list(map(as_words, written)), "contacts": made}
        console.file.write(line(found) + "\n")
        return
    show_items([item], now, console, as_json=False)
    for one in written:
        said = f"{wall(one.at, item.zones or ())}  {one.channel}  {one.text}"
        console.print(shown(said), highlight=False)
    for contact in contacts:
        came = f"{wall(contact.began_at, item.zones or ())}  {contact.action}: {contact.result}, "
        came += f"says {contact.by_whom}" + (f": {contact.note}" if contact.note else "")
        console.print(shown(came), highlight=False)
    if item.note:
        console.print(shown(f"note: {item.note}"), highlight=False)


async def tell_of_begun(pool: Pool, now: datetime, console: Console) -> None:
    """Say how many contacts were begun and never ended: each needs somebody who knows."""
    if number := await manual.never_ended(pool, now - UNDER_WAY):
        words = f"{number} contacts were begun and have no end: contrapunto contact list"
        console.print(words, highlight=False)


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

    Said again by the same person, it is told again, and answers the same. Raises BadInput where
    another has the item or has done it, Unavailable where Temporal does not take the news: what is
    on record stays.
    """
    items, event, news = WorkItems(pool), RECORDS[outcome], f"work:{work_id}"
    item = await items.one(work_id)
    if event is EventKind.WRONG_NUMBER and item.contact_point_id is None:
        raise BadInput(f"work {work_id} came by no message: which address is wrong, nobody can say")
    if (item.done_by, item.outcome) != (by, outcome):
        try:
            await _record(items, item, clock, rules, by, outcome, note)
        except BadInput:
            # The same request may have come twice at the same time.
            item = await items.one(work_id)
            if (item.done_by, item.outcome) != (by, outcome):
                raise
    known = (*item.accounts, *item.stands_for)
    deeds = await items.deeds(work_id) or Deeds(changes={}, accounts=known)
    woken = await wake_all(accounts, dict.fromkeys(deeds.accounts, news))
    await told(pool, news, deeds.accounts)
    return Finished(await items.one(work_id), event, deeds.changes, woken)


async def _record(
    items: WorkItems,
    item: WorkItem,
    clock: Clock,
    rules: RulesFactory,
    by: str,
    outcome: WorkOutcome,
    note: str | None,
) -> None:
    """In one transaction: the item is done, what goes on file, what changes, who has to hear."""
    work_id, event, news = item.work_id, RECORDS[outcome], f"work:{item.work_id}"
    known = (*item.accounts, *item.stands_for)
    now = await clock.now(f"account/{known[0]}" if known else None)
    concerned, changes = dict.fromkeys(known), dict[str, list[str]]()
    async with items.pool.acquire() as connection, connection.transaction():
        await items.done(connection, work_id, by, outcome, note, now)
        if event is not None:
            whose = Whose(id=news, customer_id=item.customer_id)
            try:
                taken = await record_one(connection, whose, _said(item, event), clock, rules, {})
            except (RefusedError, DifferentEventError) as error:
                raise BadInput(f"work {work_id}: {event} cannot go on file: {error}") from error
            concerned |= dict.fromkeys(taken.accounts)
            changes = taken.effects
        if outcome in OPENS:
            opened = await open_for_each(connection, rules, outcome, item.accounts, news, now)
            concerned |= dict.fromkeys(opened)
            if opened:
                changes = {**changes, OPENS[outcome]: opened}
        deeds = Deeds(changes=changes, accounts=tuple(concerned))
        await items.keep_deeds(connection, work_id, deeds)
        await to_tell(connection, news, concerned)


def tell_done(finished: Finished, console: Console, out: Console, *, as_json: bool) -> None:
    """Say what doing it has done."""
    item, event, changes, plan_anew = finished
    if as_json:
        done = {
            "work_id": item.work_id,
            "outcome": item.outcome,
            "recorded": event,
            "changes": [{"what": what, "accounts": whose} for what, whose in changes.items()],
            "plan_anew": plan_anew,
        }
        out.file.write(json.dumps(done, ensure_ascii=False) + "\n")
        return
    words = [f"work {item.work_id} is done: {item.outcome}"]
    if event is not None:
        words.append(f"on file for customer {item.customer_id}: {event}")
    words += [f"{', '.join(whose)}: {what}" for what, whose in changes.items()]
    words.append(f"{plan_anew} accounts plan anew")
    for said in words:
        console.print(said, highlight=False, markup=False)


def _said(item: WorkItem, event: EventKind) -> dict[str, object]:
    """What goes on file: as of when they wrote."""
    wrote = any(not name.startswith(BY_CONTACT) for name in item.messages)
    written = {"in_writing": True} if event is EventKind.DISPUTE and wrote else {}
    there = event in (EventKind.WRONG_NUMBER, EventKind.OPT_OUT) and item.contact_point_id
    where = {"contact_point_id": item.contact_point_id} if there else {}
    return {"kind": event.value, "at": item.opened_at.isoformat(), **written, **where}


def _accounts(item: WorkItem) -> list[str]:
    stands = [f"stands for {one}" for one in map(shown, item.stands_for)]
    return [*map(account_shown, item.accounts), *stands]


def _who(item: WorkItem, now: datetime) -> str:
    if item.done_at is not None:
        return f"done by {item.done_by}: {item.outcome}"
    return item.holder(now) or "free"


def as_words(message: Written) -> dict[str, Any]:
    """What a customer wrote, as other systems read it."""
    said = message.model_dump(mode="json", include={"at", "channel", "text"})
    return said | {"id": message.id}


def as_dict(item: WorkItem, now: datetime) -> dict[str, Any]:
    """An item as other systems read it."""
    found = item.model_dump(mode="json", exclude={"zones", "claimed_by", "claim_ends"})
    holder = item.holder(now)
    ends = item.claim_ends.isoformat() if holder and item.claim_ends else None
    return found | {"holder": holder, "held_until": ends}
