"""One customer's conversation with us over all channels, and what became of all that was written.

Words are shown with names, addresses, numbers and links masked; who it is stays unknown.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import chain
from statistics import median
from typing import Any, Final
from zoneinfo import ZoneInfo

from config.wording.formats import money
from domain.channels import Channel
from lab.report.data import COUNTRIES, LOCALE, label
from lab.report.run_record import (
    CustomerLine,
    LedgerLine,
    MessageLine,
    PlanLine,
    RunRecord,
    WorkLine,
)

Json = dict[str, Any]

BY_ITSELF: Final = "contrapunto"
"""Who has done an item that no person did."""
ANSWERED_WITHIN: Final = timedelta(hours=20)
PLANNED_WITHIN: Final = timedelta(hours=1)
"""A change of plan so soon after a message is what follows from it."""
WRITTEN: Final = frozenset({Channel.SMS.value, Channel.EMAIL.value, Channel.WHATSAPP.value})
NOT_THEIRS: Final = frozenset({"automatic", "unproven"})
"""What a program wrote, or nobody has proved to be theirs."""

ANSWERS: Final[Mapping[str, tuple[str, ...]]] = {
    "identity": ("identity_answer",),
    "balance": ("balance_answer",),
    "preference": ("preference_confirmation",),
    "promise": ("promise_confirmation", "promise_question"),
    "already_paid": ("payment_question",),
    "hardship": ("crisis_answer",),
    "stop": ("opt_out_confirmation",),
}
"""By what an intent is answered by itself."""

_LINK: Final = re.compile(r"https?://\S+")
_MAILBOX: Final = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
_NUMBER: Final = re.compile(r"\+?\d[\d ()-]{7,}\d")
_NUMBERS: Final = ("no channel", "one channel", "two channels", "three channels", "four channels")


def mask(words: str, customer: CustomerLine) -> str:
    """The words without what tells who it is: names, addresses, telephone numbers, links."""
    for pattern, mark in ((_LINK, "[link]"), (_MAILBOX, "[e-mail]"), (_NUMBER, "[number]")):
        words = pattern.sub(mark, words)
    for name in sorted(customer.name.split(), key=len, reverse=True):
        words = re.sub(rf"\b{re.escape(name)}\b", f"{name[0]}…", words, flags=re.IGNORECASE)
    return words


# --- one conversation -----------------------------------------------------------------------------


def conversation(record: RunRecord) -> Json | None:
    """The conversation over the most channels and with the most turns; None if nobody wrote."""
    customers = {customer.customer_id: customer for customer in record.customers}
    candidates = sorted(
        (_Conversation(record, who) for who in customers.values()),
        key=lambda one: (one.interest, one.customer.customer_id),
    )
    told = [one for one in candidates if one.written]
    return told[-1].told() if told else None


class _Conversation:
    """All that was said between us and one customer."""

    def __init__(self, record: RunRecord, customer: CustomerLine) -> None:
        self.record, self.customer = record, customer
        own = customer.customer_id
        self.contacts = [a for a in record.contacts if a.customer_id == own]
        self.written = [m for m in record.messages if m.customer_id == own and is_theirs(m)]
        self.work = [item for item in record.work if item.customer_id == own]
        self.accounts = {a.key for a in record.accounts if a.customer_id == own}
        self.zone = ZoneInfo(customer.zones[0] if customer.zones else "UTC")
        self.answers = answers_to(self.written, self.contacts)

    @property
    def channels(self) -> list[str]:
        """By which something was said, in the order of first use."""
        said = [(c.at, c.channel) for c in self.contacts] + [
            (m.at, m.channel) for m in self.written
        ]
        return list(dict.fromkeys(channel for _, channel in sorted(said)))

    @property
    def interest(self) -> tuple[int, int, int, int]:
        """The more, the more is to be seen: written channels, theirs among them, turns, answers."""
        theirs = {m.channel for m in self.written} & WRITTEN
        return len(WRITTEN & {*self.channels}), len(theirs), len(self.written), len(self.answers)

    def told(self) -> Json:
        """As the page shows it."""
        where = COUNTRIES.get(self.customer.country or "", self.customer.country or "?")
        items = sorted(
            chain(self._ours(), self._theirs(), self._clerks(), self._acts()),
            key=lambda item: item["at"],
        )
        for item in items:
            item["when"] = f"{item.pop('at').astimezone(self.zone):%a %d %b %Y, %H:%M}"
        return {
            "channels": self.channels,
            "title": f"One conversation across {_NUMBERS[min(len(self.channels), 4)]}",
            "country": where,
            "zone": self.zone.key,
            "accounts": sorted(self.accounts),
            "written": len(self.written),
            "sent": len(self.contacts),
            "items": items,
        }

    def _ours(self) -> Iterator[Json]:
        texts = {str(row.get("attempt")): row for row in self.record.received}
        answering = {attempt.attempt_id for attempt in self.answers.values()}
        for contact in self.contacts:
            row = texts.get(contact.attempt_id, {})
            words = re.sub(r"\n{2,}", "\n", str(row.get("text") or "").strip())
            yield {
                "side": "us",
                "at": self.record.heard.get(contact.attempt_id, contact.at),
                "channel": contact.channel,
                "what": label(contact.purpose),
                "outcome": label(contact.outcome or contact.became),
                "arrived": bool(row),
                "answers": contact.attempt_id in answering,
                "text": "" if contact.channel == Channel.VOICE else mask(words, self.customer),
                "lang": self._language,
                "cite": contact.cite or "",
            }

    def _theirs(self) -> Iterator[Json]:
        for message in self.written:
            reading, meant = message.reading or {}, self.record.meant.get(message.sent_id)
            yield {
                "side": "them",
                "at": message.at,
                "channel": message.channel,
                "text": mask(message.text, self.customer),
                "lang": (meant or {}).get("language") or self._language,
                "read": _read(message, self.customer),
                "named": list(_named(reading)),
                "meant": None if _agrees(message, meant) else list((meant or {})["intents"]),
                "decided": list(self._decided(message)),
                "then": self._then(message),
            }

    def _decided(self, message: MessageLine) -> Iterator[str]:
        if message.intent == "opt_out":
            yield f"No contact by {label(message.channel)} any more, at once"
        if message.intent == "wrong_person":
            yield "This address is used no more, at once"
        if (answer := self.answers.get(message.id)) is not None:
            after = _after(answer.at - message.at)
            yield f"Answered by itself {after}: {label(answer.purpose).lower()}"
        asked = [item for item in self.work if message.id in item.messages]
        yield from map(_became, asked)
        wishes = "preference" in message.intents and message.intents == ("preference",)
        if wishes and not any(item.reason == "preference" for item in asked):
            yield "The wish is kept, and planned around"
        elif not asked and message.intent not in ("opt_out", "wrong_person"):
            yield "Nobody is asked: there is nothing to do"

    def _then(self, message: MessageLine) -> Json | None:
        """What the accounts do next, in the planner's own sentence, and by which law."""
        followed = [p for p in self._plans if message.at <= p.at <= message.at + PLANNED_WITHIN]
        if not followed:
            return None
        # An answer is planned first, and what is not said meanwhile once it has gone out.
        return {"text": followed[0].summary, "cite": followed[0].cite or ""}

    @property
    def _plans(self) -> list[PlanLine]:
        return [plan for plan in self.record.plans if plan.account in self.accounts]

    def _clerks(self) -> Iterator[Json]:
        for item in self.work:
            if item.done_at is not None and item.done_by != BY_ITSELF:
                note = f": {item.note}" if item.note else ""
                yield {
                    "side": "desk",
                    "at": item.done_at,
                    "text": f"{label(item.reason)} (work {item.work_id}) is done by "
                    f"{item.done_by}, {label(item.outcome or '').lower()}{note}",
                }

    def _acts(self) -> Iterator[Json]:
        for event in self.record.events:
            if event.account in self.accounts and event.what in ("payment", "promise"):
                currency = str(event.field("currency") or "")
                amount = money(event.amount or Decimal(0), currency, LOCALE)
                due = f" by {event.due:%d %b}, {event.field('state')}" if event.due else ""
                verb = "Paid" if event.what == "payment" else "On record: a promise of"
                yield {"side": "act", "at": event.at, "text": f"{verb} {amount}{due}"}

    @property
    def _language(self) -> str:
        return (self.customer.locale or "en")[:2]


