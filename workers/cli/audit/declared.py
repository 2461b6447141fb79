"""What the audit has of each command: that it changes something, that it reads personal words, or
why neither is so. A command that is not here does not run, and fails a test."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Audited:
    """A command that changes something, or reads personal words: each call is an entry.

    ``account``, ``customer``, ``reason``, ``file``: the parameters that say so. ``plain``: texts
    that are told as they are, since nothing personal is in them; of other texts only that they were
    given. Numbers, days, choices and switches are told.
    """

    account: str | None = None
    customer: str | None = None
    reason: str | None = None
    file: str | None = None
    plain: tuple[str, ...] = ()
    rows: bool = True
    """Whether each row that it changes is told; else what it was asked with says it all."""
    unless: str | None = None
    """A switch with which it changes nothing and shows no words."""
    only: str | None = None
    """A parameter without which it does neither."""


@dataclass(frozen=True)
class ReadOnly:
    """A command of which nothing is written, and why."""

    why: str


PLAYS: Final = ReadOnly("plays on servers of its own, with people who are made up")
LOOKS: Final = ReadOnly("shows how things stand, without a customer's words")
COMPUTES: Final = ReadOnly("works out something from files, and changes nothing")
PROCESS: Final = ReadOnly("a process: what it loads is an entry when it starts (workers/audit.py)")
BY = ("by", "role", "approved_by", "approver_role")
SCOPE = ("kind", "creditor", "country", "region", "phase", "segment", "strategy", "product", *BY)

COMMANDS: Final[dict[str, Audited | ReadOnly]] = {
    "worker": PROCESS,
    "gateway": PROCESS,
    "api": PROCESS,
    "relay": PROCESS,
    "codec": ReadOnly("a process without a database: it keeps and changes nothing"),
    "migrate": ReadOnly("tells of itself once the schema is there (workers/cli/processes.py)"),
    "demo": PLAYS,
    "dev": PLAYS,
    "sandbox": PLAYS,
    "doctor": LOOKS,
    "status": LOOKS,
    "maintain": Audited(rows=False),
    "retention plan": LOOKS,
    "retention run": Audited(rows=False),
    "retention hold": Audited(
        "account", customer="customer", reason="why", plain=("creditor", *BY)
    ),
    "retention lift": Audited(plain=BY),
    "retention holds": LOOKS,
    "intake": Audited(file="file", rows=False, plain=BY, unless="check"),
    "parties": Audited(file="file", rows=False, unless="dry_run"),
    "events": Audited(file="file"),
    "documents": Audited(file="file", rows=False, unless="dry_run"),
    "simulate": ReadOnly("tries strategies in memory; of --live it reads figures, and no words"),
    "account show": LOOKS,
    "account hold": Audited("account", reason="reason", plain=("until",)),
    "account resume": Audited("account"),
    "account close": Audited("account", reason="reason"),
    "account overdue": Audited(only="start"),
    "account refused": LOOKS,
    "account start": Audited(only="missing"),
    "account plan": Audited("account", plain=("instalment", "first", "every", "amount", "down")),
    "account cancel-plan": Audited("account", reason="reason"),
    "account promise": Audited("account", plain=("amount", "by_date", "part", *BY)),
    "account dispute": Audited("account", reason="note", plain=("reason",)),
    "account resolve-dispute": Audited("account", reason="reason", plain=("outcome",)),
    "account hardship": Audited("account", reason="reason"),
    "account extend-hardship": Audited("account"),
    "account end-hardship": Audited("account", reason="reason"),
    "account settlement offer": Audited("account", plain=("discount", "amount", *BY)),
    "account settlement approve": Audited("account", plain=BY),
    "account settlement decline": Audited("account", reason="reason", plain=BY),
    "account settlement accept": Audited("account", plain=("how",)),
    "account settlement withdraw": Audited("account", reason="reason"),
    "customer show": Audited(customer="customer", plain=BY, unless="no_words"),
    "customer prefer": Audited(customer="customer", plain=("channel", "language", *BY)),
    "customer timeline": LOOKS,
    "customer export": Audited(customer="customer", plain=BY),
    "customer erase": Audited(
        customer="customer", reason="reason", rows=False, plain=BY, unless="dry_run"
    ),
    "customer vulnerable": Audited(customer="customer", plain=BY),
    "ledger export": Audited(plain=("creditor",)),
    "ledger decider": LOOKS,
    "ledger unknown": LOOKS,
    "ledger settle": Audited(reason="note", plain=("attempt", *BY)),
    "ledger resume": Audited(reason="note", plain=BY),
    "restore status": LOOKS,
    "restore hold": Audited(reason="reason", plain=BY),
    "restore reconcile": Audited(rows=False, plain=("since", "until", *BY)),
    "restore lift": Audited(reason="reason", plain=BY),
    "bulk plan": LOOKS,
    "bulk start": Audited(reason="reason", plain=SCOPE),
    "bulk status": LOOKS,
    "bulk lift": Audited(reason="reason", plain=("order", *BY)),
    "bulk resume": Audited(plain=("order",)),
    "law check": COMPUTES,
    "law week": COMPUTES,
    "law docs": COMPUTES,
    "law explain": LOOKS,
    "inbound check": COMPUTES,
    "inbound list": Audited(customer="customer", plain=BY),
    "inbound correct": Audited(plain=("intents", *BY)),
    "inbound export": Audited(),
    "work list": LOOKS,
    "work show": Audited(plain=BY),
    "work claim": Audited(plain=BY),
    "work release": Audited(plain=BY),
    "work may-call": LOOKS,
    "work done": Audited("account", reason="note", plain=("outcome", "result", "action", *BY)),
    "contact may": LOOKS,
    "contact begin": Audited("account", plain=("action", *BY)),
    "contact end": Audited(reason="note", plain=("result",)),
    "contact record": Audited("account", reason="note", plain=("result", "action", *BY)),
    "contact list": LOOKS,
    "contact message": Audited("account", plain=("channel", "template", *BY)),
    "contact show": LOOKS,
    "strategy check": COMPUTES,
    "strategy who": LOOKS,
    "strategy preview": Audited("account", plain=("other", *BY)),
    "strategy diff": COMPUTES,
    "report schedule": Audited(plain=("at", "every", "zone", "name", *BY)),
    "report findings": LOOKS,
    "report done": Audited(reason="note", plain=BY),
    "experiment check": COMPUTES,
    "experiment status": LOOKS,
    "experiment evaluate": Audited(),
    "learn key": COMPUTES,
    "learn rows": Audited(plain=("without",)),
    "learn fit": Audited(plain=("name", "version", "without")),
    "learn sign": COMPUTES,
    "learn show": LOOKS,
    "learn evaluate": LOOKS,
    "learn score fit": COMPUTES,
    "learn score apply": COMPUTES,
    "rollout build-id": COMPUTES,
    "rollout status": LOOKS,
    "rollout replay": LOOKS,
    "rollout plan": LOOKS,
    "rollout set": Audited(plain=("build", "name")),
    "rollout ramp": Audited(plain=("build", "name")),
    "rollout release": Audited(plain=("build", "name")),
    "rollout drain": LOOKS,
    "webhooks check": COMPUTES,
    "webhooks status": LOOKS,
    "webhooks failed": LOOKS,
    "webhooks redrive": Audited("account", plain=("endpoint", "event")),
    "webhooks enable": Audited(plain=("name",)),
    "webhooks send-test": ReadOnly("sends a made-up event, and writes nothing"),
    "database roles": ReadOnly("makes roles, before there is a schema to write it in"),
    "database grants": ReadOnly("what it grants stands in a file of the version"),
    "config check": COMPUTES,
    "config ui": COMPUTES,
    "audit show": Audited("account", customer="customer", plain=("who", "what")),
    "audit verify": ReadOnly("says which rows are wrong, and nothing of what they tell"),
    "audit anchor": ReadOnly("prints digests alone"),
}
"""By the words that are typed. ``learn rows`` and ``ledger export`` take data out of the house."""
