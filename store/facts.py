"""What arrives from outside is written once, whoever repeats it."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final, NamedTuple

from pydantic import ValidationError

from domain.account import PromiseState
from domain.agreements.terms import PlanTerms
from domain.cases.admission import Standing
from domain.cases.case import DisputeState
from domain.entry.bounds import LATEST
from domain.facts import (
    MESSAGE,
    AccountOpened,
    AccountUpdated,
    AgreePlan,
    CancelPlan,
    CaseMessage,
    Close,
    DeliveryFailed,
    Hold,
    LawEventReceived,
    Message,
    MessageReceived,
    PaymentReceived,
    RecordPromise,
    Resume,
    Unread,
    body_of,
)
from domain.ledger.admission import spelt_otherwise
from store import law_events, law_rows
from store.agreements import plans, promises
from store.cases import cases
from store.choosing.choices import tell
from store.database import KNOWN_ALREADY, Connection, Pool, unchanged
from store.intake.spelling import accounts_spelt, customers_spelt

INSERT_MESSAGE: Final = """
INSERT INTO messages AS m (creditor, account_id, message_id, kind, body, at, refused, recording)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (creditor, account_id, message_id) DO UPDATE SET kind = excluded.kind,
    body = excluded.body, at = excluded.at, refused = excluded.refused,
    recording = excluded.recording
WHERE m.refused IS NOT NULL RETURNING xmax <> 0 AS again
"""

SELECT_MESSAGE: Final = """
SELECT body, recording FROM messages
WHERE creditor = $1 AND account_id = $2 AND message_id = $3
"""

SELECT_REFUSED: Final = """
SELECT creditor, account_id, at, kind, message_id, refused, body, zones
FROM messages LEFT JOIN accounts USING (creditor, account_id)
    LEFT JOIN customers USING (customer_id)
WHERE refused IS NOT NULL AND ($1::timestamptz IS NULL OR at >= $1)
    AND ($2::text IS NULL OR creditor = $2) AND ($3::text IS NULL OR account_id = $3)
ORDER BY at DESC, creditor, account_id, message_id LIMIT $4
"""

# At every door, and as `may_reopen` in domain/ledger/life.py: what was recalled is collected again
# when it is told of again, what was cured when newer figures tell of it, what was closed or handed
# off only when a later instalment has fallen due, for daily figures go on telling of those. A later
# instalment alone begins a delinquency, and its touches: what was left out for a day goes on.
MAY_REOPEN: Final = """
(a.close_reason = 'recalled'
    OR (a.close_reason = 'cured' OR {due} > a.oldest_due_date)
    AND coalesce(a.closed_at <= {as_of}, true))
""".strip()

OPEN_ACCOUNT: Final = f"""
INSERT INTO accounts AS a (creditor, account_id, customer_id, currency, balance, balance_as_of,
    oldest_due_date, since)
VALUES ($1, $2, $3, $4, $5 - (
        SELECT coalesce(sum(p.amount), 0) FROM payments p
        WHERE p.creditor = $1 AND p.account_id = $2 AND p.paid_at > $6), $6, $7, $8)
ON CONFLICT (creditor, account_id) DO UPDATE SET
    customer_id = excluded.customer_id, currency = excluded.currency, balance = excluded.balance,
    balance_as_of = excluded.balance_as_of, oldest_due_date = excluded.oldest_due_date,
    since = CASE WHEN a.status = 'closed' AND excluded.oldest_due_date > a.oldest_due_date
        THEN excluded.since ELSE a.since END,
    status = 'open', close_reason = NULL, closed_at = NULL
WHERE a.balance_as_of <= excluded.balance_as_of AND (a.status = 'open' OR excluded.balance > 0
    AND {MAY_REOPEN.format(due="excluded.oldest_due_date", as_of="excluded.balance_as_of")})
