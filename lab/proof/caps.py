"""How often the law lets anybody be contacted: strict readings of each country's count of days."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from lab.proof.answers import requested
from lab.proof.confirmations import NO_COUNT, lawful
from lab.proof.hours import CALLS
from lab.proof.record import Attempt, Evidence, Found, instant

COLOMBIAN_WEEK: Final = 7
"""Strict reading of Ley 2300, art. 3: a contact on day D stops counting on day D+7."""

CHILEAN_WEEK: Final = 7
CHILEAN_SPACING: Final = 3
"""Strict readings of Ley 19.496, art. 37: a message on day D, the next on D+3."""

AMERICAN_WEEK: Final = 7
AMERICAN_CALLS: Final = 7
UNCONNECTED: Final = frozenset({"busy", "not_in_service"})
SILENT: Final = frozenset({"busy", "failed"})
"""States, in the receiver's record, of a call that no telephone rang for."""


Contact = tuple[datetime, Attempt]
Pair = tuple[Attempt, Attempt, int, date]
"""Two contacts of a customer, the local days between them, and the day of the later one."""


def contacts_of_people(evidence: Evidence) -> Iterable[tuple[frozenset[str], list[Contact]]]:
    """The contacts that count for each person, in order: of each customer (the ids that are theirs,
    under which those are that were made with them), and of each handset.

    Two customers with one account are one customer who was given another id; but not who stands for
    it beside its debtor. What was said of an account to anybody counts for all who are part of it.
    A handset that several customers share is one person's as well: whoever holds it hears them all.
    """
    names = _one_name(evidence)
    people: dict[str, list[Contact]] = defaultdict(list)
    theirs = {name: frozenset(w for w, n in names.items() if n == name) for name in names.values()}
    for attempt in evidence.made:
        made = [(at, attempt) for at in attempt.moments]
        of_account = {
            *(evidence.customer_of[key] for key in attempt.covers if key in evidence.customer_of),
            *(who for who, keys in evidence.stands_for.items() if keys & attempt.covers),
        }
        for name in {names[who] for who in {attempt.customer, *of_account} if who in names}:
            people[name] += made
    for arrivals in evidence.by_handset.values():
        heard = [(a.at, a.attempt) for a in arrivals if a.attempt is not None]
        if len({names[attempt.customer] for _, attempt in heard}) > 1:
            people[arrivals[0].handset] = heard
            theirs[arrivals[0].handset] = frozenset(attempt.customer for _, attempt in heard)
    for who, contacts in people.items():
        yield theirs[who], sorted(contacts, key=lambda contact: contact[0])


def _one_name(evidence: Evidence) -> dict[str, str]:
    """One of the ids of each customer, the same for all ids that one account was under."""
    names = {attempt.customer: attempt.customer for attempt in evidence.attempts}
    first: dict[str, str] = {}
    for attempt in evidence.attempts:
        if attempt.party is not None:
            continue
        known = first.setdefault(attempt.account, attempt.customer)
        old, new = names[attempt.customer], names[known]
        if old != new:
            names = {who: new if name == old else name for who, name in names.items()}
    return names


def _pair(before: Contact, after: Contact) -> Pair:
    (first_at, first), (at, attempt) = before, after
    zones = {*first.zones, *attempt.zones} or {"UTC"}
    walls = [(first_at.astimezone(ZoneInfo(z)), at.astimezone(ZoneInfo(z))) for z in zones]
    gap = min((later.date() - earlier.date()).days for earlier, later in walls)
    return first, attempt, gap, min(later.date() for _, later in walls)


def _pairs(evidence: Evidence, country: str) -> Iterable[Pair]:
    """Each contact in a country after the one before it of its customer.

    Where an answer is not counted it is no later one; but what follows it counts from there.
    """
    free = lawful(evidence) | requested(evidence) if country in NO_COUNT else frozenset()
    for theirs, contacts in contacts_of_people(evidence):
        for number, after in enumerate(contacts):
            at, attempt = after
            if country not in attempt.countries or (attempt.id, at) in free:
                continue
            if before := _counting(theirs, contacts[:number], attempt)[-1:]:
                yield _pair(before[0], after)


def _counting(
    theirs: frozenset[str], earlier: Sequence[Contact], late: Attempt
) -> Sequence[Contact]:
    """Of what counts for a person, what counts against one contact with them: what was made with
    them, and what was said to anybody of an account that it speaks of. Nothing does against a
    contact with another: that is judged as theirs."""
    if late.customer not in theirs:
        return ()
    return [one for one in earlier if one[1].customer in theirs or one[1].covers & late.covers]


def _count(evidence: Evidence, country: str) -> int:
    return sum(country in attempt.countries for attempt in evidence.made)


def colombian_day(evidence: Evidence) -> Found:
    """Colombia: one contact a day, over all channels and all accounts of the consumer."""
    return _count(evidence, "CO"), [
        f"Customer {late.customer} was contacted twice on {day}: {early.words()}, then "
        f"{late.words()}; Colombia allows one contact a day (Ley 2300 de 2023, art. 3)."
        for early, late, gap, day in _pairs(evidence, "CO")
        if gap <= 0
    ]


