"""Disputes and hardships: opened, resolved, extended, ended. Each belongs to the caller's
transaction."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

from domain.cases.case import ENDS_IN, Ask
from domain.cases.ledger import asks_at_once, said_by
from domain.cases.words import Resolution
from domain.conversation.work_words import WorkReason
from domain.facts import (
    BeginHardship,
    Case,
    EndHardship,
    ExtendHardship,
    OpenDispute,
    ResolveDispute,
)
from domain.names import account_key
from store import law_rows
from store.conversation.work import open_items
from store.database import KNOWN_ALREADY, Connection, unchanged
from store.law_events import owner_of

OPEN: Final = """
INSERT INTO disputes (creditor, account_id, dispute_id, reason, documents, note, opened_at,
    answer_due)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING
"""

RESOLVE: Final = """
UPDATE disputes SET state = $3, resolved_at = $4, resolved_why = $5
WHERE creditor = $1 AND account_id = $2 AND state = 'open'
"""

CORRECT: Final = """
UPDATE disputes SET state = 'corrected', corrected_at = $3
WHERE creditor = $1 AND account_id = $2 AND state = 'resolved_for'
"""

BEGIN: Final = """
INSERT INTO hardships (creditor, account_id, hardship_id, reason, began_at, review_date)
VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING
"""

EXTEND: Final = """
UPDATE hardships SET review_date = $3, review_asked = false
WHERE creditor = $1 AND account_id = $2 AND state = 'active'
"""

END: Final = """
UPDATE hardships SET state = 'ended', ended_at = $3, ended_why = $4
WHERE creditor = $1 AND account_id = $2 AND state = 'active'
"""

ASKED: Final = {
    WorkReason.DISPUTE_DUE: "UPDATE disputes SET asked = true "
    "WHERE creditor = $1 AND account_id = $2 AND dispute_id = $3",
    WorkReason.HARDSHIP_REVIEW: "UPDATE hardships SET review_asked = true "
    "WHERE creditor = $1 AND account_id = $2 AND hardship_id = $3",
    WorkReason.PERSON_FIRST: "UPDATE hardships SET person_asked = true "
    "WHERE creditor = $1 AND account_id = $2 AND hardship_id = $3",
}
"""What marks that a person was asked, once."""


class Done(NamedTuple):
    """What writing a request has done."""

    notes: Sequence[str] = ()
    """What its sender should know."""
    concerned: Sequence[str] = ()
    """The open accounts, by key, that plan otherwise from now on."""


async def apply(connection: Connection, owner: tuple[str, str], asked: Case, at: datetime) -> Done:
    """Write what was asked and not refused, its dates told (``completed``); what the law gives
    weight to goes on file, and a person is asked for what only a person can do."""
    if unchanged(await write(connection, owner, asked, at)):
        return Done([KNOWN_ALREADY])  # told before, under another number of the debt
    key = account_key(*owner)
    if (reason := asks_at_once(asked)) is not None:
        await _ask(connection, owner, reason, at, f"dispute/{key}")
    event = said_by(asked, key, at)
    if event is None:
        return Done()
    heard = await law_rows.record_for(connection, owner, f"{asked.kind}:{asked.id}", event, at)
    return Done(heard.notes, heard.concerned)


async def ask(connection: Connection, owner: tuple[str, str], due: Ask) -> None:
    """Ask a person for what has fallen due of a case, once."""
    kind = "dispute" if due.reason is WorkReason.DISPUTE_DUE else "hardship"
    name = f"{kind}/{account_key(*owner)}/{due.case_id}"
    await _ask(connection, owner, due.reason, due.since, name)
    await connection.execute(ASKED[due.reason], *owner, due.case_id)


async def _ask(
    connection: Connection, owner: tuple[str, str], reason: WorkReason, at: datetime, name: str
) -> None:
    customer_id = await owner_of(connection, *owner)
    assert customer_id is not None, "what stands is of an account that is known"  # noqa: S101
    await open_items(connection, {customer_id: None}, (reason,), name, at)


async def write(connection: Connection, owner: tuple[str, str], asked: Case, at: datetime) -> str:
    """The row alone, of a request whose dates are told; what PostgreSQL answered."""
    match asked:
        case OpenDispute(id=name, reason=reason, documents=documents, note=note):
            told = (name, reason.value, list(documents), note, at, _told(asked.answer_due))
            return await connection.execute(OPEN, *owner, *told)
        case ResolveDispute(outcome=Resolution.CORRECTED):
            return await connection.execute(CORRECT, *owner, at)
        case ResolveDispute(outcome=outcome, reason=why):
            state = ENDS_IN[outcome].value
            return await connection.execute(RESOLVE, *owner, state, at, why)
        case BeginHardship(id=name, reason=because, review_date=review):
            begun = (name, because.value, at, _told(review))
            return await connection.execute(BEGIN, *owner, *begun)
        case ExtendHardship(review_date=review):
            return await connection.execute(EXTEND, *owner, review)
        case EndHardship(reason=ended):
            return await connection.execute(END, *owner, at, ended)


def _told(day: date | None) -> date:
    assert day is not None, "completed before it is written"  # noqa: S101
    return day
