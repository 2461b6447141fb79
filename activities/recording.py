"""Facts and requests that reach an account: written once, then planned around.

What cannot be written is refused, in words, and kept where a person finds it. It is never tried
again, and takes nothing with it: each message has a savepoint of its own.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import to_json
from temporalio import activity

from activities.clock import ActivityClock
from activities.dependencies import Dependencies
from activities.failing import noted
from activities.hearing import promised, reads_back
from activities.heartbeat import heartbeats
from activities.orders import AccountRef, Answer, Recorded, RecordOrder, told
from activities.planning import next_step, notice_a_restore, plannable
from activities.waking import wake
from domain.agreements.schedule import promised_on
from domain.agreements.settlement import offers
from domain.agreements.settlement.admission import settlement_refused
from domain.agreements.terms import PlanTerms
from domain.calendar import is_zone, local_date
from domain.cases.admission import completed
from domain.conversation.work import MET_BY
from domain.conversation.work_words import WorkOutcome, WorkReason
from domain.entry.bounds import fault_of_text, storable
from domain.entry.broken_rule import broken_rule
from domain.facts import (
    LONGEST_ID,
    MESSAGE,
    AccountOpened,
    Case,
    CaseMessage,
    LawEventReceived,
    Message,
    MessageReceived,
    OfSettlement,
    Unread,
    other_contents,
)
from domain.ledger import stops
from domain.ledger.admission import (
    has_figures,
    keepable,
    of_its_own,
    refusal,
    remark,
    told_of_debt,
    understood,
    unkeepable,
)
from domain.names import account_key
from domain.planning.reasons.effect import effect
from domain.segments.book import DEFAULT
from domain.situation import Situation
from domain.strategy import Strategy
from store.agreements.offers import write as write_offers
from store.cases import cases
from store.conversation.locks import lock_persons
from store.conversation.work import close, met
from store.database import BAD_DATA, KNOWN_ALREADY, Connection
from store.facts import Known, Meant, Noted
from store.law_events import DifferentEventError, owner_of
from store.law_rows import RefusedError
from store.situations import lock_customer
from telemetry import observing

_HEARD_BY_OTHERS: Final = ("law_event", "open_dispute", "resolve_dispute")
_NAMELESS: Final = "message"
"""Kind of what does not even say what it is."""


@dataclass(frozen=True)
class _Session:
    """One execution, in its transaction."""

    connection: Connection
    owner: tuple[str, str]
    clock: ActivityClock
    asked_at: Mapping[str, datetime] = field(default_factory=dict)
    """By id, when an update asked."""
    taken: set[str] = field(default_factory=set)
    """Ids of the messages that this execution has recorded."""
    elsewhere: dict[str, str] = field(default_factory=dict)
    """Accounts, by key, whose planning they change, and which of them: whose id is spelt otherwise,
    which have the debt by now, for which a stop holds."""

    def concerns(self, message_id: str, accounts: Iterable[str]) -> None:
        """A message changes the planning of these accounts."""
        self.elsewhere.update(dict.fromkeys(accounts, message_id))


class Recording:
    """The activity ``record``."""

    def __init__(self, dependencies: Dependencies) -> None:
        self.dependencies = dependencies

    @activity.defn(name="record")
    async def record(self, order: RecordOrder) -> Recorded:
        """Write the messages that are new, refuse what breaks a rule, and plan.

        One transaction, serialised with everything else that happens to this customer; running
        twice writes once.
        """
        kinds = ",".join(map(_kind, order.messages))
        about = {"account": account_key(order.creditor, order.account_id), "messages": kinds}
        with observing.span("record", about):
            async with noted(self.dependencies.pool, order):
                return await self._record(order)

    async def _record(self, order: RecordOrder) -> Recorded:
        clock = ActivityClock()
        connect = self.dependencies.pool.acquire()
        async with heartbeats(), connect as connection, connection.transaction():
            await self._lock(connection, order)
            await notice_a_restore(self.dependencies, connection, order, order.plans)
            owner = (order.creditor, order.account_id)
            session = _Session(connection, owner, clock, order.asked_at)
            answers = [await self._take(session, message) for message in order.messages]
            for unread in order.unread:
                await self._keep(session, unread)
            step = await next_step(self.dependencies, connection, order, clock.now())
        here = account_key(*session.owner)  # which has just planned
        others = {who: why for who, why in session.elsewhere.items() if who != here}
        await wake({who: f"elsewhere:{why}" for who, why in others.items()})
        whole = self.dependencies.settings.whole_orders
        step = told(step, order, whole=whole, began=False)
        return Recorded(step=step, answers=tuple(answers))

    async def _lock(self, connection: Connection, order: RecordOrder) -> None:
        """Serialise with all else of this customer; before a stop also with whoever has one of
        their addresses, and hears of it."""
        if any(_kind(one) in _HEARD_BY_OTHERS for one in order.messages):
            owner = await owner_of(connection, order.creditor, order.account_id)
            await lock_persons(connection, [owner] if owner else [])
        await lock_customer(connection, order.creditor, order.account_id)

    async def _take(self, session: _Session, sent: Any) -> Answer:
        """Record one message, or refuse it; never fails for what the message says."""
        try:
            message = MESSAGE.validate_python(sent)
            why = unkeepable(message)
            if why is not None and (kept := keepable(message)) is not None:
                message, why = kept, None
            if why is None:
                # A savepoint: what fails takes nothing along.
                async with session.connection.transaction():
                    return await self._judge(session, message)
        except BAD_DATA as error:
            why = _problem(error)
        unread = _unread(sent, why)
        await self._keep(session, unread)
        return Answer(id=unread.id, refused=unread.problem)

    async def _judge(self, session: _Session, message: Message) -> Answer:
        facts, now = self.dependencies.facts, session.clock.now()
        connection, owner = session.connection, session.owner
        known = await facts.account(connection, owner)
        sent_to, spelt = owner, Meant(owner)
        if known is None or (isinstance(message, AccountOpened) and message.facts is not None):
            spelt = await facts.meant(connection, owner, message)
        if spelt.owner != owner:
            session, owner = replace(session, owner=spelt.owner), spelt.owner
            await lock_customer(connection, *owner)
            known = await facts.account(connection, owner)
        by_now = await self._by_now(session, message, known)
        if by_now != owner:
            known = await facts.account(connection, by_now)
        strategy = self._strategy_of(known)
        standing = (known.currency, known.balance, known.is_open) if known else None
        zones = tuple(filter(is_zone, known.zones)) if known else ()
        message, told = understood(message, zones)
        refused = spelt.refused or refusal(
            message,
            standing,
            now,
            strategy.promise,
            zones or ("UTC",),
            self.dependencies.settings.least_amounts,
            terms=strategy.plan,
            plan=known.plan if known else None,
            standing=known.standing if known else None,
            choosing=(self.dependencies.strategies, self.dependencies.attributes.declared),
        )
        debt = None
        if isinstance(message, OfSettlement) and refused is None:
            debt = await self._debt(session, by_now, now)
            refused = self._of_settlement(message, debt, strategy, now)
        noted = await facts.note(connection, owner, message, now, refused, _recording())
        if noted.stays and refused is None and (own := of_its_own(message, noted.known)):
            # To refuse a stop is to lose it: it is another fact than that which has its id.
            message, told = own, (*told, stops.OF_ITS_OWN)
            noted = await facts.note(connection, owner, message, now, refused, _recording())
        if noted.stays:
            return await self._again(session, by_now, message, noted)
        if refused is not None:
            activity.logger.warning("refused %s %s: %s", message.kind, message.id, refused)
            return Answer(id=message.id, refused=refused, repeated=noted.again)
        session.taken.add(message.id)
        moved = None
        if by_now != sent_to:
            session.concerns(message.id, [account_key(*by_now)])
        if by_now != owner:
            moved = f"this debt is {account_key(*by_now)} by now"
            if has_figures(message):
                return Answer(id=message.id, note=f"nothing changed: {moved}, whose figures count")
        done = await self._do(session, by_now, message, debt, strategy, zones or ("UTC",))
        owned = known or isinstance(message, LawEventReceived)
        there = moved and f"{moved}: it counts there"
        notes = (*told, spelt.note, there, remark(message, now), done if owned else None)
        return Answer(id=message.id, note="; ".join(filter(None, notes)) or None)

    async def _do(
        self,
        session: _Session,
        owner: tuple[str, str],
        message: Message,
        debt: Situation | None,
        strategy: Strategy,
        zones: Sequence[str],
    ) -> str | None:
        """Write what a message asks for that was not refused; what its sender should know of it."""
        now = session.clock.now()
        if isinstance(message, OfSettlement):
            assert debt is not None  # noqa: S101 - it was judged by it
            return await self._settle(session, owner, message, debt, strategy, now)
        if isinstance(message, CaseMessage):
            message = completed(message, local_date(now, zones), strategy.cases)
        return await self._apply(session, owner, message, now, strategy.plan)

    def _strategy_of(self, known: Known | None) -> Strategy:
        """By which messages are judged: ``default`` where nothing else stands, or is configured."""
        name = known.strategy if known else DEFAULT
        is_gone = known is not None and known.chosen and name not in self.dependencies.strategies
        return self.dependencies.strategy(DEFAULT if is_gone else name)

    async def _debt(
        self, session: _Session, owner: tuple[str, str], now: datetime
    ) -> Situation | None:
        """The debt that a settlement is asked of, with all that has ended by now settled."""
        ref = AccountRef(creditor=owner[0], account_id=owner[1])
        return await plannable(self.dependencies, session.connection, ref, now)

    def _of_settlement(
        self, asked: OfSettlement, debt: Situation | None, strategy: Strategy, now: datetime
    ) -> str | None:
        """Why it cannot be taken."""
        if debt is None:
            return "the account cannot be judged yet: its customer is not known, or not plannable"
        least = self.dependencies.settings.least_amounts
        return settlement_refused(asked, debt, strategy, now, least)

    async def _settle(
        self,
        session: _Session,
        owner: tuple[str, str],
        asked: OfSettlement,
        debt: Situation,
        strategy: Strategy,
        now: datetime,
    ) -> str | None:
        """Write what is asked about a settlement; what its sender should know of it."""
        done = offers.asked(debt, asked, strategy, now)
        why = getattr(asked, "reason", f"replaced by {asked.id}")
        await write_offers(session.connection, owner, debt, done, now, why)
        return offers.told(debt, done, strategy, now)

    async def _promised(
        self, session: _Session, owner: tuple[str, str], now: datetime
    ) -> str | None:
        """Record what the message promises, if it does, as if it had been asked for; in words."""
        known = await self.dependencies.facts.account(session.connection, owner)
        # Asked first: without it no message costs a reading of the situation.
        if known is None or not reads_back(self._strategy_of(known)):
            return None
        ref = AccountRef(creditor=owner[0], account_id=owner[1])
        promise = await promised(self.dependencies, session.connection, ref, now)
        if promise is None:
            return None
        answer = await self._take(session, promise)
        if answer.refused is not None:
            return f"what it promises is not recorded: {answer.refused}"
        done = ((WorkReason.PROMISE,), WorkOutcome.PROMISED, now)
        await close(session.connection, known.customer_id, *done)
        parts = (f"{one.amount:f} promised for {one.due_on}" for one in promised_on(promise))
        return ", ".join(parts)

    async def _by_now(
        self, session: _Session, message: Message, known: Known | None
    ) -> tuple[str, str]:
        """The account for which a message counts, locked like the one that was told: itself, or the
        one that has its debt by now, under another number."""
        connection, told = session.connection, session.owner
        if known is None or known.is_open or not told_of_debt(message):
            return told
        facts, locked = self.dependencies.facts, told
        found = await facts.now_called(connection, told)
        while found != locked:
            await lock_customer(connection, *found)
            found, locked = await facts.now_called(connection, told), found
        if found != told and has_figures(message):
            other = await facts.account(connection, found)
            return found if other and not other.opens_by_figures else told
        return found

    async def _again(
        self, session: _Session, owner: tuple[str, str], message: Message, noted: Noted
    ) -> Answer:
        """What to answer to a message that is on record."""
        if noted.mine and message.id not in session.taken:
            # The outcome of an execution that was not heard of, nor perhaps whom it would wake.
            if isinstance(message, LawEventReceived):
                await self._hear(session, owner, message, session.clock.now())
            return Answer(id=message.id)
        other = other_contents(noted.known, message) if noted.known else None
        if other:
            activity.logger.warning("%s %s: %s", message.kind, message.id, other)
        return Answer(id=message.id, repeated=True, note=other)

    async def _apply(
        self,
        session: _Session,
        owner: tuple[str, str],
        message: Message,
        now: datetime,
        terms: PlanTerms,
    ) -> str | None:
        """Write what a message says; what its sender should know of it."""
        connection, facts = session.connection, self.dependencies.facts
        if isinstance(message, MessageReceived):
            return await self._promised(session, owner, now)
        if isinstance(message, CaseMessage):
            return await self._case(session, owner, message, now)
        if not isinstance(message, LawEventReceived):
            note = await facts.apply(connection, owner, message, now, terms)
            if message.kind in MET_BY and note != KNOWN_ALREADY:
                agreed_at = min(session.asked_at.get(message.id, now), now)
                await met(connection, owner, *MET_BY[message.kind], now, agreed_at)
            return note
        said_of = _whom(message, owner)
        by_now = await facts.now_called(connection, said_of)
        moved = None
        if by_now != said_of != session.owner:
            moved = f"{account_key(*said_of)} is {account_key(*by_now)} by now"
        ref = AccountRef(creditor=by_now[0], account_id=by_now[1])
        before = await plannable(self.dependencies, connection, ref, now)
        note = await self._hear(session, owner, message, now)
        after = await plannable(self.dependencies, connection, ref, now)
        note = "; ".join(filter(None, (moved, note))) or None
        if before is None or after is None:
            return note
        rules = self.dependencies.rules_of(after)
        return "; ".join(filter(None, (note, effect(before, after, rules, now))))

    async def _case(
        self, session: _Session, owner: tuple[str, str], message: Case, now: datetime
    ) -> str | None:
        """Write what is asked of a dispute or a hardship; what its sender should know of it."""
        done = await cases.apply(session.connection, owner, message, now)
        session.concerns(message.id, done.concerned)
        return "; ".join(done.notes) or None

    async def _hear(
        self, session: _Session, owner: tuple[str, str], message: LawEventReceived, now: datetime
    ) -> str | None:
        """Write a fact with legal weight, once; what its sender should know of it."""
        heard = await self.dependencies.facts.hear(session.connection, owner, message, now)
        session.concerns(message.id, heard.concerned)
        return "; ".join(heard.notes) or None

    async def _keep(self, session: _Session, unread: Unread) -> None:
        activity.logger.warning("refused %s %s: %s", unread.name, unread.id, unread.problem)
        try:
            async with session.connection.transaction():
                await self.dependencies.facts.keep(
                    session.connection, session.owner, unread, session.clock.now()
                )
        except BAD_DATA as error:
            activity.logger.error("cannot even keep %s: %s", unread.id, type(error).__name__)


def _whom(message: LawEventReceived, owner: tuple[str, str]) -> tuple[str, str]:
    """The account that an event speaks of, or else the one that was told."""
    creditor, _, account = (message.event.account_id or "").rpartition("/")
    return creditor or owner[0], account or owner[1]


def _recording() -> str:
    """This activity of its workflow, however often it is executed."""
    info = activity.info()
    return f"{info.workflow_run_id}/{info.activity_id}"


def _said(sent: Any, field: str) -> str | None:
    """A text that a message says, which may be anything at all."""
    said = sent.get(field) if isinstance(sent, Mapping) else getattr(sent, field, None)
    return said if isinstance(said, str) else None


def _kind(sent: Any) -> str:
    """What a message says that it is."""
    return storable(_said(sent, "kind") or _NAMELESS)


def _as_text(sent: Any) -> str:
    """All of a message, for a person to read; what JSON cannot hold is spelt out."""
    try:
        return to_json(sent, fallback=str, inf_nan_mode="strings").decode()
    except (ValueError, TypeError, RecursionError):  # half a surrogate pair, or one within itself
        return ascii(sent)


def _unread(sent: Any, why: str) -> Unread:
    """What is kept of a message that cannot be recorded."""
    text = _as_text(sent)
    name = _said(sent, "id")
    if name is None or fault_of_text(name, LONGEST_ID) is not None:
        name = f"unread:{hashlib.sha256(text.encode()).hexdigest()[:24]}"
    return Unread(
        id=name,
        name=_kind(sent)[:LONGEST_ID],
        problem=why,
        sent=storable(text),
    )


def _problem(error: Exception) -> str:
    """Why it cannot be recorded: field and rule where they are known; never a value."""
    if isinstance(error, DifferentEventError):
        return "id: belongs to another event on record: give each event an id of its own"
    if isinstance(error, RefusedError):
        return f"event.{error}"
    if isinstance(error, ValidationError):
        first = error.errors(include_input=False, include_url=False)[0]
        # The first place names the kind of the message, which is told already.
        field = ".".join(map(str, first["loc"][1:])) or "payload"
        return storable(f"{field}: {broken_rule(first)}")
    return f"cannot be recorded ({type(error).__name__}): a text, a date or an amount is impossible"
