"""Every pack with one thing changed: a rule gone, a minute, a number, a filter, a reading."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import ValidationError

from config.rule_packs import RulePacks
from domain.law.model import RULE, DutyRule, Rule, RulePack, StopRule, variant
from domain.law.request import EPOCH, LawEvent
from lab.mutation import code

MINUTES = (-1, 1)


@dataclass(frozen=True)
class PackMutant:
    """A pack of which one rule is another, or gone."""

    name: str
    pack: RulePack
    rules: tuple[Rule, ...]
    rule_id: str

    @property
    def group(self) -> str:
        """The pack."""
        return self.pack.jurisdiction

    @property
    def place(self) -> str:
        """The rule."""
        return self.rule_id

    @contextmanager
    def applied(self) -> Iterator[None]:
        """The pack changed in place, for all who hold it, and changed back."""
        before = self.pack.rules
        self.pack.__dict__["rules"] = self.rules
        code.forget_plans()
        try:
            yield
        finally:
            self.pack.__dict__["rules"] = before
            code.forget_plans()


def mutants(book: RulePacks) -> Iterator[PackMutant]:
    """All of them, pack by pack."""
    for pack in book.packs.values():
        for place, rule in enumerate(pack.rules):
            before, after = pack.rules[:place], pack.rules[place + 1 :]
            yield PackMutant(f"{rule.id}: gone", pack, before + after, rule.id)
            for words, changed in _changed(rule):
                rules = (*before, changed, *after)
                yield PackMutant(f"{rule.id}: {words}", pack, rules, rule.id)


def _changed(rule: Rule) -> Iterator[tuple[str, Rule]]:
    fields = rule.model_dump(by_alias=True, exclude_unset=True)
    for words, changes in (*_anywhere(rule, fields), *_numbers(fields), *_words(rule, fields)):
        try:
            changed = RULE.validate_python({**fields, **changes})
        except ValidationError:
            continue
        if changed != rule:
            yield words, changed
    for name, values in rule.by_reading.items():
        for value in values:
            yield f"{name}={value} as the default", variant(rule, {name: value})
            deaf = {**rule.by_reading, name: {**values, value: {}}}
            yield f"{name}={value} changes nothing", rule.model_copy(update={"by_reading": deaf})


def _anywhere(rule: Rule, fields: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Changes that every kind of rule knows."""
    if not isinstance(rule, DutyRule):
        yield "outcome", {"outcome": "review" if rule.outcome == "denied" else "denied"}
    yield "binds: the other way", {"binds": not rule.binds}
    yield from _filters(rule, fields)
    for reply in ("bound", "once", "same_spell"):
        if rule.reply not in ("bound", reply):
            yield f"reply: {reply}", {"reply": reply}
    for name, day in (("from", rule.effective.since), ("until", rule.effective.until)):
        if day is None:
            continue
        for days in (-1, 1):
            moved = {**fields["effective"], name: day + timedelta(days=days)}
            yield f"effective {name} {days:+} day", {"effective": moved}


