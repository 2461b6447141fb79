"""The independent proof that nobody was contacted unlawfully or twice.

It reads what the ledger claims and what the people behind the providers really received, and trusts
neither alone. It shares no code with the side that sends: the hours below are typed from the
statutes a second time, so that a mistake in a rule pack cannot hide itself. Run it by itself:

    python -m lab.proof FOLDER      prints a table; exit status 1 on any violation
"""

import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache, cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

import holidays

Row = Mapping[str, Any]
Kind = Literal["double", "unlawful", "record"]

COLOMBIAN_WEEK: Final = 7
"""Strict reading of Ley 2300, art. 3: a contact on day D stops counting on day D+7."""

CHILEAN_WEEK: Final = 7
CHILEAN_SPACING: Final = 3
"""Strict readings of Ley 19.496, art. 37: a message on day D, the next on D+3."""

AMERICAN_WEEK: Final = 7
AMERICAN_CALLS: Final = 7
UNCONNECTED: Final = frozenset({"busy", "not_in_service"})

CLOCK_TOLERANCE: Final = timedelta(seconds=1)
"""Sender and receiver read one clock one after the other. Never granted against closing times."""

IN_FLIGHT: Final = timedelta(minutes=1)
"""A message that had left before the opt-out arrived may still land within this time."""

MADE: Final = frozenset({"dispatching", "unknown", "accepted", "delivered", "undelivered"})
"""States in which an attempt counts as a contact: the person may have been reached."""

HEARD: Final = frozenset({"delivered"})
"""States that only a provider's callback can bring about: somebody must have received it."""

OPT_OUTS: Final = frozenset({"opt_out", "unsubscribe", "spamreport", "stop"})
CHANNELS: Final = ("sms", "email", "whatsapp", "voice", "push", "letter", "human")


@dataclass(frozen=True)
class Hours:
    """When a country or state allows contact, half open; None is a day without any."""

    weekday: tuple[time, time] | None
    saturday: tuple[time, time] | None
    sunday: tuple[time, time] | None
    on_holidays: bool
    cite: str
    channels: frozenset[str] | None = None
    """The only channels it speaks of; None: all."""
    clock: str | None = None
    """A zone whose clock counts as well as those of the customer's zones."""

    def open_on(self, day: date, code: str) -> tuple[time, time] | None:
        """The window of a local day."""
        if not self.on_holidays and day in public_holidays(code, day.year):
            return None
        return (*[self.weekday] * 5, self.saturday, self.sunday)[day.weekday()]

    def allow(self, wall: datetime, code: str) -> bool:
        """Whether the wall-clock time lies in the window of its day."""
        window = self.open_on(wall.date(), code)
        return window is not None and window[0] <= wall.time() < window[1]

    def clocks(self, zones: Sequence[str]) -> tuple[str, ...]:
        """The zones in which it must be open."""
        return tuple(dict.fromkeys([*zones, *([self.clock] if self.clock else [])]))


CALLS: Final = frozenset({"voice", "human"})


_CHILE: Final = Hours(
    weekday=(time(8), time(20)),
    saturday=(time(8), time(20)),
    sunday=None,
    on_holidays=False,
    cite="Ley 19.496, art. 37",
)

