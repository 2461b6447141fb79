"""An item and the call that is made for it: may it be made, and both done in one go."""

from datetime import datetime
from typing import Final, NamedTuple

from config.settings import load
from domain.channels import Channel
from domain.contacts.results import Needs
from domain.conversation.work_words import WorkOutcome
from domain.failures import BadInput
from domain.law.terms import EventKind
from domain.names import workflow_id
from store.conversation.work import BY_ITSELF, WorkItem, WorkItems
from store.database import Pool
from workers.cli.contact.commands import with_people
from workers.cli.contact.telling import show_may, tell_done
from workers.cli.output import the_account
from workers.cli.rules import rules_factory
from workers.cli.shell import console, database, output
from workers.cli.work_items import items as work
from workers.connection import clock_of
from workers.contacts.acting import People
from workers.contacts.asking import Came, New
from workers.contacts.whose import may

AS_RESULT: Final = {
    EventKind.DISPUTE: WorkOutcome.DISPUTE,
    EventKind.ATTORNEY: WorkOutcome.ATTORNEY,
    EventKind.BANKRUPTCY: WorkOutcome.BANKRUPTCY,
    EventKind.DEATH: WorkOutcome.DECEASED,
    EventKind.CEASE: WorkOutcome.CEASE,
}
"""What comes of an item by what its call has put on file; nothing else: it is handled."""


class Call(NamedTuple):
    """The call that was made for an item."""

    action: str
    at: datetime
    account: str | None
    point: str | None
    address: str | None
    came: Came


async def may_call(work_id: int, channel: Channel, *, as_json: bool) -> None:
    """Show whether a person may contact the customer of an item now, for each open account."""
    settings = load()
    clock, rules = await clock_of(settings), rules_factory(settings)
    async with database(settings) as pool:
        item = await WorkItems(pool).one(work_id)
        for key in _some(item):
            creditor, _, account_id = key.partition("/")
            now = await clock.now(workflow_id(creditor, account_id))
            if not as_json:
                output().print(key, markup=False, highlight=False)
            party = _party(item, key)
            found = await may(pool, rules, now, (creditor, account_id), channel, party)
            show_may(found, output(), as_json=as_json)


async def done_by_call(
    work_id: int,
    by: str,
    outcome: WorkOutcome | None,
    note: str | None,
    call: Call,
    *,
    as_json: bool,
) -> None:
    """Record the call made for an item, and say what came of the item; again, it is told again."""

    async def act(people: People, pool: Pool) -> None:
        items = WorkItems(pool)
        item = await items.one(work_id)
        creditor, account_id = await _account(pool, item, call.account)
        new = New(
            contact_id=f"work:{work_id}",
            creditor=creditor,
            account_id=account_id,
            action=call.action,
            by=by,
            point=call.point,
            address=call.address,
            party=_party(item, f"{creditor}/{account_id}"),
        )
        made = await people.record(new, call.at, call.came)
        tell_done(made, console, output(), as_json=as_json)
        if (await items.one(work_id)).done_by == BY_ITSELF:
            return  # who asked to be called has been
        result = people.results.results[call.came.result]
        as_told = AS_RESULT.get(result.fact) if result.fact else None
        if result.needs is Needs.PROMISE:
            as_told = WorkOutcome.PROMISED
        came = outcome or as_told or WorkOutcome.HANDLED
        parts = (pool, people.accounts, people.clock, people.rules)
        finished = await work.finish(*parts, work_id, by, came, note)
        work.tell_done(finished, console, output(), as_json=as_json)

    await with_people(act)


async def _account(pool: Pool, item: WorkItem, named: str | None) -> tuple[str, str]:
    if named is not None:
        row = await the_account(pool, named)
        return row["creditor"], row["account_id"]
    keys = _some(item)
    if len(keys) > 1:
        raise BadInput(f"--account: the customer has several: say which of {', '.join(keys)}")
    creditor, _, account_id = keys[0].partition("/")
    return creditor, account_id


def _some(item: WorkItem) -> tuple[str, ...]:
    known = (*item.accounts, *item.stands_for)
    if not known:
        raise BadInput(f"work {item.work_id}: the customer has no open account")
    return known


def _party(item: WorkItem, key: str) -> str | None:
    """Who is called, where it is about an account that they only stand for."""
    return item.customer_id if key in item.stands_for else None
