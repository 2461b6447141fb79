"""The ledger in memory and the one in PostgreSQL say the same after every fact of random lives.

Two customers with four accounts, two of them of one creditor, and one telephone between them, which
for one of them is on file in two spellings.
"""

import os
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from activities.clock import ActivityClock
from activities.dependencies import Dependencies
from config.reader import load_reader
from domain.agreements.intervals import Every
from domain.agreements.terms import PartPayments, PlanTerms, Reageing
from domain.channels import Channel
from domain.contacts.manual import ContactState, ManualContact
from domain.contacts.results import OUTCOMES
from domain.conversation.keywords import Intent
from domain.conversation.reader import Heard
from domain.conversation.wishes.preference import StatedPreference, stated_in
from domain.conversation.work import lacking
from domain.conversation.work_words import WorkOutcome
from domain.facts import MESSAGE
from domain.law.terms import Direction
from domain.ledger.attempt import IN_DOUBT, SAYS, AttemptState, Event, RefusalKind
from domain.ledger.call_outcome import CallOutcome
from domain.ledger.memory import MemoryLedger
from domain.ledger.protocol import may_settle_refused
from domain.names import contact_point_id
from domain.planning.planner import is_due, plan
from domain.planning.step import StepKind
from domain.situation import Situation
from domain.strategy import Strategy
from lab.builders.parts import dependencies_for, settings_for
from store.contacts import manual
from store.conversation.work import WorkItems
from store.database import Pool
from store.ledger import Ledger
from store.provider_events import ProviderEvents
from store.settlements import Settling
from store.situations import read_situation
from tests.integration.store.contacts.test_voices import VOICES
from tests.support.activities import Actor
from tests.support.cases import about_a_case, terms_of_cases
from tests.support.rows import add_account, add_customer, attempts
from tests.support.settlements import asked_of_settlement, terms_of_settlement

LIVES = int(os.environ.get("MEMORY_LIVES", "12"))
FACTS = 16
BEGAN = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
"""A Monday, ten in the morning in Bogota."""
ACCOUNTS = {"bank/A1": "C1", "bank/A2": "C1", "shop/A3": "C1", "bank/B2": "C2"}
MOBILE, RESPELT = "+5511987654321", "+551187654321"
POINTS = {
    "C1": (
        ("sms", "mobile", MOBILE),
        ("whatsapp", "mobile", MOBILE),
        ("email", "email", "ana@example.com"),
    ),
    "C2": (
        ("sms", "mobile", MOBILE),
        ("sms", "mobile", RESPELT),
        ("voice", "mobile", MOBILE),
        ("email", "email", "luis@example.com"),
    ),
}
UNDATED = "1900-01-01T00:00:00Z"
READER = load_reader()
TEXTS = (
    "hola",
    "gracias",
    "no reconozco esa deuda",
    "mi abogado los va a contactar",
    "murio mi esposo",
    "me quiero morir",
    "puedo pagar en cuotas?",
    "ya pague ayer",
    "mejor escribanme por la tarde",
    "le pago el viernes",
    "prefiero por correo",
)


@pytest.fixture
async def dependencies(pool: Pool, sandbox_url: str) -> AsyncIterator[Dependencies]:
    with dependencies_for(pool, settings_for(sandbox_url, **VOICES)) as made:
        yield made


