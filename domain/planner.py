"""What comes next for an account: one pure function over all that is known.

The workflow holds no rules, so this is where collection is decided. Asked when planning and again
inside the reservation, with the same answer for the same facts and instant.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import Final

from domain.account import AccountStatus, CloseReason, ContactPoint, PromiseState
from domain.calendar import (
    day_start,
    days_past_due,
    local_date,
    reaches,
    stable_fraction,
    wall,
)
from domain.channels import Channel, Purpose
from domain.circuit import Circuit, health
from domain.consent import died, withdrawn
from domain.contact import IN_DOUBT, NOT_REACHED, AttemptState, PastContact, RefusalKind
from domain.law.engine import closes_at, next_opening, verdict
from domain.law.model import RulePack
from domain.law.request import AskedPoint as LawPoint
from domain.law.request import HistoryEntry, LawRequest
from domain.law.terms import Actor, Direction
from domain.law.terms import ContactOutcome as Outcome
from domain.law.terms import Medium as LawChannel
from domain.law.terms import PointKind as LawPointKind
from domain.promises import settle, silent_until
from domain.routing import Refused, Route, of_provider, refusals, route
from domain.situation import Situation
from domain.steps import Status, Step, StepKind, View
from domain.strategy import Phase, Strategy

MAX_HELD_TRIES: Final = 12
"""How often one provider may refuse a touch for its own sake until it is given up: a week."""

GIVE_UP_AFTER: Final = 3
"""Messages in a row that came back, after which an address rests until intake brings another."""

LINGER: Final = timedelta(minutes=30)
"""Nothing is planned into the last half hour of a window: a late start still ends inside it."""

_LABEL: Final = {
    Channel.SMS: "SMS",
    Channel.EMAIL: "E-mail",
    Channel.WHATSAPP: "WhatsApp",
    Channel.VOICE: "Call",
}


@dataclass(frozen=True)
class Rules:
    """What planning obeys: the operator's strategy and the law in force for this customer."""

    strategy: Strategy
    packs: Sequence[RulePack]
    jurisdictions: tuple[str, ...]
    actor: str
    providers: Mapping[Channel, tuple[str, ...]]
    """Names of the providers behind each channel, in the order in which they are tried."""
    readings: Mapping[str, str] = field(default_factory=dict)
    min_validity: timedelta = timedelta(minutes=2)
    """A send must be over before the window is; less time than this left is no window."""


@dataclass(frozen=True)
class _Touch:
    """The touch that is due next: a new one, or one that was not delivered and goes on."""

    number: int
    earliest: datetime
    excluded: frozenset[str]
    """Contact points that this touch has already tried."""
    failover: bool
    only: str | None = None
    """The contact point that was refused for its rate alone: the message waits for it."""
    refused: Refused = field(default_factory=dict)
    """Which providers refused it for their own sake."""
    last: PastContact | None = None
    """Of a failover: the attempt that failed last."""


@dataclass(frozen=True)
class _Way:
    """One lawful way to make a touch."""

    channel: Channel
    point: str
    request: LawRequest
    opens: datetime
    closes: datetime
    route: Route
    rank: tuple[bool, int, int, float, str]
    spread: bool
    """Whether it takes its place in the window, rather than going at its opening instant."""


def plan(situation: Situation, now: datetime, rules: Rules) -> Step:
    """The next step of an account at ``now`` (aware). Never fails on lawful data."""
    return _Planner(situation, now, rules).step()


def is_due(step: Step, now: datetime) -> bool:
    """Whether a planned contact may go out at this very instant."""
    return step.kind is StepKind.CONTACT and step.not_before <= now


def law_history(situation: Situation) -> tuple[HistoryEntry, ...]:
    """The customer's contacts and replies in the words of the law.

    A reservation counts like a contact: whoever reserved first is on the way.
    """
    outcome = {
        AttemptState.DELIVERED: Outcome.DELIVERED,
        AttemptState.UNDELIVERED: Outcome.UNDELIVERED,
    }
    kind = {p.contact_point_id: LawPointKind(p.kind.value) for p in situation.customer.points}
    history = [
        HistoryEntry(
            at=contact.at,
            account_id=key,
            channel=LawChannel(contact.channel.value),
            direction=Direction.OUTBOUND,
            contact_point_id=contact.contact_point_id,
            contact_point_kind=kind.get(contact.contact_point_id, LawPointKind.UNKNOWN),
            outcome=Outcome(contact.outcome.value)
            if contact.outcome
            else outcome.get(contact.state, Outcome.SENT),
        )
        for contact in situation.contacts
        if contact.state not in (AttemptState.RELEASED, AttemptState.REFUSED)
        for key in (contact.covers or (contact.account,))
    ]
    history += [
        HistoryEntry(
            at=reply.at,
            channel=LawChannel(reply.channel.value),
            direction=Direction.INBOUND,
            contact_point_id=reply.contact_point_id,
            # On the telephone to write is to speak: it rests calls as any conversation does.
            outcome=Outcome.CONVERSATION if reply.channel is Channel.VOICE else Outcome.REPLIED,
        )
        for reply in situation.replies
    ]
    return tuple(history)


