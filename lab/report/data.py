"""What the report draws: plain figures, worked out from the record of a run."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel import Locale

from config.rule_packs import RulePacks
from config.wording.formats import money
from domain.law.engine import verdict
from domain.law.request import AskedPoint, LawRequest
from domain.law.terms import Actor, Medium
from domain.ledger.attempt import NOT_REACHED, AttemptState
from domain.strategy import Strategy
from lab.proof.hours import public_holidays
from lab.report.run_record import UNANSWERED, AccountLine, EventLine, LedgerLine, RunRecord

Json = dict[str, Any]

LOCALE: Final = Locale("en")
QUARTERS: Final = 96
SAMPLE_DAYS: Final = 4
"""Days of one kind whose windows are asked of the law; what is open on all of them is shaded."""

MOST_LIVES: Final = 12
FAILOVER_SPAN: Final = timedelta(days=4)
"""How long after a message that did not arrive the next channel is seen as taking it up."""

ENDS: Final = {
    "cured": "Cured",
    "handed_off": "Handed off",
    "settled": "Settled",
    "closed": "Closed or recalled",
}
OUTCOMES: Final = {
    "delivered": "Delivered",
    "accepted": "Accepted, no receipt",
    "unknown": "Outcome unknown",
    UNANSWERED: "Not answered",
    "undelivered": "Undelivered",
    "refused": "Refused",
}
COUNTRIES: Final = {
    "US": "United States",
    "CO": "Colombia",
    "MX": "Mexico",
    "CL": "Chile",
    "PE": "Peru",
    "EC": "Ecuador",
    "BR": "Brazil",
    "AR": "Argentina",
    "ES": "Spain",
    "GB": "United Kingdom",
}
DAY_KINDS: Final = {
    "weekday": "Monday to Friday",
    "saturday": "Saturday",
    "sunday": "Sunday and holidays",
}
CHANNELS: Final = {
    "sms": "SMS",
    "email": "E-mail",
    "whatsapp": "WhatsApp",
    "voice": "Call",
    "push": "Push",
}


def label(code: str) -> str:
    """A code as people read it: ``second_notice`` is "Second notice"."""
    words = code.replace("_", " ")
    return CHANNELS.get(code) or OUTCOMES.get(code) or words[:1].upper() + words[1:]


# --- accounts by phase over time ------------------------------------------------------------------


def phases_over_time(record: RunRecord, strategy: Strategy) -> Json:
    """Accounts by phase or end for each day of the run, in the customers' calendars."""
    days = _days(record)
    names = ["not-due", *(phase.name for phase in strategy.phases), "after", *ENDS]
    counts: dict[str, list[int]] = {name: [0] * len(days) for name in names}
    for account in record.accounts:
        first = account.since.astimezone(account.zone).date() if account.since else None
        closed = account.closed_at.astimezone(account.zone).date() if account.closed_at else None
        for index, day in enumerate(days):
            if first is None or day >= first or day == days[-1]:
                counts[_standing(account, day, closed, strategy)][index] += 1
    titles = {"not-due": "Not yet due", "after": "Past the last day", **ENDS}
    return {
        "days": [day.isoformat() for day in days],
        "series": [
            {"key": name, "label": titles.get(name) or label(name), "values": values}
            for name, values in counts.items()
            if any(values)
        ],
    }


def _days(record: RunRecord) -> list[date]:
    if record.span is None:
        return []
    first, last = (moment.date() for moment in record.span)
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _standing(account: AccountLine, day: date, closed: date | None, strategy: Strategy) -> str:
    if closed is not None and day >= closed:
        return account.end if account.end in ENDS else "closed"
    past_due = (day - account.oldest_due_date).days
    phase = strategy.phase_at(past_due)
    if phase is not None:
        return phase.name
    return "not-due" if past_due < strategy.first_day else "after"


# --- contacts by hour of the customer's day -------------------------------------------------------


