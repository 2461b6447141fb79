"""The contact ledger: every attempt, each state written before the world changes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from domain.amounts import Money
from domain.channels import Channel
from domain.deciders import Decider
from domain.ledger import consequences
from domain.ledger.attempt import AttemptState, RefusalKind
from domain.message_content import CallScript
from domain.model import Instant, Model
from domain.planning.step import Step
from domain.situation import Situation
from store import law_events
from store.attempt_moves import ACCEPT, DISPATCH, DOUBT, REFUSE, RELEASE
from store.database import Connection, Pool


class Attempt(Model):
    """What executing an attempt needs to know of its row."""

    attempt_id: str
    creditor: str
    account_id: str
    channel: Channel
    provider: str
    contact_point_id: str
    state: AttemptState
    execution: str | None = None
    dispatched_at: Instant | None = None
    content_digest: str | None = None
    provider_message_id: str | None = None


class Debt(Model):
    """One account that a message speaks of."""

    creditor: str
    account_id: str
    balance: Money
    currency: str
    oldest_due_date: str


class Recipient(Model):
    """Who is written to. Personal: stays inside the activity."""

    name: str
    locale: str
    address: str
    debts: tuple[Debt, ...]


class Reservation(Model):
    """A row to be written as ``reserved``."""

    attempt_id: str
    provider: str
    jurisdictions: tuple[str, ...]
    reserved_at: Instant
    facts_seen: int
    execution: str
    trace_id: str | None = None
    segments: int | None = None
    """Of an SMS."""
    decided_by: tuple[str, ...] = ()
    """Digests of what decided: strategy, law, templates."""


_COLUMNS: Final = """attempt_id, creditor, account_id, channel, provider, contact_point_id, state,
    execution, dispatched_at, content_digest, provider_message_id"""

# What is in the history by now, or was, is never sent again: of that only the end is told.
SELECT_ATTEMPT: Final = f"""
SELECT {_COLUMNS} FROM attempts WHERE attempt_id = $1
UNION ALL
SELECT attempt_id, creditor, account_id, channel, provider, contact_point_id, state,
    NULL, NULL, NULL, NULL FROM attempt_keys WHERE attempt_id = $1
"""  # noqa: S608

SELECT_RECIPIENT: Final = """
SELECT c.name, c.locale, p.address,
    (SELECT jsonb_agg(jsonb_build_object(
        'creditor', a.creditor, 'account_id', a.account_id, 'balance', a.balance::text,
        'currency', a.currency, 'oldest_due_date', a.oldest_due_date)
        ORDER BY a.oldest_due_date, a.account_id)
        FROM (
            SELECT o.* FROM accounts o WHERE o.customer_id = c.customer_id
            UNION ALL
            -- What they stand for; nobody stands for an account of their own.
            SELECT o.* FROM account_parties t JOIN accounts o ON o.creditor = t.creditor
                AND o.account_id = now_called(t.creditor, t.account_id)
            WHERE t.customer_id = c.customer_id AND o.customer_id <> c.customer_id
        ) AS a WHERE a.creditor || '/' || a.account_id = ANY($2)) AS debts
FROM contact_points p JOIN customers c USING (customer_id) WHERE p.contact_point_id = $1
"""

SELECT_ADDRESS: Final = "SELECT address FROM contact_points WHERE contact_point_id = $1"

INSERT_SCRIPT: Final = "INSERT INTO calls (attempt_id, script) VALUES ($1, $2)"

KEEP_DECIDER: Final = """
INSERT INTO deciders (digest, kind, name, version, content)
VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING
"""

INSERT_RESERVED: Final = """
INSERT INTO attempts (
    attempt_id, creditor, account_id, customer_id, covers, step, touch, phase, purpose, channel,
    provider, contact_point_id, state, execution, jurisdictions, zones, not_before, not_after,
    reserved_at, facts_seen, rule, cite, trace_id, segments, decided_by, policy, probability,
    chosen_from, segment, arms)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'reserved', $13, $14, $15, $16, $17,
    $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, a.segment, a.arms