HOURS: Final[Mapping[str, Hours]] = {
    "US": Hours(
        weekday=(time(8), time(21)),
        saturday=(time(8), time(21)),
        sunday=(time(8), time(21)),
        on_holidays=True,
        cite="12 CFR 1006.6(b)(1)(i)",
    ),
    "CO": Hours(
        weekday=(time(7), time(19)),
        saturday=(time(8), time(15)),
        sunday=None,
        on_holidays=False,
        cite="Ley 2300 de 2023, art. 3",
    ),
    "MX": Hours(
        weekday=(time(7), time(22)),
        saturday=None,
        sunday=None,
        on_holidays=False,
        cite="CONDUSEF, DOF 7 Oct 2014, working days as PROFECO reads it",
    ),
    "US-DC": Hours(
        weekday=(time(8), time(21)),
        saturday=(time(8), time(21)),
        sunday=(time(8), time(21)),
        on_holidays=True,
        cite="D.C. Law 24-154, (k), Eastern time",
        channels=CALLS | {"sms"},
        clock="America/New_York",
    ),
    "CL": _CHILE,
    "CL-AP": _CHILE,
    "CL-NB": _CHILE,
    "PE": Hours(
        weekday=(time(7), time(20)),
        saturday=None,
        sunday=None,
        on_holidays=False,
        cite="Ley 29571, art. 62.b",
        clock="America/Lima",
    ),
    "EC": Hours(
        weekday=(time(7), time(20)),
        saturday=None,
        sunday=None,
        on_holidays=False,
        cite="Ley Orgánica de Defensa del Consumidor, art. 49",
    ),
    "BR": Hours(
        weekday=(time(7), time(22)),
        saturday=(time(7), time(22)),
        sunday=(time(7), time(22)),
        on_holidays=True,
        cite="guard: the night's rest, CDC art. 71",
    ),
    "BR-SP": Hours(
        weekday=(time(8), time(20)),
        saturday=(time(8), time(14)),
        sunday=None,
        on_holidays=False,
        cite="Lei 15.426/2014 (SP)",
        channels=CALLS,
    ),
    "BR-ES": Hours(
        weekday=(time(8), time(19)),
        saturday=None,
        sunday=None,
        on_holidays=False,
        cite="Lei 10.626/2017 (ES)",
        channels=CALLS,
    ),
    "BR-RJ": Hours(
        weekday=(time(9), time(19)),
        saturday=None,
        sunday=None,
        on_holidays=False,
        cite="Lei 7.868/18 (RJ); holidays: guard",
        channels=CALLS,
    ),
    "BR-AM": Hours(
        weekday=(time(8), time(19)),
        saturday=None,
        sunday=None,
        on_holidays=False,
        cite="Lei 306/16 (AM); opening and holidays: guard",
        channels=CALLS,
    ),
    "BR-AL": Hours(
        weekday=(time(8), time(20)),
        saturday=(time(8), time(14)),
        sunday=None,
        on_holidays=False,
        cite="Lei 7.782/2016 (AL)",
        channels=CALLS | {"sms"},
    ),
    "AR": Hours(
        weekday=(time(9), time(19)),
        saturday=None,
        sunday=None,
        on_holidays=False,
        cite="guard: no legal hours known",
    ),
    "ES": Hours(
        weekday=(time(9), time(21)),
        saturday=None,
        sunday=None,
        on_holidays=False,
        cite="guard: by analogy, LGDCU art. 96.2",
    ),
    "GB": Hours(
        weekday=(time(8), time(21)),
        saturday=(time(8), time(21)),
        sunday=None,
        on_holidays=True,
        cite="guard: CONC 7.9.4R, no unreasonable times",
    ),
}
"""Strict readings. A state's stand beside its country's, and one that is not named has none."""


@cache
def public_holidays(code: str, year: int) -> frozenset[date]:
    """Holidays of a country or state, with Colombia's of 9 July (Ley 2578 de 2026) in any library.

    Easter Sunday in Peru's is the library's alone; no Sunday is open there.
    """
    country, _, state = code.partition("-")
    found = set(holidays.country_holidays(country, subdiv=state or None, years=year))
    if country == "CO" and year >= 2026:
        ninth = date(year, 7, 9)
        found.add(ninth + timedelta(days=-ninth.weekday() % 7))
    return frozenset(found)


@dataclass(frozen=True)
class Check:
    """One promise, what was looked at to test it, and every breach of it as a sentence."""

    code: str
    kind: Kind
    title: str
    examined: int
    violations: tuple[str, ...]


