"""The pages a compliance officer reads, and the schemas of requests and verdicts.

``contrapunto law docs`` writes them; a test holds the committed ones to the packs.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from config.rule_packs import RulePacks
from domain.law.model import (
    CUSTOMER,
    BindsReplies,
    HoursRule,
    Mark,
    Rule,
    RuleBase,
    RulePack,
    variant,
)
from domain.law.readings import DEFAULTS, READINGS
from domain.law.terms import WEEKDAYS, Week
from domain.law.terms import week_of as laid_out
from workers.cli.law.check import request_schema, verdict_schema
from workers.cli.law.words import effect, listed, spelt, whom

COMMAND: Final = "contrapunto law docs"

_MARKS: Final = {
    Mark.PRIMARY: "the statutory or regulatory text itself was read",
    Mark.CONFIRMED: "a page that quotes or summarises the law says so",
    Mark.CONFLICTING: "sources disagree; a named reading decides",
    Mark.MEMORY: "no source was found; to be checked before it is relied on",
    Mark.UNSPECIFIED: "the law does not say; the engine had to choose",
    Mark.GUARD: "prudence of this engine, not law",
}
_GENERATED: Final = (
    f"<!-- Written by `{COMMAND}` from config/law; edit the pack, not this page. -->\n"
)


def pages(book: RulePacks) -> dict[str, str]:
    """Every file, by its path below docs/."""
    made = {f"law/{_file(pack)}": page(pack) for pack in book.packs.values()}
    made["law/README.md"] = index(book)
    for name, schema in (("law-request", request_schema()), ("law-verdict", verdict_schema())):
        made[f"{name}.schema.json"] = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    return made


def write_pages(book: RulePacks, folder: Path) -> list[Path]:
    """Write them, and remove the page of a pack that is gone."""
    written = []
    for name, text in pages(book).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        written.append(path)
    for stale in set((folder / "law").glob("*.md")) - set(written):
        # What a person wrote there has no such first line.
        if stale.read_text(encoding="utf-8").startswith(_GENERATED):
            stale.unlink()
    return written


def index(book: RulePacks) -> str:
    """The list of packs, what the marks mean, and every reading."""
    lines = [
        _GENERATED,
        "# The law of contact",
        "",
        "One page a jurisdiction: every rule the engine applies, where it comes from, how sure",
        "that is, and how a contested text is read. Readings of public sources, no legal advice.",
        "Packs combine: the strictest of country, state and city holds.",
        "",
        *_table(
            ("Jurisdiction", "Code", "Rules", "Of them not established"),
            (
                (
                    f"[{pack.name}]({_file(pack)})",
                    f"`{pack.jurisdiction}`",
                    str(len(pack.rules)),
                    str(
                        sum(rule.mark not in (Mark.PRIMARY, Mark.CONFIRMED) for rule in pack.rules)
                    ),
                )
                for pack in sorted(book.packs.values(), key=lambda pack: pack.jurisdiction)
            ),
        ),
        "",
        "## Marks",
        "",
        *_table(("Mark", "Meaning"), ((f"`{mark}`", words) for mark, words in _MARKS.items())),
        "",
        "## Readings",
        "",
        "Where a law is contested a named switch decides. An operator sets it in "
        "`CONTRAPUNTO_READINGS`, a request in `readings`; the verdict says which one decided.",
        "",
        *_table(
            ("Reading", "Default", "Other values", "Decides", "Rules"),
            (
                (
                    f"`{name}`",
                    f"`{reading.default}`",
                    ", ".join(f"`{value}`" for value in reading.values[1:]),
                    reading.decides,
                    _depending(book, name),
                )
                for name, reading in READINGS.items()
            ),
        ),
    ]
    return "\n".join(lines) + "\n"


def page(pack: RulePack) -> str:
    """The page of one jurisdiction."""
    binding = [rule for rule in pack.rules if rule.kind != "duty"]
    duties = [rule for rule in pack.rules if rule.kind == "duty"]
    lines = [
        _GENERATED,
        f"# {pack.name} ({pack.jurisdiction})",
        "",
        *([pack.note, ""] if pack.note else []),
        f"[All jurisdictions, marks, readings](README.md). Effective dates begin in {pack.zone}.",
        "",
        *_hours(pack),
        *_holidays(pack),
    ]
    if binding:
        lines += ["## When contact is forbidden", ""]
    lines += [line for rule in binding for line in _rule(rule)]
    if duties:
        lines += ["## What a contact must say or do", ""]
    lines += [line for duty in duties for line in _rule(duty)]
    return "\n".join(lines).rstrip() + "\n"


def _file(pack: RulePack) -> str:
    return f"{pack.jurisdiction.lower()}.md"


def _hours(pack: RulePack) -> list[str]:
    rules = [rule for rule in pack.rules if isinstance(rule, HoursRule)]
    if not rules:
        return []
    rows = []
    for rule in rules:
        for name, readings in _variants(rule):
            shown = variant(rule, readings)
            if isinstance(shown, HoursRule):
                hours = _week(laid_out(shown.windows)) if shown.binds else ["not asked"] * 7
                rows.append((f"`{rule.id}`{name}", *hours))
    head = ("Rule", *(day.capitalize() for day in WEEKDAYS))
    return ["## Hours", "", *_table(head, rows), ""]


def _variants(rule: RuleBase) -> list[tuple[str, dict[str, str]]]:
    """The rule itself, and each other reading that changes its hours."""
    changed = [
        (f" (`{name}={value}`)", {name: value})
        for name, values in rule.by_reading.items()
        for value, changes in values.items()
        if {"windows", "binds"} & set(changes)
    ]
    return [("", {}), *changed]


def _week(week: Week) -> list[str]:
    return [
        "<br>".join(f"{_clock(start)}-{_clock(end)}" for start, end in spans) or "closed"
        for spans in week
    ]


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}"


def _holidays(pack: RulePack) -> list[str]:
    if not pack.calendars:
        return []
    lines = ["## Holidays", ""]
    for name, calendar in pack.calendars.items():
        place = calendar.country + (f"-{calendar.subdivision}" if calendar.subdivision else "")
        corrected = [("added", day) for day in calendar.add]
        corrected += [("removed", day) for day in calendar.remove]
        told = f"Calendar `{name}`: the days of the `holidays` library for {place}"
        lines += [told + (", corrected:" if corrected else ", without correction."), ""]
        if corrected:
            rows = ((day.date.isoformat(), what, day.name, day.cite) for what, day in corrected)
            lines += [*_table(("Date", "", "Day", "Source"), rows), ""]
    return lines


def _rule(rule: Rule) -> list[str]:
    heading = rule.title[0].upper() + rule.title[1:]
    facts = [
        ("Rule", f"`{rule.id}`"),
        ("What it does", effect(rule)),
        ("Binds", whom(rule)),
        ("In force", _in_force(rule)),
        ("Citation", rule.cite),
        ("Mark", f"`{rule.mark}`: {_MARKS[rule.mark]}"),
        ("Source", "<br>".join(f"<{address}>" for address in rule.source)),
        ("Applies only", _conditions(rule)),
        ("Answers", _answers(rule)),
        ("Note", rule.note or ""),
        ("Readings", _readings(rule)),
    ]
    rows = ((name, words) for name, words in facts if words)
    return [f"### {heading}", "", *_table(("", ""), rows), ""]


def _in_force(rule: RuleBase) -> str:
    since, until = rule.effective.since, rule.effective.until
    if since is None and until is None:
        return "always, as far as is known"
    words = [f"from {since}" if since else "", f"until the start of {until}" if until else ""]
    return " ".join(word for word in words if word)


def _conditions(rule: RuleBase) -> str:
    parts = []
    if rule.if_event:
        parts.append(f"where the customer's record has: {listed(rule.if_event)}")
    if rule.unless_event:
        parts.append(f"unless the customer's record has: {listed(rule.unless_event)}")
    if rule.unless_consented:
        parts.append("unless the address is authorised or the customer opted in to it")
    zone = getattr(rule, "zone", CUSTOMER)
    if zone != CUSTOMER:
        parts.append(f"by the clock of {zone}, wherever the customer is")
    return "; ".join(parts)


def _answers(rule: RuleBase) -> str:
    return {
        BindsReplies.BOUND: "",
        BindsReplies.ONCE: "one answer on the channel of the customer's own message stays open",
        BindsReplies.SAME_SPELL: "one answer on the channel of the customer's own message "
        "stays open while the closed time in which it came lasts",
    }[rule.reply]


def _readings(rule: Rule) -> str:
    lines = []
    for name, values in rule.by_reading.items():
        lines.append(f"`{name}` = `{DEFAULTS[name]}` (default): as above")
        lines += [
            f"`{name}` = `{value}`: {_changed(rule, changes)}" for value, changes in values.items()
        ]
    if isinstance(rule, HoursRule) and rule.boundary == "reading":
        lines.append(
            "`boundary`: the opening second is lawful and the closing second is not (default)"
        )
    return "<br>".join(lines)


def _changed(rule: Rule, changes: Mapping[str, Any]) -> str:
    if changes.get("binds") is False:
        return "this rule does not apply"
    title = changes.get("title")
    told = [f"the rule reads: {title}"] if title else []
    told += [f"{spelt(name)} {listed(value)}" for name, value in changes.items() if name != "title"]
    return "; ".join(told) or "no change"


def _depending(book: RulePacks, name: str) -> str:
    if name == "boundary":
        return "all hours whose text leaves it open"
    rules = (rule for pack in book.packs.values() for rule in pack.rules)
    found = [f"`{rule.id}`" for rule in rules if name in rule.by_reading]
    return ", ".join(found) or "none in the packs"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    body = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    return [_row(head), _row(["---"] * len(head)), *map(_row, body)]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
