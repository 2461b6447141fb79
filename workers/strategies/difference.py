"""What differs between two strategies, in words, by phase and field."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from domain.strategy import Phase, Strategy

_NAMES: Final = frozenset({"id", "version"})
"""They tell two strategies apart; nothing is decided by them."""


def differences(old: Strategy, new: Strategy) -> Iterator[str]:
    """One line for each thing that is otherwise in ``new``; none where both do the same."""
    before, after = _by_name(old), _by_name(new)
    for name, phase in after.items():
        if name not in before:
            yield f"phase {name}: new, {_days(phase)}"
    for name, phase in before.items():
        if name not in after:
            yield f"phase {name}: gone, it was {_days(phase)}"
    kept = [name for name in before if name in after]
    if kept != [name for name in after if name in before]:
        yield f"phases: another order, {', '.join(after)}"
    for name in kept:
        if before[name].days_past_due != after[name].days_past_due:
            yield f"phase {name}: {_days(before[name])}, becomes {_days(after[name])}"
        both = (before[name], after[name])
        pair = [one.model_dump(mode="json", exclude={"days_past_due", "name"}) for one in both]
        for line in _otherwise(pair[0], pair[1], ""):
            yield f"phase {name}: {line}"
    rest = [one.model_dump(mode="json", exclude={"phases", *_NAMES}) for one in (old, new)]
    yield from _otherwise(rest[0], rest[1], "")


def _by_name(strategy: Strategy) -> dict[str, Phase]:
    return {phase.name: phase for phase in strategy.phases}


def _days(phase: Phase) -> str:
    first, last = phase.days_past_due
    return f"days {first} to {last}"


def _otherwise(old: Any, new: Any, path: str) -> Iterator[str]:
    if old == new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in dict.fromkeys((*old, *new)):
            inner = f"{path}.{name}" if path else str(name)
            yield from _otherwise(old.get(name), new.get(name), inner)
        return
    if _is_list(old) and _is_list(new):
        more = [_said(one) for one in new if one not in old]
        less = [_said(one) for one in old if one not in new]
        if more or less:
            told = [f"with {', '.join(more)}"] if more else []
            told += [f"without {', '.join(less)}"] if less else []
            yield f"{path}: {', '.join(told)}"
        # Where one is said again and again, as the last purpose may be, its place matters, too.
        if [one for one in old if one in new] != [one for one in new if one in old]:
            yield f"{path}: another order, {', '.join(map(_said, new))}"
        return
    if old is None:
        yield f"{path}: {_said(new)}, where nothing was said"
    elif new is None:
        yield f"{path}: nothing is said, where it was {_said(old)}"
    else:
        yield f"{path}: {_said(old)}, becomes {_said(new)}"


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _said(value: Any) -> str:
    if isinstance(value, Mapping):
        named = ((name, one) for name, one in value.items() if one not in (None, [], {}))
        return "(" + ", ".join(f"{name} {_said(one)}" for name, one in named) + ")"
    if _is_list(value):
        return ", ".join(map(_said, value)) if value else "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
