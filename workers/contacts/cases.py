"""A dispute or a hardship that a person tells of at the desk, opened for each account of theirs."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from config.rules import RulesFactory
from domain.calendar import local_date
from domain.cases.admission import completed
from domain.conversation.work_words import WorkOutcome
from domain.facts import BeginHardship, Case, OpenDispute
from domain.failures import NotFound
from store.cases import cases
from store.database import Connection
from workers.contacts.whose import situation_of

OPENS: Final = {
    WorkOutcome.DISPUTE: "a dispute is open",
    WorkOutcome.HARDSHIP: "a hardship is active",
}
"""The outcomes that open something, and what is told then."""


async def open_for_each(
    connection: Connection,
    rules: RulesFactory,
    outcome: WorkOutcome,
    accounts: Iterable[str],
    name: str,
    now: datetime,
) -> list[str]:
    """Open what an outcome says for each of the accounts (by key) where none stands; where it did.

    In the caller's transaction. What the law gives weight to is on file already.

    ``name``: of the item or the contact that it came by.
    """
    opened = []
    for key in accounts:
        creditor, _, account_id = key.partition("/")
        try:
            situation, obeyed = await situation_of(connection, rules, creditor, account_id, now)
        except NotFound:
            continue  # it waits for intake, and nobody is contacted for it
        asked: Case | None = None
        if outcome is WorkOutcome.DISPUTE and situation.dispute is None:
            asked = OpenDispute(id=name)
        if outcome is WorkOutcome.HARDSHIP and situation.hardship is None:
            asked = BeginHardship(id=name)
        if asked is not None:
            today = local_date(now, situation.customer.zones)
            told = completed(asked, today, obeyed.strategy.cases)
            await cases.write(connection, (creditor, account_id), told, now)
            opened.append(key)
    return opened
