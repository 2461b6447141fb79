"""Whoever tells something in a life, and what is put down of it."""

import asyncio
import contextlib
import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from activities.dependencies import Dependencies
from config.keywords import shipped_keywords
from config.reader import load_reader
from domain.channels import Channel
from domain.conversation.wishes.preference import Preference, every_day
from domain.conversation.work_words import WorkOutcome
from domain.failures import BadInput
from domain.ledger.attempt import RefusalKind
from domain.names import contact_point_id
from domain.planning.step import Step
from store.call_scripts import CallScripts
from store.conversation.page import PreferencePages
from store.conversation.work import WorkItem, WorkItems
from tests.integration.store.lives.agreed import LIVE, Agreed
from tests.integration.store.lives.journal import OWED, Fact, Journal
from tests.integration.store.lives.ordering import ATTRIBUTES, Ordering
from tests.integration.store.lives.words import QUESTIONS, REST, SILENCING, Words
from tests.support.activities import Actor
from tests.support.rows import add_account, add_customer
from workers.cli.customer.prefer import prefer
from workers.cli.rules import rules_factory
from workers.cli.work_items.items import finish
from workers.gateway.facts import CustomerMessage, DeliveryReport, customer_message
from workers.gateway.flow import Flow

BEGAN: Final = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
"""A Monday."""
PLACES: Final = {
    "MX": ("America/Mexico_City", "MXN", "+5255123400"),
    "CO": ("America/Bogota", "COP", "+5730012345"),
    "BR": ("America/Sao_Paulo", "BRL", "+55119876543"),
    "US": ("America/New_York", "USD", "+121255501"),
}
OWNERS: Final = {"bank/A1": "C1", "bank/A2": "C1", "bank/B1": "C2"}
GUARANTOR, STOOD_FOR = "G1", "bank/A1"
"""Who stands for an account of C1's, where the law of the life's country names guarantors."""
PROVIDERS: Final = {"sms": "twilio", "whatsapp": "twilio", "email": "resend"}
KEYWORDS: Final = shipped_keywords()
READER: Final = load_reader(KEYWORDS)
MINUTE: Final = timedelta(minutes=1)
SECOND: Final = timedelta(seconds=1)


class Told:
    """Temporal as gateway and commands know it: what is told waits until a life takes it."""

    def __init__(self) -> None:
        self.inbox: list[tuple[str, dict[str, str]]] = []
        self.over: set[str] = set()

    async def tell(self, workflow: str, signal: str, payload: Mapping[str, str]) -> bool:
        key = workflow.removeprefix("account/")
        if key in self.over:
            return False
        self.inbox.append((key, {"kind": signal, **payload}))
        return True

    async def plan_anew(self, account: str, why: str, _: str) -> bool:
        return await self.tell(account, "account_updated", {"id": why})

    async def ask(self, *_: Any, **__: Any) -> Any:
        raise AssertionError("nobody calls in these lives")

    async def ping(self) -> None:
        """It answers."""