@dataclass(frozen=True)
class Proof:
    """What the ledger and the receivers' own record prove together."""

    checks: tuple[Check, ...]
    attempts: int
    received: int

    def of(self, *codes: str) -> tuple[str, ...]:
        """The violations of the named checks."""
        return tuple(v for check in self.checks if check.code in codes for v in check.violations)

    def _kind(self, kind: Kind) -> tuple[str, ...]:
        return tuple(v for check in self.checks if check.kind == kind for v in check.violations)

    @property
    def double(self) -> tuple[str, ...]:
        """Contacts somebody got twice, or more often than a cap allows."""
        return self._kind("double")

    @property
    def unlawful(self) -> tuple[str, ...]:
        """Contacts outside the hours, or after an opt-out."""
        return self._kind("unlawful")

    @property
    def record(self) -> tuple[str, ...]:
        """Where the ledger and what was received contradict each other."""
        return self._kind("record")

    @property
    def violations(self) -> tuple[str, ...]:
        """All of them."""
        return tuple(v for check in self.checks for v in check.violations)

    @property
    def holds(self) -> bool:
        """Whether there is no violation at all."""
        return not self.violations

    def as_dict(self) -> dict[str, Any]:
        """The proof as JSON carries it."""
        return {
            "holds": self.holds,
            "attempts": self.attempts,
            "received": self.received,
            "unlawful": len(self.unlawful),
            "double": len(self.double),
            "record": len(self.record),
            "checks": [
                {
                    "code": check.code,
                    "kind": check.kind,
                    "title": check.title,
                    "examined": check.examined,
                    "violations": list(check.violations),
                }
                for check in self.checks
            ],
        }


def instant(value: Any) -> datetime | None:
    """An aware instant from its ISO text; None stays None, a naive one is refused."""
    if value is None or value == "":
        return None
    at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    if at.tzinfo is None:
        raise ValueError(f"an instant without an offset proves nothing: {value}")
    return at


@dataclass(frozen=True)
class _Attempt:
    """One line of the ledger, and every reception of it."""

    row: Row
    country: str | None
    """Of the account, as the portfolio states it; the ledger's jurisdictions apply as well."""
    portfolio_zones: tuple[str, ...]
    receptions: tuple[Row, ...] = ()

    @cached_property
    def id(self) -> str:
        return str(self.row["attempt_id"])

    @cached_property
    def account(self) -> str:
        return f"{self.row['creditor']}/{self.row['account_id']}"

    @cached_property
    def covers(self) -> frozenset[str]:
        return frozenset({self.account, *(self.row.get("covers") or ())})

    @cached_property
    def customer(self) -> str:
        return str(self.row["customer_id"])

    @cached_property
    def countries(self) -> tuple[str, ...]:
        named = [str(code)[:2] for code in self.row.get("jurisdictions") or ()]
        return tuple(dict.fromkeys([*named, *([self.country] if self.country else [])]))

    @cached_property
    def laws(self) -> tuple[str, ...]:
        """The countries, and those of the states named that have hours of their own."""
        named = [str(code) for code in self.row.get("jurisdictions") or ()]
        return (*self.countries, *(code for code in named if "-" in code and code in HOURS))

    @cached_property
    def zones(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys([*(self.row.get("zones") or ()), *self.portfolio_zones]))

    @cached_property
    def made(self) -> bool:
        return bool(self.receptions) or self.row["state"] in MADE

    @cached_property
    def received_at(self) -> tuple[datetime, ...]:
        return tuple(sorted(at for r in self.receptions if (at := instant(r["at"]))))

    @cached_property
    def moments(self) -> tuple[datetime, ...]:
        """When the person was contacted: as received, else as the ledger says it left."""
        if self.received_at:
            return self.received_at
        left = instant(self.row.get("dispatched_at")) or instant(self.row.get("reserved_at"))
        return (left,) if left else ()

    def days(self, at: datetime) -> dict[str, date]:
        return {zone: at.astimezone(ZoneInfo(zone)).date() for zone in self.zones}

    def told(self) -> str:
        return f"attempt {self.id} ({self.row['channel']}, account {self.account})"


@dataclass(frozen=True)
class _Evidence:
    """Everything the checks look at."""

    attempts: tuple[_Attempt, ...]
    received: tuple[Row, ...]
    events: tuple[Row, ...] = ()
    by_id: Mapping[str, _Attempt] = field(default_factory=dict)

    @property
    def made(self) -> tuple[_Attempt, ...]:
        return tuple(a for a in self.attempts if a.made)

    @cached_property
    def customer_of(self) -> dict[str, str]:
        """Whose account it is, by the account's key."""
        return {key: a.customer for a in self.attempts for key in a.covers}