def law_request(
    situation: Situation,
    rules: Rules,
    point: ContactPoint,
    now: datetime,
    history: tuple[HistoryEntry, ...] | None = None,
) -> LawRequest:
    """The question to the law: may this customer be reached at this contact point?

    ``history`` is the situation's, for those who ask of several points and made it already.
    """
    return LawRequest(
        id=situation.key,
        jurisdictions=rules.jurisdictions,
        actor=Actor(rules.actor),
        zones=situation.customer.zones,
        at=now,
        channel=LawChannel(point.channel.value),
        contact_point=LawPoint(
            id=point.contact_point_id,
            kind=LawPointKind(point.kind.value),
            authorized=point.consented,
        ),
        account_id=situation.key,
        history=law_history(situation) if history is None else history,
        events=situation.law_events,
        readings=dict(rules.readings),
        # What calls is a machine with an artificial voice, which 47 CFR 64.1200(a) binds.
        autodialed=point.channel is Channel.VOICE,
    )


def _known_by(request: LawRequest, at: datetime) -> LawRequest:
    """The same question as if all events had been known at ``at``.

    Otherwise a consent given this morning would hide the morning's opening, and the place in the
    window would move each time it is reached.
    """
    late = max((event.at for event in request.events), default=at) - at
    if late <= timedelta(0):
        return request
    earlier = tuple(e.model_copy(update={"at": e.at - late}) for e in request.events)
    return request.model_copy(update={"events": earlier})