"""  # noqa: S608 - what is put in is a condition

PAY: Final = """
WITH paid AS (
    INSERT INTO payments (creditor, account_id, payment_id, amount, paid_at)
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING amount, paid_at
), counted AS (
    UPDATE accounts SET balance = balance - paid.amount FROM paid
    WHERE creditor = $1 AND account_id = $2 AND paid.paid_at > balance_as_of RETURNING account_id
)
SELECT EXISTS (SELECT FROM paid) AS new, EXISTS (SELECT FROM counted) AS counted
"""

# What is cured or recalled may be told its new due date first, and its balance then.
UPDATE_FACTS: Final = f"""
UPDATE accounts a SET
    balance = coalesce(told.balance, a.balance),
    oldest_due_date = coalesce($4, a.oldest_due_date),
    balance_as_of = CASE WHEN told.balance IS NULL THEN a.balance_as_of ELSE $5 END,
    since = CASE WHEN a.status = 'closed' AND $4 > a.oldest_due_date THEN $6 ELSE a.since END,
    close_reason = CASE WHEN told.balance > 0 THEN NULL ELSE a.close_reason END,
    closed_at = CASE WHEN told.balance > 0 THEN NULL ELSE a.closed_at END,
    status = CASE WHEN told.balance > 0 THEN 'open' ELSE a.status END
FROM (
    SELECT $3::numeric - coalesce(sum(p.amount), 0) AS balance FROM payments p
    WHERE p.creditor = $1 AND p.account_id = $2 AND p.paid_at > $5
) AS told
WHERE a.creditor = $1 AND a.account_id = $2 AND a.balance_as_of <= $5
    AND ($3::numeric IS NOT NULL OR $4::date IS NOT NULL)
    AND (a.status = 'open' OR (told.balance > 0 OR a.close_reason IN ('cured', 'recalled'))
        AND {MAY_REOPEN.format(due="coalesce($4, a.oldest_due_date)", as_of="$5")})
"""  # noqa: S608 - what is put in is a condition

SCORE: Final = """
UPDATE accounts SET score = $3, score_as_of = $4
WHERE creditor = $1 AND account_id = $2 AND coalesce(score_as_of <= $4, true)
"""

HOLD: Final = """
UPDATE accounts SET hold_until = $3, hold_reason = $4 WHERE creditor = $1 AND account_id = $2
"""

CLOSE: Final = """
UPDATE accounts SET status = 'closed', close_reason = $3, closed_at = $4
WHERE creditor = $1 AND account_id = $2 AND status = 'open'
"""

SELECT_KNOWN: Final = """
SELECT (SELECT p.plan_id FROM payment_plans p WHERE p.creditor = a.creditor
        AND p.account_id = a.account_id AND p.state = 'active') AS plan,
    (SELECT ARRAY[d.dispute_id, d.state] FROM disputes d WHERE d.creditor = a.creditor
        AND d.account_id = a.account_id AND d.state IN ('open', 'resolved_for')) AS dispute,
    (SELECT h.hardship_id FROM hardships h WHERE h.creditor = a.creditor
        AND h.account_id = a.account_id AND h.state = 'active') AS hardship,
    a.customer_id, a.currency, a.balance, a.status = 'open' AS is_open, a.strategy,
    a.chosen_by IS NOT NULL AS chosen,
    a.status = 'closed' AND a.close_reason IN ('cured', 'recalled') AS opens_by_figures,
    coalesce(c.zones, '{UTC}') AS zones
FROM accounts a LEFT JOIN customers c USING (customer_id)
WHERE a.creditor = $1 AND a.account_id = $2
"""

_NOTHING_CHANGED: Final = (
    "nothing changed: older than what is on record, or the account is closed and stays so until "
    "a later due date comes with a balance"
)


class Known(NamedTuple):
    """What judging a message needs to know of its account."""

    customer_id: str
    currency: str
    balance: Decimal
    is_open: bool
    strategy: str
    opens_by_figures: bool
    """It is over, and newer figures alone may begin it again (``MAY_REOPEN``)."""
    zones: tuple[str, ...]
    chosen: bool = False
    """Whether the strategy was chosen for it."""
    plan: str | None = None
    """The id of the payment plan that is active."""
    dispute: tuple[str, str] | None = None
    """The id of the dispute that stands, and its state."""
    hardship: str | None = None
    """The id of the hardship that is active."""

    @property
    def standing(self) -> Standing:
        """What stands of it, as requests are judged by it."""
        name, state = self.dispute or (None, None)
        return Standing(name, DisputeState(state) if state else None, self.hardship)


class Noted(NamedTuple):
    """What noting a message showed of its id."""

    again: bool
    """It has been here before: refused then, or on record now."""
    stays: bool = False
    """Another message is on record under it, and stays."""
    known: Message | None = None
    """That other message; None also where it was written in a form that is no more, or is in the
    history."""
    mine: bool = False
    """An earlier execution of this very activity wrote that."""


class Meant(NamedTuple):
    """What is meant by the ids of a message that are not on record as they are spelt."""

    owner: tuple[str, str]
    refused: str | None = None
    """Why it cannot be taken."""
    note: str | None = None
    """What its sender should know."""


class RefusedMessage(NamedTuple):
    """A message that was not taken."""

    creditor: str
    account_id: str
    at: datetime
    """On the account's clock."""
    kind: str
    message_id: str
    refused: str
    body: dict[str, object]
    zones: Sequence[str] | None = None
    """The customer's; None before intake has brought them."""


