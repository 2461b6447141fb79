"""The demo's desk: a person who takes what rules may not decide, and says what came of it.

She does what `contrapunto work claim` and `contrapunto work done` do, by the same functions, in the
working hours of the customer's own day: the urgent and the delicate. What may wait stays open, as
it would on a busy day.
"""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from config.rules import RulesFactory
from domain.conversation.work_words import WorkOutcome, WorkReason
from lab.local.fast_time import Errand
from store.conversation.work import WorkItem, WorkItems
from store.database import Pool
from store.views.customer import OfCustomer
from workers.accounts import Accounts
from workers.cli.work_items.items import finish
from workers.clock import Clock

CLERK: Final = "ana"
OPENS, CLOSES = time(8), time(17)
NOTICES: Final = timedelta(minutes=25)
"""How long an item waits before she takes it."""
TAKES: Final = timedelta(minutes=20)
"""How long she has it."""
CLAIM, DONE = "claim", "done"

SETTLES: Final[Mapping[WorkReason, tuple[tuple[WorkOutcome, str], ...]]] = {
    WorkReason.DISPUTE: (
        (WorkOutcome.HANDLED, "sent the contract and a statement; the debt is acknowledged"),
        (WorkOutcome.DISPUTE, "asks for the contract in writing"),
    ),
    WorkReason.DISPUTE_DUE: (
        (WorkOutcome.HANDLED, "the creditor is asked for the contract again"),
    ),
    WorkReason.DISPUTE_UPHELD: ((WorkOutcome.HANDLED, "the creditor is asked to correct it"),),
    WorkReason.PERSON_FIRST: ((WorkOutcome.HANDLED, "called; knows whom to ask"),),
    WorkReason.HARDSHIP_REVIEW: ((WorkOutcome.HANDLED, "called; it goes on for now"),),
    WorkReason.WANTS_PERSON: (
        (WorkOutcome.HANDLED, "called; will call back once the salary is in"),
        (WorkOutcome.ANSWERED, "called; the question is answered"),
    ),
    WorkReason.HARDSHIP: (
        (WorkOutcome.HANDLED, "called; sent the form for a smaller instalment"),
        (WorkOutcome.ANSWERED, "called; told of the plans there are"),
    ),
    WorkReason.CRISIS: ((WorkOutcome.HANDLED, "called; passed on to the care team"),),
    WorkReason.ATTORNEY: ((WorkOutcome.ATTORNEY, "the lawyer's name is on file"),),
    WorkReason.BANKRUPTCY: ((WorkOutcome.BANKRUPTCY, "the court's notice is on file"),),
    WorkReason.DECEASED: ((WorkOutcome.DECEASED, "a relative told us"),),
    WorkReason.STOP: ((WorkOutcome.STOP, "wants no more messages there"),),
    WorkReason.WRONG_PERSON: ((WorkOutcome.HANDLED, "a relative; the customer called back"),),
    WorkReason.CALLBACK: ((WorkOutcome.HANDLED, "called back as agreed"),),
    WorkReason.SHARED_ADDRESS: ((WorkOutcome.HANDLED, "it was clear who wrote"),),
}
"""What she settles, and how, in turn; all else is left open."""


class Desk:
    """What the clerk is going to do, for the conductor of fast time."""

    def __init__(self, pool: Pool, accounts: Accounts, clock: Clock, rules: RulesFactory) -> None:
        self._items, self._accounts = WorkItems(pool), accounts
        self._clock, self._rules = clock, rules

    async def due(self, customer_id: str) -> Mapping[str, list[tuple[datetime, Errand]]]:
        """By account, what is to be done about a customer, or about who stands for an account of
        theirs, and when on the account's clock."""
        found: dict[str, list[tuple[datetime, Errand]]] = {}
        beside = await OfCustomer(self._items.pool, customer_id, None).parties()
        who = dict.fromkeys([customer_id, *(str(one["customer_id"]) for one in beside)])
        for item in [
            i for one in who for i in await self._items.listed(one, None, 100, done=False)
        ]:
            if item.reason in SETTLES and (accounts := (*item.accounts, *item.stands_for)):
                at, step = next_step(item)
                errands = found.setdefault(accounts[0], [])
                errands.append((at, Errand(item.work_id, step)))
        return {account: sorted(errands) for account, errands in found.items()}

    async def do(self, errand: Errand, at: datetime) -> list[str]:
        """Take an item, or finish it; the accounts that plan anew for it."""
        if errand.step == CLAIM:
            await self._items.claim(errand.work_id, CLERK, at, timedelta(hours=4))
            return []
        item = await self._items.one(errand.work_id)
        ways = SETTLES[item.reason]
        outcome, note = ways[item.work_id % len(ways)]
        parts = (self._items.pool, self._accounts, self._clock, self._rules)
        finished = await finish(*parts, item.work_id, CLERK, outcome, note)
        return [*item.accounts, *item.stands_for] if finished.plan_anew else []


def next_step(item: WorkItem) -> tuple[datetime, str]:
    """What she does next with an open item, and when."""
    zone = ZoneInfo(item.zones[0]) if item.zones else ZoneInfo("UTC")
    claimed = at_work(item.opened_at + NOTICES, zone)
    if item.claimed_by != CLERK:
        return claimed, CLAIM
    return at_work(claimed + TAKES, zone), DONE


def at_work(at: datetime, zone: ZoneInfo) -> datetime:
    """The moment itself if it is in working hours there, else when work next begins."""
    local = at.astimezone(zone)
    if local.time() >= CLOSES:
        local = datetime.combine(local.date() + timedelta(days=1), OPENS, zone)
    elif local.time() < OPENS:
        local = datetime.combine(local.date(), OPENS, zone)
    while local.weekday() >= 5:
        local = datetime.combine(local.date() + timedelta(days=1), OPENS, zone)
    return local.astimezone(at.tzinfo)