class Doors:
    """Two customers, and all who tell something of them, by the doors that the product has."""

    by_workflow = False

    def __init__(self, seed: int, dependencies: Dependencies, sandbox_url: str) -> None:
        self.chance, self.at, self.number = random.Random(seed), BEGAN, 0
        self.dependencies, self.pool = dependencies, dependencies.pool
        self.sandbox_url, self.rules = sandbox_url, rules_factory(dependencies.settings)
        self.country = self.chance.choice([*PLACES, "MX"])
        zone, self.currency, number = PLACES[self.country]
        shared, own, other = f"{number}67", f"{number}68", f"{number}69"
        self.points: dict[str, tuple[tuple[str, str], ...]] = {
            "C1": (
                ("sms", shared),
                ("whatsapp", shared),
                ("sms", own),
                ("email", "ana@example.com"),
            ),
            "C2": (("sms", shared), ("whatsapp", other), ("email", "luis@example.com")),
            GUARANTOR: (("sms", f"{number}70"), ("email", "bruno@example.com")),
        }
        holders: dict[str, frozenset[str]] = {}
        for customer, points in self.points.items():
            for _, address in points:
                holders[address] = holders.get(address, frozenset()) | {customer}
        self.journal = Journal(zone, OWNERS, holders, {GUARANTOR: STOOD_FOR})
        self.told = Told()
        self.agreed = Agreed(self.pool, zone)
        self.ordering = Ordering(self.pool, OWNERS, self.country)
        parts = (CallScripts(self.pool, READER), PreferencePages(self.pool, READER))
        self.flow = Flow("http://gateway", *parts, self.told, self)
        self.actors = {
            key: Actor(dependencies, key.partition("/")[2], key.partition("/")[0]) for key in OWNERS
        }
        self.steps: dict[str, Step] = {}
        self.lived: list[str] = []
        self.messages: list[CustomerMessage] = []
        self.reports: list[DeliveryReport] = []
        self.fates: set[str] = set()
        self.heard: set[str] = set()
        self.claims: dict[int, tuple[str, datetime]] = {}
        self.again: list[tuple[str, dict[str, Any]]] = []
        self.judged: set[str] = set()
        self.wrong: list[str] = []
        """What has been done that must not be."""

    async def now(self, _: str | None) -> datetime:
        """The clock of this life."""
        return self.at

    async def begin(self) -> None:
        zone, currency, _ = PLACES[self.country]
        for customer, points in self.points.items():
            kinds = [(by, "email" if by == "email" else "mobile", there) for by, there in points]
            await add_customer(
                self.pool, customer, points=tuple(kinds), country=self.country, zones=(zone,),
                preferred=self.chance.choice(["sms", "email", "whatsapp"]),
            )  # fmt: skip
        await self.pool.execute("UPDATE law_events SET at = $1", BEGAN - timedelta(days=30))
        for key, customer in OWNERS.items():
            creditor, _, account = key.partition("/")
            due = BEGAN.date() - timedelta(days=self.chance.choice([2, 10, 27, 45]))
            about = {"creditor": creditor, "balance": str(OWED), "currency": currency}
            await add_account(self.pool, account, customer, due=due, **about)
            given = (account, ATTRIBUTES[key])
            await self.pool.execute(
                "UPDATE accounts SET attributes = $2 WHERE account_id = $1", *given
            )
        await self.pool.execute(
            "INSERT INTO account_parties (creditor, account_id, customer_id, role, since, told_by, "
            "as_of) VALUES ('bank', 'A1', $1, 'guarantor', '2020-01-01', 'run', $2)",
            *(GUARANTOR, BEGAN),
        )
        started = BEGAN - timedelta(hours=1)
        await self.pool.execute("UPDATE accounts SET balance_as_of = $1, since = $1", started)
        for key in OWNERS:
            self.steps[key] = await self.actors[key].planned(self.at)

    def note(self, what: object) -> None:
        self.lived.append(f"{self.number:>3} {self.at:%a %d %H:%M:%S} {what}")

    async def planned(self, key: str, step: Step) -> None:
        """What follows from a plan: ``Life`` says it."""
        raise NotImplementedError

    async def reported(self) -> None:
        """A provider tells what became of an attempt; at times to two gateways at once."""
        if not self.reports:
            return
        told = self.reports.pop()
        self.note(f"report: {told.event_id} {told.status} {told.kind}")
        times = self.chance.choice([1, 1, 2])
        await asyncio.gather(*(self.flow.take(told, self.at) for _ in range(times)))
        if told.kind in (RefusalKind.CONSENT, RefusalKind.RECIPIENT):
            what = "stop" if told.kind is RefusalKind.CONSENT else "bad"
            assert told.address is not None
            whose = self.journal.holders[told.address] if what == "bad" else frozenset[str]()
            medium = str(told.channel)
            self.journal.note(Fact(what, self.at, whose, medium=medium, address=told.address))

    async def orders(self) -> None:
        """Somebody gives an order in bulk, or lifts one; workflows hear of it, or do not yet."""
        done = (
            await self.ordering.lift(self.chance, self.at) if self.chance.random() < 0.6 else None
        )
        self.note(done or await self.ordering.give(self.chance, self.at))
        if self.chance.random() < 0.7:
            for key in OWNERS:
                news = {"id": f"bulk:{self.number}:{self.at.timestamp():.0f}"}
                await self.told.tell(f"account/{key}", "account_updated", news)

    # --- people ---------------------------------------------------------------------------------

    async def writes(self) -> None:
        """A customer or the guarantor writes, at times by two channels at once."""
        customer = self.chance.choice(list(self.points))
        many = self.chance.choice([1, 1, 2])
        points = self.chance.sample(self.points[customer], many)
        await asyncio.gather(*(self.write(*point) for point in points))

    async def write(self, channel: str, address: str) -> None:
        words = self.chance.choice(QUESTIONS if self.chance.random() < 0.8 else REST)
        name = f"IN{len(self.messages) + 1}"
        told = customer_message(
            PROVIDERS[channel],
            name,
            Channel(channel),
            address,
            [words.text],
            KEYWORDS,
        )
        self.note(f"{channel} from {address}: {words.text}")
        self.messages.append(told)
        await self.flow.take(told, self.at)
        self._hear(words, channel, address)

    def _hear(self, words: Words, channel: str, address: str) -> None:
        holders, journal = self.journal.holders[address], self.journal
        shared = len(holders) > 1
        if not (shared and words.says):
            wrote = Fact("wrote", self.at, holders, medium=channel, address=address)
            journal.note(replace(wrote, reason=words.asks or ""))
        if words.says:
            journal.note(Fact(words.says, self.at, holders, medium=channel, address=address))
        if words.asks is not None:
            silences = words.asks in SILENCING
            journal.asks(
                words.asks if silences or not shared else "shared_address", address, self.at
            )

    async def works(self) -> None:
        """Somebody takes up an item, gives it back, or does it."""
        items = WorkItems(self.pool)
        waiting = await items.listed(None, None, 50, done=False)
        if not waiting:
            return
        item, who = self.chance.choice(waiting), self.chance.choice(["ana", "luis"])
        held = self.claims.get(item.work_id)
        others = held is not None and held[0] != who and held[1] > self.at
        what = self.chance.choice(["claim", "release", "done", "done"])
        self.note(f"{who}: {what} work {item.work_id} ({item.reason})")
        try:
            if what == "claim":
                length = timedelta(hours=self.chance.choice([1, 4, 30]))
                await items.claim(item.work_id, who, self.at, length)
                self.claims[item.work_id] = (who, self.at + length)
            elif what == "release":
                others = held is None or held[0] != who
                await items.release(item.work_id, who, self.at)
                del self.claims[item.work_id]
            else:
                await self.does(item, who)
            refused = False
        except BadInput:
            refused = True
        if refused != others:
            self.wrong.append(f"work {item.work_id}: {what} by {who}, held by {held}: {refused}")

    async def does(self, item: WorkItem, who: str) -> None:
        outcomes = [WorkOutcome.HANDLED, WorkOutcome.NOT_MEANT]
        if item.reason in SILENCING - {"crisis"}:
            outcomes.append(WorkOutcome(item.reason))
        if item.reason == "wrong_person":
            outcomes.append(WorkOutcome.WRONG_NUMBER)
        if self.chance.random() < 0.15:
            outcomes = [WorkOutcome.CEASE]
        outcome = self.chance.choice(outcomes)
        self.note(f"  {outcome}")
        accounts: Any = self.told
        about = (item.work_id, who, outcome, None)
        await finish(self.pool, accounts, self, self.rules, *about)
        self.claims.pop(item.work_id, None)
        whose = frozenset({item.customer_id})
        if outcome is WorkOutcome.WRONG_NUMBER:
            [there] = [
                address
                for by, address in self.points[item.customer_id]
                if contact_point_id(item.customer_id, by, address) == item.contact_point_id
            ]
            self.journal.note(Fact("wrong", self.at, whose, address=there))
        elif outcome is WorkOutcome.DISPUTE:
            for key, owner in OWNERS.items():
                if owner == item.customer_id:
                    self.journal.agreed(key, {"kind": "open_dispute"}, self.at)
        elif outcome in (WorkOutcome.CEASE, WorkOutcome.DECEASED):
            kind = "cease" if outcome is WorkOutcome.CEASE else "death"
            self.journal.note(Fact(kind, self.at, whose))

    async def wishes(self) -> None:
        """A customer tells a person how they want to be reached."""
        customer = self.chance.choice(list(self.points))
        hours = self.chance.choice([("08:00", "12:00"), ("12:00", "18:00"), ("17:00", "20:00")])
        wish = self.chance.choice(
            [
                Preference(windows=every_day([hours])),
                Preference(channel=self.chance.choice([Channel.EMAIL, Channel.SMS])),
                Preference(windows=()),
            ]
        )
        self.note(f"{customer} wishes {wish.model_dump(exclude_unset=True)}")
        accounts: Any = self.told
        await prefer(self.pool, accounts, self, customer, wish, "eva")

    async def upstream(self) -> None:
        """The creditor's system tells or asks something of an account."""
        key = self.chance.choice(list(OWNERS))
        day = (self.at + timedelta(days=self.chance.choice([1, 5, 20]))).date()
        until = (self.at + timedelta(hours=self.chance.choice([5, 50, 120]))).isoformat()
        said: dict[str, Any] = self.chance.choice(
            [
                {"kind": "hold", "until": until, "reason": "in hospital"},
                {"kind": "resume"},
                {"kind": "payment_received", "amount": "50000.00"},
                {"kind": "payment_received", "amount": "50000.00"},
                {
                    "kind": "payment_received",
                    "amount": self.chance.choice(["200000.00", "850000.00"]),
                },
                {"kind": "payment_received", "amount": "50.00", "currency": "EUR"},
                {"kind": "record_promise", "amount": "50000.00", "date": day.isoformat()},
                {"kind": "record_promise", "amount": "50000.00", "date": day.isoformat()},
                {"kind": "account_updated"},
                self.chance.choice([{"kind": "close"}, {"kind": "account_updated"}]),
            ]
        )
        await self.tells(key, {"id": f"m{len(self.again)}", **said})

    async def agrees(self) -> None:
        """People agree upon something, offer, dispute: at times where it cannot be."""
        key = self.chance.choice(list(OWNERS))
        [what] = self.chance.choices(
            [self.of_settlement, self.of_dispute, self.of_hardship, self.of_parts, self.of_due],
            weights=[8, 2, 2, 2, 2],
        )
        asked = await what(key)
        if asked is not None:
            await self.tells(key, {"id": f"m{len(self.again)}", **asked})

    async def of_settlement(self, key: str) -> dict[str, Any]:
        who = self.chance.choice(
            [{"by": "ana", "role": "agent"}, {"by": "eva", "role": "supervisor"}]
        )
        offers = {name: one for (whose, name), one in self.agreed.offers.items() if whose == key}
        live = {name: one for name, one in offers.items() if one["state"] in LIVE}
        new = {"kind": "offer_settlement", **who}
        if not live:
            return new | {"discount": self.chance.choice(["10", "20", "35", "40", "40", "60"])}
        [(offer, row)] = live.items()
        if self.chance.random() < 0.15:  # what is over, or nobody's
            offer = self.chance.choice([*offers, "none"])
        accept = {"kind": "accept_settlement", "offer": offer, "how": "call"}
        withdraw, decide = {"kind": "withdraw_settlement"}, {"offer": offer, **who}
        told: dict[str, list[dict[str, Any]]] = {
            "proposed": [
                *[{"kind": "approve_settlement", **decide}] * 4,
                {"kind": "decline_settlement", **decide},
                *(accept, withdraw, new | {"discount": "20"}),
            ],
            "offered": [
                *[accept] * 4,
                *({"kind": "approve_settlement", **decide}, withdraw, new | {"discount": "10"}),
            ],
            "accepted": [
                *[{"kind": "payment_received", "amount": f"{row['amount']:.2f}"}] * 2,
                {"kind": "payment_received", "amount": f"{row['amount'] / 2:.2f}"},
                *(accept, withdraw, new | {"discount": "10"}),
            ],
        }
        return self.chance.choice(told[row["state"]])

    async def of_dispute(self, key: str) -> dict[str, Any]:
        ends = ["for", "against", "against", "withdrawn", "corrected"]
        if key not in self.journal.disputed and self.chance.random() < 0.8:
            return {"kind": "open_dispute", "reason": "amount"}
        return {"kind": "resolve_dispute", "outcome": self.chance.choice(ends)}

    async def of_hardship(self, key: str) -> dict[str, Any]:
        if key not in self.journal.hardships and self.chance.random() < 0.8:
            return {"kind": "begin_hardship", "reason": "income"}
        day = (self.at + timedelta(days=7)).date()
        return self.chance.choice(
            [{"kind": "end_hardship"}, {"kind": "extend_hardship", "review_date": str(day)}]
        )

    async def of_parts(self, _: str) -> dict[str, Any]:
        return {"kind": "record_promise", "parts": self.parts()}

    def parts(self) -> list[dict[str, str]]:
        """A promise on two or three dates, of which some are in the wrong order."""
        days = [self.chance.randint(0, 20) for _ in range(self.chance.choice([2, 2, 3]))]
        if self.chance.random() < 0.8:
            days = sorted(set(days))
        return [
            {"amount": "50000.00", "date": f"{(self.at + timedelta(days=one)).date()}"}
            for one in days
        ]

    async def of_due(self, key: str) -> dict[str, Any] | None:
        """What fell due when, as the creditor knows it by now."""
        creditor, _, account = key.partition("/")
        row = await self.pool.fetchrow(
            "SELECT balance, oldest_due_date FROM accounts WHERE creditor = $1 AND account_id = $2",
            *(creditor, account),
        )
        assert row is not None
        if row["balance"] <= 50_000:
            return None
        newer = max(row["oldest_due_date"], (self.at - timedelta(days=3)).date())
        parts = [(row["oldest_due_date"], row["balance"] - 50_000), (newer, Decimal(50_000))]
        if parts[0][0] == newer:
            parts = [(newer, row["balance"])]
        due = [{"date": str(day), "amount": f"{amount:.2f}"} for day, amount in parts]
        told = {"balance": f"{row['balance']:.2f}", "as_of": self.at.isoformat(), "due": due}
        return {"kind": "account_updated", **told}

    async def tells(self, key: str, said: dict[str, Any]) -> None:
        """Once; what is told again changes nothing."""
        new = (key, said) not in self.again
        self.note(f"{key}: {said}{'' if new else ', again'}")
        if key in self.told.over:
            return
        recorded = await self.actors[key].record(self.at, said)
        self.again.append((key, said))
        answer = recorded.answers[0]
        if answer.refused is not None:
            self.note(f"  refused: {answer.refused}")
        elif not answer.repeated:
            self.journal.agreed(key, said, self.at)
        if answer.refused is None and new:
            kinds = {
                "hold": "hold",
                "resume": "resume",
                "close": "close",
                "payment_received": "paid",
            }
            if (kind := kinds.get(said["kind"])) is not None:
                until = datetime.fromisoformat(said["until"]) if "until" in said else None
                amount = Decimal(said.get("amount", 0))
                fact = Fact(
                    kind, self.at, frozenset({OWNERS[key]}), key, until=until, amount=amount
                )
                self.journal.note(fact)
        await self.planned(key, recorded.step)

    async def repeated(self) -> None:
        """A provider, or the creditor's system, says again what it has said."""
        if self.messages and self.chance.random() < 0.7:
            told = self.chance.choice(self.messages)
            self.note(f"again: {told.message_id}")
            await asyncio.gather(*(self.flow.take(told, self.at) for _ in range(2)))
        elif self.again:
            with contextlib.suppress(IndexError):
                await self.tells(*self.chance.choice(self.again))
