"""What a run proves: counts from the stand-in's own record and an independent reading of the law.

No flag of the product is believed. The product's rows are only held against what the providers
took, what reached the people, and what the people said; the hours come from ``lab/proof``,
which shares no code with the side that sends.

doubled     a provider took one attempt twice; one touch, purpose or text reached a person twice,
            under whatever customer's id; so did the answer to a stop or to a message; a cap of days
            was broken, or the strategy's distance; a fact is on record that nobody stated, or not
            so often
unlawful    a contact outside the hours, after somebody asked to be left alone, or outside the
            attempt's own window; the confirmation of a stop that was late, elsewhere or not bare; a
            forged callback was believed; an answer to what nobody asked, or that speaks of a debt
            to who asks who writes
lost        an account without an end and without a next step in a running workflow; a message that
            a provider took and the ledger does not count, or counts and no provider took; something
            that was paid, promised, said or keyed in a call and is not on record
stuck       due, and not taken up: an account whose next step lies before the end of the run, or
            whose event took longer than three real minutes with everything standing; an attempt
            left in ``reserved`` or ``dispatching``; a callback of which no workflow was told
unknown     attempts whose outcome nobody can tell, see ``Unknown``
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from lab.campaign.hands import Cut, explained
from lab.campaign.people import STOPPER, Account, second_file
from lab.campaign.plan import SECOND_FILE, Plan
from lab.campaign.run import Ran
from lab.proof.handsets import handset
from lab.proof.record import CONFIRMATION, is_asked_for, read_lines, read_run
from lab.proof.verdict import prove

TOOK: Final = frozenset({"accepted", "delivered", "undelivered"})
"""The ledger says that a provider took it."""
NOT_SENT: Final = frozenset({"reserved", "released", "refused"})
READABLE: Final = frozenset({"refuse", "429", "slow"})
"""What a provider may do to an answer that still says what became of the request."""
CONFIRMED: Final = "a stop that is confirmed"
"""As the run's kinds of faults name it, for those that show nothing about it."""
BESIDE: Final = 0
"""Number of a touch that is none of the cadence: what it says tells it from others."""
MOST_UNKNOWN: Final = 1 / 1000
"""Of all contacts, without a fault that destroys the answer and the callback together."""

Row = dict[str, Any]


class Unknown(BaseModel):
    """Attempts in state ``unknown`` at the end, with nothing left that could tell."""

    total: int = 0
    unanswered: int = 0
    """By the providers' own record their request had no readable answer."""
    cut_off: int = 0
    """Of the rest: their worker was killed, or a server struck, while it had them in hand."""
    taken: int = 0
    """The provider took it, so its callback or its lists could have told: none may be left."""
    unexplained: int = 0
    """Nothing destroyed this answer: fewer than one contact in a thousand."""


class ChannelCounts(BaseModel):
    """One channel's share of a run."""

    contacts: int = 0
    reached: int = 0
    """Messages and rings that reached a person, by the stand-in's record."""
    faults: int = 0
    """Planned faults that struck one of its attempts."""


class Verdict(BaseModel):
    """The counts, each with every breach as a sentence."""

    contacts: int
    doubled: tuple[str, ...]
    unlawful: tuple[str, ...]
    lost: tuple[str, ...]
    stuck: tuple[str, ...]
    unknown: Unknown
    channels: dict[str, ChannelCounts]
    confirmed: int
    """Stops of which a confirmation reached somebody."""
    undated: int
    """Messages received while nobody could tell the time: Temporal was dead."""
    avoidable: tuple[str, ...]
    """Unknown attempts that ought to be known; and the unexplained, if they are too many."""
    missed: tuple[str, ...]
    """What was planned and never struck or happened: this run shows nothing about it."""

    @property
    def violations(self) -> tuple[str, ...]:
        """All breaches."""
        return self.doubled + self.unlawful + self.lost + self.stuck + self.avoidable

    @property
    def counts(self) -> dict[str, int]:
        """As the mutants name them."""
        names = ("doubled", "unlawful", "lost", "stuck")
        return {**{n: len(getattr(self, n)) for n in names}, "unknown": len(self.avoidable)}


