"""What comes back from providers and customers, stored once, before anybody is told.

The answer to a webhook is 2xx only when the fact is here and the workflow knows of it, so every
event has a mark, ``told``: whether it does. What is repeated before that notifies again, and
changes nothing else.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from asyncpg import PostgresError

from domain.channels import Channel
from domain.conversation.keywords import Intent
from domain.conversation.reader import Reader
from domain.conversation.standing import Standing
from domain.failures import Unavailable
from domain.law.terms import EventKind
from domain.ledger import consequences
from domain.ledger.attempt import (
    NOT_REACHED,
    AttemptState,
    RefusalKind,
)
from domain.ledger.call_outcome import CallOutcome, weightier
from domain.names import workflow_id
from store import law_events
from store.attempt_moves import CALLBACK
from store.callbacks.attempt import LOCK_ATTEMPT, SELECT_ATTEMPT, CalledBack, attempt_of
from store.conversation import work
from store.conversation.hearing import hear, pressed
from store.conversation.locks import lock_persons
from store.database import BAD_DATA, NOT_NOW, Connection, Pool
from telemetry import observing

_PATIENCE: Final = 5.0
"""Seconds for a connection to become free."""
WRONG: Final = "wrong_number"
"""Status of an event: whoever has the number is not the customer."""
_NOTED: Final = "noted"
"""Status of an event that says nothing of the attempt's state (deferred, open, click)."""
_INBOUND: Final = "inbound:"
"""Status of an inbound message in provider_events, followed by its intent."""

INSERT_EVENT: Final = """
    INSERT INTO provider_events (provider, event_id, attempt_id, status, at, code)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT DO NOTHING
    RETURNING event_id
"""
_SELECT_EVENT: Final = """
    SELECT attempt_id, status, applied, told, at FROM provider_events
    WHERE provider = $1 AND event_id = $2
"""
_SET_OUTCOME: Final = "UPDATE attempts SET outcome = $2 WHERE attempt_id = $1"
_MARK_APPLIED: Final = """
    UPDATE provider_events SET applied = true WHERE provider = $1 AND event_id = $2
"""
_INSERT_INBOUND: Final = """
    INSERT INTO inbound
        (provider, inbound_id, channel, customer_id, contact_point_id, address, text, intent, at,
        media)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    ON CONFLICT DO NOTHING
"""
_RAISE_FACTS: Final = "SELECT raise_facts($1)"
# By key, and where a customer has the address on another channel only, that one: they are known.
_POINTS_AT: Final = """
    SELECT DISTINCT ON (customer_id) contact_point_id, customer_id FROM contact_points
    WHERE address_key = address_key($1, $2)
    ORDER BY customer_id, channel <> $1, NOT current, contact_point_id
"""
_SAME_ADDRESS: Final = """
    SELECT other.contact_point_id FROM contact_points own
    JOIN contact_points other USING (customer_id, address_key) WHERE own.contact_point_id = $1
"""
_STOPPED_OTHERWISE: Final = """
    SELECT EXISTS (SELECT FROM law_events e
        WHERE e.customer_id IN (SELECT s.customer_id FROM same_person($1) s)
            AND e.account IS NULL
            AND (e.kind = 'cease' OR e.kind = 'opt_out' AND e.address_key IS DISTINCT FROM (
                SELECT p.address_key FROM contact_points p WHERE p.contact_point_id = $2)))
"""
_ORIGIN: Final = """
    SELECT creditor, now_called(creditor, account_id) AS account_id, channel, (
        SELECT count(*) FROM law_events e
        WHERE e.kind = 'opt_in' AND e.customer_id IN (
            SELECT s.customer_id FROM same_person(a.customer_id) s)) AS opt_ins
    FROM (
        SELECT creditor, account_id, customer_id, channel FROM attempts WHERE attempt_id = $1
        UNION ALL
        SELECT creditor, account_id, customer_id, channel FROM attempt_keys WHERE attempt_id = $1
    ) AS a
"""
_MARK_NOTIFIED: Final = """
    UPDATE provider_events SET told = true WHERE provider = $1 AND event_id = $2
"""
_PENDING: Final = """
    SELECT e.provider, e.event_id, e.at, e.attempt_id, e.status, e.applied, i.channel, i.address
    FROM provider_events e
    LEFT JOIN inbound i ON i.provider = e.provider AND i.inbound_id = e.event_id
    WHERE NOT e.told ORDER BY e.at LIMIT $1
"""


