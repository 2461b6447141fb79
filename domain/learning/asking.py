"""A policy that learns, asked about one touch: which channel, which part of the day, which tone.

Only among what is left when law, stops, consents and wishes have been heard.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from domain.calendar import shown_zone
from domain.channels import Channel, Purpose, Tone
from domain.law.terms import Party
from domain.learning.policy import (
    UNKNOWN,
    Chosen,
    ContextField,
    Ranking,
    block_name,
    pick,
    sane,
)
from domain.planning.frame import Frame
from domain.planning.routing import of_provider
from domain.planning.touches import BESIDE, Touch
from domain.strategy import Phase

_SHORTEST: Final = timedelta(minutes=10)
"""Of a part of the day that is worth choosing."""

_A_CHOICE: Final = 2
"""So many tones leave something to choose."""

TONED: Final = frozenset({Channel.SMS, Channel.EMAIL, Channel.VOICE})
"""Where words sound by a tone. What WhatsApp has approved says the same in each."""


class DrawnTone(NamedTuple):
    """A tone that was chosen."""

    tone: Tone
    weights: dict[str, float]
    """From what it was chosen."""


class Hour(NamedTuple):
    """A part of the day, as far as it is lawful on the day in question."""

    name: str
    since: datetime
    until: datetime
    weights: dict[str, float]
    """From what it was chosen."""


@dataclass(frozen=True)
class Asked:
    """A policy, and the touch that it is asked about."""

    ranking: Ranking
    context: Mapping[str, str]
    identity: tuple[str | int, ...]
    """What the draw depends on: planning the same touch again draws the same."""

    def channel(self, allowed: Sequence[Channel]) -> tuple[Channel, dict[str, float]]:
        """One of the channels, and how probable each of them was."""
        names = [one.value for one in allowed]
        weights = sane(self.ranking.channels(self.context, names), names)
        return Channel(self._pick("channel", weights)), weights

    def hour(self, first: datetime, last: datetime, zones: Sequence[str]) -> Hour | None:
        """A part of the day between two instants of it; None: it does not rank them."""
        parts = dict(_parts(self.ranking.policy.blocks, first, last, zones))
        if not parts:
            return None
        weights = sane(self.ranking.hours(self.context, list(parts)), list(parts))
        name = self._pick("hour", weights)
        return Hour(name, *parts[name], weights)

    def tone(self, phase: Phase, channel: Channel, purpose: Purpose) -> DrawnTone | None:
        """One of the tones that the phase leaves open; None: it leaves none, or there are no words
        of the phase's own to sound by it."""
        of_phase = channel in TONED and purpose in phase.purposes
        if not of_phase or len(phase.tones) < _A_CHOICE:
            return None
        names = [one.value for one in phase.tones]
        weights = sane(self.ranking.tones(self.context, names), names)
        return DrawnTone(Tone(self._pick("tone", weights)), weights)

    def chosen(
        self,
        channel: Channel,
        channels: dict[str, float],
        hour: Hour | None,
        tone: DrawnTone | None,
    ) -> tuple[Chosen, float]:
        """What goes on record with the step, and the probability of just this way."""
        probability = channels[channel.value]
        drawn: dict[str, Any] = {}
        if hour is not None:
            probability *= hour.weights[hour.name]
            drawn |= {"hours": hour.weights, "hour": hour.name}
        if tone is not None:
            probability *= tone.weights[tone.tone.value]
            drawn |= {"tones": tone.weights, "tone": tone.tone.value}
        return Chosen(context=dict(self.context), channels=channels, **drawn), probability

    def _pick(self, what: str, weights: Mapping[str, float]) -> str:
        return pick(weights, self.ranking.digest, what, *self.identity)


def asked_about(frame: Frame, phase: Phase, touch: Touch) -> Asked | None:
    """The policy, where there is one that may be asked about a touch of the cadence.

    What answers somebody, or is beside the cadence, goes where it belongs; those who stand for an
    account are none of those whom it has learnt from.
    """
    ranking, situation = frame.rules.policy, frame.situation
    if ranking is None or touch.number == BESIDE or touch.purpose is not None:
        return None
    if situation.party is not Party.DEBTOR or touch.only is not None:
        return None
    account, strategy = frame.account, frame.rules.strategy
    told = {
        ContextField.PHASE: phase.name,
        ContextField.COUNTRY: situation.customer.country,
        ContextField.SEGMENT: account.segment or UNKNOWN,
        ContextField.BAND: ranking.policy.band(account.currency, float(account.balance)),
        ContextField.SCORE: strategy.band(account.score) if strategy.score_bands else UNKNOWN,
    }
    context = {one.value: told[one] for one in ranking.policy.context}
    # What a provider did not take has not been tried: the draw stays.
    tries = sum(
        c.account == situation.key and c.touch == touch.number and not of_provider(c)
        for c in frame.in_phase(phase)
    )
    since = account.since.isoformat() if account.since else ""
    return Asked(ranking, context, (situation.key, since, phase.name, touch.number, tries))


def wished_channel(frame: Frame) -> Channel | None:
    """Where the customer wants to be reached, by their own word or else by a file's."""
    return frame.preference.channel or frame.situation.customer.preferred_channel


def _parts(
    blocks: Sequence[tuple[int, int]], first: datetime, last: datetime, zones: Sequence[str]
) -> list[tuple[str, tuple[datetime, datetime]]]:
    """The blocks of the day of ``first``, as far as they lie between two instants."""
    zone = ZoneInfo(shown_zone(zones))
    day = first.astimezone(zone).date()
    found = []
    for block in blocks:
        since, until = (_at(day, hour, zone) for hour in block)
        part = max(first, since), min(last, until)
        if part[1] - part[0] >= _SHORTEST:
            found.append((block_name(block), part))
    return found


def _at(day: date, hour: int, zone: ZoneInfo) -> datetime:
    days, rest = divmod(hour, 24)
    at = datetime.combine(day + timedelta(days=days), time(rest), zone)
    return at.astimezone(ZoneInfo("UTC"))