class _Record:
    """The files of a run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ledger = {row["attempt_id"]: row for row in self.read("ledger")}
        received, self.stops = self.read("received"), self.read("stops")
        messages = self.read("messages")
        self.said = [m for m in messages if m["direction"] == "in"]
        self.undated = sum(row["clock"] != "account" for row in received)
        self.proof = prove(
            self.ledger.values(),
            [self._dated(row) for row in received],
            accounts=self.read("accounts"),
            events=self.read("events"),
            stops=self.stops,
            said=[{**m, "address": m["person"], "words": m["text"]} for m in self.said],
            min_days=read_run(folder)["min_days"],
            stated=read_run(folder).get("limits"),
            agreed=self.read("agreed"),
            orders=self.read("orders"),
        )
        self.calls = [m for m in messages if m["channel"] == "voice" and m["direction"] == "out"]
        self.taken: dict[str, list[Row]] = defaultdict(list)
        for message in messages:
            if message["direction"] == "out":
                self.taken[str(message["attempt"])].append(message)

    @property
    def confirmed(self) -> int:
        """How many confirmations of a stop reached somebody, lawful or not."""
        return sum(check.examined for check in self.proof.checks if check.code == "confirmed")

    def _dated(self, row: Row) -> Row:
        """Received while Temporal was dead, so that nobody could read the account's clock: such a
        line proves no hour. It stands where the ledger says it left, and is counted."""
        left = self.ledger.get(str(row["attempt"]), {}).get("dispatched_at")
        return row if row["clock"] == "account" or not left else {**row, "at": left}

    def read(self, name: str) -> list[Row]:
        """The lines of a file; raises ValueError if the run did not leave it."""
        if not (self.folder / f"{name}.jsonl").exists():
            raise ValueError(f"{self.folder} is no whole record: {name}.jsonl is not there")
        return read_lines(self.folder / f"{name}.jsonl")


def judge(folder: Path, accounts: list[Account], plan: Plan, ran: Ran) -> Verdict:
    """Read everything that a run left in ``folder``."""
    record = _Record(folder)
    unknown, avoidable = _unknown(record, ran)
    if ran.struck.get(f"{SECOND_FILE} while running"):
        accounts = list({a.key: a for a in (*accounts, *second_file(accounts, plan.seed))}.values())
    missed = [kind for kind in ran.planned if not ran.struck.get(kind)]
    if not record.confirmed and any(account.persona == STOPPER for account in accounts):
        missed.append(CONFIRMED)
    return Verdict(
        contacts=ran.contacts,
        doubled=tuple(_doubled(record)),
        unlawful=tuple(_unlawful(record)),
        lost=tuple(_lost(record, accounts)),
        stuck=tuple(_stuck(record, ran)),
        unknown=unknown,
        channels=_channels(record, ran),
        confirmed=record.confirmed,
        undated=record.undated,
        avoidable=tuple(avoidable),
        missed=tuple(missed),
    )


# --- doubled --------------------------------------------------------------------------------------


def _doubled(record: _Record) -> Iterator[str]:
    yield from record.proof.double
    for attempt, messages in record.taken.items():
        if len(messages) > 1:
            yield f"Attempt {attempt} was taken {len(messages)} times: {_ids(messages)}."
    touches: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in record.ledger.values():
        touch: tuple[Any, ...] = (row["creditor"], row["account_id"], row["phase"], row["touch"])
        if row["touch"] == BESIDE:
            touch = (*touch, row["purpose"])
        if row["purpose"] != CONFIRMATION and not is_asked_for(row["purpose"]):
            touches[touch] += [m for m in record.taken.get(row["attempt_id"], ()) if m["reached"]]
    yield from _answered_twice(record)
    for touch, messages in touches.items():
        if len({m["attempt"] for m in messages}) > 1:
            yield f"Touch {touch} reached the person {len(messages)} times: {_ids(messages)}."
    stated = Counter({("said", m["id"]): 1 for m in record.said})
    stated.update(("payment", b["id"]) for b in record.read("bank") if b["kind"] == "pay")
    stated.update(("promise", b["id"]) for b in record.read("bank") if b["kind"] == "promise")
    for call in record.calls:
        stated.update({*_keyed(call, len(call["pressed"])), _in_trouble(call)})
    recorded = Counter((f["kind"], _of_call(f["id"])) for f in record.read("facts") if _is_fact(f))
    for kind, name in recorded - stated:
        yield f"{kind} {name} is on record, but nobody stated it, or not so often."


def _answered_twice(record: _Record) -> Iterator[str]:
    """Confirmations of a stop at one place, about whatever account and by whatever attempt.

    Whoever comes back and stops again is answered again. One who stops in two places is answered in
    both, and about one account: no touch is told by its number there.
    """
    back = defaultdict[tuple[str, str], list[datetime]](list)
    for row in record.stops:
        if row["kind"] == "start":
            place = handset(row["address"]), row["channel"]
            back[place].append(datetime.fromisoformat(row["at"]))
    answers: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for attempt, messages in record.taken.items():
        if record.ledger.get(attempt, {}).get("purpose") == CONFIRMATION:
            for message in messages:
                place, at = (handset(message["person"]), message["channel"]), message["at"]
                times = sum(one <= datetime.fromisoformat(at) for one in back[place])
                answers[(*place, times)] += [message] if message["reached"] else []
    for (to, channel, _), messages in answers.items():
        if len({message["attempt"] for message in messages}) > 1:
            count = len(messages)
            yield f"A stop by {channel} from {to} was confirmed {count} times: {_ids(messages)}."


def _is_fact(fact: Row) -> bool:
    return fact["kind"] in ("said", "payment", "promise")


def _ids(messages: list[Row]) -> str:
    return ", ".join(f"{m['id']} at {m['at']}" for m in messages)


# --- keyed in calls -------------------------------------------------------------------------------

_KEYED: Final = {
    "yes": ("promise", "call:{}"),
    "person": ("said", "{}:help"),
    "stop": ("said", "{}:opt_out"),
}
"""What somebody wished by a key, and the fact that it becomes."""


def _keyed(call: Row, heard: int) -> Iterator[tuple[str, str]]:
    """The facts of the first so many wishes of a call."""
    for wish in call["pressed"][:heard]:
        if wish in _KEYED:
            kind, name = _KEYED[wish]
            yield kind, name.format(call["id"])


def _in_trouble(call: Row) -> tuple[str, str]:
    """A call that could not be dealt with asks for a person, whatever was pressed."""
    return "said", f"{call['id']}:help"


def _of_call(name: str) -> str:
    """Of the id of a promise keyed in a call what is the call's: one call promises once."""
    return ":".join(name.split(":")[:2]) if name.startswith("call:") else name