_Found = tuple[int, list[str]]
"""How many were examined, and the violations among them."""


def prove(
    ledger_rows: Iterable[Row],
    received_rows: Iterable[Row],
    *,
    accounts: Iterable[Row] = (),
    events: Iterable[Row] = (),
) -> Proof:
    """Hold the ledger against what was received.

    ``accounts`` (lines of accounts.jsonl) add the country and zones the portfolio itself states;
    ``events`` (lines of events.jsonl) add the opt-outs. Raises KeyError or ValueError on rows that
    lack a field or carry a time without offset: evidence that cannot be read proves nothing.
    """
    evidence = _gather(list(ledger_rows), list(received_rows), list(accounts), list(events))
    checks = []
    for code, kind, title, examine in _CHECKS:
        examined, violations = examine(evidence)
        checks.append(Check(code, kind, title, examined, tuple(violations)))
    return Proof(tuple(checks), len(evidence.attempts), len(evidence.received))


def _gather(
    ledger: list[Row], received: list[Row], accounts: list[Row], events: list[Row]
) -> _Evidence:
    heard: dict[str, list[Row]] = defaultdict(list)
    for row in received:
        heard[str(row.get("attempt"))].append(row)
    stated = {f"{a['creditor']}/{a['account_id']}": a for a in accounts}
    attempts = []
    for row in ledger:
        account = stated.get(f"{row['creditor']}/{row['account_id']}", {})
        zones = tuple(account.get("zones") or ())
        receptions = tuple(heard.get(str(row["attempt_id"]), ()))
        attempts.append(_Attempt(row, account.get("country"), zones, receptions))
    return _Evidence(tuple(attempts), tuple(received), tuple(events), {a.id: a for a in attempts})


# --- double ---------------------------------------------------------------------------------------


def _once(evidence: _Evidence) -> _Found:
    """At most one acceptance that reached a person for one attempt."""
    counts: dict[str, list[str]] = defaultdict(list)
    for row in evidence.received:
        if row.get("attempt"):
            counts[str(row["attempt"])].append(str(row["at"]))
    return len(counts), [
        f"Attempt {attempt} reached the person {len(times)} times: {', '.join(sorted(times))}."
        for attempt, times in counts.items()
        if len(times) > 1
    ]


def _steps(evidence: _Evidence) -> _Found:
    """One attempt for one step of an account, and one line for one attempt."""
    steps: dict[tuple[str, Any], list[str]] = defaultdict(list)
    for attempt in evidence.attempts:
        steps[attempt.account, attempt.row["step"]].append(attempt.id)
    return len(steps), [
        f"Step {step} of account {account} has {len(ids)} attempts: {', '.join(sorted(ids))}."
        for (account, step), ids in steps.items()
        if len(ids) > 1
    ]


def _touches(evidence: _Evidence) -> _Found:
    """No account's owner hears one purpose twice on one day: a touch taken up after it arrived.

    A touch goes on to another channel only when it certainly did not arrive, so two arrivals on one
    day with one purpose are one touch heard twice, whatever the ledger thinks of the first.
    """
    groups: dict[tuple[str, str, str, date], set[str]] = defaultdict(set)
    for attempt in evidence.attempts:
        for at in attempt.received_at:
            for account in attempt.covers:
                for day in set(attempt.days(at).values()):
                    key = (attempt.customer, account, str(attempt.row["purpose"]), day)
                    groups[key].add(attempt.id)
    found = {
        (customer, purpose, day, tuple(sorted(ids)))
        for (customer, _, purpose, day), ids in groups.items()
        if len(ids) > 1
    }
    return len(groups), [
        f"Customer {customer} received the {purpose} of one account {len(ids)} times on {day}: "
        f"attempts {', '.join(ids)}."
        for customer, purpose, day, ids in sorted(found)
    ]


