"""One state of the world as the search sees it: rows, executions, workflows, providers, people.

What is the product's own here: the walks of ``domain.ledger.protocol``, the moves of
``domain.ledger.attempt``, planning (``domain.planning`` under the real law of Colombia). What is
modelled: that a transaction under the customer's lock is one step, that Temporal runs an activity
at least once, and what providers and people do. The modelled statements are held against the real
ones in PostgreSQL (``tests/integration/store/contacts/test_protocol_in_sql.py``).
"""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Final, NamedTuple

from domain.account import Account, Customer
from domain.channels import ANSWERS, Channel
from domain.conversation.work import SILENCING, Work
from domain.conversation.work_words import WorkReason
from domain.facts import PaymentReceived
from domain.law.request import LawEvent
from domain.law.terms import EventKind, Medium
from domain.ledger import life, work
from domain.ledger.attempt import AttemptState, PastContact, RefusalKind
from domain.ledger.protocol import Came, Do
from domain.names import attempt_id
from domain.planning.planner import plan
from domain.planning.rules import Rules
from domain.planning.step import Step
from domain.situation import Reply, Sibling, Situation
from lab.builders.situations import EMAIL, NOW, SMS, rules

ACCOUNTS: Final = ("A1", "A2")
KEYS: Final = ("bank/A1", "bank/A2")
WAITS: Final = (timedelta(minutes=2), timedelta(days=1))
"""The provider is asked twice; after the second time nobody knows."""
PROVIDERS: Final = {Channel.SMS: ("twilio", "infobip"), Channel.EMAIL: ("sendgrid",)}
"""Two providers of SMS, and another channel. Their health is not modelled: a circuit opens after
three failed sends in a row, and no life here has as many faults."""


_HOW_MUCH: Final = tuple((WorkReason.BALANCE, by, False) for by in (Channel.SMS, Channel.EMAIL))
_ASKED_BACK: Final = (
    (WorkReason.PROMISE, Channel.SMS, True),
    (WorkReason.ALREADY_PAID, Channel.EMAIL, True),
)
_DISPUTE: Final = (WorkReason.DISPUTE, Channel.EMAIL, False)


class Setting(NamedTuple):
    """Whose the two accounts are, and under which law."""

    customers: tuple[str, str] = ("C1", "C1")
    """Two customers have one handset all the same, and a mailbox each."""
    overdue: tuple[int, int] = (10, 10)
    """Days past due: in the early phase up to 30, in the middle one up to 60."""
    country: str = "CO"
    zone: str = "America/Bogota"
    utc_offset: int = -5
    opens: int = 7
    closes: int = 19
    """The hours of a weekday, read a second time."""
    days: float = 3.5
    """How long it is looked at: later than every failover and asking of the first touch, and before
    the second (four days), unless this is about the second."""

    begins: timedelta = timedelta(0)
    """After which the search begins, counted from ``NOW``: Monday 01:00 in Bogota."""
    dark: timedelta = timedelta(hours=19)
    """After which everything that hangs is awake again: an hour after the lawful window."""
    asks: tuple[tuple[WorkReason, Channel, bool], ...] = ()
    """What the customer may write, each once in a life: what it asks a person for, by which
    channel, and whether it lacks what only they can say. Both accounts have been spoken of then."""

    @property
    def night(self) -> datetime:
        """When the lawful window has closed."""
        return NOW + self.dark

    @property
    def horizon(self) -> datetime:
        """Where the search stops looking."""
        return NOW + timedelta(days=self.days)

    @property
    def shared(self) -> bool:
        """Whether two customers share the handset."""
        return len(set(self.customers)) > 1


SETTINGS: Final = {
    "siblings": Setting(),
    "handset": Setting(customers=("C1", "C2")),
    "phases": Setting(
        overdue=(10, 40), country="US", zone="America/Chicago", utc_offset=-6, opens=8, closes=21,
        days=13,
    ),
    "questions": (_ASKING := Setting(
        country="MX", zone="America/Mexico_City", utc_offset=-6, opens=7, closes=22,
        begins=timedelta(hours=10), dark=timedelta(hours=29),
        asks=(*_HOW_MUCH, *_ASKED_BACK, _DISPUTE),
    )),
    "again": _ASKING._replace(asks=(*_HOW_MUCH, _DISPUTE)),
}  # fmt: skip
"""Two accounts of one customer; two customers of one handset; two accounts of one customer in two
phases, under a law that leaves the distance between messages to the strategy; two accounts of one
customer who were reminded this morning, where more than one message a day may go out, and who ask
and tell many things, or one thing twice."""
_OWED: Final = Decimal(100)
POINTS: Final = {Channel.SMS: SMS.contact_point_id, Channel.EMAIL: EMAIL.contact_point_id}
MIN_DAYS: Final = {"early": 4, "mid": 5}
"""Of the default strategy, typed a second time."""