class Lives:
    """One random life, told to both ledgers."""

    def __init__(self, seed: int, dependencies: Dependencies) -> None:
        self.chance, self.at = random.Random(seed), BEGAN
        dependencies = replace(dependencies, strategies=_strategies(self.chance, dependencies))
        self.dependencies, self.pool = dependencies, dependencies.pool
        self.ledger, self.events = Ledger(self.pool), ProviderEvents(self.pool, READER)
        self.actors = {
            key: Actor(dependencies, key.partition("/")[2], key.partition("/")[0])
            for key in ACCOUNTS
        }
        self.agreeing = self.chance.choice([2, 20])
        self.agrees = self.chance.choice(list(ACCOUNTS))
        """How much of this life is about what is agreed, and of which account."""
        self.lived: list[str] = []
        self.number = 0

    async def begin(self) -> None:
        for customer, points in POINTS.items():
            preferred = self.chance.choice(["sms", "email", "whatsapp", "voice"])
            await add_customer(self.pool, customer, points=points, preferred=preferred)
            if self.chance.random() < 0.5:  # the creditor lists no consent for one of them
                unlisted = contact_point_id(customer, *self.chance.choice(points)[::2])
                withheld = "UPDATE contact_points SET consented = false WHERE contact_point_id = $1"
                await self.pool.execute(withheld, unlisted)
        await self.pool.execute("UPDATE law_events SET at = $1", BEGAN - timedelta(days=30))
        for key, customer in ACCOUNTS.items():
            creditor, _, account = key.partition("/")
            due = BEGAN.date() - timedelta(days=self.chance.choice([2, 28, 45, 75]))
            await add_account(self.pool, account, customer, creditor=creditor, due=due)
        started = BEGAN - timedelta(hours=1)
        await self.pool.execute("UPDATE accounts SET balance_as_of = $1, since = $1", started)
        self.memory = MemoryLedger(
            [await self.read(key) for key in ACCOUNTS],
            self.dependencies.strategy("default"),
            self.dependencies.settings.least_amounts,
        )

    async def read(self, key: str) -> Situation:
        creditor, _, account = key.partition("/")
        async with self.pool.acquire() as connection:
            found = await read_situation(connection, creditor, account, self.at, {})
        assert found is not None
        return found[0]

    async def fact(self) -> None:
        self.at += timedelta(minutes=self.chance.choice([1, 30, 60 * 9, 60 * 24, 60 * 24 * 3]))
        self.number += 1
        key = self.chance.choice(list(ACCOUNTS))
        kinds: dict[Callable[[str], Awaitable[str]], int] = {
            self.contact: 5,
            self.report: 3,
            self.message: 3,
            self.agreement: self.agreeing,
            self.case: self.agreeing,
            self.law_event: 2,
            self.writes: 3,
            self.work: 1,
            self.person: 2,
            self.doubt: 1,
        }
        [kind] = self.chance.choices(list(kinds), weights=list(kinds.values()))
        self.lived.append(f"{self.at:%d %H:%M} {key} {await kind(key)}")

    async def told(self, key: str, told: dict[str, Any]) -> str:
        refused = self.memory.record(key, MESSAGE.validate_python(told), self.at)
        answer = (await self.actors[key].record(self.at, told)).answers[0]
        assert answer.refused == refused, (told, self.lived)
        return str(told)

    async def message(self, key: str) -> str:
        around = (self.at + timedelta(hours=self.chance.choice([-300, -30, -1, 1, 30]))).isoformat()
        day = (self.at + timedelta(days=self.chance.choice([-1, 1, 5, 40, 90]))).date()
        amount = self.chance.choice(["1.00", "70000.00", "150000.00", "400000.00"])
        facts: dict[str, Any] = {
            **self.actors[key].who,
            "customer_id": ACCOUNTS[key],
            "currency": "COP",
            "balance": amount,
            "oldest_due_date": self._due().isoformat(),
        }
        said: dict[str, Any] = self.chance.choice(
            [
                {"kind": "account_opened", "facts": facts, "as_of": around},
                {"kind": "account_opened"},
                {"kind": "payment_received", "amount": amount, "paid_at": around},
                {"kind": "payment_received", "amount": amount},
                {"kind": "payment_received", "amount": amount, "paid_at": UNDATED},
                {"kind": "payment_received", "amount": amount, "currency": "USD"},
                {"kind": "account_updated", "balance": amount, "as_of": around},
                {
                    "kind": "account_updated",
                    "balance": amount,
                    "oldest_due_date": self._due().isoformat(),
                    "as_of": around,
                },
                {"kind": "account_updated", "oldest_due_date": self._due().isoformat()},
                {"kind": "account_updated", "balance": amount},
                {"kind": "account_updated"},
                *[self._due_told()] * 2,
                {"kind": "hold", "until": around, "reason": "in hospital"},
                {"kind": "resume"},
                {"kind": "close", "reason": self.chance.choice(["closed", "recalled"])},
                {"kind": "record_promise", "amount": amount, "date": day.isoformat()},
                {"kind": "record_promise", "amount": "50000.00", "date": day.isoformat()},
            ]
        )
        # Few ids, so that some come again.
        return await self.told(key, {"id": f"m{self.chance.randint(1, 2 * FACTS)}", **said})

    async def agreement(self, key: str) -> str:
        """What is agreed with the customer, and what they pay of it."""
        day = (self.at + timedelta(days=self.chance.choice([1, 5]))).date().isoformat()
        key, name = self.agrees, f"a{self.number}"
        said: dict[str, Any] = self.chance.choice(
            [
                *[self._plan()] * 4,
                {"kind": "cancel_plan"},
                {"kind": "cancel_plan", "plan": f"a{self.chance.randint(1, self.number)}"},
                {"kind": "record_promise", "amount": "20000.00", "date": day},
                *asked_of_settlement(self.chance, (await self.read(key)).offers),
                {"kind": "record_promise", "parts": self._parts()},
                *[self._due_told()] * 3,
                *[{"kind": "payment_received", "amount": "20000.00"}] * 4,
            ]
        )
        return await self.told(key, {"id": name, **said})

    async def case(self, key: str) -> str:
        """The customer disputes the debt, or is in hardship; a person resolves or ends it."""
        said = about_a_case(self.chance, self.at, self.number)
        return await self.told(self.agrees, {"id": f"a{self.number}", **said})

    def _plan(self) -> dict[str, Any]:
        """A payment plan, near enough to be kept or broken in this life; some are refused."""
        parts = self._parts()
        if self.chance.random() < 0.6:
            return {"kind": "agree_plan", "instalments": parts}
        every = {"every": self.chance.choice([*Every])} if self.chance.random() < 0.7 else {}
        first = {"first_date": parts[-1]["date"], "amount": parts[-1]["amount"], **every}
        down = {"down_payment": parts[0]} if len(parts) > 1 else {}
        return {"kind": "agree_plan", "number": len(parts), **first, **down}

    def _parts(self) -> list[dict[str, str]]:
        days = sorted(self.chance.sample([0, 1, 2, 4, 7, 12], self.chance.choice([1, 2, 3])))
        amounts = [*["20000.00"] * 6, "500.00", "70000.00"]
        parts = [self._part(one, self.chance.choice(amounts)) for one in days]
        if self.chance.random() < 0.1:
            parts[0] = self._part(-2, parts[0]["amount"])
        return parts

    def _part(self, days: int, amount: str) -> dict[str, str]:
        return {"date": (self.at + timedelta(days=days)).date().isoformat(), "amount": amount}

    def _due_told(self) -> dict[str, Any]:
        """What fell due when: mostly with the balance that it comes to."""
        days = sorted(self.chance.sample([1, 5, 20, 40, 60], self.chance.choice([1, 2, 3])))
        parts = [self._part(-one, "20000.00") for one in reversed(days)]
        balance = 20_000 * len(parts) + self.chance.choice([0, 0, 0, 1])
        around = self.at - timedelta(hours=self.chance.choice([0, 30, 300]))
        told = {"balance": f"{balance}.00", "as_of": around.isoformat()}
        return {"kind": "account_updated", "due": parts, **told}

    async def law_event(self, key: str) -> str:
        point = self.chance.choice(self.memory.situation(key, self.at).customer.points)
        around = (self.at + timedelta(hours=self.chance.choice([-30, 0, 0, 30]))).isoformat()
        kinds = ["opt_out", "opt_out", "opt_in", "opt_in", "wrong_number", "cease", "dispute"]
        kinds += ["dispute_verified", "attorney", "workplace_prohibited", "number_check", "death"]
        kind = self.chance.choice(kinds)
        event: dict[str, Any] = {"kind": kind, "at": self.chance.choice([around, around, UNDATED])}
        if self.chance.random() < 0.4:
            event["account_id"] = self.chance.choice(["A1", *ACCOUNTS])
        if self.chance.random() < 0.6 or kind == "wrong_number":
            others = [
                it for one in ACCOUNTS for it in self.memory.situation(one, self.at).customer.points
            ]
            point = self.chance.choice([point, point, *others])
            named = self.chance.choice([*[point.contact_point_id] * 5, "nobody"])
            event["contact_point_id"] = named
        if self.chance.random() < 0.2:
            event["recorded_at"] = around
        if self.chance.random() < 0.6:
            event["channel"] = self.chance.choice(
                [point.channel, "sms", "visit", "ringless_voicemail"]
            )
        told = {"kind": "law_event", "id": f"l{self.number}", "event": event}
        return await self.told(key, told)

    def _due(self) -> date:
        return self.at.date() - timedelta(days=self.chance.choice([1, 20, 50, 130]))

    async def contact(self, key: str) -> str:
        found = self.memory.situation(key, self.at)
        rules = self.dependencies.rules(found.customer, "default", found.account.creditor)
        step = plan(found, self.at, rules)
        if step.kind is StepKind.CONTACT and step.not_before < self.at + timedelta(days=7):
            self.at = max(self.at, step.not_before)
            found = self.memory.situation(key, self.at)
            step = plan(found, self.at, rules)
        planned = await self.actors[key].planned(self.at)
        if not is_due(step, self.at):
            return f"nothing due: {planned.summary}"
        attempt = self.memory.reserve(key, step, self.at)
        ready = await self.actors[key].reserve(planned, self.at)
        assert ready.attempt == attempt
        return f"{step.summary}: {await self.sent(key, attempt)}"

    async def sent(self, key: str, attempt: str) -> str:
        """What became of a request, if it left at all."""
        outcomes = [Event.RELEASE, Event.ACCEPT, Event.REFUSE, Event.DOUBT]
        [event] = self.chance.choices(outcomes, weights=[1, 6, 3, 2])
        if event is Event.RELEASE:
            await self.ledger.release(attempt, self.at, "the window closed")
            self.memory.happened(key, attempt, event, self.at)
            return event
        [row] = [one for one in await attempts(self.pool) if one["attempt_id"] == attempt]
        assert await self.ledger.dispatch(attempt, row["execution"], self.at, "digest")
        self.memory.happened(key, attempt, Event.DISPATCH, self.at)
        if event is Event.ACCEPT:
            await self.ledger.accept(attempt, f"provider-{attempt}", self.at)
            self.memory.happened(key, attempt, event, self.at)
            return event
        if event is Event.DOUBT:
            ask_at = self.at + timedelta(minutes=self.chance.choice([5, 60 * 48]))
            await self.ledger.doubt(attempt, "no answer", ask_at)
            self.memory.happened(key, attempt, event, self.at, ask_at=ask_at)
            return event
        kind = self.chance.choice(list(RefusalKind))
        await self.ledger.refuse(attempt, kind, "E1", "refused", self.at)
        self.memory.happened(key, attempt, event, self.at, refusal=kind, code="E1")
        return f"refuse {kind}"

    async def report(self, key: str) -> str:
        """A provider says what became of an attempt, in whatever order."""
        made = await attempts(self.pool)
        if not made:
            return "nothing to report"
        row = self.chance.choice(made)
        status = self.chance.choice([AttemptState.DELIVERED, AttemptState.DELIVERED, *SAYS])
        kind, code, outcome = None, None, None
        if status is AttemptState.UNDELIVERED:
            kind = self.chance.choice([None, *RefusalKind])
            code = self.chance.choice([None, "30003"])
        if row["channel"] == Channel.VOICE:
            outcome = self.chance.choice([None, *CallOutcome])
        said = (row["attempt_id"], status, row["provider_message_id"], code, kind, self.at)
        await self.events.delivery(row["provider"], f"r{self.number}", *said, outcome)
        leader = f"{row['creditor']}/{row['account_id']}"
        about = (leader, row["attempt_id"], SAYS[status], self.at, outcome, kind, code)
        self.memory.happened(*about)
        return f"{leader} {row['channel']} {status} {kind} {outcome}"

    async def writes(self, key: str) -> str:
        """Somebody writes from an address of this customer, or of the other, too."""
        customer = ACCOUNTS[key]
        channel, _, address = self.chance.choice(POINTS[customer])
        own = contact_point_id(customer, channel, address)
        points = self.memory.situation(key, self.at).customer.points
        [point] = [one for one in points if one.contact_point_id == own]
        channel = point.channel
        if channel is not Channel.EMAIL:
            channel = self.chance.choice([Channel.SMS, Channel.WHATSAPP])
        intent = self.chance.choice([*Intent, Intent.OPT_IN, Intent.OPT_IN])
        text = self.chance.choice(TEXTS)
        heard = (f"in{self.number}", channel, address, text, intent, self.at)
        await self.events.inbound("twilio", *heard)
        said = READER.read(Heard(text, "es-CO", self.at, "COP", Decimal(0)))
        stated = None
        if (preference := stated_in(said)) is not None:
            name = f"said:twilio/{heard[0]}"
            stated = StatedPreference(preference_id=name, said_at=self.at, preference=preference)
        read = (said.intents, stated, lacking(said))
        named = f"twilio/{heard[0]}"
        self.memory.wrote(channel, point.address_id, intent, self.at, *read, message=named)
        return f"{channel} from {address}: {intent}, {text}"

    async def work(self, key: str) -> str:
        """A person does what they were asked for."""
        waiting = self.memory.situation(key, self.at).work
        if not waiting:
            return "nothing to do"
        reason = self.chance.choice(waiting).reason
        items = WorkItems(self.pool)
        [item] = await items.listed(ACCOUNTS[key], reason, 2, done=False)
        async with self.pool.acquire() as connection, connection.transaction():
            outcome = WorkOutcome.HANDLED
            await items.done(connection, item.work_id, "Eva", outcome, None, self.at)
        self.memory.done(key, reason)
        return f"{reason} is done"

    async def person(self, key: str) -> str:
        """A person contacts the customer by hand, or the customer comes to a person."""
        customer, (creditor, _, account) = ACCOUNTS[key], key.partition("/")
        channel, _, address = self.chance.choice(POINTS[customer])
        own = contact_point_id(customer, channel, address)
        points = self.memory.situation(key, self.at).customer.points
        [point] = [one for one in points if one.contact_point_id == own]
        direction = Direction.OUTBOUND
        if point.channel is Channel.VOICE:
            direction = self.chance.choice(list(Direction))
        outcome = self.chance.choice([None, *sorted(OUTCOMES[point.channel])])
        name, began = f"c{self.number}", self.at - timedelta(minutes=self.chance.choice([0, 90]))
        async with self.pool.acquire() as connection, connection.transaction():
            [place] = await manual.places(connection, customer, point.channel, own, None)
            whose = (name, customer, creditor, account, (key,), "call", point.channel, direction)
            begun = manual.Begun(*whose, place, began, "Eva")
            assert await manual.begin(connection, begun, None, self.at)
            if outcome is not None:
                said = manual.Said("said", outcome, None, (), None)
                assert await manual.end(connection, name, said, self.at)
        contact = ManualContact(
            contact_id=name,
            account=key,
            covers=(key,),
            channel=point.channel,
            direction=direction,
            contact_point_id=own,
            address_id=point.address_id,
            state=ContactState.BEGUN if outcome is None else ContactState.ENDED,
            outcome=outcome,
            at=began,
        )
        self.memory.by_person(key, contact)
        return f"by hand, {direction} {point.channel}: {outcome}"

    async def doubt(self, key: str) -> str:
        """The provider is asked in vain, or a person settles what nobody can be asked about."""
        found = self.memory.situation(key, self.at)
        open_ones = [one for one in found.contacts if one.state in IN_DOUBT]
        if not open_ones:
            return "nothing in doubt"
        one = self.chance.choice(open_ones)
        event = self.chance.choice([None, Event.SETTLE_ACCEPTED, Event.SETTLE_REFUSED])
        if event is None or not may_settle_refused(one.reconcile_at, self.at):
            ask_at = self.chance.choice([None, self.at + timedelta(hours=3)])
            await self.ledger.ask_again(one.attempt_id, ask_at, self.at)
            self.memory.asked_again(one.attempt_id, ask_at)
            return f"asked in vain, then {ask_at}"
        refused = event is Event.SETTLE_REFUSED
        state = AttemptState.REFUSED if refused else AttemptState.ACCEPTED
        await Settling(self.pool).settle(one.attempt_id, state, "looked it up", "Eva", self.at)
        kind = RefusalKind.OTHER if refused else None
        self.memory.happened(one.account, one.attempt_id, event, self.at, refusal=kind)
        return event

    async def compare(self) -> None:
        for key in ACCOUNTS:
            # Planning settles promises and closes what has ended: in both, in the same order.
            found = self.memory.situation(key, self.at)
            rules = self.dependencies.factory.of(found, "default")
            step = plan(found, self.at, rules)
            self.memory.planned(key, step, self.at)
            await self.actors[key].planned(self.at)
        for key in ACCOUNTS:
            ours = _comparable(self.memory.situation(key, self.at))
            theirs = _comparable(await self.read(key))
            differ = [
                (part, ours[part], theirs[part]) for part in ours if ours[part] != theirs[part]
            ]
            assert not differ, "\n".join([*self.lived, key, *map(str, differ)])