def is_theirs(message: MessageLine) -> bool:
    """Whether a customer wrote it, in words: no key of a call, and no program."""
    return message.channel in WRITTEN and message.intent not in NOT_THEIRS


def answers_to(
    written: Sequence[MessageLine], contacts: Iterable[LedgerLine]
) -> dict[str, LedgerLine]:
    """By message, what answered it by itself: on its channel, and each answer once."""
    found: dict[str, LedgerLine] = {}
    ours = sorted(contacts, key=lambda contact: contact.at)
    for message in sorted(written, key=lambda one: one.at, reverse=True):
        purposes = {p for intent in message.intents for p in ANSWERS.get(intent, ())}
        for contact in ours:
            soon = message.at <= contact.at <= message.at + ANSWERED_WITHIN
            fits = contact.purpose in purposes and contact.channel == message.channel
            if soon and fits and contact not in found.values():
                found[message.id] = contact
                break
    return found


def _read(message: MessageLine, customer: CustomerLine) -> list[Json]:
    reading = message.reading or {}
    words = {one["intent"]: one["words"] for one in reading.get("evidence", ())}
    return [
        {"intent": label(intent), "words": mask(words.get(intent, ""), customer)}
        for intent in message.intents
    ]


def _named(reading: Mapping[str, Any]) -> Iterator[str]:
    if reading.get("amount"):
        yield f"amount {reading['amount']}"
    if reading.get("date"):
        yield f"day {reading['date']}"
    if reading.get("channel"):
        yield f"by {label(str(reading['channel']))}"
    for opens, closes in reading.get("hours") or ():
        yield f"hours {opens}–{closes}"


