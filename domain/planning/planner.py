"""What comes next for an account: one pure function over all that is known.

The workflow holds no rules, so this is where collection is decided. Asked when planning and again
inside the reservation, with the same answer for the same facts and instant.

    pauses    is it over? is there silence?
    touches   which touch is due, and from when
    ways      in which lawful ways it can be made, and which is best
    unused    why a contact point is not used
    words     the sentences that people read
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from domain.account import CloseReason, ContactPoint, PromiseState
from domain.calendar import wall
from domain.channels import Purpose
from domain.conversation.work_words import WorkReason
from domain.law.engine import closed_by
from domain.learning.asking import DrawnTone, Hour
from domain.learning.policy import Chosen
from domain.ledger.attempt import IN_DOUBT
from domain.planning import answers, courtesies, parties, pauses
from domain.planning.by_person import Leaves, may_send
from domain.planning.frame import Frame
from domain.planning.limits.keeping import all_quiet_or_spent, kept_back, no_further_touch
from domain.planning.reasons import bulk, cases
from domain.planning.reasons.dust import dust
from domain.planning.reasons.promises import broken_since
from domain.planning.reasons.turn import persons_turn
from domain.planning.reasons.unused import Reason, why_closed
from domain.planning.rules import Rules
from domain.planning.step import Status, Step, StepKind
from domain.planning.touches import Touch, covered, limited, new_touch, next_touch
from domain.planning.ways import Way, best_way, place_in_window
from domain.planning.words import down, label, missed, short_cite, spoken
from domain.situation import Situation
from domain.strategy import Phase

_AGREED: Final = frozenset({"promise", pauses.PLAN, pauses.SETTLEMENT})
"""Silences in which what was agreed is spoken of, and answers are given."""

_ANSWERED: Final = _AGREED | {cases.DISPUTE}
"""Silences in which answers are given, where the law of the customer lets them out."""

_UNHEARD: Final = frozenset({pauses.HOLD, bulk.CEASE})
"""Silences in which not even those who stand for the account are told whom to call."""

UNMET: Final = "wish"
"""Why an account waits where nothing is left of what the law allows and the customer wishes."""


def plan(situation: Situation, now: datetime, rules: Rules) -> Step:
    """The next step of an account at ``now`` (aware). Never fails on lawful data.

    The earlier of what collection wants and what an attempt in doubt needs.
    """
    frame = Frame(situation, now, rules)
    step = (
        _by_person(frame)
        or _ended(frame)
        or _courtesy(frame, courtesies.stop_confirmation)
        or _beside(frame, courtesies.stop_confirmation)
        or _collect(frame)
    )
    step = cases.looked_at(frame, step)
    doubt = _doubt(frame)
    if doubt is not None and (
        doubt.not_before <= step.not_before or step.close_reason is CloseReason.HANDED_OFF
    ):
        return doubt
    return step


def _by_person(frame: Frame) -> Step | None:
    """What a person wrote goes before all that is planned, where it may leave; where it may not,
    the person is told (``activities/planning.py``)."""
    for message in frame.situation.to_send:
        leaves = may_send(frame, message)
        if isinstance(leaves, Leaves):
            return _sent_by_person(frame, leaves)
    return None


def _sent_by_person(frame: Frame, leaves: Leaves) -> Step:
    message, way = leaves.message, leaves.route
    at = max(frame.now, way.opens)
    words = f"{label(message.channel)} {spoken(Purpose.PERSON)}"
    if way.down:
        words += f", held: {down(way.down, frame.zones)}"
    promised = frame.situation.open_promise(frame.now) is not None
    view = frame.view(Status.PROMISED if promised else Status.COLLECTING, at)
    return Step(
        kind=StepKind.CONTACT,
        number=frame.situation.next_step,
        not_before=at,
        not_after=leaves.closes,
        summary=f"{words}, due {wall(at, frame.zones, frame.now)}",
        why=pauses.BY_PERSON,
        phase=view.phase,
        channel=message.channel,
        contact_point_id=message.contact_point_id,
        provider=way.provider,
        purpose=Purpose.PERSON,
        message=message.message_id,
        covers=(frame.situation.key,),
        view=view,
    )


def _ended(frame: Frame) -> Step | None:
    """The account is over, but for the thanks where it has just been paid."""
    ended = pauses.end(frame)
    if ended is None or ended.close_reason is not CloseReason.CURED:
        return ended
    if pauses.decision(frame) or bulk.silenced(frame):
        return ended
    return pauses.halt(frame) or _courtesy(frame, courtesies.thanks) or ended


def _collect(frame: Frame) -> Step:
    held, silent = bulk.held(frame), pauses.own_silence(frame)
    if silent is None or silent.why not in _UNHEARD:
        helped = _beside(frame, answers.helpline, in_crisis=True)
        if helped is not None:
            return helped
    if silent is None or silent.why in _ANSWERED:
        answered = _courtesy(frame, answers.answer) or _beside(frame, answers.to_party)
        if answered is not None:
            return answered
        offered = None if held is not None else _offer(frame)
        if offered is not None and (silent is None or offered.not_before < silent.not_before):
            return offered
    if silent is not None and silent.why == WorkReason.CRISIS:
        helped = _courtesy(frame, answers.helpline, frame.nearest_phase)
        if helped is not None:
            return helped
    if held is not None:
        return pauses.silence(frame) or held
    if silent is not None:
        reminded = _reminder(frame, silent.why) if silent.why in _AGREED else None
        return reminded if reminded and reminded.not_before < silent.not_before else silent
    return pauses.hand_off(frame) or pauses.halt(frame) or pauses.rest(frame) or _turn(frame)


def _offer(frame: Frame) -> Step | None:
    """The word that a settlement is offered; what rests the account otherwise, rests this too."""
    if pauses.replied(frame):
        return None
    # An offer may stand beyond the last phase, or before the first.
    return _courtesy(frame, courtesies.settlement_offer, frame.nearest_phase)


def _reminder(frame: Frame, why: str) -> Step | None:
    """The word about what is agreed; what rests the account otherwise, rests this too."""
    if pauses.halt(frame):
        return None
    if why in (pauses.PLAN, pauses.SETTLEMENT):
        # A plan may run on beyond the last phase, or be re-aged to before the first.
        of_plan = why == pauses.PLAN
        word = courtesies.plan_word if of_plan else courtesies.settlement_reminder
        return None if pauses.replied(frame) else _courtesy(frame, word, frame.nearest_phase)
    return None if pauses.rest(frame) else _courtesy(frame, courtesies.promise_reminder)


def _courtesy(
    frame: Frame, wanted: Callable[[Frame], Touch | None], phase: Phase | None = None
) -> Step | None:
    """A message beside the cadence, where there is a lawful way to it in its time."""
    touch, phase = wanted(frame), phase or frame.phase
    if touch is None or phase is None or pauses.halt(frame) is not None:
        return None
    if frame.situation.persons_only:
        return None
    # Who asks is answered, at whatever hour they ask.
    touch = limited(frame, touch)
    way = best_way(frame, phase, touch, wished=None if touch.answers else frame.open_hours)
    return _contact(frame, phase, touch, way) if way is not None else None


def _beside(
    frame: Frame, wanted: Callable[[Frame], Touch | None], *, in_crisis: bool = False
) -> Step | None:
    """The same to one who stands for the account, of what they said themselves; nothing while a
    person has to decide what that is, but the helpline to who speaks of ending their life."""
    if pauses.halt(frame) is not None:
        return None
    for side in parties.in_touch(frame):
        silent = pauses.own_silence(side) if in_crisis else pauses.decision(side)
        if in_crisis is not (silent is not None and silent.why == WorkReason.CRISIS):
            continue
        if silent is not None and not in_crisis:
            continue
        step = _courtesy(side, wanted, side.nearest_phase)
        if step is not None:
            return step
    return None


def is_due(step: Step, now: datetime) -> bool:
    """Whether a planned contact may go out at this very instant."""
    return step.kind is StepKind.CONTACT and step.not_before <= now


def _turn(frame: Frame) -> Step:
    """The touch that is due, to the debtor or to one who stands for the account."""
    own = _touch(frame)
    sides = parties.sides(frame)
    if not sides:
        return own
    return parties.choose(frame, own, [(side, _side(side)) for side in sides])


def _side(side: Frame) -> Step:
    """What would come next if the account were this party's alone."""
    silent = pauses.decision(side) or bulk.silenced(side)
    return silent or pauses.halt(side) or pauses.rest(side) or _touch(side)


