"""The ledger in memory and the one in PostgreSQL say the same after every fact of random lives."""

import os
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from activities.clock import ActivityClock
from activities.dependencies import Dependencies
from domain.channels import Channel
from domain.facts import MESSAGE
from domain.ledger.attempt import AttemptState, Event
from domain.ledger.memory import MemoryLedger
from domain.planning.planner import is_due, plan
from domain.situation import Reply, Situation
from store.database import Pool
from store.provider_events import ProviderEvents
from store.situations import read_situation
from tests.support.activities import Actor
from tests.support.rows import add_account, add_customer, attempts

LIVES = int(os.environ.get("MEMORY_LIVES", "12"))
FACTS = 14
BEGAN = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
"""A Monday, ten in the morning in Bogota."""
KEYS = ("bank/A1", "bank/A2", "shop/A3")
MOBILE = "+573001234567"


class Lives:
    """One random life, told to both ledgers."""

    def __init__(self, seed: int, dependencies: Dependencies) -> None:
        self.chance, self.at = random.Random(seed), BEGAN
        self.dependencies, self.pool = dependencies, dependencies.pool
        self.actors = {
            key: Actor(dependencies, key.partition("/")[2], key.partition("/")[0]) for key in KEYS
        }
        self.lived: list[str] = []
        self.number = 0

    async def begin(self) -> None:
        await add_customer(self.pool, preferred=self.chance.choice(["sms", "email"]))
        await self.pool.execute("UPDATE law_events SET at = $1", BEGAN - timedelta(days=30))
        for key in KEYS:
            creditor, _, account = key.partition("/")
            due = BEGAN.date() - timedelta(days=self.chance.choice([2, 28, 45, 75]))
            await add_account(self.pool, account, creditor=creditor, due=due)
        started = BEGAN - timedelta(hours=1)
        await self.pool.execute("UPDATE accounts SET balance_as_of = $1, since = $1", started)
        self.memory = MemoryLedger(
            [await self.read(key) for key in KEYS], self.dependencies.strategy("default").promise
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
        key = self.chance.choice(KEYS)
        kinds: list[Callable[[str], Awaitable[str]]] = [self.message, self.contact]
        kinds += [self.reply, self.report]
        kind = self.chance.choices(kinds, weights=[5, 4, 1, 2])[0]
        self.lived.append(f"{self.at:%d %H:%M} {key} {await kind(key)}")

    async def message(self, key: str) -> str:
        told = {"id": f"m{self.chance.randint(1, 2 * FACTS)}", **self.words()}
        refused = self.memory.record(key, MESSAGE.validate_python(told), self.at)
        answer = (await self.actors[key].record(self.at, told)).answers[0]
        assert answer.refused == refused, (told, self.lived)
        return str(told)

    def words(self) -> dict[str, Any]:
        around = self.at + timedelta(hours=self.chance.choice([-300, -30, -1, 1, 30]))
        day = (self.at + timedelta(days=self.chance.choice([-1, 1, 5, 40, 90]))).date()
        amount = self.chance.choice(["1.00", "70000.00", "150000.00", "400000.00"])
        return self.chance.choice(
            [
                {"kind": "payment_received", "amount": amount, "paid_at": around.isoformat()},
                {"kind": "payment_received", "amount": amount},
                {"kind": "payment_received", "amount": amount, "currency": "USD"},
                {"kind": "account_updated", "balance": amount, "as_of": around.isoformat()},
                {"kind": "account_updated", "oldest_due_date": self._due().isoformat()},
                {"kind": "account_updated", "balance": amount},
                {"kind": "account_updated"},
                {"kind": "hold", "until": around.isoformat(), "reason": "in hospital"},
                {"kind": "resume"},
                {"kind": "close", "reason": self.chance.choice(["closed", "recalled"])},
                {"kind": "record_promise", "amount": amount, "date": day.isoformat()},
                {"kind": "record_promise", "amount": "50000.00", "date": day.isoformat()},
                {"kind": "law_event", "event": {"kind": "dispute", "at": self.at.isoformat()}},
                {
                    "kind": "law_event",
                    "event": {"kind": "cease", "at": self.at.isoformat(), "account_id": "A1"},
                },
            ]
        )

    def _due(self) -> date:
        return self.at.date() - timedelta(days=self.chance.choice([1, 20, 50, 130]))

    async def contact(self, key: str) -> str:
        found = self.memory.situation(key, self.at)
        rules = self.dependencies.rules(found.customer, "default")
        step = plan(found, self.at, rules)
        planned = await self.actors[key].planned(self.at)
        if not is_due(step, self.at):
            return f"nothing due: {planned.summary}"
        attempt = self.memory.reserve(key, step, self.at)
        for event in (Event.DISPATCH, Event.ACCEPT):
            self.memory.happened(key, attempt, event, self.at)
        await self.actors[key].contact(planned, self.at)
        return f"contact: {step.summary}"

    async def reply(self, key: str) -> str:
        points = self.memory.situation(key, self.at).customer.points
        [point] = [one.contact_point_id for one in points if one.channel is Channel.SMS]
        heard = (f"in{self.number}", Channel.SMS, MOBILE, "hola", "other", self.at)
        await ProviderEvents(self.pool).inbound("twilio", *heard)
        said = Reply(at=self.at, channel=Channel.SMS, contact_point_id=point)
        self.memory.wrote(key, said)
        return "writes"

    async def report(self, key: str) -> str:
        made = await attempts(self.pool)
        if not made:
            return "nothing to report"
        row = self.chance.choice(made)
        status, event = self.chance.choice(
            [(AttemptState.DELIVERED, Event.DELIVER), (AttemptState.UNDELIVERED, Event.FAIL)]
        )
        said = (row["attempt_id"], status, row["provider_message_id"], None, None, self.at)
        await ProviderEvents(self.pool).delivery(row["provider"], f"r{self.number}", *said)
        leader = f"{row['creditor']}/{row['account_id']}"
        self.memory.happened(leader, row["attempt_id"], event, self.at)
        return f"{leader} {row['channel']} {status}"

    async def compare(self) -> None:
        for key in KEYS:
            # Planning settles promises and closes what has ended: in both, in the same order.
            found = self.memory.situation(key, self.at)
            step = plan(found, self.at, self.dependencies.rules(found.customer, "default"))
            self.memory.planned(key, step)
            await self.actors[key].planned(self.at)
        for key in KEYS:
            ours = _comparable(self.memory.situation(key, self.at))
            theirs = _comparable(await self.read(key))
            assert ours == theirs, "\n".join(self.lived)


def _comparable(situation: Situation) -> dict[str, Any]:
    """Without order where none is promised, and without what only a reconciliation needs."""
    found = situation.model_dump(mode="json", exclude={"health", "address_facts"})
    for contact in found["contacts"]:
        del contact["reconcile_at"]
    for name in ("payments", "replies", "promises", "siblings"):
        found[name] = sorted(found[name], key=str)
    found["law_events"] = sorted(found["law_events"], key=str)
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