def _strategies(chance: random.Random, dependencies: Dependencies) -> dict[str, Strategy]:
    """The strategies, with terms of agreements that a few weeks put to the test."""
    terms = PlanTerms(
        fewest_instalments=1,
        grace_days=chance.choice([0, 1, 5]),
        broken_after=chance.choice([1, 2]),
        reageing=chance.choice([*Reageing]),
        reage_after=1,
    )
    agreed = {"plan": terms, "part_payments": chance.choice([*PartPayments])}
    changed = {**agreed, **terms_of_cases(chance), "settlement": terms_of_settlement(chance)}
    return {name: one.model_copy(update=changed) for name, one in dependencies.strategies.items()}


def _comparable(situation: Situation) -> dict[str, Any]:
    """Without order where none is promised."""
    found = situation.model_dump(mode="json", exclude={"health"})
    for sibling in found["siblings"]:
        # Of one telephone's two spellings PostgreSQL keeps the one that was named: it lifts less.
        said = [one | {"contact_point_id": None} for one in sibling["said_by_others"]]
        sibling["said_by_others"] = sorted(said, key=str)
    for name in ("payments", "replies", "promises", "siblings", "law_events", "address_facts"):
        found[name] = sorted(found[name], key=str)
    told = ("reason", "opened_at", "contact_point_id")
    found["work"] = sorted(tuple(one[name] for name in told) for one in found["work"])
    return found


@pytest.mark.parametrize("seed", range(LIVES))
async def test_after_every_fact_both_ledgers_say_the_same(
    seed: int, dependencies: Dependencies, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # An activity's clock runs on while it works; here both must read the same instant.
    monkeypatch.setattr(ActivityClock, "now", lambda clock: clock._started)
    lives = Lives(seed, dependencies)
    await lives.begin()
    for _ in range(FACTS):
        await lives.fact()
        await lives.compare()