_Contact = tuple[datetime, _Attempt]
_Pair = tuple[_Attempt, _Attempt, int, date]
"""Two contacts of a customer, the local days between them, and the day of the later one."""


def _people(evidence: _Evidence) -> Iterable[list[_Contact]]:
    """The contacts of each customer, in order."""
    people: dict[str, list[_Contact]] = defaultdict(list)
    for attempt in evidence.made:
        people[attempt.customer] += [(at, attempt) for at in attempt.moments]
    for contacts in people.values():
        yield sorted(contacts, key=lambda contact: contact[0])


def _pair(before: _Contact, after: _Contact) -> _Pair:
    (first_at, first), (at, attempt) = before, after
    zones = {*first.zones, *attempt.zones} or {"UTC"}
    walls = [(first_at.astimezone(ZoneInfo(z)), at.astimezone(ZoneInfo(z))) for z in zones]
    gap = min((later.date() - earlier.date()).days for earlier, later in walls)
    return first, attempt, gap, min(later.date() for _, later in walls)


def _pairs(evidence: _Evidence, country: str) -> Iterable[_Pair]:
    """Each contact in a country after the one before it of its customer."""
    for contacts in _people(evidence):
        for before, after in pairwise(contacts):
            if country in after[1].countries:
                yield _pair(before, after)


def _count(evidence: _Evidence, country: str) -> int:
    return sum(country in attempt.countries for attempt in evidence.made)


def _day_cap(evidence: _Evidence) -> _Found:
    """Colombia: one contact a day, over all channels and all accounts of the consumer."""
    return _count(evidence, "CO"), [
        f"Customer {late.customer} was contacted twice on {day}: {early.told()}, then "
        f"{late.told()}; Colombia allows one contact a day (Ley 2300 de 2023, art. 3)."
        for early, late, gap, day in _pairs(evidence, "CO")
        if gap <= 0
    ]


def _week_cap(evidence: _Evidence) -> _Found:
    """Colombia, strict reading: after a contact none within the seven days that end with it."""
    return _count(evidence, "CO"), [
        f"Customer {late.customer} was contacted again {gap} local days after {early.told()}: "
        f"{late.told()} on {day}; the strict reading of Ley 2300 de 2023, art. 3 asks for "
        f"{COLOMBIAN_WEEK}."
        for early, late, gap, day in _pairs(evidence, "CO")
        if 0 < gap < COLOMBIAN_WEEK
    ]


def _us_calls(evidence: _Evidence) -> _Found:
    """United States: seven calls in seven days about one debt, none in the week of a conversation.

    Calls that did not connect do not count (12 CFR 1006.14(b)(3)(ii)); of several zones the one
    with the fewest days between decides, as does the earlier of two records.
    """
    violations = []
    examined = 0
    for customer, account, calls in _american_calls(evidence):
        talks = [at for at, call in calls if call.row.get("outcome") == "conversation"]
        talks += _calls_of(evidence, customer)
        for number, (at, call) in enumerate(calls):
            examined += 1
            earlier = [a for a, _ in calls[:number] if _days_apart(a, at, call) < AMERICAN_WEEK]
            if len(earlier) >= AMERICAN_CALLS:
                violations.append(
                    f"Customer {customer} was called {len(earlier) + 1} times within seven days "
                    f"about {account}: {call.told()} (12 CFR 1006.14(b)(2)(i)(A))."
                )
            if any(a < at and _days_apart(a, at, call) < AMERICAN_WEEK for a in talks):
                violations.append(
                    f"Customer {customer} was called within seven days of a conversation about "
                    f"{account}: {call.told()} (12 CFR 1006.14(b)(2)(i)(B))."
                )
    return examined, violations


def _american_calls(evidence: _Evidence) -> Iterable[tuple[str, str, list[_Contact]]]:
    """The calls that count, by customer and debt, in order."""
    debts: dict[tuple[str, str], list[_Contact]] = defaultdict(list)
    for call in evidence.made:
        connected = call.row.get("outcome") not in UNCONNECTED
        if call.row["channel"] == "voice" and "US" in call.countries and connected:
            for account in call.covers:
                debts[call.customer, account] += [(at, call) for at in call.moments]
    for (customer, account), calls in debts.items():
        yield customer, account, sorted(calls, key=lambda contact: contact[0])