class _Planner:
    """One planning; holds what every question needs."""

    def __init__(self, situation: Situation, now: datetime, rules: Rules) -> None:
        self.s, self.now, self.rules = situation, now, rules
        self.account, self.zones = situation.account, situation.customer.zones
        self.due = self.account.oldest_due_date
        self.dpd = days_past_due(self.due, now, self.zones)
        self.phase = rules.strategy.phase_at(self.dpd)
        self.own = situation.own_contacts()
        self.health = health(situation.health, now)
        self.place = stable_fraction(situation.key, situation.next_step)
        """Of this step in its window, from 0 to 1."""
        # Another one: who is held is who had an early place, and they must not crowd again.
        self.held_place = stable_fraction(situation.key, situation.next_step, "held")

    def step(self) -> Step:
        """The earlier of what collection wants and what an attempt in doubt needs."""
        step = self._collect()
        doubt = self._doubt()
        if doubt is not None and (
            doubt.not_before <= step.not_before or step.close_reason is CloseReason.HANDED_OFF
        ):
            return doubt
        return step

    def _collect(self) -> Step:
        return self._end() or self._silence() or self._hand_off() or self._rest() or self._touch()

    # --- ends -----------------------------------------------------------------------------------

    def _end(self) -> Step | None:
        if self.account.status is AccountStatus.CLOSED:
            return self._close(self.account.close_reason or CloseReason.CLOSED)
        if self.account.balance <= 0:
            return self._close(CloseReason.CURED)
        return None

    def _hand_off(self) -> Step | None:
        """After the last phase, but not under a hold or an open promise: those are kept first."""
        if self.dpd > self.rules.strategy.last_day:
            return self._close(CloseReason.HANDED_OFF)
        return None

    def _close(self, reason: CloseReason) -> Step:
        words = {
            CloseReason.CURED: "Cured: nothing is overdue",
            CloseReason.CLOSED: "Closed on request",
            CloseReason.RECALLED: "Recalled by the creditor",
            CloseReason.HANDED_OFF: f"Handed off after day {self.rules.strategy.last_day}",
        }
        return Step(
            kind=StepKind.CLOSE,
            not_before=self.now,
            summary=words[reason],
            why=reason.value,
            close_reason=reason,
            view=self._view(Status.CLOSED),
        )

    # --- silences -------------------------------------------------------------------------------

    def _silence(self) -> Step | None:
        hold = self.account.hold_until
        if hold is not None and hold > self.now:
            why = f"On hold ({self.account.hold_reason}) until {wall(hold, self.zones)}"
            return self._wait(hold, "hold", why, Status.ON_HOLD)
        policy = self.rules.strategy.promise
        promise = self.s.open_promise(self.now)
        if promise and settle(promise, self.now, policy, self.zones) is PromiseState.OPEN:
            until = silent_until(promise, policy, self.zones)
            why = (
                f"Promise to pay by {promise.due_on:%d %b}, silent until its grace ends "
                f"{wall(until, self.zones)}"
            )
            return self._wait(until, "promise", why, Status.PROMISED)
        return None

    def _rest(self) -> Step | None:
        if self.dpd < self.rules.strategy.first_day:
            until = reaches(self.due, self.rules.strategy.first_day, self.zones)
            return self._wait(until, "not_due", f"Not due yet, begins {wall(until, self.zones)}")
        if self.s.replies:
            last = max(self.s.replies, key=lambda reply: reply.at)
            answered, how = last.at, "called" if last.channel is Channel.VOICE else "wrote"
            rest = timedelta(days=self.rules.strategy.reply_rest_days)
            until = day_start(local_date(answered, self.zones) + rest, self.zones)
            if until > self.now:
                why = f"The customer {how}; a person's turn until {wall(until, self.zones)}"
                return self._wait(until, "reply", why, Status.RESTING)
        return None

    def _wait(
        self, until: datetime, why: str, summary: str, status: Status = Status.COLLECTING
    ) -> Step:
        """Wait, but never past the day on which the account leaves its phase."""
        boundary = self._boundary()
        if self.now < boundary <= until:
            if until > boundary or why == "phase":
                last = self.phase is self.rules.strategy.phases[-1]
                what = "hand-off" if last else "next phase"
                summary += f"; {what} {wall(boundary, self.zones)}"
            until = boundary
        return Step(
            kind=StepKind.WAIT,
            not_before=until,
            summary=summary,
            why=why,
            phase=self.phase.name if self.phase else None,
            view=self._view(status),
        )

    def _boundary(self) -> datetime:
        strategy = self.rules.strategy
        last = self.phase.days_past_due[1] if self.phase else strategy.first_day - 1
        return reaches(self.due, last + 1, self.zones)

    # --- touches --------------------------------------------------------------------------------

    def _touch(self) -> Step:
        phase = self.phase
        assert phase is not None, "inside the strategy's days there is always a phase"  # noqa: S101
        touch = self._next_touch(phase)
        if touch is None:
            why = f"Touches of phase {phase.name} made ({phase.cadence.max_touches})"
            return self._wait(self._boundary(), "phase", why)
        boundary = self._boundary()
        ways = [way for way in self._ways(phase, touch) if way.opens < boundary]
        if not ways and touch.failover:
            # No other channel is left for this touch: it is over, the next keeps the cadence.
            touch = self._after(phase, self._last_in(phase))
            if touch is None:
                return self._wait(boundary, "phase", f"Touches of phase {phase.name} made")
            ways = [way for way in self._ways(phase, touch) if way.opens < boundary]
        if not ways:
            if touch.earliest >= boundary:
                return self._wait(boundary, "phase", f"No further touch due in {phase.name}")
            return self._no_way(phase, touch)
        return self._contact(phase, touch, self._best(ways))

    def _in_phase(self, phase: Phase) -> list[PastContact]:
        return [
            c for c in self.own if c.phase == phase.name and c.state is not AttemptState.RELEASED
        ]

    def _last_in(self, phase: Phase) -> PastContact:
        return self._in_phase(phase)[-1]

    def _next_touch(self, phase: Phase) -> _Touch | None:
        made = self._in_phase(phase)
        if made and (going_on := self._failover(made)) is not None:
            return going_on
        return self._after(phase, made[-1] if made else None)

    def _failover(self, made: list[PastContact]) -> _Touch | None:
        """The last touch again on another channel, if it certainly did not reach the person."""
        last = made[-1]
        if last.state not in NOT_REACHED or last.account != self.s.key:
            return None
        if last.refusal in (RefusalKind.CONSENT, RefusalKind.CONTENT):
            return None  # an opt-out never fails over; a filtered text needs a person
        tries = [c for c in made if c.touch == last.touch and c.account == self.s.key]
        gone = [c for c in tries if not of_provider(c)]
        refused = refusals(tries)
        tired = any(one.count > MAX_HELD_TRIES for one in refused.values())
        if tired or len(gone) > self.rules.strategy.max_failovers:
            return None
        return _Touch(
            number=last.touch,
            earliest=self.now,
            excluded=frozenset(c.contact_point_id for c in gone),
            failover=True,
            only=last.contact_point_id if last.refusal is RefusalKind.RATE else None,
            refused=refused,
            last=last,
        )

    def _after(self, phase: Phase, last: PastContact | None) -> _Touch | None:
        """A new touch at the phase's cadence; none when the phase has had its touches."""
        numbers = {(c.account, c.touch) for c in self._in_phase(phase)}
        if len(numbers) >= phase.cadence.max_touches:
            return None
        if last is None:
            made = [c for c in self.own if c.state is not AttemptState.RELEASED]
            last = made[-1] if made else None
        earliest = self.now
        if last is not None:
            rest = timedelta(days=phase.cadence.min_days)
            earliest = max(earliest, day_start(local_date(last.at, self.zones) + rest, self.zones))
        number = len(numbers) + 1
        return _Touch(number=number, earliest=earliest, excluded=frozenset(), failover=False)

    # --- channels -------------------------------------------------------------------------------

    @cached_property
    def _history(self) -> tuple[HistoryEntry, ...]:
        return law_history(self.s)

    @cached_property
    def _worked(self) -> dict[Channel, int]:
        return self.s.worked()

    def _asked_of(self, point: ContactPoint) -> LawRequest:
        return law_request(self.s, self.rules, point, self.now, self._history)

    def _ways(self, phase: Phase, touch: _Touch) -> list[_Way]:
        ways = []
        for point in self.s.customer.points:
            if (
                point.contact_point_id in touch.excluded
                or touch.only not in (None, point.contact_point_id)
                or self._barred(phase, point)
            ):
                continue
            way = self._way(phase, touch, point)
            if way is not None:
                ways.append(way)
        return ways

    def _way(self, phase: Phase, touch: _Touch, point: ContactPoint) -> _Way | None:
        """The way to one contact point: at its own time, or later if its providers hold it up."""
        names = self.rules.providers[point.channel]
        key, request = point.contact_point_id, self._asked_of(point)
        refused = {name: touch.refused[key, name] for name in names if (key, name) in touch.refused}
        route_at = partial(route, point.channel, names, self.health, refused, place=self.held_place)
        found = route_at(touch.earliest)
        rank = self._rank(phase, point.channel, key)
        # What a provider did not take had its turn: it does not go back into the queue of the day.
        spread = touch.last is None or not of_provider(touch.last)

        def way(opens: datetime, by: Route, *, held: bool) -> _Way | None:
            window = self._window(request, opens)
            if window is None:
                return None
            again = spread or window[0] > opens
            return _Way(point.channel, key, request, *window, by, (held, *rank), again)

        made = way(touch.earliest, found, held=False)
        if made is None or found.opens <= touch.earliest:
            return made
        at = self._spread(made)
        if at >= found.opens:
            return replace(made, route=route_at(at))
        # A message that waits for its rate does not turn to another channel.
        return way(found.opens, found, held=touch.only is None)

    def _rank(self, phase: Phase, channel: Channel, point: str) -> tuple[int, int, float, str]:
        """Preference first, then what worked (less what was ignored in this phase), then cost."""
        preferred = channel is self.s.customer.preferred_channel
        ignored = sum(c.channel is channel for c in self._in_phase(phase))
        score = 2 * self._worked.get(channel, 0) - ignored
        cost = self.rules.strategy.cost(phase, channel, self.s.customer.country)
        return (0 if preferred else 1, -score, float(cost), point)

    def _window(self, request: LawRequest, earliest: datetime) -> tuple[datetime, datetime] | None:
        """The next lawful stretch with time enough to send in it."""
        # The law judges whole seconds; the one we are in has begun, so it is open or not.
        opens = next_opening(self.rules.packs, request, earliest.replace(microsecond=0))
        for _ in range(3):
            if opens is None:
                return None
            closes = closes_at(self.rules.packs, request, opens) or opens + timedelta(days=1)
            if closes - opens >= self.rules.min_validity:
                return opens, closes
            opens = next_opening(self.rules.packs, request, closes)
        return None

    def _best(self, ways: list[_Way]) -> _Way:
        """Of the ways open within a day of the first one, the one that ranks first.

        One whose providers hold it up ranks behind those that are free.
        """
        soonest = min(local_date(way.opens, self.zones) for way in ways)
        near = [w for w in ways if local_date(w.opens, self.zones) <= soonest + timedelta(days=1)]
        return min(near, key=lambda way: way.rank)

    # --- the contact itself ---------------------------------------------------------------------

    def _contact(self, phase: Phase, touch: _Touch, way: _Way) -> Step:
        at = self._spread(way)
        asked = verdict(self.rules.packs, way.request, touch.earliest)
        held = asked.verdict != "allowed"
        # What allows a contact has no citation of its own; what ends the window it goes into has.
        ruled = asked if held else verdict(self.rules.packs, way.request, way.closes)
        purpose = self._purpose(phase, touch)
        label = _LABEL.get(way.channel, way.channel.value.capitalize())
        words = f"{label} {_spoken(purpose)} {touch.number}"
        if touch.last is not None:
            words += f" ({_missed(touch.last, way)})"
        if way.route.down:
            words += f", held: {_down(way.route.down, self.zones)}"
        cite = f", {short_cite(ruled.cite)}" if ruled.cite else ""
        return Step(
            kind=StepKind.CONTACT,
            number=self.s.next_step,
            not_before=at,
            not_after=way.closes,
            summary=f"{words}, {'opens' if held else 'due'} {wall(at, self.zones)}{cite}",
            why="held" if way.route.down else "failover" if touch.failover else "touch",
            phase=phase.name,
            touch=touch.number,
            channel=way.channel,
            contact_point_id=way.point,
            provider=way.route.provider,
            purpose=purpose,
            covers=self._covers(),
            rule=ruled.rule,
            cite=ruled.cite,
            view=self._view(Status.COLLECTING, at),
        )

    def _spread(self, way: _Way) -> datetime:
        """Somewhere in the window, always at the same place for the same step."""
        if not way.spread:
            return way.opens
        morning = day_start(local_date(way.opens, self.zones), self.zones)
        start = min(morning, way.opens)
        first = next_opening(self.rules.packs, _known_by(way.request, start), start) or way.opens
        room = way.closes - LINGER - first
        if room <= timedelta(0):
            return way.opens
        at = (first + room * self.place).replace(microsecond=0)
        if at <= way.opens:
            return way.opens
        allowed = verdict(self.rules.packs, way.request, at).verdict == "allowed"
        return at if allowed else way.opens

    def _purpose(self, phase: Phase, touch: _Touch) -> Purpose:
        broken = [p for p in self.s.promises if p.state is PromiseState.BROKEN]
        if broken:
            promise = max(broken, key=lambda p: p.due_on)
            over = silent_until(promise, self.rules.strategy.promise, self.zones)
            if not any(c.at >= over and c.said for c in self.own):
                return Purpose.PROMISE_BROKEN
        return phase.purpose(touch.number)

    def _covers(self) -> tuple[str, ...]:
        others = (s.account for s in self.s.siblings if not s.silent and s.balance > 0)
        return (self.s.key, *sorted(others))

    def _no_way(self, phase: Phase, touch: _Touch) -> Step:
        """No channel may be used: say why, and look again at the phase's end or on any message."""
        reasons = [self._why_not(phase, touch, point) for point in self.s.customer.points]
        if not self.rules.packs:
            country = self.s.customer.country
            reasons = [f"no rule pack for {country}: nobody is contacted without a law to ask"]
        why = "; ".join(dict.fromkeys(reasons)) or "no contact point"
        boundary = self._boundary()
        until = wall(boundary, self.zones)
        # The end first: what is too long for a line of the UI is cut.
        summary = f"No channel may be used in phase {phase.name}, until {until} ({why})"
        return self._wait(boundary, "no_channel", summary, Status.SILENCED)

    def _given_up(self, point: str) -> bool:
        """Whether the last messages to this address all came back: one more would too."""
        tried = [
            c.state in NOT_REACHED
            for c in self.s.contacts
            if c.contact_point_id == point
            and c.state is not AttemptState.RELEASED
            and not of_provider(c)
        ]
        return len(tried) >= GIVE_UP_AFTER and all(tried[-GIVE_UP_AFTER:])

    def _barred(self, phase: Phase, point: ContactPoint) -> str | None:
        """Why this contact point is not used in this phase, whatever the law says of the hour."""
        channel = point.channel
        if died(self.s.law_events, self.now):
            return "the customer has died"
        if not point.consented:
            return "no consent"
        if point.suppressed:
            return point.suppressed
        if self._given_up(point.contact_point_id):
            return f"the last {GIVE_UP_AFTER} messages came back"
        if channel not in phase.channels or not self.rules.providers.get(channel):
            return f"not used in {phase.name}"
        if withdrawn(self.s.law_events, self.s.key, channel, self.now):
            return "the customer said stop"
        return None

    def _why_not(self, phase: Phase, touch: _Touch, point: ContactPoint) -> str:
        """Why this contact point is no way to make the touch, the law cited where it speaks."""
        why = self._barred(phase, point)
        asked = self._asked_of(point)
        denied = verdict(self.rules.packs, asked, touch.earliest) if self.rules.packs else None
        if denied is not None and denied.verdict != "allowed":
            cite = short_cite(denied.cite) if denied.cite else ""
            why = ", ".join(part for part in (why, cite) if part)
        return f"{point.channel}: {why or 'no opening before the phase ends'}"

    # --- doubt ----------------------------------------------------------------------------------

    def _doubt(self) -> Step | None:
        """Ask the provider about an attempt whose outcome nobody told us."""
        doubted = [
            c
            for c in self.own
            if c.account == self.s.key and c.state in IN_DOUBT and c.reconcile_at is not None
        ]
        if not doubted:
            return None
        first = min(doubted, key=lambda c: c.reconcile_at or self.now)
        at = max(first.reconcile_at or self.now, self.now)
        label = _LABEL.get(first.channel, first.channel.value)
        return Step(
            kind=StepKind.RECONCILE,
            not_before=at,
            summary=f"{label} {first.touch} of {first.phase} may have been accepted: "
            f"nothing is sent, the provider is asked {wall(at, self.zones)}",
            why="reconcile",
            attempt_id=first.attempt_id,
            channel=first.channel,
            phase=first.phase,
            view=self._view(Status.COLLECTING),
        )

    # --- what the UI shows ----------------------------------------------------------------------

    def _view(self, status: Status, next_contact: datetime | None = None) -> View:
        last = next((c for c in reversed(self.own) if c.state is not AttemptState.RELEASED), None)
        words = None
        if last is not None:
            label = _LABEL.get(last.channel, last.channel.value)
            became = (last.outcome or last.state).replace("_", " ")
            through = f" through {last.provider}" if last.provider else ""
            words = f"{label} {_spoken(last.purpose)}, {became}{through}, "
            words += wall(last.at, self.zones)
        return View(
            status=status,
            phase=self._phase_name(),
            jurisdiction=self.rules.jurisdictions[-1],
            days_past_due=self.dpd,
            bucket=bucket(self.dpd),
            balance=self.account.balance,
            currency=self.account.currency,
            last_contact=words,
            next_contact_at=next_contact,
        )

    def _phase_name(self) -> str:
        if self.phase:
            return self.phase.name
        return "not-due" if self.dpd < self.rules.strategy.first_day else "after"