# --- unlawful -------------------------------------------------------------------------------------


def _unlawful(record: _Record) -> Iterator[str]:
    yield from record.proof.unlawful
    yield from record.proof.of("window", "order")
    for failed in record.read("webhooks"):
        if "forged" in failed["failed"]:
            yield f"A forged callback was believed: {failed['failed']}."


# --- lost -----------------------------------------------------------------------------------------


def _lost(record: _Record, accounts: list[Account]) -> Iterator[str]:
    yield from record.proof.of("unrecorded", "unheard", "state")
    workflows = {row["account"]: row for row in record.read("workflows")}
    standing = {row["account"]: row for row in record.read("standing")}
    for account in accounts:
        yield from _forgotten(account.key, standing.get(account.key), workflows.get(account.key))
    for attempt, row in record.ledger.items():
        taken = attempt in record.taken
        if row["state"] in TOOK and not taken:
            yield f"Attempt {attempt} is {row['state']}, but no provider took it."
        if row["state"] in NOT_SENT and taken:
            yield f"Attempt {attempt} is {row['state']}, but {_ids(record.taken[attempt])}."
    known = {(fact["kind"].split()[-1], _of_call(fact["id"])) for fact in record.read("facts")}
    for message in record.said:
        if ("said", message["id"]) not in known:
            yield f"Somebody wrote {message['id']}, and it is not on record."
    for call in record.calls:
        closed = standing.get(call["account"], {}).get("status") != "open"
        for kind, name in _keyed(call, call["heard"]):
            refused = kind == "promise" and (closed or ("record_promise", name) in known)
            if (kind, name) not in known and not refused:
                yield f"{name} was keyed in a call and heard, and is not on record ({kind})."
    for entry in record.read("bank"):
        kind = "payment" if entry["kind"] == "pay" else "promise"
        closed = standing.get(entry["account"], {}).get("status") != "open"
        refused = {("payment_received", entry["id"]), ("record_promise", entry["id"])} & known
        must_be_known = kind == "payment" or entry["outcome"] == "told"
        if must_be_known and not closed and not refused and (kind, entry["id"]) not in known:
            yield f"{kind} {entry['id']} of {entry['account']} is not on record."