def _touch(frame: Frame) -> Step:
    phase = frame.phase
    assert phase is not None, "inside the strategy's days there is always a phase"  # noqa: S101
    touch, hours = next_touch(frame, phase), frame.open_hours
    touch = touch and limited(frame, touch)
    way = best_way(frame, phase, touch, wished=hours) if touch else None
    if touch is not None and touch.failover and way is None:
        # No other channel is left for this touch: it is over, the next keeps the cadence.
        touch = new_touch(frame, phase)
        touch = touch and limited(frame, touch)
        way = best_way(frame, phase, touch, wished=hours) if touch else None
    if touch is None:
        made = f"Touches of phase {phase.name} made ({phase.cadence.max_touches})"
        return frame.wait(frame.boundary, "phase", made)
    if way is not None:
        step = _contact(frame, phase, touch, way)
        return cases.by_person(frame, phase, persons_turn(frame, phase, step))
    if touch.earliest >= frame.boundary:
        return no_further_touch(frame, phase, touch)
    if frame.wished_hours is not None and best_way(frame, phase, touch, wished=frame.quiet):
        return _nothing_wished(frame, phase)
    if (kept := all_quiet_or_spent(frame, phase, touch)) is not None:
        return kept
    return _no_way(frame, phase, touch)


def _nothing_wished(frame: Frame, phase: Phase) -> Step:
    """The law leaves time, and none of it is time in which the customer wants to be reached."""
    until = wall(frame.boundary, frame.zones, frame.now)
    summary = (
        f"Nobody is contacted until {until}: no hour that the customer wishes for is lawful in "
        f"phase {phase.name}; a person decides"
    )
    return frame.wait(frame.boundary, UNMET, summary, Status.SILENCED)


