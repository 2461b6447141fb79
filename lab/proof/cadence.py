"""Messages about one account keep the distance that the operator's strategy asks for."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date

from lab.proof.answers import approaches
from lab.proof.record import PERSON, Arrival, Evidence, Found

_OF_AGREEMENTS = frozenset(
    {"plan_reminder", "plan_missed", "settlement_offer", "settlement_reminder"}
)


def too_close(evidence: Evidence) -> Found:
    """Two messages about one account are as many local days apart as the milder phase asks for.

    A message counts for every account that it covers, whoever's attempt it was and whatever its
    purpose and phase. Only what arrived counts: a message that takes up one that certainly did not
    reach the person is the first they hear of it. Answers to what somebody said are no touches, and
    words about a payment plan or a settlement keep no more than a day.
    Whatever a person wrote keeps later ones away, but the strategy does not bind people themselves.
    """
    if not evidence.min_days:
        return 0, []
    least = min(evidence.min_days.values())
    about: dict[str, list[Arrival]] = defaultdict(list)
    contacts = approaches(evidence)
    for arrival in evidence.arrivals:
        if arrival.attempt is not None and (arrival.id, arrival.at) in contacts:
            for account in arrival.attempt.covers:
                about[account].append(arrival)
    found: dict[tuple[str, str], tuple[set[str], str]] = {}
    for account, arrivals in about.items():
        for early, late, told in _broken(arrivals, evidence.min_days, least):
            found.setdefault((early, late), (set(), told))[0].add(account)
    return sum(map(len, about.values())), [
        f"Two messages about {', '.join(sorted(accounts))} came {told}"
        for accounts, told in found.values()
    ]


def _broken(
    arrivals: list[Arrival], min_days: Mapping[str, int], least: int
) -> Iterator[tuple[str, str, str]]:
    """The attempts of each later message that came too soon, and of the latest before it."""
    for number, late in enumerate(arrivals):
        if late.purpose == PERSON:
            continue
        for early in reversed(arrivals[:number]):
            wanted = min(min_days.get(early.phase, least), min_days.get(late.phase, least))
            if late.purpose in _OF_AGREEMENTS:
                wanted = 1
            gap, day = days_between(early, late)
            if early.id != late.id and gap < wanted:
                told = (
                    f"{gap} local days apart, of {wanted} at least: the {early.purpose} of "
                    f"{early.phase} ({early.id}), then the {late.purpose} of {late.phase} on {day} "
                    f"({late.id})."
                )
                yield early.id, late.id, told
                break


def days_between(early: Arrival, late: Arrival) -> tuple[int, date]:
    """The fewest local days between two arrivals, in any zone of either; and the later's day."""
    walls = [(early.at.astimezone(z), late.at.astimezone(z)) for z in {*early.zones, *late.zones}]
    gap = min((after.date() - before.date()).days for before, after in walls)
    return gap, min(after.date() for _, after in walls)