def _calls_of(evidence: _Evidence, customer: str) -> list[datetime]:
    """When the customer called us, or pressed a key in a call of ours."""
    found = []
    for event in evidence.events:
        ours = str(event["kind"]) == "reply" and _channel_of(event) == "voice"
        at = instant(event["at"])
        if ours and at is not None and _customer_of(event, evidence) == customer:
            found.append(at)
    return found


def _days_apart(before: datetime, after: datetime, call: _Attempt) -> int:
    zones = [ZoneInfo(zone) for zone in call.zones or ("UTC",)]
    return min((after.astimezone(z).date() - before.astimezone(z).date()).days for z in zones)


def _ecuador(evidence: _Evidence) -> _Found:
    """Ecuador, strict reading: one contact a day in total."""
    return _count(evidence, "EC"), [
        f"Customer {late.customer} was contacted twice on {day}: {early.told()}, then "
        f"{late.told()}; Ecuador allows one contact a day (art. 49 LODC)."
        for early, late, gap, day in _pairs(evidence, "EC")
        if gap <= 0
    ]


def _chile(evidence: _Evidence) -> _Found:
    """Chile, strict reading: one call or two messages a week, two contacts in all, messages apart.

    The week is the seven local days that end with the contact.
    """
    violations = []
    for contacts in _people(evidence):
        for number, after in enumerate(contacts):
            if "CL" in after[1].countries:
                earlier = [_pair(before, after) for before in contacts[:number]]
                violations += _too_much_in_chile(after[1], earlier)
    return _count(evidence, "CL"), violations


def _too_much_in_chile(late: _Attempt, earlier: Sequence[_Pair]) -> list[str]:
    week = [(early, gap, day) for early, _, gap, day in earlier if gap < CHILEAN_WEEK]
    by_call = late.row["channel"] in CALLS
    like = [(early, gap) for early, gap, _ in week if (early.row["channel"] in CALLS) == by_call]
    broken = []
    if len(week) >= 2:
        broken.append(f"{len(week)} others in the seven days that end with it, of two in all")
    if by_call and like:
        broken.append("another call in those seven days, of one")
    if not by_call and any(gap < CHILEAN_SPACING for _, gap in like):
        broken.append("another message less than two clear days before")
    return [
        f"Customer {late.customer} was contacted on {week[0][2]} with {what} "
        f"(Ley 19.496, art. 37): {late.told()}."
        for what in broken
    ]


# --- unlawful -------------------------------------------------------------------------------------


def _hours(evidence: _Evidence) -> _Found:
    """Inside the lawful window in every candidate zone, by every country that has a say."""
    violations = []
    examined = 0
    for attempt in evidence.made:
        for at in attempt.moments:
            examined += 1
            violations += _out_of_hours(attempt, at)
    return examined, violations


def _out_of_hours(attempt: _Attempt, at: datetime) -> list[str]:
    if not attempt.countries or not attempt.zones:
        return [f"No country or no zone is known for {attempt.told()}: no hour can be lawful."]
    sentences = []
    for code in attempt.laws:
        hours = HOURS.get(code)
        if hours is None:
            sentences.append(f"No hours are known for {code}, where {attempt.told()} was made.")
            continue
        if hours.channels is not None and attempt.row["channel"] not in hours.channels:
            continue
        walls = (at.astimezone(ZoneInfo(zone)) for zone in hours.clocks(attempt.zones))
        sentences += [
            f"Contact at {wall:%H:%M:%S} on {wall:%a} {wall.date()} ({wall.tzinfo}), outside the "
            f"hours of {code} ({hours.cite}): {attempt.told()}."
            for wall in walls
            if not hours.allow(wall, code)
        ]
    return sentences


