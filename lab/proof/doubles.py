"""Nobody heard one thing twice."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any, Final

from lab.proof.answers import answered, approaches
from lab.proof.record import CONFIRMATION, Arrival, Evidence, Found

A_DAY: Final = timedelta(hours=24)


def once(evidence: Evidence) -> Found:
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


def steps(evidence: Evidence) -> Found:
    """One attempt for one step of an account, and one line for one attempt."""
    steps: dict[tuple[str, Any], list[str]] = defaultdict(list)
    for attempt in evidence.attempts:
        steps[attempt.account, attempt.row["step"]].append(attempt.id)
    return len(steps), [
        f"Step {step} of account {account} has {len(ids)} attempts: {', '.join(sorted(ids))}."
        for (account, step), ids in steps.items()
        if len(ids) > 1
    ]


def touches(evidence: Evidence) -> Found:
    """No account's owner hears one purpose twice on one day: a touch taken up after it arrived.

    A touch goes on to another channel only when it certainly did not arrive, so two arrivals on one
    day with one purpose are one touch heard twice, whatever the ledger thinks of the first, and
    under whatever customer's id it knows the owner.
    """
    groups: dict[tuple[str, str, date], set[str]] = defaultdict(set)
    whose: dict[str, str] = {}
    answers = answered(evidence)
    for arrival in evidence.arrivals:
        # Whoever stops on two channels may be answered on both, and who asks twice a day twice:
        # each answer is judged by itself.
        answer = arrival.purpose == CONFIRMATION or (arrival.id, arrival.at) in answers
        if arrival.attempt is not None and not answer:
            for account in arrival.attempt.covers:
                whose[account] = arrival.attempt.customer
                for day in arrival.days:
                    groups[account, arrival.says, day].add(arrival.id)
    found = {
        (whose[account], purpose, day, tuple(sorted(ids)))
        for (account, purpose, day), ids in groups.items()
        if len(ids) > 1
    }
    return len(groups), [
        f"Customer {customer} received the {purpose} of one account {len(ids)} times on {day}: "
        f"attempts {', '.join(ids)}."
        for customer, purpose, day, ids in sorted(found)
    ]


# --- by address: a person is whoever holds the handset, under however many customers' ids ---------


def addresses(evidence: Evidence) -> Found:
    """No handset or mailbox is contacted for two customers on one local day."""
    return len(evidence.arrivals), [
        f"{late.row['to']} was contacted for two customers on one day: {early.words()} for "
        f"{early.customer}, then {late.words()} for {late.customer}."
        for early, late in _repeated(evidence, lambda a, b: _same_day(a, b) and _two_people(a, b))
    ]


def repeats(evidence: Evidence) -> Found:
    """No handset or mailbox hears one purpose twice within 24 hours, about whatever account."""
    return len(evidence.arrivals), [
        f"{late.row['to']} heard the {late.says} twice within 24 hours: {early.words()}, then "
        f"{late.words()}."
        for early, late in _repeated(
            evidence, lambda a, b: a.says == b.says and b.at - a.at < A_DAY
        )
    ]


def words(evidence: Evidence) -> Found:
    """No handset or mailbox reads the same words twice on a day under two names of a purpose."""
    read = sum(bool(_words(arrival)) for arrival in evidence.arrivals)
    return read, [
        f"{late.row['to']} read the same words twice on one day, as {early.purpose} of "
        f"{early.phase} ({early.words()}) and as {late.purpose} of {late.phase} ({late.words()})."
        for early, late in _repeated(evidence, _same_words)
    ]


def _repeated(
    evidence: Evidence, again: Callable[[Arrival, Arrival], bool]
) -> Iterator[tuple[Arrival, Arrival]]:
    """Of each handset: every contact that repeats one before it, with the latest such one."""
    contacts = approaches(evidence)
    for arrivals in evidence.by_handset.values():
        touches = [a for a in arrivals if (a.id, a.at) in contacts]
        for number, late in enumerate(touches):
            for early in reversed(touches[:number]):
                if late.at - early.at > 2 * A_DAY:
                    break  # no local day and no rule here reaches further back
                if early.id != late.id and again(early, late):
                    yield early, late
                    break


def _same_day(early: Arrival, late: Arrival) -> bool:
    return bool(early.days & late.days)


def _two_people(early: Arrival, late: Arrival) -> bool:
    return early.customer != late.customer


def _same_words(early: Arrival, late: Arrival) -> bool:
    other = (early.purpose, early.phase) != (late.purpose, late.phase)
    said = _words(late)
    return other and _same_day(early, late) and bool(said) and said == _words(early)


def _words(arrival: Arrival) -> str:
    """The words alone: links differ with every attempt, and amounts from day to day."""
    text = re.sub(r"https?://\S+", " ", str(arrival.row.get("text") or ""))
    return " ".join(re.findall(r"[^\W\d_]+", text.casefold()))
