"""How a customer wants to be reached, as they have said it: kept, and put first.

What is stated replaces what was stated before of the same thing, and nothing else: "by WhatsApp",
and a week later "after six", are both in force.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import Field

from domain.account import ContactPoint
from domain.channels import Channel
from domain.conversation.keywords import Meaning
from domain.conversation.reader import CERTAIN, Reading
from domain.law.terms import WEEKDAYS, Week, Window, week_of
from domain.model import Instant, Model

STATED_CHANNELS: Final = (Channel.SMS, Channel.WHATSAPP, Channel.EMAIL, Channel.VOICE)
"""Those that can be asked for; any other is for a person to arrange."""

DAY_PARTS: Final = {
    "morning": ("06:00", "12:00"),
    "afternoon": ("12:00", "18:00"),
    "evening": ("18:00", "24:00"),
}
"""Stretches of the day that can be chosen by a button or a key."""

_LANGUAGES: Final = r"^(?:en|es|pt)(?:-[A-Z]{2})?$"
_BESIDE: Final = frozenset({Meaning.PREFERENCE, Meaning.THANKS})


FROM_MESSAGE: Final = "said:"
"""Begins the id of what a message states or promises; its name follows,
``<provider>/<inbound_id>``."""


class Preference(Model):
    """What is wished. Only the fields that are given are stated; None and no windows take back."""

    channel: Channel | None = None
    """The one that is tried first, before whatever worked or costs less."""
    windows: tuple[Window, ...] = ()
    """Hours of their week, by their own clock, outside of which nobody may reach them; none: any
    hours that the law allows."""
    locale: Annotated[str, Field(pattern=_LANGUAGES)] | None = None
    """The language in which they want to be spoken to: ``pt``, ``es-CO``."""

    @property
    def week(self) -> Week | None:
        """The hours laid out over the week; None: any."""
        return week_of(self.windows) if self.windows else None

    def can_be_met(self, points: Iterable[ContactPoint]) -> bool:
        """Whether one of their addresses is on the channel that is asked for, if one is."""
        return self.channel in {None, *(point.channel for point in points)}


class StatedPreference(Model):
    """One time that the customer said so."""

    preference_id: str
    said_at: Instant
    preference: Preference


def in_force(stated: Iterable[StatedPreference], now: datetime) -> Preference:
    """What holds of all that was stated: of each thing the last word."""
    named: dict[str, Any] = {}
    known = [one for one in stated if one.said_at <= now]
    for one in sorted(known, key=lambda one: (one.said_at, one.preference_id)):
        named |= {name: getattr(one.preference, name) for name in one.preference.model_fields_set}
    return Preference.model_construct(**named) if named else NONE


NONE: Final = Preference()
"""Nothing is stated."""


def stated_in(reading: Reading) -> Preference | None:
    """What a message states beyond doubt and by itself; None: a person has to look."""
    if Meaning.PREFERENCE not in reading.intents or not _BESIDE.issuperset(reading.intents):
        return None
    if reading.confidence < CERTAIN or reading.to_person:
        return None
    if reading.channel not in (None, *STATED_CHANNELS):
        return None
    named: dict[str, object] = {} if reading.channel is None else {"channel": reading.channel}
    if reading.hours:
        named["windows"] = tuple(every_day((one.opens, one.closes) for one in reading.hours))
    return Preference.model_validate(named) if named else None


def every_day(hours: Iterable[tuple[str, str]], days: Sequence[str] = WEEKDAYS) -> list[Window]:
    """Stretches of the day, ``HH:MM`` to ``24:00``, on these days of the week."""
    return [
        Window.model_validate({"days": list(days), "from": opens, "to": closes})
        for opens, closes in hours
    ]