def _opt_outs(evidence: _Evidence) -> _Found:
    """Nothing on a channel after the person withdrew from it, on whichever account they did."""
    stops = [row for row in evidence.events if str(row["kind"]) in OPT_OUTS]
    violations = []
    confirmed: set[int] = set()
    arrivals = [(at, a) for a in evidence.attempts for at in a.received_at]
    arrivals.sort(key=lambda arrival: arrival[0])
    for number, stop in enumerate(stops):
        since, channel = instant(stop["at"]), _channel_of(stop)
        if since is None:
            continue
        customer = _customer_of(stop, evidence)
        for at, attempt in arrivals:
            if attempt.customer != customer or channel not in (None, attempt.row["channel"]):
                continue
            if at <= since or _had_left(attempt, at, since):
                continue
            if attempt.row["purpose"] == "opt_out_confirmation" and number not in confirmed:
                confirmed.add(number)
                continue
            violations.append(
                f"Customer {customer} opted out of {channel or 'everything'} at "
                f"{since.isoformat()} and was contacted at {at.isoformat()}: {attempt.told()}."
            )
    return len(stops), violations


def _had_left(attempt: _Attempt, at: datetime, since: datetime) -> bool:
    left = instant(attempt.row.get("dispatched_at"))
    return left is not None and left <= since and at - since <= IN_FLIGHT


def _customer_of(event: Row, evidence: _Evidence) -> str | None:
    named = event.get("customer_id")
    return str(named) if named else evidence.customer_of.get(str(event.get("account")))


def _channel_of(event: Row) -> str | None:
    """The channel an opt-out speaks of; None, which is all of them, when it names none."""
    detail = event.get("detail")
    named = event.get("channel") or (detail.get("channel") if isinstance(detail, Mapping) else None)
    if named:
        return str(named)
    words = str(detail or "").lower().replace("-", "").split()
    return next((channel for channel in CHANNELS if channel in words), None)


# --- record ---------------------------------------------------------------------------------------


def _unrecorded(evidence: _Evidence) -> _Found:
    """Everything received is an attempt of the ledger, on its channel, about its account."""
    violations = []
    for row in evidence.received:
        attempt = evidence.by_id.get(str(row.get("attempt")))
        what = f"A message by {row.get('channel')} received at {row['at']}"
        if attempt is None:
            violations.append(f"{what} is no attempt of the ledger ({row.get('attempt')}).")
            continue
        if row["channel"] != attempt.row["channel"]:
            violations.append(f"{what} is another channel than the ledger's {attempt.told()}.")
        if row.get("provider") != attempt.row.get("provider"):
            violations.append(f"{what} is another provider than the ledger's {attempt.told()}.")
        if row.get("account") and row["account"] not in attempt.covers:
            violations.append(f"{what} is of account {row['account']}, not of {attempt.told()}.")
    return len(evidence.received), violations


def _unheard(evidence: _Evidence) -> _Found:
    """Whatever a provider called delivered, somebody received."""
    delivered = [a for a in evidence.attempts if a.row["state"] in HEARD]
    return len(delivered), [
        f"The ledger says {attempt.row['state']}, but nobody received {attempt.told()}."
        for attempt in delivered
        if not attempt.receptions
    ]


def _order(evidence: _Evidence) -> _Found:
    """Reserved, then dispatched, then received, all inside the attempt's own window."""
    violations = []
    for attempt in evidence.made:
        reserved = instant(attempt.row.get("reserved_at"))
        dispatched = instant(attempt.row.get("dispatched_at"))
        if reserved is None or dispatched is None:
            violations.append(f"No reservation or no dispatch is on record for {attempt.told()}.")
            continue
        if dispatched < reserved:
            violations.append(f"Dispatched before it was reserved: {attempt.told()}.")
        for at in attempt.received_at:
            if at < dispatched - CLOCK_TOLERANCE:
                violations.append(f"Received before it was dispatched: {attempt.told()}.")
    return len(evidence.made), violations