def colombian_week(evidence: Evidence) -> Found:
    """Colombia, strict reading: after a contact none within the seven days that end with it."""
    return _count(evidence, "CO"), [
        f"Customer {late.customer} was contacted again {gap} local days after {early.words()}: "
        f"{late.words()} on {day}; the strict reading of Ley 2300 de 2023, art. 3 asks for "
        f"{COLOMBIAN_WEEK}."
        for early, late, gap, day in _pairs(evidence, "CO")
        if 0 < gap < COLOMBIAN_WEEK
    ]


def american_calls(evidence: Evidence) -> Found:
    """United States: seven calls in seven days about one debt, none in the week of a conversation.

    Calls that did not connect do not count (12 CFR 1006.14(b)(3)(ii)); of several zones the one
    with the fewest days between decides, as does the earlier of two records.
    """
    violations = []
    examined = 0
    for account, calls in _counted_calls(evidence):
        talks = [at for at, call in calls if call.row.get("outcome") == "conversation"]
        talks += _calls_of(evidence, {call.customer for _, call in calls})
        for number, (at, call) in enumerate(calls):
            examined += 1
            earlier = [a for a, _ in calls[:number] if _days_apart(a, at, call) < AMERICAN_WEEK]
            if len(earlier) >= AMERICAN_CALLS:
                violations.append(
                    f"Customer {call.customer} was called {len(earlier) + 1} times within seven "
                    f"days about {account}: {call.words()} (12 CFR 1006.14(b)(2)(i)(A))."
                )
            if any(a < at and _days_apart(a, at, call) < AMERICAN_WEEK for a in talks):
                violations.append(
                    f"Customer {call.customer} was called within seven days of a conversation "
                    f"about {account}: {call.words()} (12 CFR 1006.14(b)(2)(i)(B))."
                )
    return examined, violations


def _counted_calls(evidence: Evidence) -> Iterable[tuple[str, list[Contact]]]:
    """The calls that count, by debt, in order."""
    debts: dict[str, list[Contact]] = defaultdict(list)
    for call in evidence.made:
        connected = call.row.get("outcome") not in UNCONNECTED
        if call.row["channel"] == "voice" and "US" in call.countries and connected:
            for account in call.covers:
                debts[account] += [(at, call) for at in call.moments]
    for account, calls in debts.items():
        yield account, sorted(calls, key=lambda contact: contact[0])


def _calls_of(evidence: Evidence, customers: set[str]) -> list[datetime]:
    """When the customer called us, or pressed a key in a call of ours."""
    found = []
    for event in evidence.events:
        detail = event.get("detail")
        channel = detail.get("channel") if isinstance(detail, Mapping) else None
        ours = str(event["kind"]) == "reply" and channel == "voice"
        at = instant(event["at"])
        named = event.get("customer_id") or evidence.customer_of.get(str(event.get("account")))
        if ours and at is not None and named in customers:
            found.append(at)
    return found


def _days_apart(before: datetime, after: datetime, call: Attempt) -> int:
    zones = [ZoneInfo(zone) for zone in call.zones or ("UTC",)]
    return min((after.astimezone(z).date() - before.astimezone(z).date()).days for z in zones)


def ecuadorian_day(evidence: Evidence) -> Found:
    """Ecuador, strict reading: one contact a day in total."""
    return _count(evidence, "EC"), [
        f"Customer {late.customer} was contacted twice on {day}: {early.words()}, then "
        f"{late.words()}; Ecuador allows one contact a day (art. 49 LODC)."
        for early, late, gap, day in _pairs(evidence, "EC")
        if gap <= 0
    ]


def chilean_week(evidence: Evidence) -> Found:
    """Chile, strict reading: one call or two messages a week, two contacts in all, messages apart.

    The week is the seven local days that end with the contact. A call to a number that is none, or
    is busy, is no telephone contact of anybody.
    """
    violations = []
    for theirs, everything in contacts_of_people(evidence):
        contacts = [contact for contact in everything if _rang(contact[1])]
        for number, after in enumerate(contacts):
            if after[1].customer in theirs and "CL" in after[1].countries:
                counted = _counting(theirs, contacts[:number], after[1])
                earlier = [_pair(before, after) for before in counted]
                violations += _too_much_in_chile(after[1], earlier)
    return _count(evidence, "CL"), violations


def _rang(attempt: Attempt) -> bool:
    """False of a call for which no telephone rang: the receiver's record says so, or has none of a
    call that the ledger says did not connect."""
    if attempt.row["channel"] not in CALLS:
        return True
    states = [str(one["status"]) for one in attempt.receptions]
    if not states:
        return attempt.row.get("outcome") not in UNCONNECTED
    return not SILENT.issuperset(states)


def _too_much_in_chile(late: Attempt, earlier: Sequence[Pair]) -> list[str]:
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
        f"(Ley 19.496, art. 37): {late.words()}."
        for what in broken
    ]
