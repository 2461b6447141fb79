"""One person: who they are is drawn before anything is said to them, and what they do follows."""

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from people.acts import Act, Became, Debt, Kind, Reception, Says, Told
from people.draws import around, pick, u, waiting
from people.worlds import World

_SPOKEN: Final = frozenset({"voice", "human"})
_HOURS: Final = ((0, 12), (12, 16), (16, 24))
"""Blocks of the day of which one suits somebody."""
HELPS: Final = frozenset({"help_to_pay", "settlement_offer"})
"""Purposes that invite who cannot pay to ask for a plan."""
_PAYDAY_COUNTRIES: Final = frozenset({"CO", "MX"})
_LATE: Final = 90
"""Days past due beyond which the share of those who cannot pay grows no more."""
_NEVER: Final = timedelta(days=2_000)
_WEEK: Final = timedelta(days=7)
QUIET: Final = frozenset(
    {"opt_out_confirmation", "payment_thanks", "preference_confirmation", "crisis_answer"}
)
"""Purposes that ask for nothing."""


class Person:
    """A person with all their debts."""

    def __init__(
        self,
        world: World,
        seed: int,
        name: str,
        *,
        country: str,
        zone: str,
        channels: Sequence[str],
        stated: str | None = None,
    ) -> None:
        """``stated``: the channel that a file says they prefer."""
        self.name, self._seed, self._country = name, seed, country
        self._is = world.values
        self.zone = ZoneInfo(zone)
        right = u(seed, name, "wish right") < self._is["wish_right"]
        at_random = pick(sorted(channels), u(seed, name, "likes")) if channels else ""
        self.likes = stated if stated and right else at_random
        self._suits = pick(_HOURS, u(seed, name, "hours"))
        self.cannot_pay = False
        self._seen: list[datetime] = []
        self._received: list[datetime] = []
        self._counts: dict[str, int] = {}
        self._spoiled: set[str] = set()
        self._stopped = self._wished = False

    def begins(self, debts: Sequence[Debt], now: datetime) -> list[Act]:
        """What they would do if nobody ever contacted them."""
        today = now.astimezone(self.zone).date()
        late = max(0, *((today - one.due).days for one in debts))
        share = self._is["cannot_pay"] + self._is["cannot_pay_later"] * min(late, _LATE) / _LATE
        self.cannot_pay = u(self._seed, self.name, "cannot pay") < share
        return [self._pays(one.account, self._alone(one, now), now, "self") for one in debts]

    def _alone(self, debt: Debt, now: datetime) -> datetime:
        """When they pay by themselves."""
        drawn = u(self._seed, self.name, "self cure", debt.account)
        if self.cannot_pay:
            return now + timedelta(days=min(waiting(drawn, self._is["recovery_days"]), 2_000))
        share, shape = self._is["self_cure"], self._is["self_cure_shape"]
        if share <= 0:
            return now + _NEVER
        today = now.astimezone(self.zone).date()
        # Who has not paid so far goes on as those do who have not: the hazard of a Weibull law.
        scale = -math.log(1 - min(share, 0.999))
        since = max(0, (today - debt.due).days)
        reached = scale * (since / 30) ** shape + waiting(drawn, 1)
        days = min(30 * (reached / scale) ** (1 / shape) - since, 2_000)
        start = max(now, datetime.combine(debt.due, time(), self.zone).astimezone(UTC))
        return start + timedelta(days=days)

    def _pays(self, account: str, at: datetime, now: datetime, because: str) -> Act:
        number = self._next(f"payment {account}")
        part = u(self._seed, self.name, f"part {account} {because}", number)
        share = 0.5 if part < self._is["pays_part"] else 1.0
        return Act(self._by_day(at, now, account), Kind.PAY, account, share, because=because)

    def _by_day(self, at: datetime, now: datetime, account: str) -> datetime:
        """In the hours in which people pay; where wages come twice a month, perhaps then."""
        local = at.astimezone(self.zone)
        day = local.date()
        if self._country in _PAYDAY_COUNTRIES:
            drawn = u(self._seed, self.name, f"payday {account}", day.toordinal())
            if drawn < self._is["payday"]:
                day = _next_payday(day)
        minute = int(u(self._seed, self.name, f"minute {account}", day.toordinal()) * 12 * 60)
        when = datetime.combine(day, time(8), self.zone) + timedelta(minutes=minute)
        return max(when.astimezone(UTC), now + timedelta(minutes=1))

    def still(self, act: Act) -> bool:
        """Whether they still do what they were going to."""
        return not (act.because == "self" and act.account in self._spoiled)

    def unreachable_at(self, address: str) -> bool:
        """Whether an address reaches nobody, whatever is sent there."""
        return u(self._seed, address, "dead") < self._is["dead_address"]

    def receives(self, told: Told) -> Reception:
        """What becomes of a message or a machine's call, and what they do about it."""
        if self.unreachable_at(told.address):
            dead = Became.NOT_IN_SERVICE if told.channel == "voice" else Became.UNDELIVERED
            return Reception(dead)
        self._received.append(told.at)
        number = self._next(f"received {told.channel}")
        drawn = u(self._seed, self.name, f"reached {told.channel}", number)
        fits = self._fits(told)
        if told.channel == "voice":
            became = self._taken(drawn, self._is["takes_call"] * fits)
            seen = became is Became.CONVERSATION
        else:
            became, seen = Became.DELIVERED, drawn < self._is_read(told.channel) * fits
        return Reception(became, seen, tuple(self._reacts(told)) if seen else ())

    def _fits(self, told: Told) -> float:
        hour = told.at.astimezone(self.zone).hour
        suits = self._suits[0] <= hour < self._suits[1]
        by_hour = 1.0 if suits else self._is["other_hours"]
        return by_hour * (1.0 if told.channel == self.likes else self._is["other_channel"])

    def _is_read(self, channel: str) -> float:
        return self._is.get(f"sees_{channel}", 0.5)

    def _taken(self, drawn: float, reached: float) -> Became:
        if drawn < reached:
            return Became.CONVERSATION
        rest = (drawn - reached) / max(1 - reached, 1e-9)
        if rest < self._is["voicemail"]:
            return Became.VOICEMAIL
        return Became.NO_ANSWER if rest < 1 - self._is["busy"] else Became.BUSY

    def _reacts(self, told: Told) -> list[Act]:
        mind = sum(
            0.5 ** ((told.at - at) / timedelta(days=self._is["attention_days"]))
            for at in self._seen
        )
        self._seen.append(told.at)
        number = self._next("seen")
        if u(self._seed, told.address, "stranger") < self._is["stranger"]:
            return [self._writes(told, Says.WRONG_PERSON, number)]
        if told.purpose in QUIET:
            return []
        if (stop := self._stops(told, number)) is not None:
            return [stop]
        if self._luck("backfires", number) < self._is["backfires"]:
            self._spoiled.add(told.account)
            return []
        if (said := self._says(told, number)) is not None:
            return [said]
        left = self._is["repeat"] ** mind
        if self.cannot_pay:
            invited = 1.0 if told.purpose in HELPS else self._is["asks_uninvited"]
            asks = self._luck("asks plan", number) < self._is["asks_plan"] * invited * left
            return [self._writes(told, Says.PLAN, number)] if asks else []
        by = self._is["machine_call"] if told.channel in _SPOKEN else 1.0
        moved = self._luck("moved", number) < self._is["first_effect"] * left * by
        return self._moved(told, number) if moved else []

    def _stops(self, told: Told, number: int) -> Act | None:
        lately = sum(told.at - at <= _WEEK for at in self._received)
        chance = self._is["opt_out"] * (1 + self._is["irritation"] * (lately - 1))
        if self._luck("stops", number) >= chance:
            return None
        complains = self._luck("complains", number) < self._is["complains"]
        return self._writes(told, Says.STOP, number)._replace(complains=complains)

    def _says(self, told: Told, number: int) -> Act | None:
        if self._luck("disputes", number) < self._is["disputes"]:
            return self._writes(told, Says.DISPUTE, number)
        if self._luck("wish", number) < self._is["states_wish"] and not self._wished:
            self._wished = True
            return self._writes(told, Says.WISH, number)._replace(wish=self.likes)
        if self._luck("writes", number) < self._is["writes"]:
            asks = (
                Says.PERSON
                if self._luck("wants person", number) < self._is["wants_person"]
                else Says.BALANCE
            )
            return self._writes(told, asks, number)
        return None

    def _moved(self, told: Told, number: int) -> list[Act]:
        days = around(self._luck("pay days", number), self._is["pay_days"], self._is["pay_spread"])
        at = told.at + timedelta(days=days)
        if self._luck("promises", number) >= self._is["promises"]:
            return [self._pays(told.account, at, told.at, "moved")]
        said = self._writes(told, Says.PROMISE, number)
        on = at.astimezone(self.zone).date() + timedelta(days=1)
        acts = [said._replace(on=on)]
        return [*acts, *self.keeps(told.account, on, said.at, number)]

    def keeps(self, account: str, on: date, now: datetime, number: int) -> list[Act]:
        """What they do about a promise for a day, if they keep it."""
        if u(self._seed, self.name, f"kept {account}", number) >= self._is["promise_kept"]:
            return []
        minute = int(u(self._seed, self.name, f"kept at {account}", number) * 600)
        when = datetime.combine(on, time(9), self.zone) + timedelta(minutes=minute)
        at = max(when.astimezone(UTC), now + timedelta(minutes=1))
        return [Act(at, Kind.PAY, account, because="promise")]

    def called(self, account: str, at: datetime) -> tuple[Became, date | None, bool]:
        """A person of ours calls: what became of it; the day they promise, whether they would take
        a plan."""
        number = self._next("called")
        drawn = self._luck("takes person", number)
        became = self._taken(drawn, min(1.0, self._is["person_taken"] * self._is["takes_call"]))
        if became is not Became.CONVERSATION:
            return became, None, False
        if self.cannot_pay:
            return became, None, self.accepts_plan(account)
        if self._luck("moved by person", number) >= self._is["call_effect"]:
            return became, None, False
        days = around(
            self._luck("pay days of call", number), self._is["pay_days"], self._is["pay_spread"]
        )
        return became, at.astimezone(self.zone).date() + timedelta(days=1 + days), False

    def accepts_plan(self, account: str) -> bool:
        """Whether they agree to pay in parts when a person offers it."""
        return u(self._seed, self.name, f"plan {account}") < self._is["accepts_plan"]

    def pays_plan(self, account: str, days: Sequence[date], now: datetime) -> list[Act]:
        """Which instalments they pay: all until the first that they do not."""
        acts = []
        for number, day in enumerate(days):
            if u(self._seed, self.name, f"instalment {account}", number) >= self._is["plan_kept"]:
                break
            when = datetime.combine(day, time(12), self.zone).astimezone(UTC)
            share = 1 / (len(days) - number)
            at = max(when, now + timedelta(minutes=1))
            acts.append(Act(at, Kind.PAY, account, share, because="plan"))
        return acts

    def _writes(self, told: Told, says: Says, number: int) -> Act:
        minutes = 5 + waiting(self._luck("answers after", number), self._is["answers_after"])
        at = told.at + timedelta(minutes=min(minutes, 1_000))
        return Act(
            *(at.replace(microsecond=0), Kind.WRITE, told.account),
            says=says,
            channel=told.channel,
            address=told.address,
        )

    def _luck(self, kind: str, number: int) -> float:
        return u(self._seed, self.name, kind, number)

    def _next(self, kind: str) -> int:
        number = self._counts[kind] = self._counts.get(kind, 0) + 1
        return number


def _next_payday(day: date) -> date:
    last = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return day.replace(day=15) if day.day <= 15 else min(last, day.replace(day=min(30, last.day)))