def _agrees(message: MessageLine, meant: Mapping[str, Any] | None) -> bool:
    """Whether what was read is what was meant, as far as that is known."""
    return meant is None or set(meant["intents"]) == set(message.intents)


def _became(item: WorkLine) -> str:
    reason = f"{label(item.reason).lower()}, work {item.work_id}"
    if item.done_at is None:
        return f"A person is asked ({reason}): still open at the end"
    after = _after(item.done_at - item.opened_at)
    if item.done_by == BY_ITSELF:
        return f"Noted for a person ({reason}), and done by itself {after}"
    return f"Handed to a person ({reason}): done by {item.done_by} {after}"


def _after(length: timedelta) -> str:
    return "at once" if length < timedelta(seconds=5) else f"after {lasting(length)}"


def lasting(length: timedelta) -> str:
    """How long something took, as one says it: seconds, minutes, hours or days."""
    seconds = max(int(length.total_seconds()), 0)
    for size, name in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            less = {"d": (3_600, "h"), "h": (60, "min")}.get(name)
            rest = f" {seconds % size // less[0]} {less[1]}" if less else ""
            return f"{seconds // size} {name}{rest}"
    return f"{seconds or 1} s"


# --- figures --------------------------------------------------------------------------------------


def figures(record: RunRecord) -> Json | None:
    """What was written by customers and what became of it; None where that is not on record."""
    if not record.customers:
        return None
    written = [message for message in record.messages if is_theirs(message)]
    delays = [
        (answer.at - message.at).total_seconds()
        for message, answer in _all_answers(record, written)
    ]
    return {
        "messages": len(written),
        "by_intent": _by_intent(record, written),
        "answered": {
            "count": len(delays),
            "median_seconds": round(median(delays)) if delays else None,
            "longest_seconds": round(max(delays)) if delays else None,
        },
        "work": _work(record.work),
    }


def _all_answers(
    record: RunRecord, written: Sequence[MessageLine]
) -> Iterator[tuple[MessageLine, LedgerLine]]:
    for who in sorted({m.customer_id for m in written if m.customer_id}):
        own = [message for message in written if message.customer_id == who]
        found = answers_to(own, (a for a in record.contacts if a.customer_id == who))
        yield from ((message, found[message.id]) for message in own if message.id in found)


def _by_intent(record: RunRecord, written: Sequence[MessageLine]) -> list[Json]:
    """By intent: in how many messages it was read, meant, and both."""
    rows: dict[str, Json] = {}
    for message in written:
        meant = (record.meant.get(message.sent_id) or {}).get("intents")
        for intent in {*message.intents, *(meant or ())}:
            row = rows.setdefault(intent, {"intent": intent, "read": 0, "meant": 0, "both": 0})
            row["read"] += intent in message.intents
            if meant is not None:
                row["meant"] += intent in meant
                row["both"] += intent in meant and intent in message.intents
    return sorted(rows.values(), key=lambda row: (-row["read"], row["intent"]))


def _work(items: Sequence[WorkLine]) -> Json:
    def counted(some: Sequence[WorkLine]) -> Json:
        people = [i for i in some if i.done_at is not None and i.done_by != BY_ITSELF]
        took = [_seconds(i.opened_at, i.done_at) for i in people if i.done_at is not None]
        return {
            "total": len(some),
            "by_itself": sum(item.done_by == BY_ITSELF for item in some),
            "by_people": len(people),
            "open": sum(item.done_at is None for item in some),
            "median_seconds": round(median(took)) if took else None,
        }

    reasons = sorted({item.reason for item in items})
    rows = [{"reason": r, **counted([i for i in items if i.reason == r])} for r in reasons]
    return {**counted(items), "by_reason": sorted(rows, key=lambda row: -row["total"])}


def _seconds(since: datetime, until: datetime) -> float:
    return (until - since).total_seconds()
