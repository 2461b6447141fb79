"""Reading the situation and planning, the end of every activity."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple, TypeAlias
from zoneinfo import ZoneInfoNotFoundError

from temporalio import activity

from activities.choosing import strategies
from activities.choosing.arms import arm_of
from activities.dependencies import Dependencies
from activities.orders import AccountRef
from domain.account import AccountStatus, CloseReason
from domain.agreements.plan import settle as settle_plan
from domain.agreements.settlement import offers
from domain.cases.case import asks
from domain.channels import Channel
from domain.conversation.work_words import WorkReason
from domain.entry.bounds import LATEST
from domain.law.engine import verdict
from domain.ledger import life
from domain.ledger.attempt import Event
from domain.names import account_key
from domain.planning.by_person import Leaves, may_send
from domain.planning.frame import Frame
from domain.planning.planner import UNMET, plan
from domain.planning.reasons.cases import PERSON_DUE
from domain.planning.reasons.promises import settle
from domain.planning.reasons.turn import TURN_DUE
from domain.planning.request import law_request
from domain.planning.rules import Rules
from domain.planning.step import Status, Step, StepKind, View
from domain.segments.again import until_chosen_again
from domain.situation import Situation
from store.agreements.offers import write as write_offers
from store.agreements.plans import settle as settle_in_store
from store.cases import cases, persons_only
from store.contacts import messages
from store.conversation.work import open_items
from store.database import Connection
from store.facts import Known
from store.law_events import owner_of
from store.ledger_mark import behind
from store.limits.capacity import take, with_full, with_taken
from store.situations import read_situation
from telemetry import observing

log = logging.getLogger(__name__)

UNPLANNABLE: Final = (ArithmeticError, ValueError, ZoneInfoNotFoundError)
"""What planning raises because of what is on record (pydantic's errors are ValueErrors)."""
LOOK_AGAIN: Final = timedelta(days=1)
NO_CHANNEL: Final = "no_channel"
"""``why`` of a step that waits because nobody may be contacted."""


Read: TypeAlias = tuple[Situation, int]
"""What ``read_situation`` has read: a situation and the count of facts."""


async def read(
    dependencies: Dependencies, connection: Connection, ref: AccountRef, now: datetime
) -> Read | None:
    """The situation as it is on record. Raises one of ``UNPLANNABLE`` where that is impossible."""
    return await read_situation(connection, ref.creditor, ref.account_id, now, dependencies.served)


async def situation_of(
    dependencies: Dependencies,
    connection: Connection,
    ref: AccountRef,
    now: datetime,
    known: Read | None = None,
) -> tuple[Situation, Rules, int] | None:
    """The situation, promises and plans settled as of ``now``, and people asked for what has
    fallen due of a dispute or a hardship; the rules of the strategy that is right now; the count of
    facts. ``known``: what is read otherwise."""
    found = await _settled_situation(dependencies, connection, ref, now, known)
    if found is None:
        return None
    situation = found[0]
    factory = dependencies.factory
    arm = await arm_of(factory.trials, connection, situation, now)
    made = await strategies.chosen(factory, connection, situation, now, arm)
    if made is None:
        return found
    if await strategies.keep(factory, connection, situation.account, made, now, arm):
        found = await _settled_situation(dependencies, connection, ref, now)
        assert found is not None, "it has just been read"  # noqa: S101
    again = {"choose_again_at": made.until}
    return found[0].model_copy(update=again), found[1], found[2]


async def _settled_situation(
    dependencies: Dependencies,
    connection: Connection,
    ref: AccountRef,
    now: datetime,
    known: Read | None = None,
) -> tuple[Situation, Rules, int] | None:
    """The same, by the strategy that stands."""
    found = known or await read(dependencies, connection, ref, now)
    if found is None:
        return None
    situation, facts = found
    factory = dependencies.factory
    rules = factory.standing_rules(situation)
    policy, zones = rules.strategy.promise, situation.customer.zones
    owner = (ref.creditor, ref.account_id)
    if await _ask_people(connection, owner, situation, rules, now):
        # With the items that are open now.
        found = await read(dependencies, connection, ref, now)
        assert found is not None, "it has just been read"  # noqa: S101
        situation, facts = found
    promises = []
    for promise in situation.promises:
        state = settle(promise, now, policy, zones)
        if state is not promise.state:
            await dependencies.facts.settle_promise(
                connection, owner, promise.promise_id, state, now
            )
        promises.append(promise.model_copy(update={"state": state}))
    plans = []
    for one in situation.plans:
        became = settle_plan(one, situation.account, now, zones)
        if became is not one.state:
            await settle_in_store(connection, owner, one.plan_id, became, now)
        plans.append(one.model_copy(update={"state": became}))
    settled = situation.model_copy(update={"promises": tuple(promises), "plans": tuple(plans)})
    by_now = offers.settled(settled, now)
    if by_now is not settled:
        await write_offers(connection, owner, settled, by_now, now)
        settled = by_now
    settled = await with_taken(connection, settled, rules.strategy.capacity, now)
    if settled.to_send:
        settled = await _without_refused(connection, settled, rules, now)
    return settled, rules, facts


async def _ask_people(
    connection: Connection,
    owner: tuple[str, str],
    situation: Situation,
    rules: Rules,
    now: datetime,
) -> bool:
    """Ask people for what has fallen due of the cases that stand; whether there was anything."""
    stands = (situation.dispute, situation.hardship)
    if stands == (None, None) or situation.account.status is not AccountStatus.OPEN:
        return False
    terms, zones = rules.strategy.hardship, situation.customer.zones
    due = [one for one in asks(*stands, terms, zones) if one.since <= now]
    for one in due:
        await cases.ask(connection, owner, one)
    return bool(due)


def seen_from(situation: Situation, rules: Rules, step: Step) -> tuple[Situation, Rules]:
    """The side that a contact is for: the debtor's, or that of one who stands for the account."""
    for party, obeyed in zip(situation.parties, rules.of_parties, strict=True):
        if any(p.contact_point_id == step.contact_point_id for p in party.customer.points):
            return party, obeyed
    return situation, rules


async def _without_refused(
    connection: Connection, situation: Situation, rules: Rules, now: datetime
) -> Situation:
    """Refuse, in words that the person reads, what they wrote and may not leave; see the rest."""
    frame, left = Frame(situation, now, rules), []
    for message in situation.to_send:
        may = may_send(frame, message)
        if isinstance(may, Leaves):
            left.append(message)
        else:
            await messages.refuse(connection, message.message_id, may, now)
    return situation.model_copy(update={"to_send": tuple(left)})


def decide(dependencies: Dependencies, situation: Situation, rules: Rules, now: datetime) -> Step:
    """Plan. The time of the next contact is shown only where a search attribute is paid for it.

    Raises one of ``UNPLANNABLE`` where what is on record is impossible.
    """
    step = plan(situation, now, rules)
    if step.not_before > LATEST:
        raise OverflowError("a plan beyond our calendar")
    count_verdicts(*seen_from(situation, rules, step), step, now)
    step = until_chosen_again(step, situation.choose_again_at, situation.customer.zones)
    if dependencies.settings.exact_next_contact or step.view.next_contact_at is None:
        return step
    return step.model_copy(update={"view": step.view.model_copy(update={"next_contact_at": None})})


class Decided(NamedTuple):
    """What a contact is planned by, and the plan."""

    read: Read
    """As it was on record."""
    found: tuple[Situation, Rules, int]
    """What ``situation_of`` made of it."""
    step: Step


async def decided(
    dependencies: Dependencies, connection: Connection, ref: AccountRef, now: datetime
) -> Decided | None:
    """What is on record and the step it asks for; None: there is no plan for a contact, and
    ``next_step`` says why."""
    try:
        known = await read(dependencies, connection, ref, now)
        found = known and await situation_of(dependencies, connection, ref, now, known)
        if not known or not found:
            return None
        return Decided(known, found, decide(dependencies, *found[:2], now))
    except UNPLANNABLE:
        return None


_SETTLED_BY_TIME: Final = ("account", "promises", "plans", "offers", "work", "to_send")
"""What of a situation planning may have written anew."""


def once_accepted(
    planned: Decided, step: Step, attempt: str, reserved_at: datetime, dispatched_at: datetime
) -> Read | None:
    """What is on record once a contact that was reserved by ``planned`` has been accepted, as long
    as nobody else has written anything; None where that has to be read.

    It need not be read then: whatever else came meanwhile has told, or will tell, the workflow,
    which plans anew for it; and nothing is done by a plan that is not made anew under the lock.
    """
    situation, facts = planned.read
    settled = planned.found[0]
    if situation.parties or situation.to_send:
        return None
    if any(getattr(settled, name) != getattr(situation, name) for name in _SETTLED_BY_TIME):
        return None
    made = life.reserved(situation, step, attempt, situation, reserved_at)
    made = life.happened(made, attempt, Event.DISPATCH, dispatched_at)
    return life.happened(made, attempt, Event.ACCEPT, dispatched_at), facts


async def plannable(
    dependencies: Dependencies, connection: Connection, ref: AccountRef, now: datetime
) -> Situation | None:
    """The situation, if there is one to plan with."""
    try:
        found = await situation_of(dependencies, connection, ref, now)
    except UNPLANNABLE:
        return None
    return found[0] if found else None


async def turn_taken(
    dependencies: Dependencies,
    connection: Connection,
    situation: Situation,
    rules: Rules,
    step: Step,
    now: datetime,
) -> Step:
    """A person's turn that is due takes of the day's capacity, where people have one; where the day
    has become full meanwhile, the plan that follows from it."""
    capacity = rules.strategy.capacity
    if step.why != TURN_DUE or capacity is None or Channel.HUMAN not in capacity.channels:
        return step
    if await take(connection, capacity, Channel.HUMAN, now, None):
        return step
    full = with_full(situation, capacity, Channel.HUMAN, now)
    return decide(dependencies, full, rules, now)


async def next_step(
    dependencies: Dependencies,
    connection: Connection,
    ref: AccountRef,
    now: datetime,
    known: Read | None = None,
) -> Step:
    """Plan, show the plan to operations, and answer with it. ``known``: what is read otherwise."""
    decided_by: tuple[str, ...] = ()
    with observing.span("plan") as seen:
        try:
            found = await situation_of(dependencies, connection, ref, now, known)
            if found is None:
                step = await _incomplete(dependencies, connection, ref, now)
            else:
                situation, rules, _ = found
                decided_by = rules.decided_by
                step = decide(dependencies, situation, rules, now)
                step = await turn_taken(dependencies, connection, situation, rules, step, now)
        except UNPLANNABLE as error:
            step = await for_a_person(dependencies, connection, ref, now, error)
        step = step.model_copy(
            update={"view": step.view.model_copy(update={"shown_as": "standing"})}
        )
        observing.describe(seen, phase=step.view.phase, next=step.kind, why=step.why)
        return await show(dependencies, connection, ref, step, now, decided_by)


async def show(
    dependencies: Dependencies,
    connection: Connection,
    ref: AccountRef,
    step: Step,
    now: datetime,
    decided_by: Sequence[str],
) -> Step:
    """Show a plan to operations, with what decided it, and have a person asked for what it cannot
    do without one."""
    if step.why == UNMET:
        owner = await owner_of(connection, ref.creditor, ref.account_id)
        assert owner is not None, "what is planned is known"  # noqa: S101
        await open_items(connection, {owner: None}, (WorkReason.PREFERENCE,), None, now)
    if step.why == PERSON_DUE:
        await persons_only.asked(connection, await _ask_a_person(connection, ref, now), now)
    if step.why == TURN_DUE:
        await _ask_a_person(connection, ref, now)
        await dependencies.ledger.asked(connection, ref.creditor, ref.account_id, step, now)
    shown = (ref.creditor, ref.account_id, step, now, decided_by)
    return await dependencies.ledger.project(connection, *shown)


async def _ask_a_person(connection: Connection, ref: AccountRef, now: datetime) -> str:
    """In the place of a touch; the customer whom they are to contact."""
    owner = await owner_of(connection, ref.creditor, ref.account_id)
    assert owner is not None, "what is planned is known"  # noqa: S101
    name = f"account/{account_key(ref.creditor, ref.account_id)}"
    await open_items(connection, {owner: None}, (WorkReason.PERSON_FIRST,), name, now)
    return owner


async def notice_a_restore(
    dependencies: Dependencies, connection: Connection, ref: AccountRef, plans: int
) -> None:
    """Halt the ledger if it knows of fewer plans of this account than its workflow does."""
    forgotten = await behind(connection, ref.creditor, ref.account_id, plans)
    if forgotten is None:
        return
    key = account_key(ref.creditor, ref.account_id)
    why = f"restored from an older backup: it has forgotten {forgotten} plans of {key}"
    if await dependencies.mark.halt(why):
        log.critical("%s: nobody is contacted until `contrapunto restore lift`", why)


def count_verdicts(situation: Situation, rules: Rules, step: Step, now: datetime) -> None:
    """Count what the law says, at this instant, of the contact point that the step is for.

    Where the law leaves no channel at all, of every point that the customer consented to.
    """
    if not observing.metering() or not rules.packs:
        return
    silenced = step.kind is StepKind.WAIT and step.why == NO_CHANNEL
    for point in situation.customer.points:
        asked = (
            point.consented and point.suppressed is None
            if silenced
            else (point.contact_point_id == step.contact_point_id)
        )
        if asked:
            said = verdict(rules.packs, law_request(situation, rules, point, now), now)
            observing.judged(said.rule, said.verdict)


async def _incomplete(
    dependencies: Dependencies, connection: Connection, ref: AccountRef, now: datetime
) -> Step:
    """Account or customer is missing: wait for intake, close if told to."""
    known = await dependencies.facts.account(connection, (ref.creditor, ref.account_id))
    missing = "account" if known is None else "customer"
    words = f"Waiting for intake: the {missing} is not known yet (contrapunto intake FILE)"
    return _planless(known, now, Status.INCOMPLETE, words)


async def for_a_person(
    dependencies: Dependencies,
    connection: Connection,
    ref: AccountRef,
    now: datetime,
    error: Exception,
) -> Step:
    """What is on record cannot be planned with, however often it is tried: somebody must mend it.

    Until then nobody is contacted; messages are recorded, and each has it planned anew.
    """
    # By its class alone: the message of an error may quote what is on record.
    kind = type(error).__name__
    activity.logger.error("a person must act: no plan for %s/%s, %s", *_owner(ref), kind)
    known = await dependencies.facts.account(connection, _owner(ref))
    words = (
        f"A person must mend what is on record: no plan can be made of it ({kind}; "
        "contrapunto account show)"
    )
    return _planless(known, now, Status.NEEDS_A_PERSON, words)


def _owner(ref: AccountRef) -> tuple[str, str]:
    return ref.creditor, ref.account_id


def _planless(known: Known | None, now: datetime, status: Status, words: str) -> Step:
    """Look again in a day; the end, where the account is closed."""
    closed = known is not None and not known.is_open
    return Step(
        kind=StepKind.CLOSE if closed else StepKind.WAIT,
        not_before=now if closed else now + LOOK_AGAIN,
        summary="Closed on request" if closed else words,
        why="closed" if closed else status.value,
        close_reason=CloseReason.CLOSED if closed else None,
        view=View(
            status=Status.CLOSED if closed else status,
            phase="unknown",
            jurisdiction="unknown",
            days_past_due=0,
            bucket="unknown",
            balance=known.balance if known else Decimal(0),
            currency=known.currency if known else "XXX",
        ),
    )