FROM (VALUES (true)) AS one LEFT JOIN accounts a ON a.creditor = $2 AND a.account_id = $3
"""

ASKED: Final = """
UPDATE accounts SET asked_in = $3, asked_at = $4 WHERE creditor = $1 AND account_id = $2
"""

ASK_AGAIN: Final = """
UPDATE attempts SET reconcile_at = $2, asked = asked + 1, asked_at = $3
WHERE attempt_id = $1 AND state IN ('dispatching', 'unknown') RETURNING attempt_id
"""

# A change of plan is kept with its reason; the same plan made again is not.
PROJECT: Final = """
WITH before AS (
    SELECT next_key, segment, arms FROM accounts WHERE creditor = $1 AND account_id = $2
), shown AS (
    UPDATE accounts SET phase = $3, state = $4, next_kind = $5, next_at = $6, next_summary = $7,
        planned_at = $8, plans = plans + 1, next_key = $10,
        status = CASE WHEN $9::text IS NULL THEN status ELSE 'closed' END,
        close_reason = CASE WHEN status = 'closed' THEN coalesce(close_reason, $9)
            ELSE coalesce($9, close_reason) END,
        closed_at = CASE WHEN $9::text IS NULL THEN closed_at ELSE coalesce(closed_at, $8) END
    WHERE creditor = $1 AND account_id = $2 RETURNING plans
), changed AS (
    INSERT INTO plan_changes (creditor, account_id, plan, at, kind, why, state, next_at, summary,
        channel, purpose, rule, cite, decided_by, policy, probability, segment, arms)
    SELECT $1, $2, shown.plans, $8, $5, $11, $4, $6, $7, $12, $13, $14, $15, $16, $17, $18,
        before.segment, before.arms FROM before, shown
    WHERE before.next_key IS DISTINCT FROM $10
    ON CONFLICT DO NOTHING
)
SELECT plans FROM shown
"""


class Ledger:
    """All writes to attempts from the side that sends."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool

    async def find(self, attempt_id: str) -> Attempt | None:
        """The attempt, if any execution has reserved it."""
        row = await self.pool.fetchrow(SELECT_ATTEMPT, attempt_id)
        return None if row is None else Attempt(**dict(row))

    async def recipient(
        self, connection: Connection, contact_point_id: str, covers: tuple[str, ...]
    ) -> Recipient:
        """Name, address and debts for the words of a message."""
        row = await connection.fetchrow(SELECT_RECIPIENT, contact_point_id, list(covers))
        assert row is not None, "a planned contact point exists"  # noqa: S101
        return Recipient(**dict(row))

    async def address(self, contact_point_id: str) -> str:
        """Where an attempt went, to look it up at the provider."""
        address: str = await self.pool.fetchval(SELECT_ADDRESS, contact_point_id)
        return address

    async def reserve(
        self, connection: Connection, situation: Situation, step: Step, new: Reservation
    ) -> None:
        """Write the row; the caller holds the customer's lock and has just planned under it."""
        assert step.channel and step.purpose and step.not_after  # noqa: S101
        await connection.execute(
            INSERT_RESERVED,
            new.attempt_id,
            situation.account.creditor,
            situation.account.account_id,
            situation.account.customer_id,
            list(step.covers),
            step.number,
            step.touch,
            step.phase,
            step.purpose.value,
            step.channel.value,
            new.provider,
            step.contact_point_id,
            new.execution,
            list(new.jurisdictions),
            list(situation.customer.zones),
            step.not_before,
            step.not_after,
            new.reserved_at,
            new.facts_seen,
            step.rule,
            step.cite,
            new.trace_id,
            new.segments,
            list(new.decided_by) or None,
            step.policy,
            step.probability,
            step.chosen_from.model_dump(mode="json") if step.chosen_from else None,
        )

    async def keep_script(
        self, connection: Connection, attempt_id: str, script: CallScript
    ) -> None:
        """What a call is to say, for the gateway; in the transaction that reserves it."""
        await connection.execute(INSERT_SCRIPT, attempt_id, script.model_dump(mode="json"))

    async def dispatch(self, attempt_id: str, execution: str, at: datetime, digest: str) -> bool:
        """Commit that the request is about to leave. False: facts changed, do not send."""
        done = await self.pool.fetchval(DISPATCH, attempt_id, execution, at, digest)
        return done is not None

    async def release(self, attempt_id: str, at: datetime, why: str) -> bool:
        """Give a reservation back; nothing was sent."""
        return await self.pool.fetchval(RELEASE, attempt_id, at, why) is not None

    async def doubt(self, attempt_id: str, why: str, ask_at: datetime) -> bool:
        """It may have been accepted: never sent again, to be reconciled."""
        return await self.pool.fetchval(DOUBT, attempt_id, why, ask_at) is not None

    async def accept(
        self, attempt_id: str, provider_message_id: str | None, at: datetime
    ) -> AttemptState | None:
        """The provider took it: its state now. A callback may have been faster; its state stays.

        None: the row had moved on.
        """
        state = await self.pool.fetchval(ACCEPT, attempt_id, provider_message_id, at)
        return None if state is None else AttemptState(state)

    async def refuse(
        self, attempt_id: str, kind: RefusalKind, code: str, detail: str, at: datetime
    ) -> list[str] | None:
        """Certain that nothing was accepted; suppresses or opts out where the refusal says so.

        None: the row had moved on. Else the open accounts, by key, that plan otherwise for it, if
        it means a stop.
        """
        async with self.pool.acquire() as connection, connection.transaction():
            made = await connection.fetchrow(REFUSE, attempt_id, kind.value, code, detail, at)
            if made is None:
                return None
            customer, channel, point, provider = made
            follows = consequences.of_refusal(kind, code, Channel(channel), None)
            name, of = f"opt_out:{attempt_id}", (customer, point)
            await law_events.follow(connection, follows, name, of, at, provider)
            if follows is None:
                return []
            reach = law_events.reach_of(follows, of, Channel(channel), at)
            return await law_events.concerned(connection, reach)

    async def ask_again(self, attempt_id: str, at: datetime | None, now: datetime) -> bool:
        """Asked in vain at ``now``, and when next; None gives up and leaves it to a person."""
        return await self.pool.fetchval(ASK_AGAIN, attempt_id, at, now) is not None

    async def keep_deciders(self, deciders: Sequence[Decider]) -> None:
        """Keep what decides, before anything is decided by it; what is kept stays as it is."""
        await self.pool.executemany(KEEP_DECIDER, deciders)

    async def asked(
        self, connection: Connection, creditor: str, account_id: str, step: Step, now: datetime
    ) -> None:
        """A person was asked to contact the customer, in this phase."""
        await connection.execute(ASKED, creditor, account_id, step.view.phase, now)

    async def project(
        self,
        connection: Connection,
        creditor: str,
        account_id: str,
        step: Step,
        now: datetime,
        decided_by: Sequence[str] = (),
    ) -> Step:
        """Show operations what comes next; the truth is the workflow's step, which is answered
        with the number of plans written so far. ``decided_by``: digests of what decided."""
        plans = await connection.fetchval(
            PROJECT,
            creditor,
            account_id,
            step.view.phase,
            step.view.status.value,
            step.kind.value,
            step.not_before,
            step.summary,
            now,
            step.close_reason.value if step.close_reason else None,
            _key(step),
            step.why,
            step.channel.value if step.channel else None,
            step.purpose.value if step.purpose else None,
            step.rule,
            step.cite,
            list(decided_by) or None,
            step.policy,
            step.probability,
        )
        return step.model_copy(update={"plans": plans or 0})


def _key(step: Step) -> str:
    """What tells one plan of an account from another: not its instants, which move."""
    parts = (step.kind, step.why, step.view.status, step.phase, step.channel, step.purpose)
    return "|".join(str(part or "") for part in (*parts, step.touch, step.rule))
