"""One state of the world as the search sees it: rows, executions, workflows, providers, people.

What is the product's own here: the walks of ``domain.ledger.protocol``, the moves of
``domain.ledger.attempt``, planning (``domain.planning`` under the real law of Colombia). What is
modelled: that a transaction under the customer's lock is one step, that Temporal runs an activity
at least once, and what providers and people do. ``tests/integration/store/test_protocol_in_sql.py``
holds the modelled statements against the real ones in PostgreSQL.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from domain.account import Account, Customer
from domain.channels import Channel
from domain.law.request import LawEvent
from domain.law.terms import EventKind, Medium
from domain.ledger.attempt import AttemptState, PastContact, RefusalKind
from domain.ledger.protocol import Came, Do
from domain.names import attempt_id
from domain.planning.planner import plan
from domain.planning.step import Step
from domain.situation import Reply, Sibling, Situation
from lab.builders.situations import EMAIL, NOW, SMS, rules

ACCOUNTS: Final = ("A1", "A2")
KEYS: Final = ("bank/A1", "bank/A2")
WAITS: Final = (timedelta(minutes=2), timedelta(days=1))
"""The provider is asked twice; after the second time nobody knows."""
RULES: Final = replace(
    rules(), providers={Channel.SMS: ("twilio", "infobip"), Channel.EMAIL: ("sendgrid",)}
)
"""Two providers of SMS, and another channel. Their health is not modelled: a circuit opens after
three failed sends in a row, and no life here has as many faults."""
HORIZON: Final = NOW + timedelta(days=3, hours=12)
"""Later than every failover and asking of the first touch, before the second (four days)."""
NIGHT: Final = NOW + timedelta(hours=19)
"""Monday 20:00 in Bogota: an hour after the lawful window."""


class Row(NamedTuple):
    """An attempt, as far as anybody decides by it."""

    account: int
    step: int
    touch: int
    channel: Channel
    provider: str
    covers: tuple[int, ...]
    state: AttemptState
    owner: int
    facts: int
    at: datetime
    ask: datetime | None = None
    refusal: RefusalKind | None = None
    name: int | None = None
    """Which of the provider's messages it is known to be."""


class Run(NamedTuple):
    """One execution of an activity, on a worker."""

    account: int
    token: int
    step: int
    """Place of the ordered step in ``STEPS``; reserving puts the one planned under the lock."""
    number: int
    """Of the attempt it is about."""
    do: Do
    reconciling: bool = False
    ghost: bool = False
    """The server has given it up; it does not know."""
    peeked: bool = False
    """It has planned without a lock, and has not written yet (a safeguard is out)."""
    left: datetime | None = None
    """When it committed that the request leaves."""
    clear: bool = True
    """Whether no stop stood when it did."""
    sent: Came | None = None
    refusal: RefusalKind | None = None
    name: int | None = None


class Flow(NamedTuple):
    """The workflow of one account."""

    step: int
    tries: int = 0
    running: bool = False
    queued: bool = False
    """Its activity waits for a worker: the first time, or again."""
    told: bool = False
    """A message is in its inbox."""
    over: bool = False


class Sent(NamedTuple):
    """A message that a provider took: the provider's own record."""

    account: int
    step: int
    channel: Channel
    """Not the provider: a person has one telephone, whoever sends to it."""
    fate: AttemptState = AttemptState.ACCEPTED


class World(NamedTuple):
    """Everything."""

    now: datetime
    facts: int
    rows: tuple[Row, ...]
    flows: tuple[Flow, ...]
    runs: tuple[Run, ...] = ()
    messages: tuple[Sent, ...] = ()
    said: tuple[tuple[EventKind, datetime], ...] = ()
    """Stops and consents as PostgreSQL has them."""
    truth: tuple[EventKind, ...] = ()
    """What the customer really said, in order."""
    paid: tuple[bool, ...] = (False, False)
    faults: tuple[str, ...] = ()
    """Which faults have happened, sorted."""


STEPS: Final[list[Step]] = []
_known: dict[object, int] = {}
_plans: dict[object, int] = {}


def step_of(place: int) -> Step:
    """A step by its place."""
    return STEPS[place]


def planned(world: World, account: int) -> int:
    """The product's own plan, kept: the same rows and facts at the same time give the same one."""
    key = (
        account,
        world.now,
        world.said,
        world.paid,
        tuple((*row[:7], *row[9:12]) for row in world.rows),
    )
    found = _plans.get(key)
    if found is None:
        found = _plans[key] = _intern(plan(situation_in(world, account), moment(world), RULES))
    return found


def _intern(step: Step) -> int:
    what = (
        step.kind, step.number, step.touch, step.channel, step.provider, step.not_before,
        step.not_after, step.attempt_id, step.purpose, step.covers, step.close_reason,
    )  # fmt: skip
    if what not in _known:
        _known[what] = len(STEPS)
        STEPS.append(step)
    return _known[what]


def moment(world: World) -> datetime:
    """Now; each thing a customer says takes a microsecond, so that the order is in the times."""
    return world.now + timedelta(microseconds=len(world.said))


def situation_in(world: World, account: int) -> Situation:
    """What ``store/situations.py`` would read."""
    other = 1 - account
    paid = world.paid[account]
    return Situation(
        key=KEYS[account],
        account=Account(
            creditor="bank",
            account_id=ACCOUNTS[account],
            customer_id="C1",
            currency="COP",
            balance=Decimal(0 if paid else 100),
            oldest_due_date=(NOW - timedelta(days=10)).date(),
        ),
        customer=Customer(
            customer_id="C1",
            locale="es-CO",
            country="CO",
            zones=("America/Bogota",),
            preferred_channel=Channel.SMS,
            points=(EMAIL, SMS),
        ),
        contacts=tuple(sorted((_contact(row) for row in world.rows), key=lambda c: (c.at, c.step))),
        replies=tuple(Reply(at=at, channel=Channel.SMS) for _, at in world.said),
        law_events=(
            LawEvent(kind=EventKind.OPT_IN, at=NOW - timedelta(days=1), channel=Medium.SMS),
            *(LawEvent(kind=kind, at=at, channel=Medium.SMS) for kind, at in world.said),
        ),
        siblings=()
        if world.paid[other]
        else (Sibling(account=KEYS[other], balance=Decimal(100), silent=False),),
        next_step=max((r.step for r in world.rows if r.account == account), default=0) + 1,
    )


def _contact(row: Row) -> PastContact:
    return PastContact(
        attempt_id=attempt_id("bank", ACCOUNTS[row.account], row.step),
        account=KEYS[row.account],
        covers=tuple(KEYS[covered] for covered in row.covers),
        step=row.step,
        touch=row.touch,
        phase="early",
        purpose="reminder",
        channel=row.channel,
        contact_point_id=(SMS if row.channel is Channel.SMS else EMAIL).contact_point_id,
        provider=row.provider,
        state=row.state,
        refusal=row.refusal,
        at=row.at,
        reconcile_at=row.ask,
    )


def begin() -> World:
    """Monday 01:00 in Bogota: both accounts of the customer have planned their first reminder."""
    empty = World(NOW, 0, (), ())
    return empty._replace(flows=tuple(Flow(planned(empty, account)) for account in (0, 1)))
