"""What an operator should look at first: worked out, with the figures it rests on.

Two kinds. What is *compared* (a rate with that of the period before, a template with the others)
counts only with enough data, a difference that matters, and more than chance: all comparisons of a
report together raise a false alarm in at most ``FALSE_ALARMS`` of the reports in which nothing
differs, since each is held to its part of that (Bonferroni). What is *counted* (work that waits, a
channel that has fallen silent) needs no such test.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from domain.model import Model
from domain.report.statistics import Share, chance_of_fewer, chance_of_more, difference

FALSE_ALARMS: Final = 0.04
"""Of all reports in which nothing differs."""
ENOUGH: Final = 200
"""Attempts, contacts or accounts on either side."""
ENOUGH_PROMISES: Final = 100
DELIVERY_POINTS: Final = 0.03
"""By so much delivery has to fall."""
KEPT_POINTS: Final = 0.05
"""By so much the share of kept promises has to fall."""
TIMES: Final = 1.5
"""So many times as often, what is rare has to happen."""
FEWEST: Final = 5
"""Of what is rare."""
HALF: Final = 0.5
"""Right-party contact, or cures, have to be at most so much of what they stand beside."""
SILENT_AFTER: Final = 100
"""Contacts of a channel in the period before, where there are none now."""
LATE_ITEMS: Final = 10
LATEST: Final = timedelta(hours=24)
"""Work of the two most urgent priorities, once it is late by so much; of all others, so many."""


class FindingKind(StrEnum):
    """What there is to look at, the weightiest first."""

    ARM_CLOSED = "arm_closed"
    ARMS_MISMATCH = "arms_mismatch"
    CHANNEL_SILENT = "channel_silent"
    DELIVERY_FELL = "delivery_fell"
    UNKNOWN_ROSE = "unknown_rose"
    WORK_WAITS = "work_waits"
    EXPERIMENT_DECIDED = "experiment_decided"
    COMPLAINTS_ROSE = "complaints_rose"
    OPT_OUTS_ROSE = "opt_outs_rose"
    TEMPLATE_OPT_OUTS = "template_opt_outs"
    KEPT_FELL = "kept_fell"
    RIGHT_PARTY_FELL = "right_party_fell"
    FEW_CURES = "few_cures"


class Finding(Model):
    """One thing to look at."""

    kind: FindingKind
    subject: str
    """What it is of: ``sms/twilio``, ``reminder/sms/es``, a strategy."""
    what: str
    why: str
    todo: str
    figures: dict[str, float]


class Late(NamedTuple):
    """Work of one reason at the end of the period."""

    reason: str
    priority: int
    open: int
    late: int
    since: datetime | None
    """When the item that is latest should have been looked at."""


class Trial(NamedTuple):
    """What was found of an experiment in the period."""

    kind: str
    """``closed``, ``decided`` or ``mismatch``."""
    subject: str
    """The experiment, or ``<experiment>:<arm>``."""
    why: str


Pair = tuple[Share, Share]
"""Of the period, and of the one before."""


@dataclass
class Material:
    """What findings are worked out from."""

    ends: datetime
    delivery: Mapping[str, Pair] = field(default_factory=dict)
    """By channel and provider: delivered, of what is certain."""
    codes: Mapping[str, Sequence[tuple[str, int, int]]] = field(default_factory=dict)
    """By channel and provider: what the provider said of failures, how often now and before."""
    unknown: Mapping[str, Pair] = field(default_factory=dict)
    opt_outs: Mapping[str, Pair] = field(default_factory=dict)
    """By channel, of its contacts."""
    templates: Mapping[tuple[str, str, str], Share] = field(default_factory=dict)
    """By purpose, channel and language: opt-outs that followed, of its contacts."""
    complaints: Pair | None = None
    kept: Pair | None = None
    right_party: Pair | None = None
    cures: Mapping[str, Share] = field(default_factory=dict)
    """By strategy: cured, of the accounts that were contacted."""
    contacts: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """By channel: contacts now and before."""
    late: Sequence[Late] = ()
    trials: Sequence[Trial] = ()


class _Comparison(NamedTuple):
    """One that has enough data. ``judge``: the finding, if it holds at a chance of so much."""

    judge: Callable[[float], Finding | None]


def findings(material: Material) -> list[Finding]:
    """What there is to look at, the weightiest first."""
    compared = list(_comparisons(material))
    chance = FALSE_ALARMS / max(1, len(compared))
    found = [one for comparison in compared if (one := comparison.judge(chance))]
    found += [*_silent(material), *_waiting(material), *_trials(material)]
    order = list(FindingKind)
    return sorted(found, key=lambda one: (order.index(one.kind), one.subject))


def _comparisons(material: Material) -> Iterable[_Comparison]:
    for place, pair in material.delivery.items():
        if _enough(pair):
            yield _Comparison(_delivery(place, pair, material.codes.get(place, ())))
    for place, pair in material.unknown.items():
        if _enough(pair):
            yield _Comparison(_rarer(pair, *_unknown(place)))
    for channel, pair in material.opt_outs.items():
        if _enough(pair):
            yield _Comparison(_rarer(pair, *_opt_outs(channel)))
    if material.complaints and _enough(material.complaints):
        yield _Comparison(_rarer(material.complaints, *_COMPLAINTS))
    yield from _of_templates(material.templates)
    if material.kept and _enough(material.kept, ENOUGH_PROMISES):
        yield _Comparison(_kept(material.kept))
    if material.right_party and _enough(material.right_party):
        yield _Comparison(_right_party(material.right_party))
    yield from _of_strategies(material.cures)


def _enough(pair: Pair, least: int = ENOUGH) -> bool:
    return all(share.whole >= least for share in pair)


def percent(rate: float) -> str:
    """A rate as people read it."""
    digits = 1 if rate >= 0.01 or rate == 0 else 2
    return f"{100 * rate:.{digits}f} %"


def _of(share: Share) -> str:
    return f"{percent(share.rate)} ({share.part:,} of {share.whole:,})"


def _figures(now: Share, other: Share, more: Mapping[str, float] | None = None) -> dict[str, float]:
    told = {"part": now.part, "whole": now.whole, "other_part": other.part}
    return {**told, "other_whole": other.whole, **(more or {})}


def _fell(pair: Pair, chance: float, points: float) -> tuple[float, float, float] | None:
    """How much, at least and at most, where a share is certainly lower by what counts."""
    now, before = pair
    # One side alone is asked about, so both may hold twice the chance.
    low, high = difference(now, before, 1 - 2 * chance)
    down = before.rate - now.rate
    return (down, -high, -low) if down >= points and high < 0 else None


def _delivery(
    place: str, pair: Pair, codes: Sequence[tuple[str, int, int]]
) -> Callable[[float], Finding | None]:
    now, before = pair

    def judge(chance: float) -> Finding | None:
        fell = _fell(pair, chance, DELIVERY_POINTS)
        if fell is None:
            return None
        grown = sorted(codes, key=lambda one: one[2] - one[1])[:1]
        said = "".join(
            f" The code that grew most is {code}: {new:,} times, {old:,} before."
            for code, new, old in grown
            if new > old
        )
        return Finding(
            kind=FindingKind.DELIVERY_FELL,
            subject=place,
            what=f"{place}: delivery fell to {_of(now)}, from {_of(before)} in the period before.",
            why=f"{100 * fell[0]:.1f} points less, and by all but chance at least "
            f"{100 * fell[1]:.1f}.{said}",
            todo="Look the code up in the provider's console, and see whether one country or one "
            "sender is behind it (the table of failures). Let another provider go first meanwhile.",
            figures=_figures(now, before, {"points": fell[0], "at_least": fell[1]}),
        )

    return judge


def _rarer(
    pair: Pair, kind: FindingKind, subject: str, name: str, todo: str
) -> Callable[[float], Finding | None]:
    now, other = pair

    def judge(chance: float) -> Finding | None:
        if now.part < FEWEST or now.rate < TIMES * other.rate:
            return None
        likely = chance_of_more(now, other)
        if likely > chance:
            return None
        return Finding(
            kind=kind,
            subject=subject,
            what=f"{subject}: {name} rose to {_of(now)}, from {_of(other)} in the period before.",
            why=f"{_times(now, other)} as often. By chance alone it comes once in "
            f"{_once_in(likely)} such comparisons.",
            todo=todo,
            figures=_figures(now, other, {"chance": likely}),
        )

    return judge


def _times(now: Share, other: Share) -> str:
    return f"{now.rate / other.rate:.1f} times" if other.rate else "Never before, not"


def _once_in(chance: float) -> str:
    return f"{min(1 / chance, 1e6):,.0f}" if chance > 1e-6 else "more than a million"


def _unknown(place: str) -> tuple[FindingKind, str, str, str]:
    todo = (
        "See whether the provider answers slowly or not at all (the log of the workers), and "
        "settle what is unknown (`contrapunto ledger unknown`): nobody is contacted anew "
        "meanwhile."
    )
    return FindingKind.UNKNOWN_ROSE, place, "unknown outcomes", todo


def _opt_outs(channel: str) -> tuple[FindingKind, str, str, str]:
    todo = (
        "See which template they followed (the table of templates), and whether a phase contacts "
        "more often than before. A stop is for good: rather send less until it is clear."
    )
    return FindingKind.OPT_OUTS_ROSE, channel, "opt-outs", todo


_COMPLAINTS: Final = (
    FindingKind.COMPLAINTS_ROSE,
    "email",
    "complaints",
    "Mailbox providers hold back senders that people mark as spam, from about 0.1 % on: send less "
    "by e-mail, and see that the link to unsubscribe is easy to find.",
)


def _of_templates(templates: Mapping[tuple[str, str, str], Share]) -> Iterable[_Comparison]:
    for (purpose, channel, language), share in templates.items():
        others = [
            other
            for (its, by, _), other in templates.items()
            if by == channel and (its, by, _) != (purpose, channel, language)
        ]
        rest = Share(sum(one.part for one in others), sum(one.whole for one in others))
        if share.whole >= ENOUGH and rest.whole >= ENOUGH:
            yield _Comparison(_template(f"{purpose}/{channel}/{language}", share, rest))


def _template(subject: str, share: Share, rest: Share) -> Callable[[float], Finding | None]:
    def judge(chance: float) -> Finding | None:
        if share.part < FEWEST or share.rate < 2 * rest.rate:
            return None
        likely = chance_of_more(share, rest)
        if likely > chance:
            return None
        return Finding(
            kind=FindingKind.TEMPLATE_OPT_OUTS,
            subject=subject,
            what=f"{subject}: after this template {_of(share)} stop, after the others of its "
            f"channel {_of(rest)}.",
            why=f"{_times(share, rest)} as often. By chance alone it comes once in "
            f"{_once_in(likely)} such comparisons. It may be its words, or to whom and when it is "
            "sent.",
            todo="Read its words beside those of the others, and change them or when it is sent; "
            "try the change in an experiment.",
            figures=_figures(share, rest, {"chance": likely}),
        )

    return judge


def _lower(
    pair: Pair,
    finding: tuple[FindingKind, str],
    said: tuple[str, str],
    least: float,
    by: tuple[float, str],
) -> Callable[[float], Finding | None]:
    """A share that is lower than before by ``least`` or more. ``said``: what fell, and what to do;
    ``by``: of what the fall is told in hundredths, and how."""
    now, before = pair
    whole, unit = by

    def judge(chance: float) -> Finding | None:
        fell = _fell(pair, chance, least)
        if fell is None or not before.part:
            return None
        down, at_least = (100 * one / whole for one in fell[:2])
        return Finding(
            kind=finding[0],
            subject=finding[1],
            what=f"{said[0]} fell to {_of(now)}, from {_of(before)} in the period before.",
            why=unit.format(down=down, at_least=at_least),
            todo=said[1],
            figures=_figures(now, before, {"points": fell[0], "at_least": fell[1]}),
        )

    return judge


def _kept(pair: Pair) -> Callable[[float], Finding | None]:
    todo = (
        "See whether promises are taken for larger amounts or later days than before, and "
        "whether payments come in as they should: a file that is late breaks promises, too."
    )
    points = "{down:.1f} points less, and by all but chance at least {at_least:.1f}."
    return _lower(
        pair,
        (FindingKind.KEPT_FELL, "promises"),
        ("Promises kept", todo),
        KEPT_POINTS,
        (1, points),
    )


def _right_party(pair: Pair) -> Callable[[float], Finding | None]:
    before = pair[1].rate
    todo = (
        "See at which hours calls are made (the table of hours), and whether the number that "
        "calls is shown as spam: call yourself."
    )
    fewer = "{down:.0f} % fewer, and by all but chance at least {at_least:.0f} %."
    return _lower(
        pair,
        (FindingKind.RIGHT_PARTY_FELL, "calls"),
        ("Calls that reach the customer", todo),
        (1 - HALF) / 2 * before,
        (before, fewer),
    )


def _of_strategies(cures: Mapping[str, Share]) -> Iterable[_Comparison]:
    for strategy, share in cures.items():
        others = [other for name, other in cures.items() if name != strategy]
        rest = Share(sum(one.part for one in others), sum(one.whole for one in others))
        if share.whole >= ENOUGH and rest.whole >= ENOUGH:
            yield _Comparison(_strategy(strategy, share, rest))


def _strategy(strategy: str, share: Share, rest: Share) -> Callable[[float], Finding | None]:
    def judge(chance: float) -> Finding | None:
        if share.rate > HALF * rest.rate or rest.part < FEWEST:
            return None
        likely = chance_of_fewer(share, rest)
        if likely > chance:
            return None
        return Finding(
            kind=FindingKind.FEW_CURES,
            subject=strategy,
            what=f"Strategy {strategy}: {_of(share)} of the accounts it contacted are cured, of "
            f"those of the others {_of(rest)}.",
            why=f"By chance alone it comes once in {_once_in(likely)} such comparisons. Whom it "
            "has may be harder to collect from: this compares, and proves nothing.",
            todo="Compare accounts of one bucket, or let an experiment say. Where contacts bring "
            "nothing, fewer of them, a plan or a person's call may.",
            figures=_figures(share, rest, {"chance": likely}),
        )

    return judge


def _silent(material: Material) -> Iterable[Finding]:
    for channel, (now, before) in material.contacts.items():
        if not now and before >= SILENT_AFTER:
            yield Finding(
                kind=FindingKind.CHANNEL_SILENT,
                subject=channel,
                what=f"{channel}: no contact any more, after {before:,} in the period before.",
                why="A channel that is used stops at once only by an outage, a configuration or a "
                "strategy.",
                todo="`contrapunto config check` says what is wrong with the configuration, and "
                "`contrapunto account show` of an account that waits, what it waits for.",
                figures={"contacts": now, "before": before},
            )


def _waiting(material: Material) -> Iterable[Finding]:
    for one in material.late:
        by = material.ends - one.since if one.since else timedelta()
        urgent = one.priority <= 2 and by >= LATEST
        if not urgent and one.late < LATE_ITEMS:
            continue
        hours = by.total_seconds() / 3600
        yield Finding(
            kind=FindingKind.WORK_WAITS,
            subject=one.reason,
            what=f"{one.late:,} of {one.open:,} open work items of reason {one.reason} are late.",
            why=f"The first should have been looked at {hours:,.0f} hours before the period's end."
            + (" Its customer is contacted by nobody meanwhile." if one.priority <= 2 else ""),
            todo=f"`contrapunto work list --reason {one.reason}` lists them, the most urgent "
            "first.",
            figures={"open": one.open, "late": one.late, "hours": round(hours, 1)},
        )


_TRIALS: Final = {
    "closed": (
        FindingKind.ARM_CLOSED,
        "Arm {subject} is closed: its people go on with the champion.",
        "Read the figures (`contrapunto experiment status`) before you try anything like it again.",
    ),
    "mismatch": (
        FindingKind.ARMS_MISMATCH,
        "Experiment {subject}: its arms have not the people that they should have.",
        "Believe none of its figures until it is clear who is missing, and why.",
    ),
    "decided": (
        FindingKind.EXPERIMENT_DECIDED,
        "Experiment {subject} has a verdict.",
        "Read it (`contrapunto experiment status`), and make the better arm the strategy of all.",
    ),
}


def _trials(material: Material) -> Iterable[Finding]:
    yield from map(of_trial, material.trials)


def of_trial(trial: Trial) -> Finding:
    """What an operator has to look at of an experiment."""
    kind, what, todo = _TRIALS[trial.kind]
    return Finding(
        kind=kind,
        subject=trial.subject,
        what=what.format(subject=trial.subject),
        why=trial.why,
        todo=todo,
        figures={},
    )
