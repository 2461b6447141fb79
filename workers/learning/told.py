"""What is known of a policy, in plain words and as JSON."""

from collections.abc import Iterator
from typing import Any

from domain.learning.evaluation import Estimate, Evaluation
from domain.learning.policy import EVERYWHERE, Policy, Ranking

_VERDICTS = {
    "better": "it would have drawn more payments and answers than what was done",
    "worse": "it would have drawn fewer payments and answers than what was done",
    "no_difference": "no difference from what was done can be told",
}


def words(policy: Policy, found: Evaluation) -> Iterator[str]:
    """In sentences, the answer first."""
    name = f"policy {policy.id}, version {policy.version}"
    if found.refused is not None:
        yield f"{name}: no answer. {found.refused[:1].upper()}{found.refused[1:]}."
        yield (
            "What helps: more time, or a policy that stays closer to what has been tried "
            "(a higher floor, fewer parts of the day)."
        )
    else:
        yield f"{name}: {_VERDICTS[found.verdict]}."
    if found.dr is not None and found.done is not None and found.gain is not None:
        yield f"Payments or answers within 72 hours, as it was done: {_rate(found.done)}"
        yield f"With this policy (doubly robust): {_rate(found.dr)}"
        yield f"Difference, in points: {_points(found.gain)}"
        assert found.ips is not None and found.snips is not None  # noqa: S101 - all or none
        yield f"By inverse propensity alone: {_rate(found.ips)}; self-normalised: " + _rate(
            found.snips
        )
    yield (
        f"{found.windows} windows of {found.persons} persons in which a policy chose, worth "
        f"{found.effective:.0f} of its own; the weightiest counts {found.largest:.1f} times; "
        f"{found.untried:.1%} of what it would do was never tried."
    )


def own_days(policy: Policy, windows: int, *, in_sample: bool) -> str:
    """What is to be said of windows that lie in the days a policy was made of."""
    days = f"{windows} windows from {policy.made.since} to {policy.made.until}, of which it is made"
    if in_sample:
        return f"{days}, are among them: all that follows looks better than it is."
    return (
        f"{days}, say nothing of it and are left out. To judge it sooner: `learn fit --to` earlier."
    )


def as_json(policy: Policy, found: Evaluation) -> dict[str, Any]:
    """The same for programs."""
    ranking = Ranking.of(policy)
    estimates = {"done": found.done, "ips": found.ips, "snips": found.snips, "dr": found.dr}
    estimates["gain"] = found.gain
    return {
        "policy": policy.id,
        "version": policy.version,
        "digest": ranking.digest,
        "verdict": found.verdict,
        "refused": found.refused,
        "windows": found.windows,
        "persons": found.persons,
        "effective": round(found.effective, 1),
        "largest_weight": None if found.largest == float("inf") else round(found.largest, 3),
        "untried": round(found.untried, 6),
        "never_tried": list(found.never[:20]),
        **{name: one and one._asdict() for name, one in estimates.items()},
    }


def learnt(policy: Policy) -> Iterator[str]:
    """What a policy would choose where everything is allowed, context by context."""
    ranking, made = Ranking.of(policy), policy.made
    yield (
        f"policy {policy.id}, version {policy.version}, digest {ranking.digest}: {made.windows} "
        f"windows from {made.since} to {made.until}, {made.chosen} of them chosen by a policy"
    )
    options = sorted(policy.channels.get(EVERYWHERE, {}))
    for where in sorted(policy.channels):
        yield f"{_where(policy, where)}: {_chances(policy, where, 'channels', options)}"
    parts = sorted(policy.hours.get(EVERYWHERE, {}))
    for where in sorted(policy.hours) if parts else ():
        yield f"{_where(policy, where)}: {_chances(policy, where, 'hours', parts)}"

    tones = sorted(policy.tones.get(EVERYWHERE, {}))
    for where in sorted(policy.tones) if tones else ():
        yield f"{_where(policy, where)}: {_chances(policy, where, 'tones', tones)}"


def _where(policy: Policy, where: str) -> str:
    if where == EVERYWHERE:
        return "everywhere"
    values = where.split("|")
    return ", ".join(f"{f.value} {v}" for f, v in zip(policy.context, values, strict=False))


def _chances(policy: Policy, where: str, kind: str, options: list[Any]) -> str:
    ranking = Ranking.of(policy)
    values = where.split("|") if where != EVERYWHERE else []
    context = {f.value: v for f, v in zip(policy.context, values, strict=False)}
    asked = {"channels": ranking.channels, "hours": ranking.hours, "tones": ranking.tones}[kind]
    told = asked(context, [str(one) for one in options])
    counts: Any = getattr(policy, kind).get(where, {})
    said = []
    for name, p in sorted(told.items(), key=lambda one: -one[1]):
        one = counts.get(name)
        seen = f" ({one.won:.0f} of {one.tried:.0f})" if one else ""
        said.append(f"{name} {p:.0%}{seen}")
    return ", ".join(said)


def _rate(one: Estimate) -> str:
    return f"{one.value:.2%} ({max(one.low, 0):.2%} to {min(one.high, 1):.2%})"


def _points(one: Estimate) -> str:
    return f"{100 * one.value:+.2f} ({100 * one.low:+.2f} to {100 * one.high:+.2f})"