def _filters(rule: Rule, fields: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name in ("actors", "channels", "parties", "purposes", "contact_points", "debt_types"):
        if fields.get(name) is not None:
            yield f"{name}: any", {name: None}
            yield from _fewer(name, fields[name])
    for name in ("not_debt_types", "if_event", "unless_event", "unless_named"):
        if fields.get(name):
            yield f"no {name}", {name: []}
    if rule.autodialed is not None:
        yield "autodialed: any", {"autodialed": None}


def _fewer(name: str, values: Sequence[Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """A list without each of its values, while one is left."""
    for value in values if len(values) > 1 else ():
        yield f"{name}: without {value}", {name: [v for v in values if v != value]}


def _numbers(fields: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name in ("limit", "days", "clear_days", "hours", "within_days", "grace_hours"):
        if isinstance(fields.get(name), int):
            for step in (-1, 1):
                yield f"{name} {step:+}", {name: fields[name] + step}
    period = fields.get("period")
    if period and period.get("days"):
        for step in (-1, 1):
            yield f"period {step:+} day", {"period": {**period, "days": period["days"] + step}}
    for place, leave in enumerate(fields.get("leaves", ())):
        rest = [one for other, one in enumerate(fields["leaves"]) if other != place]
        yield f"leaves: without {leave['purpose']}", {"leaves": rest}
        channels = leave.get("channels")
        if channels is not None:
            changed = {**leave, "channels": None}
            yield f"leaves: {leave['purpose']} on any channel", {"leaves": [*rest, changed]}
        for one in channels or ():
            changed = {**leave, "channels": [c for c in channels if c != one]}
            yield f"leaves: {leave['purpose']} not by {one}", {"leaves": [*rest, changed]}
        for name in ("limit", "within_minutes"):
            for step in (-1, 1) if leave.get(name) else ():
                changed = {**leave, name: leave[name] + step}
                yield f"leaves: {leave['purpose']} {name} {step:+}", {"leaves": [*rest, changed]}


def _words(rule: Rule, fields: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Changes to the fields that only some kinds have."""
    yield from _windows(fields)
    for name in ("weekdays", "calendars", "events", "authorized_hours", "media", "lifted_by"):
        values = fields.get(name)
        if isinstance(values, list | tuple):
            for value in values:
                yield f"{name}: without {value}", {name: [v for v in values if v != value]}
    for name in ("in_writing", "contact_known", "types", "not_types"):
        if fields.get(name) is not None:
            yield f"{name}: any", {name: () if name == "not_types" else None}
            yield from _fewer(name, fields[name])
    yield from _flags(rule)
    if "unit" in fields:
        other = "debt" if fields["unit"] == "person" else "person"
        yield f"unit: {other}", {"unit": other}
    if fields.get("contact") in ("first", "later"):
        yield "contact: any", {"contact": "any"}
    if isinstance(fields.get("lifted_by"), dict):
        yield from _lift(fields["lifted_by"])
    if fields.get("zone"):
        yield "zone: customer", {"zone": "customer"}
    yield from _counts(fields)


def _flags(rule: Rule) -> Iterator[tuple[str, dict[str, Any]]]:
    for name in (
        *("any_account", "unknown_point", "inbound", "authorized"),
        *("unless_inbound", "unless_consented", "said"),
    ):
        if name == "unknown_point" and isinstance(rule, StopRule) and _of_no_address(rule):
            continue  # equal: it is asked of events that name an address
        if name in type(rule).model_fields:
            yield f"{name}: the other way", {name: not getattr(rule, name)}


def _of_no_address(rule: StopRule) -> bool:
    """Whether its event speaks of no one address, whichever it came by."""
    event = LawEvent.model_construct(kind=rule.event, at=EPOCH, contact_point_id="a")
    return event.address is None


def _windows(fields: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    windows = fields.get("windows", ())
    for place, window in enumerate(windows):
        for edge in ("from", "to"):
            for minutes in MINUTES:
                moved = {**window, edge: _moved(window[edge], minutes)}
                changed = [*windows[:place], moved, *windows[place + 1 :]]
                yield f"window {place} {edge} {minutes:+} minute", {"windows": changed}
        for day in window["days"]:
            fewer = {**window, "days": [one for one in window["days"] if one != day]}
            changed = [*windows[:place], fewer, *windows[place + 1 :]]
            yield f"window {place} without {day}", {"windows": changed}


def _moved(clock: str, minutes: int) -> str:
    total = int(clock[:2]) * 60 + int(clock[3:]) + minutes
    return f"{total // 60:02}:{total % 60:02}"


def _counts(fields: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    counts = fields.get("counts")
    if not counts:
        return
    for name, value in counts.items():
        rest = {other: v for other, v in counts.items() if other != name}
        if isinstance(value, bool):
            yield f"counts: {name} {not value}", {"counts": {**counts, name: not value}}
        elif value is not None:
            yield f"counts: no {name}", {"counts": rest}
            for one in value if len(value) > 1 else ():
                fewer = [v for v in value if v != one]
                yield f"counts: {name} without {one}", {"counts": {**counts, name: fewer}}


def _lift(lift: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "never lifted", {"lifted_by": None}
    for name in ("days", "contacts"):
        for step in (-1, 1) if lift.get(name) else ():
            yield f"lifted {name} {step:+}", {"lifted_by": {**lift, name: lift[name] + step}}
    other = not lift.get("until_conversation", True)
    yield f"lifted until_conversation {other}", {"lifted_by": {**lift, "until_conversation": other}}