def _forgotten(key: str, row: Row | None, workflow: Row | None) -> Iterator[str]:
    if row is None or workflow is None:
        yield f"Account {key} is not there."
    elif row["status"] == "closed":
        if workflow["status"] != "COMPLETED" or not row["close_reason"]:
            yield f"Account {key} is closed ({row['close_reason']}): {workflow['status']}."
    elif workflow["status"] != "RUNNING" or workflow["waits"] is None or row["next_at"] is None:
        yield f"Account {key} is open and has no next step: its workflow is {workflow['status']}."
    elif datetime.fromisoformat(workflow["waits"]) != datetime.fromisoformat(row["next_at"]):
        yield f"Account {key} waits for {workflow['waits']}, not for {row['next_at']}."


# --- stuck ----------------------------------------------------------------------------------------


def _stuck(record: _Record, ran: Ran) -> Iterator[str]:
    for customer, event in ran.given_up.items():
        yield f"Customer {customer} did not move on: {event}."
    for row in record.read("standing"):
        if row["status"] == "open" and row["next_at"]:
            due = datetime.fromisoformat(row["next_at"])
            if due <= ran.until:
                yield f"Account {row['account']} was due at {due.isoformat()} ({row['next_kind']})."
    for row in record.read("attempts"):
        if row["state"] in ("reserved", "dispatching"):
            yield f"Attempt {row['attempt_id']} was left in {row['state']}."
    for row in record.read("not_notified"):
        yield f"Of the callback {row['event_id']} no workflow was told."


# --- unknown --------------------------------------------------------------------------------------


def _unknown(record: _Record, ran: Ran) -> tuple[Unknown, list[str]]:
    """Counts, and what should not be."""
    unanswered = {row["attempt"] for row in record.read("answers") if not _readable(row["answers"])}
    cuts = (Cut(**row) for row in record.read("cut"))
    cut = {one.attempt for one in cuts if explained(one, ran.on_servers)}
    found, taken, unexplained = Unknown(), list[str](), list[str]()
    for row in record.read("attempts"):
        if row["state"] != "unknown" or row["reconcile_at"] is not None:
            continue
        attempt = row["attempt_id"]
        found.total += 1
        found.unanswered += attempt in unanswered
        found.cut_off += attempt in cut - unanswered
        if attempt in record.taken:
            what = f"Attempt {attempt} is unknown, but {_ids(record.taken[attempt])}"
            taken.append(f"{what} ({row['detail']}).")
        if attempt not in unanswered | cut:
            what = f"Attempt {attempt} is unknown without a fault of its own"
            unexplained.append(f"{what} ({row['detail']}).")
    found.taken, found.unexplained = len(taken), len(unexplained)
    few = found.unexplained < ran.contacts * MOST_UNKNOWN
    return found, taken + ([] if few else unexplained)


def _readable(answers: list[str]) -> bool:
    return all(answer.partition(":")[0] in READABLE for answer in answers)


# --- channels -------------------------------------------------------------------------------------


def _channels(record: _Record, ran: Ran) -> dict[str, ChannelCounts]:
    """What went out on each channel, and how many planned faults struck it there."""
    found: dict[str, ChannelCounts] = defaultdict(ChannelCounts)
    for attempt, row in record.ledger.items():
        channel = found[row["channel"]]
        channel.contacts += row["state"] not in ("reserved", "released")
        channel.faults += ran.attempts.get(attempt, 0)
    for message in record.taken.values():
        found[message[0]["channel"]].reached += sum(m["reached"] for m in message)
    return dict(sorted(found.items()))
