"""One random life of two customers with one telephone.

What a workflow does between the doors is done here: it waits for its step, takes what it is told in
whatever order that comes, twice as well, and does what it planned.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from activities.clock import ActivityClock
from activities.orders import ContactOrder
from activities.reserving import Ready, Reserving
from domain.channels import Channel
from domain.ledger.attempt import AttemptState, RefusalKind
from domain.names import attempt_id, contact_point_id
from domain.planning.step import Step, StepKind
from tests.integration.store.lives.doors import MINUTE, OWNERS, SECOND, Doors
from tests.integration.store.lives.journal import ANSWERS, CONFIRMATION, Fact
from tests.support.activities import Actor, fault
from tests.support.rows import attempts
from workers.gateway.facts import DeliveryReport

FAULTS: Final = ("429", "5xx_after", "reset_before", "reset_after", "truncate_after")


class Life(Doors):
    """A life, and what is on record of it."""

    # --- one thing after the other ------------------------------------------------------------

    async def goes_on(self) -> None:
        """Something happens."""
        self.number += 1
        self.at += self.chance.choice([MINUTE, 20 * MINUTE, 3 * 60 * MINUTE])
        kinds = {
            self.time_passes: 7, self.writes: 6, self.reported: 5, self.works: 3,
            self.upstream: 3, self.wishes: 1, self.repeated: 2, self.agrees: 6,
            self.orders: 2,
        }  # fmt: skip
        [kind] = self.chance.choices(list(kinds), weights=list(kinds.values()))
        await kind()
        await self.catch_up()
        if self.chance.random() < 0.8:
            await self.take_in()
        if self.chance.random() < 0.8:
            await self.do_at_once()

    async def time_passes(self) -> None:
        """What is due is done, most of it in time."""
        to = self.at + self.chance.choice([1, 9, 24, 24, 72]) * 60 * MINUTE
        for _ in range(20):
            due = [
                (step.not_before, key)
                for key, step in self.steps.items()
                if key not in self.told.over and step.not_before <= to
            ]
            if not due:
                break
            at, key = min(due)
            late = self.chance.choice([0, 0, 0, 0, 3]) * 60 * MINUTE
            self.at = max(self.at + SECOND, at + late)
            await self.do(key)
        self.at = max(self.at, to)

    async def do_at_once(self) -> None:
        """Who is waited for by somebody who asked is answered."""
        for key, step in list(self.steps.items()):
            if key not in self.told.over and step.not_before <= self.at:
                self.at += SECOND
                await self.do(key)

    async def do(self, key: str) -> None:
        step, actor = self.steps[key], self.actors[key]
        self.note(f"{key}: {step.summary}")
        if step.kind is StepKind.CONTACT:
            then = await self.contact(key, step)
        elif step.kind is StepKind.RECONCILE:
            then = await actor.reconcile(step.attempt_id or "", self.at)
        elif step.kind is StepKind.CLOSE:
            self.told.over.add(key)
            return
        else:
            then = await actor.planned(self.at)
        await self.planned(key, then)

    async def planned(self, key: str, step: Step) -> None:
        """The workflow waits for its next step; one that has ended is told nothing more."""
        self.steps[key] = step
        if step.kind is StepKind.CLOSE:
            self.told.over.add(key)
        await self.catch_up()

    async def take_in(self) -> None:
        """Workflows take what they were told, in no order, some of it twice."""
        self.chance.shuffle(self.told.inbox)
        while self.told.inbox:
            key, message = self.told.inbox.pop()
            for _ in range(self.chance.choice([1, 1, 1, 2])):
                if key not in self.told.over:
                    self.at += SECOND
                    await self.planned(key, (await self.actors[key].record(self.at, message)).step)

    # --- contacts -------------------------------------------------------------------------------

    async def contact(self, key: str, step: Step) -> Step:
        actor, attempt = self.actors[key], attempt_id("bank", key.partition("/")[2], step.number)
        [how] = self.chance.choices(
            ["once", "twice", "between", "dies", "fault"], weights=[10, 2, 4, 1, 3]
        )
        self.note(f"  contact, {how}")
        if how == "twice":
            both = [replace(actor, runs=actor.runs + 100 * n) for n in (1, 2)]
            return (await asyncio.gather(*(one.contact(step, self.at) for one in both)))[0]
        if how == "between":
            return await self.between(actor, step, attempt)
        if how == "dies":
            await self.reserve(actor, step, attempt)
        if how == "fault":
            await fault(self.sandbox_url, self.chance.choice(FAULTS), attempt=attempt)
        return await actor.contact(step, self.at)

    async def reserve(self, actor: Actor, step: Step, attempt: str) -> Ready | Step:
        """The first half of a contact."""
        order = ContactOrder(**actor.who, step=step)

        async def half() -> Ready | Step:
            reserving = Reserving(self.dependencies)
            return await reserving.reserve(order, attempt, ActivityClock())

        return await actor.run(self.at, half)

    async def between(self, actor: Actor, step: Step, attempt: str) -> Step:
        """Something is put on record between reserving and dispatching."""
        ready = await self.reserve(actor, step, attempt)
        if isinstance(ready, Step):
            return ready
        self.at += SECOND
        kinds = [self.writes, self.writes, self.works, self.upstream, self.wishes, self.agrees]
        kinds += [self.orders]
        await self.chance.choice(kinds)()
        self.at += SECOND
        await actor.send(ready, self.at)
        await self.catch_up()
        return await actor.planned(self.at)

    async def catch_up(self) -> None:
        """Put down what the doors made of it, and judge what went out."""
        await self._note_rows()
        self.wrong += await self.agreed.look()
        addresses = {
            contact_point_id(who, by, there): there
            for who, points in self.points.items()
            for by, there in points
        }
        rows = [row for row in await attempts(self.pool) if row["dispatched_at"] is not None]
        rows = sorted(rows, key=lambda row: row["dispatched_at"])
        said = [row for row in rows if row["attempt_id"] in self.judged]
        for row in rows:
            if row["attempt_id"] in self.judged:
                continue
            address, medium = addresses[row["contact_point_id"]], row["channel"]
            self.judged.add(row["attempt_id"])
            wrong = (
                self.journal.against(row, medium, address)
                or self.ordering.against(row)
                or self._agreed(row)
                or self.journal.unwished(row, await self._windows(row))
                or self.journal.answers(row, address, said)
            )
            said.append(row)
            self.note(f"  sent: {row['purpose']} by {medium} of {', '.join(row['covers'])}")
            if wrong is not None:
                about = f"{medium} {row['purpose']} of {row['creditor']}/{row['account_id']}"
                self.wrong.append(f"{about} at {row['dispatched_at']}: {wrong}")
            self._fate(row, address)

    def _agreed(self, row: Mapping[str, Any]) -> str | None:
        if row["purpose"] == CONFIRMATION:
            return None
        standing = (self.journal.disputed, self.journal.hardships)
        return self.agreed.against(row, row["purpose"] in ANSWERS, *standing)

    async def _windows(self, row: Mapping[str, Any]) -> list[dict[str, Any]]:
        stated = await self.pool.fetch(
            "SELECT preference FROM preferences WHERE customer_id = $1 AND said_at < $2 "
            "AND preference ? 'windows' ORDER BY said_at DESC, preference_id LIMIT 1",
            *(row["customer_id"], row["dispatched_at"]),
        )
        return list(stated[0]["preference"]["windows"]) if stated else []

    async def _note_rows(self) -> None:
        """Promises and wishes that were recorded, and items that are done."""
        zone = ZoneInfo(self.journal.zone)
        for row in await self.pool.fetch("SELECT * FROM promises ORDER BY made_at"):
            name = f"promise {row['creditor']}/{row['account_id']} {row['promise_id']}"
            if name not in self.heard:
                self.heard.add(name)
                account = f"{row['creditor']}/{row['account_id']}"
                due = datetime.combine(row["due_on"], datetime.min.time(), zone)
                listed = row["parts"] or [{"due_on": str(row["due_on"]), "amount": row["amount"]}]
                parts = tuple(
                    (date.fromisoformat(one["due_on"]), Decimal(one["amount"])) for one in listed
                )
                by = "message" if row["promise_id"].startswith("said:") else ""
                owner = frozenset({OWNERS[account]})
                fact = Fact("promise", row["made_at"], owner, account, reason=by, until=due)
                self.journal.note(replace(fact, amount=row["amount"], parts=parts))
        for row in await self.pool.fetch("SELECT * FROM preferences ORDER BY said_at"):
            if (name := f"wish {row['preference_id']}") not in self.heard:
                self.heard.add(name)
                by = "message" if row["preference_id"].startswith("said:") else ""
                whose = frozenset({row["customer_id"]})
                self.journal.note(Fact("preference", row["said_at"], whose, reason=by))
        done = await self.pool.fetch("SELECT * FROM work_items WHERE done_at IS NOT NULL")
        for row in done:
            if (name := f"done {row['work_id']}") not in self.heard:
                self.heard.add(name)
                self.journal.items.pop((row["customer_id"], row["reason"]), None)

    def _fate(self, row: Mapping[str, Any], address: str) -> None:
        """What the provider will say of an attempt, in whatever order, some of it twice."""
        if row["state"] not in ("accepted", "unknown") or self.chance.random() < 0.1:
            return
        name, provider = row["attempt_id"], row["provider"]
        fails = self.chance.random() < 0.25
        kind = self.chance.choice([None, *RefusalKind]) if fails else None
        last = AttemptState.UNDELIVERED if fails else AttemptState.DELIVERED
        for number, status in enumerate((AttemptState.ACCEPTED, last, last)):
            told = DeliveryReport(
                provider=provider,
                event_id=f"{name}:{min(number, 1)}",
                attempt_id=name,
                status=status,
                message_id=row["provider_message_id"],
                kind=kind if status is AttemptState.UNDELIVERED else None,
                code="30003" if status is AttemptState.UNDELIVERED else None,
                channel=Channel(row["channel"]),
                address=address,
            )
            self.reports.insert(self.chance.randint(0, len(self.reports)), told)