def hours_of_day(record: RunRecord, book: RulePacks, actor: Actor) -> list[Json]:
    """For each country and kind of day: contacts by channel and hour, and the lawful window."""
    contacts: dict[str, list[LedgerLine]] = defaultdict(list)
    for contact in record.contacts:
        contacts[contact.country].append(contact)
    seen = {*contacts, *(account.country for account in record.accounts)}
    ordered = [*(c for c in COUNTRIES if c in seen), *sorted(seen - COUNTRIES.keys())]
    return [_country(record, code, contacts[code], book, actor) for code in ordered]


def _country(
    record: RunRecord, code: str, contacts: Sequence[LedgerLine], book: RulePacks, actor: Actor
) -> Json:
    zones = Counter(a.zones[0] for a in contacts if a.zones)
    zones.update(a.zones[0] for a in record.accounts if a.country == code and a.zones)
    zone = zones.most_common(1)[0][0] if zones else "UTC"
    panels = []
    for kind, title in DAY_KINDS.items():
        own = [c for c in contacts if day_kind(record.local(c).date(), code) == kind]
        spans = _lawful(record, code, zone, kind, book, actor)
        panels.append(
            {
                "kind": kind,
                "label": title,
                "open": spans,
                "window": _window_text(spans),
                "total": len(own),
                "counts": _by_hour(record, own),
            }
        )
    return {"country": code, "name": COUNTRIES.get(code, code), "panels": panels}


def day_kind(day: date, country: str) -> str:
    """Sunday or holiday, Saturday, or any other day of the week."""
    if day.weekday() == 6 or day in public_holidays(country, day.year):
        return "sunday"
    return "saturday" if day.weekday() == 5 else "weekday"


def _by_hour(record: RunRecord, contacts: Iterable[LedgerLine]) -> dict[str, list[int]]:
    counts: dict[str, list[int]] = {}
    for contact in contacts:
        counts.setdefault(contact.channel, [0] * 24)[record.local(contact).hour] += 1
    return {channel: counts[channel] for channel in sorted(counts)}


def _lawful(
    record: RunRecord, code: str, zone: str, kind: str, book: RulePacks, actor: Actor
) -> list[list[float]] | None:
    """Hours open on every sampled day of the kind; None when no rule pack is loaded."""
    if code not in book.packs:
        return None
    packs = book.packs_for((code,))
    quarters = [True] * QUARTERS
    for day in _samples(record, code, kind):
        for quarter in range(QUARTERS):
            wall = datetime.combine(day, time(), ZoneInfo(zone)) + timedelta(minutes=15 * quarter)
            request = LawRequest(
                id="report",
                jurisdictions=(code,),
                actor=actor,
                zones=(zone,),
                at=wall,
                # E-mail: the one channel for which no consent has to be renewed, so that what is
                # asked is the hour alone. All channels share the hours of a country's pack.
                channel=Medium.EMAIL,
                contact_point=AskedPoint(authorized=True),
                account_id="report",
            )
            quarters[quarter] &= verdict(packs, request, wall).verdict == "allowed"
    return _spans(quarters)