def _window(evidence: _Evidence) -> _Found:
    """Accepted in ``[not_before, not_after)``."""
    violations = []
    for attempt in evidence.attempts:
        opens, closes = instant(attempt.row["not_before"]), instant(attempt.row["not_after"])
        for at in attempt.received_at:
            if opens is None or closes is None:
                violations.append(f"No window is on record for {attempt.told()}.")
            elif not opens - CLOCK_TOLERANCE <= at < closes:
                violations.append(
                    f"Accepted at {at.isoformat()}, outside {opens.isoformat()} to "
                    f"{closes.isoformat()}: {attempt.told()}."
                )
    return len(evidence.received), violations


def _states(evidence: _Evidence) -> _Found:
    """Whatever somebody received counts as a contact in the ledger."""
    heard = [a for a in evidence.attempts if a.receptions]
    return len(heard), [
        f"Somebody received {attempt.told()}, which the ledger calls {attempt.row['state']}."
        for attempt in heard
        if attempt.row["state"] not in MADE
    ]


_CHECKS: Final[tuple[tuple[str, Kind, str, Callable[[_Evidence], _Found]], ...]] = (
    ("hours", "unlawful", "Inside the lawful hours, in every zone of the customer", _hours),
    ("opt_out", "unlawful", "Nothing after an opt-out", _opt_outs),
    ("once", "double", "One attempt reaches a person once", _once),
    ("step", "double", "One step is attempted once", _steps),
    ("touch", "double", "Nobody hears one thing twice on a day", _touches),
    ("co_day", "double", "Colombia: one contact a day per person", _day_cap),
    ("co_week", "double", "Colombia: seven days of rest per person", _week_cap),
    ("us_calls", "double", "United States: seven calls a week, none after a talk", _us_calls),
    ("ec_day", "double", "Ecuador: one contact a day per person", _ecuador),
    ("cl_week", "double", "Chile: one call, two messages, two in all a week", _chile),
    ("unrecorded", "record", "Everything received is in the ledger", _unrecorded),
    ("unheard", "record", "Everything delivered was received", _unheard),
    ("order", "record", "Reserved, dispatched, received: in this order", _order),
    ("window", "record", "Accepted inside the attempt's own window", _window),
    ("state", "record", "Everything received counts as a contact", _states),
)


# --- on its own -----------------------------------------------------------------------------------


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The rows of a file of JSON lines; a missing file has none."""
    if not path.exists():
        return []
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        if not line.strip():
            continue
        try:
            rows.append(json.loads(line))
        except ValueError as error:
            raise ValueError(f"{path.name}, line {number}: not JSON: {error}") from error
    return rows


def prove_folder(folder: Path) -> Proof:
    """The proof over the record of a run: ledger, received, and accounts and events if there."""
    return prove(
        read_lines(folder / "ledger.jsonl"),
        read_lines(folder / "received.jsonl"),
        accounts=read_lines(folder / "accounts.jsonl"),
        events=read_lines(folder / "events.jsonl"),
    )


def table(proof: Proof) -> str:
    """The proof as text: a line a check, then every violation."""
    lines = [f"{proof.attempts} attempts, {proof.received} messages received", ""]
    lines += [
        f"  {'ok' if not check.violations else 'BROKEN':<7}{check.title:<56}"
        f"{check.examined:>7} examined {len(check.violations):>5} violations"
        for check in proof.checks
    ]
    lines += ["", *(f"- {violation}" for violation in proof.violations)]
    verdict = "nothing unlawful, nothing twice" if proof.holds else "the proof fails"
    return "\n".join([*lines, verdict])


def main(arguments: Sequence[str]) -> int:
    """Prove a folder; 1 on any violation, 2 when there is nothing that could be proved."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m lab.proof FOLDER\n")
        return 2
    folder = Path(arguments[0])
    for name in ("ledger.jsonl", "received.jsonl"):
        if not (folder / name).exists():
            sys.stderr.write(f"error: {folder / name} is not there: nothing to prove\n")
            return 2
    try:
        proof = prove_folder(folder)
    except (KeyError, ValueError) as error:
        sys.stderr.write(f"error: the record cannot be read: {error!r}\n")
        return 2
    sys.stdout.write(table(proof) + "\n")
    return 0 if proof.holds else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
