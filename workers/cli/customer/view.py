"""The printed view of one customer. Times are UTC, and beside it those of where they live."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from config.settings import Settings
from domain.account import AccountStatus, PromiseState
from domain.calendar import shown_zone
from domain.conversation.keywords import Intent, Meaning
from domain.conversation.media import Media
from domain.conversation.media import in_words as in_lines
from domain.conversation.reader import name_of
from domain.conversation.wishes.preference import Preference
from domain.planning.words import short_cite
from store.audit.writing import looked
from store.database import Pool
from workers.cli.customer.prefer import in_words as wishes
from workers.cli.customer.record import NOT_LISTED, Record, record_of
from workers.cli.output import account_shown, folding, in_words, line, show_rows, shown
from workers.cli.rules import rules_factory
from workers.cli.work_items.items import show_items
from workers.clock import Clock

log = logging.getLogger(__name__)


async def show_customer(
    pool: Pool,
    settings: Settings,
    customer_id: str,
    since: datetime | None,
    by: str | None,
    at: datetime | Clock,
    console: Console,
    *,
    as_json: bool,
) -> None:
    """Print all that is on record of a customer; with their words for ``by``, whose look is logged.

    ``by`` None: without the words.
    """
    factory = rules_factory(settings)
    record = await record_of(pool, factory, customer_id, since, at, words=by is not None)
    if by is not None:
        await tell_look(pool, by, customer_id, record)
    if as_json:
        console.file.write(line(record.told) + "\n")
        return
    _print(record, console)


async def tell_look(pool: Pool, by: str, customer_id: str, record: Record) -> None:
    """Somebody is about to look at a customer with their words."""
    count = len(record.told["messages"])
    await looked(pool, [customer_id], {"messages": count})
    log.info("%s looked at customer %s and %d messages, with words", by, customer_id, count)


def _print(record: Record, console: Console) -> None:
    told, zones = record.told, record.told["zones"]
    _heading(told, zones, console)
    _section(console, "Contact points", _points(told, zones) if told["contact_points"] else None)
    _section(console, "Accounts", _accounts(told, zones) if told["accounts"] else None)
    if told["parties"]:
        _section(console, "Beside them", _parties(told["parties"], "Who", "customer_id"))
    if told["stands_for"]:
        _section(console, "Stands for", _parties(told["stands_for"], "Debtor", "debtor"))
    if told["promises"]:
        _section(console, _kept(told["keeping"]), _promises(told["promises"], zones))
    if told["plans"]:
        _section(console, "Payment plans", _plans(told["plans"], zones))
    if told["disputes"]:
        _section(console, "Disputes", _disputes(told["disputes"], zones))
    if told["hardships"]:
        _section(console, "Hardships", _hardships(told["hardships"], zones))
    if told["settlement_offers"]:
        _section(console, "Settlement offers", _offers(told["settlement_offers"], zones))
    if told["payments"]:
        _section(console, "Payments", _payments(told["payments"], zones))
    if told["holds"]:
        _section(console, "Holds", _holds(told["holds"], zones))
    _section(console, "On file", _on_file(told["on_file"], zones) if told["on_file"] else None)
    if record.work:
        console.print("\n[bold]Work")
        show_items(record.work, record.now, console, as_json=False)
    said = _messages(told["messages"], zones, words=told["words"]) if told["messages"] else None
    _section(console, "Messages", said)
    if told["by_people"]:
        _section(console, "Contacts by people", _by_people(told["by_people"], zones))
    console.print("\n[bold]What happened")
    show_rows(told["timeline"], zones, console)


def _section(console: Console, title: str, table: Table | None) -> None:
    console.print(f"\n[bold]{title}" if table else f"\n[bold]{title}:[/] none", highlight=False)
    if table:
        console.print(table)


def _heading(told: Mapping[str, Any], zones: Sequence[str], console: Console) -> None:
    table = Table(show_header=False, box=None)
    wish = wishes(Preference.model_validate(told["wishes"])) if told["preferences"] else None
    for name, value in (
        ("customer", told["customer_id"]),
        ("the same person as", ", ".join(told["other_ids"])),
        ("place", told["region"] or told["country"]),
        ("zones", ", ".join(zones)),
        ("locale", told["locale"]),
        ("preferred channel, by file", told["preferred_channel"]),
        ("wants to be reached", wish),
        ("contacted by", "persons alone: vulnerable" if told["vulnerable"] else None),
        ("seen", in_words(told["seen_at"], zones)),
        ("since", told["since"] and in_words(told["since"], zones)),
    ):
        if value:
            table.add_row(f"[dim]{name}", shown(value))
    console.print(table)


def _points(told: Mapping[str, Any], zones: Sequence[str]) -> Table:
    table = folding("Channel", "Address", "Kind", "Consent", "Used", lines=True)
    accounts = told["accounts"]
    collected = [one["account"] for one in accounts if one["status"] == AccountStatus.OPEN]
    for point in told["contact_points"]:
        table.add_row(
            point["channel"],
            shown(point["address"]),
            point["kind"],
            shown(_consent(point, zones)),
            _lines(_used(point, collected, zones)),
        )
    return table


def _consent(point: Mapping[str, Any], zones: Sequence[str]) -> str:
    at, listed = point["consent_at"], point["consented"]
    if at is None:
        return "listed with consent, by whom is not on record" if listed else "none"
    who = point["consent_recorded_by"]
    by = f", by {who}" if who else ", by whom is not on record"
    recorded = point["consent_recorded_at"]
    late = f", on record {in_words(recorded, zones)}" if recorded and recorded > at else ""
    return f"{in_words(at, zones)}{by}{late}" + ("" if listed else "; not listed with consent now")


def _used(
    point: Mapping[str, Any], collected: Sequence[str], zones: Sequence[str]
) -> Iterator[str]:
    """For which accounts, and why not; said once where it is the same for all."""
    if not point["current"]:
        yield NOT_LISTED
        return
    if not collected:
        yield "not used: no open account"
    whys = {account: point["not_used"][account] for account in collected}
    if len(set(whys.values())) == 1:
        whys = {"": next(iter(whys.values()))}
    for account, why in whys.items():
        about = f"{account}: " if account else ""
        yield about + (f"not used: {why}" if why else "may be used")
    if point["suppressed"]:
        since = point["suppressed_at"]
        when = f" since {in_words(since, zones)}" if since else ""
        yield f"suppressed{when}: {point['suppressed']}"


def _money(amount: Decimal, currency: str) -> str:
    return f"{amount} {currency}"


def _accounts(told: Mapping[str, Any], zones: Sequence[str]) -> Table:
    table = folding(
        *("Account", "Balance", "Days past due", "Phase", "Strategy", "Standing", "Next"),
        lines=True,
    )
    for one in told["accounts"]:
        formerly = [f"formerly {', '.join(one['formerly'])}"] if one["formerly"] else []
        table.add_row(
            _lines([one["account"], *formerly]),
            f"{_money(one['balance'], one['currency'])}\nas of {one['balance_as_of']:%Y-%m-%d}",
            _lines(_past_due(one)),
            shown(one["phase"] or ""),
            _lines(_strategy(one)),
            _lines(_standing(one, told["seen_at"], zones)),
            _lines(_next(one, zones)),
        )
    return table


def _past_due(one: Mapping[str, Any]) -> Iterator[str]:
    yield str(one["days_past_due"])
    yield f"due {one['oldest_due_date']}"
    if one["counted_from"] != one["oldest_due_date"]:
        yield f"counted from {one['counted_from']}"


def _strategy(one: Mapping[str, Any]) -> Iterator[str]:
    yield one["strategy"]
    if one["chosen_because"] is not None:
        yield one["chosen_because"]


def _standing(one: Mapping[str, Any], now: datetime, zones: Sequence[str]) -> Iterator[str]:
    if one["status"] == AccountStatus.CLOSED:
        at = f", {in_words(one['closed_at'], zones)}" if one["closed_at"] else ""
        yield f"closed: {(one['close_reason'] or 'no reason').replace('_', ' ')}{at}"
        return
    yield (one["standing"] or "not planned yet").replace("_", " ")
    if one["hold_until"] and one["hold_until"] > now:
        yield f"on hold until {in_words(one['hold_until'], zones)}: {one['hold_reason']}"


def _next(one: Mapping[str, Any], zones: Sequence[str]) -> Iterator[str]:
    if one["status"] != AccountStatus.CLOSED and one["next_summary"]:
        yield one["next_summary"]
        yield in_words(one["next_at"], zones)


def _parties(parties: Sequence[Mapping[str, Any]], title: str, whose: str) -> Table:
    table = folding("Account", title, "As", "Since", "Until", "Proof")
    for one in parties:
        table.add_row(
            account_shown(one["account"]),
            shown(one[whose]),
            one["role"],
            str(one["since"]),
            str(one["until"] or ""),
            shown(one["proof"] or ""),
        )
    return table


def _kept(keeping: Mapping[str, int]) -> str:
    words = ", ".join(f"{keeping[state]} {state}" for state in PromiseState)
    parts = keeping["parts_kept"], keeping["parts_broken"]
    if sum(parts) == keeping["kept"] + keeping["broken"]:
        return f"Promises: {words}"
    return f"Promises: {words} (of their parts {parts[0]} kept, {parts[1]} broken)"


def _promises(promises: Sequence[Mapping[str, Any]], zones: Sequence[str]) -> Table:
    table = folding(*_when(zones), "Account", "Promised", "By", "What came of it")
    for one in promises:
        over = f", {in_words(one['settled_at'], zones)}" if one["settled_at"] else ""
        parts = one["parts"] or [one]
        table.add_row(
            *_at(one["made_at"], zones),
            account_shown(one["account"]),
            _lines(_money(it["amount"], one["currency"]) for it in parts),
            _lines(str(it["due_on"]) for it in parts),
            f"{one['state']}, paid {_money(one['paid'], one['currency'])}{over}",
        )
    return table


def _plans(plans: Sequence[Mapping[str, Any]], zones: Sequence[str]) -> Table:
    table = folding(*_when(zones), "Account", "Plan", "Instalments", "What came of it", lines=True)
    for one in plans:
        currency, parts = one["currency"], one["instalments"]
        over = f", {in_words(one['ended_at'], zones)}" if one["ended_at"] else ""
        why = f": {one['ended_why']}" if one["ended_why"] else ""
        table.add_row(
            *_at(one["agreed_at"], zones),
            account_shown(one["account"]),
            shown(one["plan_id"]),
            _lines(
                f"{it['due_on']} {_money(it['amount'], currency)} {it['state']}" for it in parts
            ),
            shown(f"{one['state']}{over}, paid {_money(one['paid'], currency)}{why}"),
        )
    return table


def _disputes(disputes: Sequence[Mapping[str, Any]], zones: Sequence[str]) -> Table:
    table = folding(
        *_when(zones), "Account", "Dispute", "Answer due", "What came of it", lines=True
    )
    for one in disputes:
        over = f", {in_words(one['resolved_at'], zones)}" if one["resolved_at"] else ""
        fixed = f", {in_words(one['corrected_at'], zones)}" if one["corrected_at"] else ""
        why = f": {one['resolved_why']}" if one["resolved_why"] else ""
        note = [one["note"]] if one["note"] else []
        table.add_row(
            *_at(one["opened_at"], zones),
            account_shown(one["account"]),
            _lines([f"{one['dispute_id']}: {one['reason']}", *note, *one["documents"]]),
            str(one["answer_due"]),
            shown(f"{one['state']}{over}{fixed}{why}"),
        )
    return table


def _hardships(hardships: Sequence[Mapping[str, Any]], zones: Sequence[str]) -> Table:
    table = folding(*_when(zones), "Account", "Hardship", "Review", "What came of it", lines=True)
    for one in hardships:
        over = f", {in_words(one['ended_at'], zones)}" if one["ended_at"] else ""
        why = f": {one['ended_why']}" if one["ended_why"] else ""
        table.add_row(
            *_at(one["began_at"], zones),
            account_shown(one["account"]),
            shown(f"{one['hardship_id']}: {one['reason']}"),
            str(one["review_date"]),
            shown(f"{one['state']}{over}{why}"),
        )
    return table


def _offers(offers: Sequence[Mapping[str, Any]], zones: Sequence[str]) -> Table:
    table = folding(
        *_when(zones), "Account", "Offer", "To pay", "By", "What came of it", lines=True
    )
    for one in offers:
        currency = one["currency"]
        over = f", {in_words(one['ended_at'], zones)}" if one["ended_at"] else ""
        why = f": {one['ended_why']}" if one["ended_why"] else ""
        paid = f", paid {_money(one['paid'], currency)}" if one["accepted_at"] else ""
        by = [f"{one['offered_by']} ({one['offered_as']})"]
        if one["approved_by"]:
            by.append(f"approved: {one['approved_by']} ({one['approved_as']})")
        table.add_row(
            *_at(one["offered_at"], zones),
            account_shown(one["account"]),
            shown(one["offer_id"]),
            _lines(
                [
                    f"{_money(one['amount'], currency)} for {_money(one['balance'], currency)}",
                    f"by {one['due_on']}" if one["due_on"] else f"until {one['expires_on']}",
                ]
            ),
            _lines(by),
            shown(f"{one['state']}{over}{paid}{why}"),
        )
    return table


def _payments(payments: Sequence[Mapping[str, Any]], zones: Sequence[str]) -> Table:
    table = folding(*_when(zones), "Account", "Paid", "Id")
    for one in payments:
        paid = _money(one["amount"], one["currency"])
        table.add_row(
            *_at(one["paid_at"], zones),
            account_shown(one["account"]),
            paid,
            shown(one["payment_id"]),
        )
    return table


def _holds(holds: Sequence[Mapping[str, Any]], zones: Sequence[str]) -> Table:
    table = folding(*_when(zones), "Account", "What", "Until", "Why")
    for one in holds:
        until = in_words(one["until"], zones) if one["until"] else ""
        table.add_row(
            *_at(one["at"], zones),
            account_shown(one["account"]),
            one["kind"],
            until,
            shown(one["reason"] or ""),
        )
    return table


def _on_file(events: Sequence[Mapping[str, Any]], zones: Sequence[str]) -> Table:
    table = folding(*_when(zones), "What", "Of", "On record", "More", lines=True)
    for one in events:
        on_record = [in_words(one["recorded_at"], zones)] if one["recorded_at"] else []
        by = [f"by {one['recorded_by']}"] if one["recorded_by"] else []
        more = [f"{name.replace('_', ' ')}: {value}" for name, value in one["detail"].items()]
        table.add_row(
            *_at(one["at"], zones),
            shown(one["kind"].replace("_", " ")),
            _lines(_about(one)),
            _lines([*on_record, *by]),
            _lines([*more, *([one["text"]] if one["text"] else [])]),
        )
    return table


def _about(one: Mapping[str, Any]) -> Iterator[str]:
    """What an event is about, as far as it says."""
    yield one["channel"] or "all channels"
    if one["address"]:
        yield one["address"]
    yield one["account"] or "all accounts"
    if not one["this_person"]:
        yield "said by somebody else"


def _messages(messages: Sequence[Mapping[str, Any]], zones: Sequence[str], *, words: bool) -> Table:
    table = folding(*_when(zones), "", "By", "What", "Words" if words else "", lines=True)
    for one in messages:
        is_in = one["direction"] == "in"
        table.add_row(
            *_at(one["at"], zones),
            "wrote" if is_in else "we",
            _lines([one["channel"], *([one["address"]] if one["address"] else [])]),
            _lines(_read(one) if is_in else _told(one)),
            shown(_words(one) if is_in else one["own_words"] or one["script"] or ""),
        )
    return table


def _words(one: Mapping[str, Any]) -> str:
    """What was written, and a line for each file that came with it."""
    files = in_lines([Media.model_validate(file) for file in one["media"]])
    return "\n".join(filter(None, (one["text"], *files)))


def _by_people(contacts: Sequence[Mapping[str, Any]], zones: Sequence[str]) -> Table:
    table = folding(*_when(zones), "What", "Of", "By", "What came of it", "Note", lines=True)
    for one in contacts:
        came = [(one["result"] or "begun").replace("_", " ")]
        if one["callback_at"]:
            came.append(f"to be called {in_words(one['callback_at'], zones)}")
        if one["against"]:
            came.append(f"should not have been made: {one['against']}")
        what = [one["action"].replace("_", " "), *([one["address"]] if one["address"] else [])]
        table.add_row(
            *_at(one["at"], zones),
            _lines(what),
            _lines(one["covers"]),
            shown(one["by_whom"]),
            _lines(came),
            shown(one["note"] or ""),
        )
    return table


def _read(one: Mapping[str, Any]) -> Iterator[str]:
    """What was done for a message at once, and what was read in it, or corrected."""
    read, named = one["corrected"] or one["reading"], _named(one["recorded_as"])
    done = one["recorded_as"] not in (Intent.OTHER, Intent.PROMISE, Intent.HELP)
    if done and named not in ((one["reading"] or {}).get("intents") or ()):
        yield f"{named}, as it was told"
    if one["shared"]:
        yield "from an address that several have"
    if read is None:
        yield "not read"
        return
    yield ("corrected: " if one["corrected"] else "read: ") + ", ".join(read["intents"])
    told = [read.get("amount"), *(read.get("dates") or [read.get("date")]), read.get("channel")]
    yield from filter(None, told)
    yield from (f"{opens} to {closes}" for opens, closes in read.get("hours") or ())
    if read.get("to_person"):
        yield "a person should look"


def _named(intent: str) -> str:
    return name_of(Meaning(intent)) if intent in set(Meaning) else intent


def _told(one: Mapping[str, Any]) -> Iterator[str]:
    """Of what was sent its purpose, what became of it, and the law by which it went."""
    yield f"{one['purpose'].replace('_', ' ')} ({one['phase']}), of {', '.join(one['covers'])}"
    if one["by_whom"] is not None:
        yield f"written by {one['by_whom']}"
    became = (one["outcome"] or one["state"]).replace("_", " ")
    yield f"{became} through {one['provider']}" + (f", {one['code']}" if one["code"] else "")
    for file in one["attached"] or ():
        why = file["left_away"]
        yield f"with {file['kind']}" if why is None else f"without {file['kind']}: {why}"
    if one["cite"]:
        yield short_cite(one["cite"])
    if one["decided_by"]:
        yield f"by {', '.join(map(_decider, one['decided_by']))}"
    if one["policy"]:
        yield f"chosen by {one['policy']} ({one['probability']:.0%})"


def _decider(one: Mapping[str, Any]) -> str:
    """Such as ``strategy default 2``; by its digest where it is not on record."""
    if one["kind"] is None:
        return str(one["digest"])
    said = f"{one['kind']} {one['name']}"
    return f"{said} {one['version']}" if one["version"] is not None else f"{said} {one['digest']}"


def _lines(said: Iterable[str]) -> str:
    return "\n".join(map(shown, said))


def _when(zones: Sequence[str]) -> tuple[str, str]:
    return "When (UTC)", f"There ({shown_zone(zones)})"


def _at(at: datetime, zones: Sequence[str]) -> tuple[str, str]:
    return f"{at:%Y-%m-%d %H:%M}", f"{at.astimezone(ZoneInfo(shown_zone(zones))):%a %d %b %H:%M}"
