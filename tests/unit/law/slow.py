"""The law read slowly: every rule of a pack tried at one instant, with dates and wall clocks only.

It shares with the engine the form of the packs and of requests, and nothing of how they are
evaluated: no tables, no caches, no jumps. What it says is what the engine must say.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.law.model import (
    BanRule,
    BindsReplies,
    CapRule,
    ClosedDaysRule,
    ConsentLift,
    ConsentRule,
    CooldownRule,
    Counted,
    CountUnit,
    HoursRule,
    OneChannelRule,
    Rule,
    RulePack,
    SpacingRule,
    StatedTimesRule,
    StopRule,
)
from domain.law.readings import DEFAULTS
from domain.law.request import HistoryEntry, LawEvent, LawRequest
from domain.law.terms import (
    WEEKDAYS,
    ContactOutcome,
    EventKind,
    LawPointKind,
    LawPurpose,
)
from tests.unit.law.slow_words import (
    ABOUT_AN_ADDRESS,
    DAY,
    MINUTE,
    SECOND,
    Span,
    as_meant,
    as_read,
    days_off,
    floor,
    in_any,
    in_force,
    inside,
    instants,
    midnight_after,
    on,
    same_period,
    takes,
    withdraws,
)


class Slow:
    """A request as known at one instant, under some packs."""

    def __init__(self, packs: Sequence[RulePack], request: LawRequest, known: datetime) -> None:
        self.asked = request
        self.debt = {request.account_id, None, request.servicing_account}
        self.point = request.contact_point.id if request.contact_point else None
        self.kind = request.contact_point.kind if request.contact_point else LawPointKind.UNKNOWN
        end = known.replace(microsecond=0) + SECOND
        events = map(as_meant, request.events)
        self.known = floor(known)
        known_events = (e for e in events if takes(e) or max(instants(e)) < end)
        self.events = sorted(known_events, key=lambda e: (e.at, takes(e)))
        self.history = sorted((h for h in request.history if h.at < end), key=lambda h: h.at)
        self.history.reverse()
        self.readings = dict(DEFAULTS)
        for pack in packs:
            self.readings |= pack.readings
        self.readings |= request.readings
        self.rules = [
            (pack, rule, self._zones(rule))
            for pack in packs
            for written in pack.rules
            for rule in [as_read(pack, written, self.readings)]
            if rule.kind != "duty" and self._binds(rule) and not self._set_aside(rule)
        ]

    def lawful(self, at: datetime) -> bool:
        """Whether no rule forbids the contact at this instant."""
        at = at.replace(microsecond=0)
        for place, rule in enumerate(self.rules):
            if self._forbidden_by(*rule, at):
                # What forbids this minute is likely to forbid the next: it is asked first then.
                self.rules.insert(0, self.rules.pop(place))
                return False
        return True

    def first_lawful_minute(self, since: datetime, until: datetime) -> datetime | None:
        """Walk minute by minute from a whole minute on; None if all of them are forbidden."""
        at = since
        while at < until:
            if self.lawful(at):
                return at
            at += MINUTE
        return None

    def forbidding(self, at: datetime) -> Iterator[str]:
        """The rules that forbid it."""
        at = at.replace(microsecond=0)
        for pack, rule, zones in self.rules:
            if self._forbidden_by(pack, rule, zones, at):
                yield rule.id

    def _forbidden_by(
        self, pack: RulePack, rule: Rule, zones: Sequence[ZoneInfo], at: datetime
    ) -> bool:
        return in_force(pack, rule, at) and any(
            self._forbids(pack, rule, zone, at) and not self._answers(pack, rule, zone, at)
            for zone in zones
        )

    # --- what binds -----------------------------------------------------------------------------

    def _binds(self, rule: Rule) -> bool:
        asked = self.asked
        wanted = [
            (rule.actors, asked.actor),
            (rule.channels, asked.channel),
            (rule.parties, asked.party),
            (rule.purposes, asked.purpose),
            (rule.contact_points, self.kind),
            (rule.debt_types, asked.debt_type),
        ]
        if not rule.binds or asked.debt_type in rule.not_debt_types:
            return False
        if rule.autodialed is not None and rule.autodialed != asked.autodialed:
            return False
        return all(values is None or value in values for values, value in wanted)

    def _zones(self, rule: Rule) -> Sequence[ZoneInfo]:
        named = getattr(rule, "zone", "customer")
        if named != "customer":
            return [ZoneInfo(named)]
        zones = [ZoneInfo(zone) for zone in self.asked.zones]
        # A stop asks all zones at once, a ban none.
        return zones[:1] if isinstance(rule, StopRule | BanRule) else zones

    def _set_aside(self, rule: Rule) -> bool:
        def on_file(kinds: Iterable[EventKind]) -> bool:
            return any(self._of_this_address(e) for kind in kinds for e in self._about(kind))

        needed, lifting = rule.if_event, rule.unless_event
        asked = self.asked.contact_point
        consented = bool(asked and asked.authorized) or on_file([EventKind.OPT_IN])
        return (
            bool(needed and not on_file(needed))
            or on_file(lifting)
            or (rule.unless_consented and consented)
        )

    def _of_this_address(self, event: LawEvent) -> bool:
        asked = self.asked.contact_point
        if event.contact_point_id is not None:
            return event.contact_point_id == self.point
        told_no = asked is not None and asked.id is not None and asked.authorized is False
        return not (told_no and event.kind == EventKind.OPT_IN)

    def _about(self, kind: EventKind) -> list[LawEvent]:
        return [
            event
            for event in self.events
            if event.kind == kind
            and (event.channel in (None, self.asked.channel) or kind in ABOUT_AN_ADDRESS)
            and event.account_id in self.debt
        ]

    # --- answers --------------------------------------------------------------------------------

    def _answers(self, pack: RulePack, rule: Rule, zone: ZoneInfo, at: datetime) -> bool:
        answer = self.asked.purpose in (LawPurpose.REPLY, LawPurpose.OPTOUT_CONFIRMATION)
        if not answer or rule.reply is BindsReplies.BOUND:
            return False
        wrote = self._unanswered()
        if wrote is None:
            return False
        if rule.reply is BindsReplies.SAME_SPELL:
            moment = wrote
            while moment <= at:
                if not self._forbids(pack, rule, zone, moment):
                    return False
                moment = moment.replace(second=0) + MINUTE
        if isinstance(rule, StopRule):
            stopping = (e for e in self.events if self._stops(pack, rule, e, at))
            stops = [floor(max(instants(e))) for e in stopping]
            return wrote > max(stops, default=at)
        return True

    def _unanswered(self) -> datetime | None:
        here = [h for h in self.history if h.channel == self.asked.channel]
        if not here or here[0].direction != "inbound" or here[0].outcome == "conversation":
            return None
        return floor(here[0].at)

    # --- the kinds of rule ----------------------------------------------------------------------

    def _forbids(self, pack: RulePack, rule: Rule, zone: ZoneInfo, at: datetime) -> bool:
        here = at.astimezone(zone)
        match rule:
            case HoursRule():
                return not self._within_hours(rule, zone, at)
            case ClosedDaysRule():
                names = [days_off(pack.calendars[name], here.year) for name in rule.calendars]
                closed = WEEKDAYS[here.weekday()] in rule.weekdays
                return closed or any(here.date() in days for days in names)
            case StatedTimesRule():
                stated = self._windows(EventKind.INCONVENIENT_TIME)
                return any(inside(event.windows or (), here) for event in stated)
            case ConsentRule():
                return not self._consented(rule, zone, here.date())
            case BanRule():
                named = (e for kind in rule.unless_named for e in self._about(kind))
                return not (
                    (rule.unless_inbound and any(self._wrote(named=True)))
                    or any(e.contact_point_id == self.point is not None for e in named)
                )
            case StopRule():
                stopping = [e for e in self.events if self._stops(pack, rule, e, at)]
                return any(not self._left_open(rule, event, at) for event in stopping)
            case CapRule():
                return self._capped(rule, zone, at)
            case CooldownRule():
                days = [on(h, zone) for h in self._counted(rule, rule.counts, rule.unit)]
                cold = any(here.date() < day + rule.days * DAY for day in days)
                return cold and not in_any(self._lifts(rule.lifted_by, zone), at)
            case SpacingRule():
                return any(
                    at - floor(h.at) < timedelta(hours=rule.hours)
                    if rule.hours is not None
                    else (here.date() - on(h, zone)).days <= (rule.clear_days or 0)
                    for h in self._counted(rule, rule.counts, rule.unit)
                )
            case OneChannelRule():
                return any(
                    h.channel != self.asked.channel
                    and same_period(rule.period, on(h, zone), here.date())
                    for h in self._counted(rule, rule.counts, rule.unit)
                )
            case _:
                raise AssertionError(rule.kind)

    def _within_hours(self, rule: HoursRule, zone: ZoneInfo, at: datetime) -> bool:
        here = at.astimezone(zone).replace(tzinfo=None)
        opened = inside(rule.windows, here)
        before = here > datetime.combine(here, datetime.min.time()) and inside(
            rule.windows, here - SECOND
        )
        boundary = self.readings["boundary"] if rule.boundary == "reading" else "half_open"
        if boundary == "closed":
            opened = opened or before
        if boundary == "open" and here.time() != datetime.min.time():
            opened = opened and before
        return opened or any(
            event.instrument in rule.authorized_hours
            and event.contact_point_id in (None, self.point)
            and inside(event.windows or (), here)
            for event in self._windows(EventKind.AUTHORIZED_HOURS)
        )

    def _windows(self, kind: EventKind) -> list[LawEvent]:
        standing: list[LawEvent] = []
        for event in self._about(kind):
            if not self._same_point(event.contact_point_id):
                continue
            if event.windows:
                standing.append(event)
            else:
                standing = [e for e in standing if not withdraws(event, e)]
        return standing

    def _consented(self, rule: ConsentRule, zone: ZoneInfo, today: date) -> bool:
        if rule.authorized and self.asked.contact_point and self.asked.contact_point.authorized:
            return True
        given = [
            event.at
            for kind in rule.events
            for event in self._about(kind)
            if self._of_this_address(event)
        ]
        given += self._wrote() if rule.inbound else []
        days = [at.astimezone(zone).date() for at in given]
        return any(rule.within_days is None or (today - d).days < rule.within_days for d in days)

    def _wrote(self, *, named: bool = False) -> list[datetime]:
        return [
            h.at
            for h in self.history
            if h.direction == "inbound"
            and h.channel == self.asked.channel
            and self._same_point(h.contact_point_id)
            and not (named and self.point is not None and h.contact_point_id is None)
        ]

    def _capped(self, rule: CapRule, zone: ZoneInfo, at: datetime) -> bool:
        lifts = self._lifts(rule.lifted_by, zone)
        if in_any(lifts, at):
            return False
        today = at.astimezone(zone).date()
        counted = [
            h
            for h in self._counted(rule, rule.counts, rule.unit)
            if same_period(rule.period, on(h, zone), today) and not in_any(lifts, floor(h.at))
        ]
        return len(counted) >= rule.limit

    def _counted(self, rule: Rule, counts: Counted, unit: CountUnit) -> list[HistoryEntry]:
        channels = rule.channels if counts.channels is None else counts.channels
        wrong = {
            e.contact_point_id
            for e in self.events
            if e.kind == EventKind.WRONG_NUMBER and floor(max(instants(e))) <= self.known
        }
        return [
            h
            for h in self.history
            if (channels is None or h.channel in channels)
            and (
                (
                    h.direction in counts.directions
                    and (counts.outcomes is None or h.outcome in counts.outcomes)
                    and h.outcome not in counts.not_outcomes
                )
                or (h.direction == "inbound" and h.outcome in getattr(rule, "inbound", ()))
            )
            and (unit is CountUnit.PERSON or self._of_this_debt(h))
            and (not counts.same_channel or h.channel == self.asked.channel)
            and (not counts.same_contact_point or self._same_point(h.contact_point_id))
            and not (counts.skip_wrong_numbers and h.contact_point_id in wrong)
            and (
                counts.contact_points is None
                or h.contact_point_kind in (LawPointKind.UNKNOWN, *counts.contact_points)
            )
        ]

    def _lifts(self, lift: ConsentLift | None, zone: ZoneInfo) -> list[Span]:
        if lift is None:
            return []
        spans = []
        for event in self._about(lift.event):
            given = floor(event.at)
            last = event.at.astimezone(zone).date() + (lift.days - 1) * DAY
            ends = [midnight_after(last, zone)]
            if event.valid_until is not None:
                ends.append(floor(event.valid_until))
            stops = [e for e in self._about(EventKind.OPT_OUT) if floor(e.at) >= given]
            ends += map(self._since, stops)
            mine = [h for h in self.history if self._of_this_debt(h)]
            if lift.until_conversation:
                talks = [floor(h.at) for h in mine if h.outcome == ContactOutcome.CONVERSATION]
                ends += [talk for talk in talks if talk > given]
            if lift.contacts is not None:
                made = [
                    floor(h.at)
                    for h in reversed(mine)
                    if h.direction == "outbound"
                    and h.channel == self.asked.channel
                    and floor(h.at) > given
                ]
                ends += [made[lift.contacts - 1] + SECOND] if len(made) >= lift.contacts else []
            starts = [floor(max(instants(event)))]
            starts += [floor(event.valid_from)] if event.valid_from else []
            spans.append((max(starts), min(ends)))
        return spans

    # --- stops ----------------------------------------------------------------------------------

    def _stops(self, pack: RulePack, rule: StopRule, event: LawEvent, at: datetime) -> bool:
        of_point = event.contact_point_id in (None, self.point) or (
            self.point is None and rule.unknown_point
        )
        return (
            event.kind == rule.event
            and self._same_medium(rule, event)
            and (rule.any_account or event.account_id in self.debt)
            and of_point
            and (rule.in_writing is None or event.in_writing in rule.in_writing)
            and (rule.contact_known is None or event.contact_known in rule.contact_known)
            and (rule.types is None or event.type in rule.types)
            and event.type not in rule.not_types
            and not any(self._lifts_stop(rule, event, later) for later in self.events)
            and self._has_begun(pack, rule, event, at)
            and not self._is_over(rule, event, at)
        )

    def _same_medium(self, rule: StopRule, event: LawEvent) -> bool:
        groups = (group for group in rule.media if event.channel in group)
        return (
            event.kind in ABOUT_AN_ADDRESS
            or event.channel in (None, self.asked.channel)
            or any(self.asked.channel in group for group in groups)
        )

    def _lifts_stop(self, rule: StopRule, stop: LawEvent, later: LawEvent) -> bool:
        return (
            later.kind in rule.lifted_by
            and later.at > stop.at
            and later.channel in (None, self.asked.channel)
            and later.account_id in self.debt
            and later.contact_point_id in (None, stop.contact_point_id, self.point)
        )

    def _has_begun(self, pack: RulePack, rule: StopRule, event: LawEvent, at: datetime) -> bool:
        received = self._since(event) + timedelta(hours=rule.grace_hours)
        if not rule.grace_business_days:
            return at >= received
        zone = self._zones(rule)[0]
        day, left = received.astimezone(zone).date(), rule.grace_business_days
        while left:
            day += DAY
            calendars = [days_off(pack.calendars[name], day.year) for name in rule.calendars]
            left -= day.weekday() < 5 and not any(day in days for days in calendars)
        return at.astimezone(zone).date() > day

    def _is_over(self, rule: StopRule, event: LawEvent, at: datetime) -> bool:
        if event.ends_at is not None:
            return at >= event.ends_at
        days = event.days if event.days is not None else rule.days
        if days is None:
            return False
        named = rule.zone
        zones = self.asked.zones if named == "customer" else (named,)
        return all(
            (at.astimezone(zone).date() - event.at.astimezone(zone).date()).days > days
            for zone in map(ZoneInfo, zones)
        )

    def _since(self, event: LawEvent) -> datetime:
        """From when on what takes leave away holds: as soon as anybody knows of it."""
        return floor(min(*instants(event), self.known))

    def _left_open(self, rule: StopRule, event: LawEvent, at: datetime) -> bool:
        since = self._since(event)
        made = [
            h
            for h in self.history
            if h.direction == "outbound"
            and floor(h.at) >= since
            and (rule.any_account or self._of_this_debt(h))
        ]
        return any(
            leave.purpose == self.asked.purpose
            and (leave.channels is None or self.asked.channel in leave.channels)
            and (leave.limit is None or len(made) < leave.limit)
            and (leave.within_minutes is None or at <= since + leave.within_minutes * MINUTE)
            for leave in rule.leaves
        )

    def _of_this_debt(self, entry: HistoryEntry) -> bool:
        under = self.asked.servicing_account
        perhaps = under is not None and entry.servicing_account in (None, under)
        if under is None and self.asked.debt_type == "student_loan":
            perhaps = True  # under any number, and so was the contact
        return entry.account_id in self.debt or perhaps

    def _same_point(self, point: str | None) -> bool:
        return point is None or self.point is None or point == self.point