class Facts:
    """Writes of signals and updates; each method belongs to the caller's transaction."""

    async def note(
        self,
        connection: Connection,
        owner: tuple[str, str],
        message: Message,
        at: datetime,
        refused: str | None,
        recording: str,
    ) -> Noted:
        """Note the message, unless its id is on record.

        One that was refused has changed nothing and does not hold its id: mended, or asked again
        when things have changed, it is judged anew.
        """
        body = body_of(message)
        written = (message.id, message.kind, body, at, refused, recording)
        again = await connection.fetchval(INSERT_MESSAGE, *owner, *written)
        if again is not None:
            return Noted(again)
        row = await connection.fetchrow(SELECT_MESSAGE, *owner, message.id)
        if row is None:  # it is in the history, or was
            return Noted(True, True)
        try:
            known = MESSAGE.validate_python(row["body"])
        except ValidationError:
            known = None
        return Noted(True, True, known, row["recording"] == recording)

    async def keep(
        self, connection: Connection, owner: tuple[str, str], unread: Unread, at: datetime
    ) -> None:
        """Keep what is no message, or cannot be recorded, among the refused ones."""
        written = (unread.id, unread.name, {"sent": unread.sent}, at, unread.problem, None)
        await connection.fetchval(INSERT_MESSAGE, *owner, *written)

    async def account(self, connection: Connection, owner: tuple[str, str]) -> Known | None:
        """The account as far as messages are judged by it; None while it is unknown."""
        row = await connection.fetchrow(SELECT_KNOWN, *owner)
        return None if row is None else Known(**{**dict(row), "zones": tuple(row["zones"])})

    async def meant(
        self, connection: Connection, owner: tuple[str, str], message: Message
    ) -> Meant:
        """Which account a message to one that nobody knows is about."""
        if isinstance(message, AccountOpened):
            return Meant(owner, await self._opened_beside(connection, owner, message))
        known = [one for one in await accounts_spelt(connection, *owner) if one.plainly]
        refused = spelt_otherwise(message, [one.key for one in known], "account_id")
        if refused is not None or isinstance(message, LawEventReceived) or not known:
            return Meant(owner, refused)
        [one] = known
        note = f"account_id: is spelt otherwise: it is {one.key}"
        return Meant((one.creditor, one.account_id), None, note)

    async def _opened_beside(
        self, connection: Connection, owner: tuple[str, str], message: AccountOpened
    ) -> str | None:
        """Why nothing is opened: the account, or its customer, is known under another spelling."""
        if message.facts is None:
            return None  # it tells nothing
        known = [one for one in await accounts_spelt(connection, *owner) if one.plainly]
        if known and all((one.creditor, one.account_id) != owner for one in known):
            return spelt_otherwise(message, [one.key for one in known], "account_id")
        said = message.facts.customer_id
        people = (await customers_spelt(connection, [said])).get(said, ())
        them = [one.customer_id for one in people if one.plainly]
        return spelt_otherwise(message, them, "customer_id")

    async def now_called(self, connection: Connection, owner: tuple[str, str]) -> tuple[str, str]:
        """The account that has the debt of ``owner`` by now: itself, unless it was renumbered."""
        return owner[0], await law_events.now_called(connection, *owner)

    async def apply(
        self,
        connection: Connection,
        owner: tuple[str, str],
        message: Message,
        at: datetime,
        terms: PlanTerms | None = None,
    ) -> str | None:
        """Write what the message says; what its sender should know of it, if anything.

        ``at`` (UTC) stands where it carries no time of its own, and where that is still to come.
        ``terms``: under which a payment plan is agreed.
        """
        match message:
            case AccountOpened(facts=facts, as_of=as_of):
                if facts is not None:
                    done = await connection.execute(
                        OPEN_ACCOUNT,
                        *owner,
                        facts.customer_id,
                        facts.currency,
                        facts.balance,
                        min(as_of or at, at),
                        facts.oldest_due_date,
                        at,
                    )
                    await law_events.belongs(connection, ["/".join(owner)])
                    told = await tell(connection, owner, message, min(as_of or at, at))
                    return _NOTHING_CHANGED if unchanged(done) and not told else None
                await tell(connection, owner, message, min(as_of or at, at))
            case PaymentReceived(id=payment, amount=amount):
                when = message.arrived(at)
                paid = await connection.fetchrow(PAY, *owner, payment, amount, when)
                assert paid is not None  # noqa: S101 - it answers with one row
                return _note_of_payment(**dict(paid))
            case AccountUpdated(balance=balance, due_since=due, as_of=as_of, score=score):
                when = min(as_of or at, at)
                told = await tell(connection, owner, message, when)
                if score is not None:
                    done = await connection.execute(SCORE, *owner, score, when)
                    told = not unchanged(done) or told
                if balance is None and due is None:
                    # Without anything it is only to have it plan anew.
                    older = (message.tells_choosing or score is not None) and not told
                    return _NOTHING_CHANGED if older else None
                done = await connection.execute(UPDATE_FACTS, *owner, balance, due, when, at)
                kept = await promises.keep_schedule(connection, owner, message, when)
                return _NOTHING_CHANGED if unchanged(done) and not (kept or told) else None
            case Hold() | Resume() | Close() | RecordPromise() | AgreePlan() | CancelPlan():
                return await self._ask(connection, owner, message, at, terms or PlanTerms())
            case LawEventReceived():
                return "; ".join((await self.hear(connection, owner, message, at)).notes) or None
            case CaseMessage():
                await cases.apply(connection, owner, message, at)
            case DeliveryFailed() | MessageReceived():
                pass  # the gateway has stored the fact itself; the workflow only plans anew
            case _:
                raise AssertionError(message.kind)  # of settlements: store/agreements/offers.py
        return None

    async def _ask(
        self,
        connection: Connection,
        owner: tuple[str, str],
        message: Message,
        at: datetime,
        terms: PlanTerms,
    ) -> str | None:
        """Write what is asked of an account and was not refused."""
        match message:
            case Hold(until=until, reason=reason):
                await connection.execute(HOLD, *owner, min(until, LATEST), reason)
            case Resume():
                await connection.execute(HOLD, *owner, None, None)
            case Close():
                await connection.execute(CLOSE, *owner, message.close_reason.value, at)
            case RecordPromise():
                return await promises.record(connection, owner, message, at)
            case AgreePlan():
                return await plans.agree(connection, owner, message, terms, at)
            case CancelPlan(reason=reason):
                await plans.cancel(connection, owner, reason, at)
            case _:
                raise AssertionError(message.kind)
        return None

    async def hear(
        self,
        connection: Connection,
        owner: tuple[str, str],
        message: LawEventReceived,
        at: datetime,
    ) -> law_rows.Heard:
        """Write a fact with legal weight; whatever stands is written once."""
        told = (message.id, message.event, at)
        return await law_rows.record_for(connection, owner, *told)

    async def settle_promise(
        self,
        connection: Connection,
        owner: tuple[str, str],
        promise_id: str,
        state: PromiseState,
        at: datetime,
    ) -> None:
        """Mark a promise kept or broken."""
        await promises.settle(connection, owner, promise_id, state, at)


async def refused(
    pool: Pool, since: datetime | None, creditor: str | None, account_id: str | None, most: int
) -> list[RefusedMessage]:
    """Messages that were not taken, the latest first."""
    rows = await pool.fetch(SELECT_REFUSED, since, creditor, account_id, most)
    return [RefusedMessage(*row) for row in rows]


def _note_of_payment(*, new: bool, counted: bool) -> str | None:
    """What to tell of a payment that took nothing off the balance."""
    if not new:
        return KNOWN_ALREADY  # told before, under another number of the debt
    return None if counted else "dated before the balance, which has it already"