@cache
def rules_in(setting: str) -> Rules:
    """The law and the strategy of a setting."""
    found = replace(rules(SETTINGS[setting].country), providers=PROVIDERS)
    if SETTINGS[setting].asks:
        answers = tuple(sorted(ANSWERS))
        found = replace(found, strategy=found.strategy.model_copy(update={"answers": answers}))
    return found


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
    phase: str = ""
    purpose: str = ""
    point: str = ""
    """Of the address."""


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
    against: str | None = None
    """What stood against it when it did."""
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
    signalled: bool = False
    """A message is in its inbox."""
    over: bool = False


class Sent(NamedTuple):
    """A message that a provider took: the provider's own record."""

    account: int
    step: int
    channel: Channel
    """Not the provider: a person has one telephone, whoever sends to it."""
    fate: AttemptState = AttemptState.ACCEPTED
    day: int = 0
    """On the customer's calendar, counted through; only where distances are looked at."""
    covers: tuple[int, ...] = ()
    phase: str = ""
    purpose: str = ""
    at: datetime = NOW
    """These two only where questions are answered."""


class Asked(NamedTuple):
    """A message of the customer, as it is on record with what was read in it."""

    reason: WorkReason
    channel: Channel
    at: datetime
    lacking: bool = False
    """It lacks what the customer alone can say."""


class Item(NamedTuple):
    """A work item; what is done stays, by its reason alone."""

    reason: WorkReason
    opened_at: datetime
    channel: Channel | None
    """Where the customer asked last."""
    lacking: bool = False
    held: bool = False
    """Somebody has it, by the row."""
    claims: int = 0
    """How many have been told that they have it, and their time is not over."""
    done: bool = False


class World(NamedTuple):
    """Everything."""

    now: datetime
    facts: tuple[int, int]
    """Of each account's customer."""
    rows: tuple[Row, ...]
    flows: tuple[Flow, ...]
    runs: tuple[Run, ...] = ()
    messages: tuple[Sent, ...] = ()
    said: tuple[tuple[EventKind, datetime, tuple[int, ...]], ...] = ()
    """Stops and consents as PostgreSQL has them, and of which account's customer."""
    truth: tuple[EventKind, ...] = ()
    """What the customer really said, in order."""
    paid: tuple[bool, ...] = (False, False)
    faults: tuple[str, ...] = ()
    """Which faults have happened, sorted."""
    setting: str = "siblings"
    by_address: bool = True
    """Whether what another customer got at the same address is read and locked, too."""
    asked: tuple[Asked, ...] = ()
    """What the customer wrote beside stops and starts."""
    unheard: tuple[Asked, ...] = ()
    """Messages on record of which nobody has been asked yet (a safeguard is out)."""
    work: tuple[Item, ...] = ()
    acts: int = 0
    """How often people have taken up an item, or done one."""
    remembers: bool = True
    """Whether planning looks among the contacts for what was answered."""
    heeds: bool = True
    """Whether planning asks for what a person must decide first."""


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
        tuple((*row[:7], *row[9:12], *row[13:]) for row in world.rows),
        world.setting,
        world.by_address,
        world.asked,
        tuple((*one[:4],) for one in world.work if not one.done),
        world.remembers,
        world.heeds,
    )
    found = _plans.get(key)
    if found is None:
        step = plan(situation_in(world, account), moment(world), rules_in(world.setting))
        found = _plans[key] = _intern(step)
    return found


def _intern(step: Step) -> int:
    what = (
        step.kind, step.number, step.touch, step.channel, step.contact_point_id, step.provider,
        step.not_before,
        step.not_after, step.attempt_id, step.purpose, step.phase, step.covers, step.close_reason,
    )  # fmt: skip
    if what not in _known:
        _known[what] = len(STEPS)
        STEPS.append(step)
    return _known[what]


def moment(world: World) -> datetime:
    """Now; each thing a customer says takes a microsecond, so that the order is in the times."""
    return world.now + timedelta(microseconds=len(world.said))