@dataclass(frozen=True)
class Notice:
    """Who has to be told of an event, if anybody.

    ``failed``: workflows whose attempt did not reach the person; ``wrote``: workflows of a
    customer who wrote, or withdrew consent, with the channel and the intent; ``anew``: workflows of
    whoever else it concerns, who plan anew.
    """

    provider: str
    event_id: str
    attempt_id: str | None = None
    failed: tuple[str, ...] = ()
    wrote: tuple[str, ...] = ()
    anew: tuple[str, ...] = ()
    channel: Channel | None = None
    intent: str = Intent.OPT_OUT
    found: bool = True
    """Whether the attempt, or the customer, is known here."""
    done: bool = False
    """Whether the workflows had been told before."""
    at: datetime | None = None

    @property
    def wakes(self) -> bool:
        """Whether any workflow needs waking."""
        return not self.done and bool(self.failed or self.wrote or self.anew)


@dataclass(frozen=True)
class Origin:
    """What an attempt belongs to."""

    workflow: str
    channel: Channel
    opt_ins: int
    """How often its person has consented anew, by a message, a form or a file."""


class ProviderEvents:
    """Provider events and inbound messages; every method is one transaction."""

    def __init__(self, pool: Pool, reader: Reader | None = None) -> None:
        """``reader``: by which messages are read; without it nothing but their intent counts."""
        self._pool, self._reader = pool, reader

    async def delivery(
        self,
        provider: str,
        event_id: str,
        attempt_id: str | None,
        status: AttemptState | None,
        provider_message_id: str | None,
        code: str | None,
        kind: RefusalKind | None,
        at: datetime,
        outcome: CallOutcome | None = None,
    ) -> Notice:
        """Record what a provider says of an attempt, once; of a call also what became of it.

        An event that may not follow the attempt's state (late, out of order) is kept with
        ``applied`` false; one of an attempt we do not know is kept and does nothing else.
        """
        noted = status.value if status else _NOTED
        if kind is RefusalKind.CONSENT:
            noted = Intent.OPT_OUT.value
        if outcome is CallOutcome.CONVERSATION:
            noted = outcome.value
        async with self.transaction() as connection:
            event = (provider, event_id, attempt_id, noted, at, code)
            new = await connection.fetchval(INSERT_EVENT, *event)
            attempt = await attempt_of(connection, LOCK_ATTEMPT, attempt_id)
            means = None
            if attempt:
                means = consequences.of_refusal(kind, code, Channel(attempt.channel), provider)
            if new and attempt:
                applied = status is not None and attempt.takes(status, provider_message_id)
                if applied:
                    settled = (attempt_id, status, at, provider_message_id)
                    failure = (kind, code) if status in NOT_REACHED else (None, None)
                    await connection.execute(CALLBACK, *settled, *failure, attempt.state)
                    await connection.execute(_MARK_APPLIED, provider, event_id)
                    if status is AttemptState.DELIVERED:
                        answer = (attempt.customer_id, attempt.purpose, attempt.sent_at)
                        await work.answered(connection, *answer, at)
                    if status is not AttemptState.ACCEPTED:  # counted by who sent it
                        observing.contacted(attempt.channel, provider, str(status))
                became = weightier(attempt.became, outcome)
                if became is not attempt.became and attempt.is_of(provider_message_id):
                    await connection.execute(_SET_OUTCOME, attempt_id, became)
                # Also when the event came too late to apply.
                of = (attempt.customer_id, attempt.contact_point_id)
                said = (f"{provider}/{event_id}", of, at, provider)
                await law_events.follow(connection, means, *said)
            stops = means is not None
            notice = await self.notice_of(connection, provider, event_id, attempt, stops=stops)
            return await self.without_notice(connection, notice)

    async def inbound(
        self,
        provider: str,
        inbound_id: str,
        channel: Channel,
        address: str,
        text: str,
        intent: Intent,
        at: datetime,
        standing: Standing = Standing.GENUINE,
        media: Sequence[Mapping[str, str | None]] = (),
    ) -> Notice:
        """Keep what a customer wrote, once; a stop takes effect in the same transaction.

        A number may be shared: what stops contact then holds for every customer who has it, also
        that whoever wrote is somebody else, since of whom they speak is not told. What does not
        count as the customer's (``standing``) is kept so, and nothing follows: no workflow is told.
        """
        genuine = standing is Standing.GENUINE
        async with self.transaction() as connection:
            points = await connection.fetch(_POINTS_AT, channel, address)
            only = points[0] if len(points) == 1 else None
            noted = f"{_INBOUND}{_as_told(intent) if genuine else standing}"
            event = (provider, inbound_id, None, noted, at, None)
            new = await connection.fetchval(INSERT_EVENT, *event)
            if new:
                who_may = [point["customer_id"] for point in points]
                stops = genuine and consequences.of_message(intent, channel) is not None
                await lock_persons(connection, who_may, around=stops)
                who = (only["customer_id"], only["contact_point_id"]) if only else (None, None)
                said = (address, text, intent if genuine else standing, at, list(media) or None)
                row_of = (provider, inbound_id, channel, *who, *said)
                await connection.execute(_INSERT_INBOUND, *row_of)
                if len(points) > 1:  # of one, the row itself raises the count
                    await connection.execute(_RAISE_FACTS, who_may)
                name = f"{provider}/{inbound_id}"
                means = None
                if genuine:
                    means = consequences.of_message(intent, channel, known=bool(points))
                if not points:
                    there = (name, (channel, address), at, provider)
                    await law_events.follow_at_address(connection, means, *there)
                for point in points:
                    of = (point["customer_id"], point["contact_point_id"])
                    # As ``consequences.stopped_otherwise`` has it.
                    if (
                        intent is Intent.OPT_IN
                        and len(points) > 1
                        and await connection.fetchval(_STOPPED_OTHERWISE, *of)
                    ):
                        continue
                    if genuine and intent is Intent.WRONG_PERSON:
                        await self.not_the_customer(connection, provider, inbound_id, *of, at)
                    else:
                        each = (f"{name}/{of[0]}", of, at, provider)
                        await law_events.follow(connection, means, *each)
                whose = {one["customer_id"]: one["contact_point_id"] for one in points}
                whose = whose if genuine else {}
                if channel is Channel.VOICE:
                    await pressed(connection, (provider, inbound_id), text, intent, at, whose)
                elif self._reader is not None and standing is not Standing.AUTOMATIC:
                    said_in = ((provider, inbound_id), text, at, whose)
                    heard = means is not None
                    await hear(connection, self._reader, *said_in, heard_already=heard)
            row = await connection.fetchrow(_SELECT_EVENT, provider, inbound_id)
            if row is None:  # it is in the history, or was
                return Notice(provider, inbound_id, found=bool(points), done=True)
            customers = [point["customer_id"] for point in points]
            notice = Notice(
                provider,
                inbound_id,
                wrote=await self._open(connection, customers) if genuine else (),
                channel=channel,
                intent=_as_told(row["status"].removeprefix(_INBOUND)),
                found=bool(points),
                done=row["told"],
            )
            return await self.without_notice(connection, notice)

    async def mark_notified(self, provider: str, event_id: str) -> None:
        """Remember that the workflows know of an event."""
        async with self.transaction() as connection:
            await connection.execute(_MARK_NOTIFIED, provider, event_id)

    async def pending(self, limit: int = 100) -> list[Notice]:
        """Events of which the workflows were not told, oldest first.

        Not every provider repeats a callback that we answered with 503.
        """
        async with self.transaction() as connection:
            rows = await connection.fetch(_PENDING, limit)
            found = []
            for row in rows:
                if row["status"].startswith(_INBOUND):
                    points = await connection.fetch(_POINTS_AT, row["channel"], row["address"])
                    notice = Notice(
                        row["provider"],
                        row["event_id"],
                        wrote=await self._open(connection, [p["customer_id"] for p in points]),
                        channel=Channel(row["channel"]),
                        intent=_as_told(row["status"].removeprefix(_INBOUND)),
                    )
                else:
                    attempt = await attempt_of(connection, SELECT_ATTEMPT, row["attempt_id"])
                    named = (row["provider"], row["event_id"], attempt)
                    notice = await self.notice_of(connection, *named, stops=True)
                found.append(replace(notice, at=row["at"]))
            return found

    async def open_workflows(self, channel: Channel, address: str) -> tuple[str, ...]:
        """The workflows of all open accounts of whoever has this address."""
        async with self.transaction() as connection:
            points = await connection.fetch(_POINTS_AT, channel, address)
            return await self._open(connection, [point["customer_id"] for point in points])

    async def origin(self, attempt_id: str) -> Origin | None:
        """Whose an attempt is; None if it is none of ours."""
        async with self.transaction() as connection:
            row = await connection.fetchrow(_ORIGIN, attempt_id)
        if row is None:
            return None
        workflow = workflow_id(row["creditor"], row["account_id"])
        return Origin(workflow, Channel(row["channel"]), row["opt_ins"])

    async def ping(self) -> None:
        """Raises Unavailable if PostgreSQL does not answer, or takes no writes."""
        async with self.transaction() as connection:
            if await connection.fetchval("SHOW transaction_read_only") == "on":
                raise Unavailable("PostgreSQL takes no writes: is it a standby?")

    async def not_the_customer(
        self,
        connection: Connection,
        provider: str,
        event_id: str,
        customer_id: str,
        contact_point_id: str,
        at: datetime,
    ) -> None:
        """Whoever has this address is not the customer: it is not used any more, on any channel."""
        for point in await connection.fetch(_SAME_ADDRESS, contact_point_id):
            own = point["contact_point_id"]
            said = (f"{provider}/{event_id}/{own}", (customer_id, own), at, provider)
            await law_events.follow(connection, consequences.NOT_THE_CUSTOMER, *said)

    async def notice_of(
        self,
        connection: Connection,
        provider: str,
        event_id: str,
        attempt: CalledBack | None,
        *,
        stops: bool,
    ) -> Notice:
        """Read off the stored event whom it concerns, so that a repetition says the same.

        ``stops``: whether it may be a stop; who else has the address is asked only then.
        """
        row = await connection.fetchrow(_SELECT_EVENT, provider, event_id)
        if row is None:  # it is in the history, or was: whoever had to be told was
            name = attempt.attempt_id if attempt else None
            return Notice(provider, event_id, name, found=attempt is not None, done=True)
        if attempt is None:
            return Notice(provider, event_id, row["attempt_id"], found=False, done=row["told"])
        failed = row["applied"] and row["status"] in NOT_REACHED
        out, talked = (
            row["status"] == Intent.OPT_OUT,
            row["status"] in (CallOutcome.CONVERSATION, WRONG),
        )
        heard = (await self._goes_on(connection, attempt),) if failed else ()
        wrote = await self._open(connection, [attempt.customer_id]) if out or talked else ()
        anew: tuple[str, ...] = ()
        if stops and not row["told"]:
            reach = _reach(row["status"], attempt, row["at"])
            told = {*heard, *wrote}
            anew = tuple(one for one in await self._concerned(connection, reach) if one not in told)
        return Notice(
            provider,
            event_id,
            attempt.attempt_id,
            failed=heard,
            wrote=wrote,
            anew=anew,
            channel=Channel(attempt.channel),
            intent=Intent.OPT_OUT if out else Intent.OTHER,
            done=row["told"],
        )

    async def without_notice(self, connection: Connection, notice: Notice) -> Notice:
        """An event that nobody waits for (most are deliveries) counts as told at once."""
        if not notice.wakes and not notice.done:
            await connection.execute(_MARK_NOTIFIED, notice.provider, notice.event_id)
        return notice

    async def _goes_on(self, connection: Connection, attempt: CalledBack) -> str:
        """The workflow of whichever account has the attempt's debt by now."""
        led = (attempt.creditor, attempt.account_id)
        return workflow_id(led[0], await law_events.now_called(connection, *led))

    async def _open(self, connection: Connection, customers: Sequence[str]) -> tuple[str, ...]:
        """The workflows of customers; what a person has under another id is theirs, too."""
        if not customers:
            return ()
        return await self._concerned(connection, law_events.Reach(customers))

    async def _concerned(self, connection: Connection, reach: law_events.Reach) -> tuple[str, ...]:
        found = await law_events.concerned(connection, reach)
        return tuple(workflow_id(*key.split("/", 1)) for key in found)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """One transaction; whatever is amiss but what was to be written becomes Unavailable."""
        try:
            async with (
                self._pool.acquire(timeout=_PATIENCE) as connection,
                connection.transaction(),
            ):
                yield connection
        except NOT_NOW as error:
            raise Unavailable(f"PostgreSQL does not answer: {type(error).__name__}") from error
        except PostgresError as error:
            if isinstance(error, BAD_DATA):
                raise
            # A standby, a table being changed, a right withdrawn: another time it may succeed.
            raise Unavailable(f"PostgreSQL cannot do it: {type(error).__name__}") from error


def _as_told(intent: str) -> str:
    """The intent that workflows, and a gateway of 0.1 that tells them later, are told.

    A worker of 0.1 knows no `wrong_person` and would ignore the whole message; no newer one could
    replay that history, and the account would stand still for ever. What was said is in `inbound`.
    """
    return Intent.OPT_OUT.value if intent == Intent.WRONG_PERSON else intent


def _reach(status: str, attempt: CalledBack, at: datetime) -> law_events.Reach:
    """How far an event of this status goes, which came at this instant, if it is a stop; where it
    is none, and has the address used no more, for nobody."""
    if status in law_events.ON_PAGE:
        return law_events.Reach((attempt.customer_id,), everywhere=law_events.ON_PAGE[status])
    channel, of = Channel(attempt.channel), (attempt.customer_id, attempt.contact_point_id)
    means = consequences.Consequence(unusable=status)
    if status == Intent.OPT_OUT:
        means = consequences.Consequence(EventKind.OPT_OUT, channel)
    elif status == WRONG:
        means = consequences.NOT_THE_CUSTOMER
    return law_events.reach_of(means, of, channel, at)
