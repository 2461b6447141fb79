"""All checks over one record, and what they found."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal, get_args

from lab.proof import (
    agreement,
    answers,
    cadence,
    caps,
    confirmations,
    doubles,
    lawful,
)
from lab.proof import stops as asked
from lab.proof.operators import limits
from lab.proof.record import Evidence, Found, Row, gather, read_lines, read_run, read_said
from lab.proof.standing import agreed as what_stands
from lab.proof.standing import ordered, parties

Kind = Literal["double", "unlawful", "record"]
Mark = Literal["kept", "broken", "not_examined"]
MARKS: Final[Mapping[Mark, str]] = {"kept": "ok", "broken": "BROKEN", "not_examined": "–"}


@dataclass(frozen=True)
class Check:
    """One promise, what was looked at to test it, and every breach of it as a sentence."""

    code: str
    kind: Kind
    title: str
    examined: int
    violations: tuple[str, ...]

    @property
    def mark(self) -> Mark:
        """What may be said of the promise: a check that examined nothing shows nothing."""
        if self.violations:
            return "broken"
        return "kept" if self.examined else "not_examined"


@dataclass(frozen=True)
class Proof:
    """What the ledger and the receivers' own record prove together."""

    checks: tuple[Check, ...]
    attempts: int
    received: int

    def of(self, *codes: str) -> tuple[str, ...]:
        """The violations of the named checks."""
        return tuple(v for check in self.checks if check.code in codes for v in check.violations)

    def _kind(self, kind: Kind) -> tuple[str, ...]:
        return tuple(v for check in self.checks if check.kind == kind for v in check.violations)

    @property
    def double(self) -> tuple[str, ...]:
        """Contacts somebody got twice, or more often than a cap allows."""
        return self._kind("double")

    @property
    def unlawful(self) -> tuple[str, ...]:
        """Contacts outside the hours, or after an opt-out."""
        return self._kind("unlawful")

    @property
    def record(self) -> tuple[str, ...]:
        """Where the ledger and what was received contradict each other."""
        return self._kind("record")

    @property
    def violations(self) -> tuple[str, ...]:
        """All of them."""
        return tuple(v for check in self.checks for v in check.violations)

    @property
    def holds(self) -> bool:
        """Whether there is no violation at all."""
        return not self.violations

    def examined(self, kind: Kind) -> int:
        """How often a check of this kind had something to look at: no breach in nothing is none."""
        return sum(check.examined for check in self.checks if check.kind == kind)

    def as_dict(self) -> dict[str, Any]:
        """The proof as JSON carries it."""
        return {
            "holds": self.holds,
            "attempts": self.attempts,
            "received": self.received,
            "unlawful": len(self.unlawful),
            "double": len(self.double),
            "record": len(self.record),
            "examined": {kind: self.examined(kind) for kind in get_args(Kind)},
            "checks": [
                {
                    "code": check.code,
                    "kind": check.kind,
                    "title": check.title,
                    "examined": check.examined,
                    "mark": check.mark,
                    "violations": list(check.violations),
                }
                for check in self.checks
            ],
        }


CHECKS: Final[tuple[tuple[str, Kind, str, Callable[[Evidence], Found]], ...]] = (
    ("hours", "unlawful", "Inside the lawful hours, in every zone of the customer", lawful.hours),
    ("opt_out", "unlawful", "Nothing to who asked to be left alone", asked.opt_outs),
    (
        "confirmed",
        "unlawful",
        "A stop is confirmed once, there, at once, and bare",
        confirmations.confirmations,
    ),
    ("wrong_person", "unlawful", "Nothing more to who is not the customer", asked.wrong_persons),
    (
        "answered",
        "unlawful",
        "An answer goes to who wrote, there, within 20 hours",
        answers.unasked,
    ),
    ("identity", "unlawful", "Who asks who writes hears nothing of a debt", answers.identities),
    (
        "agreed",
        "unlawful",
        "Nothing while a dispute stands or a settlement is paid",
        what_stands.silences,
    ),
    (
        "ordered",
        "unlawful",
        "Nothing inside the time of an order in bulk",
        ordered.silences,
    ),
    ("offer", "double", "An offer is told of in its time, and once", what_stands.offers),
    (
        "parties",
        "unlawful",
        "Who stands for a debt is named by law, and not told what it is",
        parties.lawful,
    ),
    ("once", "double", "One attempt reaches a person once", doubles.once),
    ("step", "double", "One step is attempted once", doubles.steps),
    ("touch", "double", "Nobody hears one thing twice on a day", doubles.touches),
    ("address", "double", "No address hears of two customers on a day", doubles.addresses),
    ("repeat", "double", "No address hears one purpose twice in 24 hours", doubles.repeats),
    ("words", "double", "No address reads the same words twice on a day", doubles.words),
    ("again", "double", "One message has one answer of a kind", answers.again),
    ("too_close", "double", "As far apart as the strategy asks", cadence.too_close),
    ("capped", "double", "No more contacts than the operator lets", limits.capped),
    ("quiet", "unlawful", "Nobody is contacted in quiet times", limits.undisturbed),
    ("co_day", "double", "Colombia: one contact a day per person", caps.colombian_day),
    ("co_week", "double", "Colombia: seven days of rest per person", caps.colombian_week),
    (
        "us_calls",
        "double",
        "United States: seven calls a week, none after a talk",
        caps.american_calls,
    ),
    ("ec_day", "double", "Ecuador: one contact a day per person", caps.ecuadorian_day),
    ("cl_week", "double", "Chile: one call, two messages, two in all a week", caps.chilean_week),
    ("unrecorded", "record", "Everything received is in the ledger", agreement.unrecorded),
    ("unheard", "record", "Everything delivered was received", agreement.unheard),
    ("order", "record", "Reserved, dispatched, received: in this order", agreement.order),
    ("window", "record", "Accepted inside the attempt's own window", agreement.window),
    ("state", "record", "Everything received counts as a contact", agreement.states),
)