def _contact(frame: Frame, phase: Phase, touch: Touch, way: Way) -> Step:
    at, hour = place_in_window(frame, way)
    now_closed = way.question.forbids(touch.earliest)
    # What is allowed cites nothing. Cited is then what will close the window again.
    ruled = now_closed or way.question.forbids(way.closes)
    cited = ruled.cite if ruled else ""
    purpose = touch.purpose or _purpose(frame, phase, touch)
    words = f"{label(way.channel)} {spoken(purpose)} {touch.number or ''}".rstrip()
    if touch.last is not None:
        words += f" ({missed(touch.last, way.route.provider, way.point)})"
    if way.route.down:
        words += f", held: {down(way.route.down, frame.zones)}"
    limit = kept_back(frame, phase, touch, way)
    if limit is not None:
        words += f", {limit.words}"
    cite = f", {short_cite(cited)}" if cited else ""
    opens = "opens" if now_closed else "due"
    status = _agreed(frame) if touch.purpose else Status.COLLECTING
    tone = way.asked.tone(phase, way.channel, purpose) if way.asked and way.weights else None
    policy, chosen, probability = _learned(way, hour, tone)
    return Step(
        kind=StepKind.CONTACT,
        number=frame.situation.next_step,
        not_before=at,
        not_after=way.closes,
        summary=f"{words}, {opens} {wall(at, frame.zones, frame.now)}{cite}",
        why="held"
        if way.route.down
        else "failover"
        if touch.failover
        else limit.why
        if limit is not None and limit.why
        else touch.purpose or "touch",
        phase=phase.name,
        touch=touch.number,
        channel=way.channel,
        contact_point_id=way.point,
        provider=way.route.provider,
        purpose=purpose,
        tone=tone.tone if tone is not None else None,
        covers=covered(frame) if touch.purpose is None else (frame.situation.key,),
        rule=ruled.id if ruled else "none",
        cite=cited,
        policy=policy,
        probability=probability,
        chosen_from=chosen,
        view=frame.view(status, at),
    )