def _samples(record: RunRecord, code: str, kind: str) -> list[date]:
    days = [day for day in _days(record) if day_kind(day, code) == kind]
    if not days and record.span is not None:
        nearby = (record.span[0].date() + timedelta(days=n) for n in range(8))
        days = [day for day in nearby if day_kind(day, code) == kind]
    step = max(1, len(days) // SAMPLE_DAYS)
    return days[::step][:SAMPLE_DAYS]


def _spans(quarters: Sequence[bool]) -> list[list[float]]:
    spans: list[list[float]] = []
    for index, is_open in enumerate(quarters):
        if is_open and spans and spans[-1][1] == index / 4:
            spans[-1][1] = (index + 1) / 4
        elif is_open:
            spans.append([index / 4, (index + 1) / 4])
    return spans


def _window_text(spans: list[list[float]] | None) -> str:
    if spans is None:
        return "no rule pack"
    return ", ".join(f"{_clock(a)}–{_clock(b)}" for a, b in spans) or "closed all day"


def _clock(hour: float) -> str:
    return f"{int(hour):02}:{round(hour % 1 * 60):02}"


# --- outcomes -------------------------------------------------------------------------------------


def outcomes(record: RunRecord) -> Json:
    """What became of every attempt that left, by channel; and how many never left."""
    by_channel: dict[str, Counter[str]] = defaultdict(Counter)
    kept_back = 0
    for attempt in record.ledger:
        state = attempt.state
        if state in (AttemptState.RESERVED, AttemptState.RELEASED):
            kept_back += 1
            continue
        name = "unknown" if state is AttemptState.DISPATCHING else attempt.became
        by_channel[attempt.channel][name] += 1
    rows = [
        {
            "channel": channel,
            "label": label(channel),
            "total": sum(by_channel[channel].values()),
            "parts": {state: by_channel[channel].get(state, 0) for state in OUTCOMES},
        }
        for channel in sorted(by_channel, key=lambda name: -sum(by_channel[name].values()))
    ]
    return {"rows": rows, "states": OUTCOMES, "kept_back": kept_back}


# --- lives ----------------------------------------------------------------------------------------


def lives(record: RunRecord, strategy: Strategy) -> list[Json]:
    """The most telling accounts, the best one first, of every country and end."""
    contacts: dict[str, list[LedgerLine]] = defaultdict(list)
    for attempt in sorted(record.ledger, key=lambda a: a.at):
        if attempt.state not in (AttemptState.RESERVED, AttemptState.RELEASED):
            for key in {attempt.key, *attempt.covers}:
                contacts[key].append(attempt)
    events: dict[str, list[EventLine]] = defaultdict(list)
    for event in sorted(record.events, key=lambda e: e.at):
        events[event.account].append(event)
    grace = strategy.promise.grace_days
    scored = sorted(
        (a for a in record.accounts if contacts[a.key]),
        key=lambda a: (-_interest(contacts[a.key], events[a.key], a), a.key),
    )
    chosen: dict[tuple[str, str], AccountLine] = {}
    for account in scored:
        chosen.setdefault((account.country, account.end), account)
    picked = sorted(chosen.values(), key=scored.index)
    picked += [account for account in scored if account not in picked]
    return [
        _life(record, account, contacts[account.key], events[account.key], strategy, grace)
        for account in picked[:MOST_LIVES]
    ]


def _interest(contacts: Sequence[LedgerLine], events: Sequence[EventLine], a: AccountLine) -> int:
    kinds = {event.what for event in events}
    taken_up = sum(_takes_up(before, after) for before, after in _pairs(contacts))
    return (
        3 * len({c.phase for c in contacts})
        + 3 * len({c.channel for c in contacts})
        + 5 * min(taken_up, 2)
        + 4 * len(kinds)
        + 4 * ("promise" in kinds)
        + 3 * (a.end == "cured")
        - max(0, len(contacts) - 16)
    )


def _pairs(contacts: Sequence[LedgerLine]) -> list[tuple[LedgerLine, LedgerLine]]:
    return list(pairwise(contacts))


def _takes_up(before: LedgerLine, after: LedgerLine) -> bool:
    return (
        before.state in NOT_REACHED
        and before.channel != after.channel
        and (before.key, before.phase) == (after.key, after.phase)
        and after.at - before.at <= FAILOVER_SPAN
    )


def _life(
    record: RunRecord,
    account: AccountLine,
    contacts: Sequence[LedgerLine],
    events: Sequence[EventLine],
    strategy: Strategy,
    grace: int,
) -> Json:
    follows = {after.attempt_id for before, after in _pairs(contacts) if _takes_up(before, after)}
    ended = account.closed_at
    phases = len({c.phase for c in contacts})
    return {
        "key": account.key,
        "option": f"{account.key} · {account.country} · {label(account.end).lower()} · "
        f"{len(contacts)} contacts in {phases} phase{'s' if phases > 1 else ''}",
        "country": COUNTRIES.get(account.country, account.country),
        "zone": account.zones[0] if account.zones else "UTC",
        "due": f"{account.oldest_due_date:%d %b %Y}",
        "opened": money(account.opened_balance, account.currency, LOCALE),
        "balance": money(max(account.balance, Decimal(0)), account.currency, LOCALE),
        "end": label(account.end),
        "bands": [
            {"name": phase.name, "label": label(phase.name), "days": list(phase.days_past_due)}
            for phase in strategy.phases
        ],
        "contacts": [_contact(account, c, c.attempt_id in follows) for c in contacts],
        "events": [_event(record, account, event, grace) for event in events],
        "closed": {"x": _place(account, ended), "when": _when(account, ended)} if ended else None,
    }


def _place(account: AccountLine, at: datetime) -> float:
    """Days past due with the hour as a fraction, on the customer's clock."""
    wall = at.astimezone(account.zone)
    hours = wall.hour + wall.minute / 60
    return round((wall.date() - account.oldest_due_date).days + hours / 24, 3)


def _when(account: AccountLine, at: datetime) -> str:
    return f"{at.astimezone(account.zone):%a %d %b %Y, %H:%M}"


def _contact(account: AccountLine, contact: LedgerLine, follows: bool) -> Json:
    return {
        "x": _place(account, contact.at),
        "when": _when(account, contact.at),
        "day": (contact.at.astimezone(account.zone).date() - account.oldest_due_date).days,
        "channel": contact.channel,
        "purpose": label(contact.purpose),
        "phase": label(contact.phase),
        "state": contact.became,
        "outcome": label(contact.outcome or contact.state.value),
        "cite": contact.cite or "",
        "takes_up": follows,
        "led_by": "" if contact.key == account.key else contact.key,
    }


def _event(record: RunRecord, account: AccountLine, event: EventLine, grace: int) -> Json:
    state = record.promise_state(event, grace) if event.what == "promise" else ""
    until = None
    if event.what == "promise" and event.due is not None:
        until = (event.due - account.oldest_due_date).days + 1
    return {
        "x": _place(account, event.at),
        "when": _when(account, event.at),
        "day": (event.at.astimezone(account.zone).date() - account.oldest_due_date).days,
        "what": event.what,
        "text": _said(account, event, state),
        "state": state,
        "until": until,
    }


def _said(account: AccountLine, event: EventLine, state: str) -> str:
    amount = ""
    if event.amount is not None:
        amount = " " + money(event.amount, str(event.field("currency") or account.currency), LOCALE)
    match event.what:
        case "payment":
            return f"Paid{amount}"
        case "promise":
            due = f" by {event.due:%d %b}" if event.due else ""
            return f"Promised{amount}{due}: {state}"
        case "reply":
            return "Replied" + _by(event)
        case "opt_out":
            return "Opted out" + (_by(event) or " of every channel")
        case other:
            return label(other)


def _by(event: EventLine) -> str:
    channel = event.field("channel")
    return f" by {label(str(channel))}" if channel else ""


def money_rows(figures: Mapping[str, Any]) -> list[Json]:
    """By currency: accounts, cured, the balances they came with, and what was recovered."""
    return [
        {
            "currency": currency,
            "accounts": row["accounts"],
            "cured": row["cured"],
            "opened": money(Decimal(row["opened"]), currency, LOCALE),
            "recovered": money(Decimal(row["recovered"]), currency, LOCALE),
            "share": float(Decimal(row["recovered"]) / (Decimal(row["opened"]) or 1)),
        }
        for currency, row in figures["cures"]["by_currency"].items()
    ]