def prove(
    ledger_rows: Iterable[Row],
    received_rows: Iterable[Row],
    *,
    accounts: Iterable[Row] = (),
    events: Iterable[Row] = (),
    stops: Iterable[Row] | None = None,
    said: Iterable[Row] | None = None,
    min_days: Mapping[str, int] | None = None,
    agreed: Iterable[Row] | None = None,
    stated: Row | None = None,
    standing: Iterable[Row] = (),
    until: str | None = None,
    orders: Iterable[Row] | None = None,
) -> Proof:
    """Hold the ledger against what was received.

    ``accounts`` (lines of accounts.jsonl) add the country and zones the portfolio itself states;
    ``events`` (lines of events.jsonl) the calls that customers made to us; ``stops`` (lines of
    stops.jsonl) who asked to be left alone, and who is somebody else; ``said`` what people wrote
    (at, address, channel, words, account, clock), without which no answer is one; ``min_days`` how
    many days apart the operator's strategy wants the messages of a phase, ``stated`` its caps of a
    person and quiet times; ``agreed`` (lines of agreed.jsonl) what stood of disputes and
    settlements; ``standing`` (lines of parties.jsonl) who stands for which account beside its
    debtor; ``until`` the end of the run; ``orders`` (lines of orders.jsonl) the orders in bulk.
    Without one of these the checks that need it examine nothing, and say so. Raises KeyError or
    ValueError on rows that lack a field or carry a time without offset: evidence that cannot be
    read proves nothing.
    """
    evidence = gather(
        list(ledger_rows),
        list(received_rows),
        list(accounts),
        list(events),
        None if stops is None else list(stops),
        None if said is None else list(said),
        dict(min_days or {}),
        dict(stated or {}),
        list(standing),
        None if agreed is None else list(agreed),
        until,
    )
    evidence = replace(evidence, orders=None if orders is None else tuple(orders))
    checks = []
    for code, kind, title, examine in CHECKS:
        examined, violations = examine(evidence)
        checks.append(Check(code, kind, title, examined, tuple(violations)))
    return Proof(tuple(checks), len(evidence.attempts), len(evidence.received))


def prove_folder(folder: Path) -> Proof:
    """The proof over the record of a run: ledger and received, and the other files if there."""
    return prove(
        read_lines(folder / "ledger.jsonl"),
        read_lines(folder / "received.jsonl"),
        accounts=read_lines(folder / "accounts.jsonl"),
        events=read_lines(folder / "events.jsonl"),
        stops=read_lines(stops) if (stops := folder / "stops.jsonl").exists() else None,
        said=read_said(folder),
        min_days=read_run(folder).get("min_days"),
        agreed=read_lines(known) if (known := folder / "agreed.jsonl").exists() else None,
        stated=read_run(folder).get("limits"),
        standing=read_lines(folder / "parties.jsonl"),
        until=read_run(folder).get("until"),
        orders=read_lines(given) if (given := folder / "orders.jsonl").exists() else None,
    )


def table(proof: Proof) -> str:
    """The proof as text: a line a check, then every violation."""
    lines = [f"{proof.attempts} attempts, {proof.received} messages received", ""]
    lines += [
        f"  {MARKS[check.mark]:<7}{check.title:<56}"
        f"{check.examined:>7} examined {len(check.violations):>5} violations"
        for check in proof.checks
    ]
    lines += ["", *(f"- {violation}" for violation in proof.violations)]
    verdict = "nothing unlawful, nothing twice" if proof.holds else "the proof fails"
    return "\n".join([*lines, verdict])