def _missed(last: PastContact, way: _Way) -> str:
    """Why a touch goes on."""
    if of_provider(last) and last.provider and last.provider != way.route.provider:
        return f"{last.provider} did not take it, now through {way.route.provider}"
    if of_provider(last) and last.contact_point_id == way.point:
        return f"{last.provider or 'the provider'} did not take it, once more"
    return "the last channel did not reach the customer"


def _down(down: Mapping[str, Circuit], zones: Sequence[str]) -> str:
    """Which providers are down, and when one of them is next tried."""
    names = " and ".join(down)
    probes = min(one.next_at for one in down.values() if one.next_at)
    return f"{names} {'are' if len(down) > 1 else 'is'} down, next probe {wall(probes, zones)}"


def _spoken(purpose: Purpose) -> str:
    return "pre-legal" if purpose is Purpose.PRE_LEGAL else purpose.replace("_", " ")


def short_cite(cite: str) -> str:
    """The first source of a citation without its comments: a line of the UI holds no more.

    The step and the ledger keep the whole citation.
    """
    for mark in ("; ", " (", ", comment "):
        cite = cite.partition(mark)[0]
    return cite


def bucket(days: int) -> str:
    """The customary thirty-day bucket of days past due."""
    if days <= 0:
        return "current"
    first = (days - 1) // 30 * 30 + 1
    return f"{first}-{first + 29}" if first <= 91 else "120+"