def _learned(
    way: Way, hour: Hour | None, tone: DrawnTone | None
) -> tuple[str | None, Chosen | None, float]:
    """The policy that chose a way, from what, and how probable it was; without one it was sure."""
    if way.asked is None or way.weights is None:
        return None, None, 1.0
    told = way.asked.chosen(way.channel, way.weights, hour, tone)
    return way.asked.ranking.name, *told


def _agreed(frame: Frame) -> Status:
    """What an account is doing that is spoken of beside the cadence."""
    if frame.settling is not None:
        return Status.SETTLING
    if frame.plan is not None:
        return Status.ON_PLAN
    promised = frame.situation.open_promise(frame.now) is not None
    return Status.PROMISED if promised else Status.COLLECTING


def _purpose(frame: Frame, phase: Phase, touch: Touch) -> Purpose:
    if frame.situation.party in parties.NOTICE:
        return parties.NOTICE[frame.situation.party]
    kept = [p.made_at for p in frame.situation.promises if p.state is PromiseState.KEPT]
    broken = [
        p
        for p in frame.situation.promises
        if p.state is PromiseState.BROKEN
        and dust(p.amount, frame.account.currency, frame.rules.least) is None
        and not any(made_at > p.made_at for made_at in kept)  # a later one has made it good
    ]
    if broken:
        promise = max(broken, key=lambda p: p.due_on)
        over = broken_since(promise, frame.rules.strategy.promise, frame.zones)
        if not any(c.at >= over and c.said for c in frame.contacts):
            return Purpose.PROMISE_BROKEN
    return phase.purpose(touch.number)


def _no_way(frame: Frame, phase: Phase, touch: Touch) -> Step:
    """No channel may be used: say why, and look again at the phase's end or on any message."""
    points = frame.situation.customer.points
    reasons = [_why_no_way(frame, phase, touch, point) for point in points]
    if not frame.rules.packs:
        country = frame.situation.customer.country
        reasons = [f"no rule pack for {country}: nobody is contacted without a law to ask"]
    why = "; ".join(dict.fromkeys(reasons)) or "no contact point"
    until = wall(frame.boundary, frame.zones, frame.now)
    # The end first: what is too long for a line of the UI is cut.
    summary = f"No channel may be used in phase {phase.name}, until {until} ({why})"
    return frame.wait(frame.boundary, "no_channel", summary, Status.SILENCED)


def _why_no_way(frame: Frame, phase: Phase, touch: Touch, point: ContactPoint) -> str:
    """Why this contact point is no way to make the touch, in words, the law cited that says so."""
    packs = frame.rules.packs
    closed = why_closed(frame.situation, point, frame.now, phase, frame.rules)
    if closed is None and packs:
        # A limit, which passes by itself; else hours and days leave no time that is long enough.
        for rule, _ in closed_by(packs, frame.asked_of(point), touch.earliest)[:1]:
            closed = Reason(rule.title, rule.cite)
    return f"{point.channel}: {closed.cited if closed else 'no opening before the phase ends'}"


def _doubt(frame: Frame) -> Step | None:
    """Ask the provider about an attempt whose outcome nobody told us."""
    doubted = [
        c
        for c in frame.contacts
        if c.state in IN_DOUBT and c.account == frame.situation.key and c.reconcile_at is not None
    ]
    if not doubted:
        return None
    first = min(doubted, key=lambda c: c.reconcile_at or frame.now)
    at = max(first.reconcile_at or frame.now, frame.now)
    return Step(
        kind=StepKind.RECONCILE,
        not_before=at,
        summary=f"{label(first.channel)} {first.touch} of {first.phase} may have been accepted: "
        f"nothing is sent, the provider is asked {wall(at, frame.zones, frame.now)}",
        why="reconcile",
        attempt_id=first.attempt_id,
        channel=first.channel,
        phase=first.phase,
        view=frame.view(Status.COLLECTING),
    )