def situation_in(world: World, account: int) -> Situation:
    """What ``store/situations.py`` would read: what was said and paid does what ``life`` says."""
    setting = SETTINGS[world.setting]
    customer = setting.customers[account]
    own = SMS if not setting.shared else SMS.model_copy(update={"contact_point_id": "p-shared"})
    mail = EMAIL.model_copy(update={"contact_point_id": _mailbox(setting, account)})
    found = Situation(
        key=KEYS[account],
        account=Account(
            creditor="bank",
            account_id=ACCOUNTS[account],
            customer_id=customer,
            currency="COP",
            balance=_OWED,
            oldest_due_date=(NOW - timedelta(days=setting.overdue[account])).date(),
        ),
        customer=Customer(
            customer_id=customer,
            locale=f"es-{setting.country}",
            country=setting.country,
            zones=(setting.zone,),
            preferred_channel=Channel.SMS,
            points=(mail, own),
        ),
        contacts=tuple(
            sorted((_contact(r) for r in _seen(world, account)), key=lambda c: (c.at, c.step))
        ),
        siblings=_siblings(world, account),
        next_step=max((r.step for r in world.rows if r.account == account), default=0) + 1,
    )
    agreed = NOW - timedelta(days=1)
    for kind, at, whose in ((EventKind.OPT_IN, agreed, (0, 1)), *world.said):
        if account in whose:
            of_all = kind is EventKind.CEASE  # a person's decision, and no message
            event = LawEvent(kind=kind, at=at, channel=None if of_all else Medium.SMS)
            found = life.law_event(found, event, found, at)
            if at is not agreed and not of_all:
                found = life.wrote(found, Reply(at=at, channel=Channel.SMS))
    found = _with_questions(found, world)
    paid, at = PaymentReceived(id="paid", amount=_OWED), moment(world)
    if world.paid[account]:
        found = life.received(found, paid, at)
    if world.paid[1 - account] and not setting.shared:
        found = life.received_by_another(found, paid, at, found)
    return found


def _with_questions(found: Situation, world: World) -> Situation:
    """What the customer wrote, and what people are asked to do of it."""
    for one in world.asked:
        reply = Reply(at=one.at, channel=one.channel, contact_point_id=POINTS[one.channel])
        found = life.wrote(found, reply)
    for number, item in enumerate(world.work, 1):
        if item.done or (item.reason in SILENCING and not world.heeds):
            continue
        waiting = Work(
            work_id=number,
            reason=item.reason,
            opened_at=item.opened_at,
            contact_point_id=None if item.channel is None else POINTS[item.channel],
            lacking=item.lacking,
        )
        found = work.asked(found, waiting)
    return found


def _siblings(world: World, account: int) -> tuple[Sibling, ...]:
    other = 1 - account
    if world.paid[other] or SETTINGS[world.setting].shared:
        return ()
    return (Sibling(account=KEYS[other], balance=_OWED, silent=False),)


def _seen(world: World, account: int) -> list[Row]:
    """The attempts that count as the customer's: to any address of theirs, whoever it was for."""
    if not SETTINGS[world.setting].shared:
        return [row for row in world.rows if world.remembers or row.purpose not in ANSWERS]
    return [
        row
        for row in world.rows
        if row.account == account or (world.by_address and row.channel is Channel.SMS)
    ]


def _mailbox(setting: Setting, account: int) -> str:
    return f"p-email-{account}" if setting.shared else EMAIL.contact_point_id


def _contact(row: Row) -> PastContact:
    return PastContact(
        attempt_id=attempt_id("bank", ACCOUNTS[row.account], row.step),
        account=KEYS[row.account],
        covers=tuple(KEYS[covered] for covered in row.covers),
        step=row.step,
        touch=row.touch,
        phase=row.phase,
        purpose=row.purpose,
        channel=row.channel,
        contact_point_id=row.point,
        provider=row.provider,
        state=row.state,
        refusal=row.refusal,
        at=row.at,
        reconcile_at=row.ask,
    )


def begin(
    setting: str = "siblings",
    *,
    by_address: bool = True,
    remembers: bool = True,
    heeds: bool = True,
) -> World:
    """Both accounts have planned their first message, or have just been spoken of."""
    now = NOW + SETTINGS[setting].begins
    empty = World(now, (0, 0), (), (), setting=setting, by_address=by_address)
    if SETTINGS[setting].asks:
        reminder = Row(
            0, 1, 1, Channel.SMS, "twilio", (0, 1), AttemptState.DELIVERED, 0, 0, now, name=0,
            phase="early", purpose="reminder", point=POINTS[Channel.SMS],
        )  # fmt: skip
        read = Sent(0, 1, Channel.SMS, AttemptState.DELIVERED, purpose="reminder", at=now)
        empty = empty._replace(rows=(reminder,), messages=(read,))
        empty = empty._replace(remembers=remembers, heeds=heeds)
    return empty._replace(flows=tuple(Flow(planned(empty, account)) for account in (0, 1)))
