"""The vocabulary that rule packs and requests share: channels, outcomes, windows of the week."""

import re
from collections.abc import Iterable
from enum import StrEnum
from functools import cache
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, model_validator

from domain.law.media import Actor as Actor
from domain.law.media import Medium as Medium
from domain.model import Strict


class Party(StrEnum):
    """Who would be contacted, seen from the debt."""

    DEBTOR = "debtor"
    GUARANTOR = "guarantor"
    CODEBTOR = "codebtor"
    SPOUSE = "spouse"
    REFERENCE = "reference"
    THIRD_PARTY = "third_party"


class LawPurpose(StrEnum):
    """What the contact is for; ``reply`` answers a message, ``notice`` is required by law.

    A ``consent_request`` asks for nothing but consent to a channel.
    """

    COLLECTION = "collection"
    REPLY = "reply"
    OPTOUT_CONFIRMATION = "optout_confirmation"
    NOTICE = "notice"
    CONSENT_REQUEST = "consent_request"


class LawPointKind(StrEnum):
    """What kind of place or address a contact point is."""

    MOBILE = "mobile"
    LANDLINE = "landline"
    HOME = "home"
    WORK = "work"
    EMAIL = "email"
    WORK_EMAIL = "work_email"
    UNKNOWN = "unknown"


class Direction(StrEnum):
    """Who began: ``outbound`` is the collector."""

    OUTBOUND = "outbound"
    INBOUND = "inbound"


class ContactOutcome(StrEnum):
    """What became of a contact."""

    CONVERSATION = "conversation"
    NO_ANSWER = "no_answer"
    VOICEMAIL = "voicemail"
    BUSY = "busy"
    NOT_IN_SERVICE = "not_in_service"
    DROPPED = "dropped"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    REPLIED = "replied"


class EventKind(StrEnum):
    """A fact about the customer that the law gives weight to."""

    CEASE = "cease"
    ATTORNEY = "attorney"
    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    CONSENT_CALL = "consent_call"
    INCONVENIENT_TIME = "inconvenient_time"
    AUTHORIZED_HOURS = "authorized_hours"
    WORKPLACE_PROHIBITED = "workplace_prohibited"
    WRONG_NUMBER = "wrong_number"
    NOTICE_MAILED = "notice_mailed"
    NUMBER_CHECK = "number_check"
    DISPUTE = "dispute"
    DISPUTE_VERIFIED = "dispute_verified"
    DISPUTE_WITHDRAWN = "dispute_withdrawn"
    BANKRUPTCY = "bankruptcy"
    DEATH = "death"
    BREATHING_SPACE = "breathing_space"


class Instrument(StrEnum):
    """Where hours were authorised: in the debt's own contract, or in a separate document."""

    SEPARATE = "separate"
    CONTRACT = "contract"


class Weekday(StrEnum):
    """Day of the week; Monday first, as ``list(Weekday)``."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


WEEKDAYS: Final = tuple(Weekday)

_CLOCK: Final = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d|24:00")


def _clock(text: str) -> str:
    if not _CLOCK.fullmatch(text):
        raise ValueError('must be a wall-clock time "HH:MM", 00:00 to 24:00 (quote it in YAML)')
    return text


Clock = Annotated[str, AfterValidator(_clock)]
"""A wall-clock time ``HH:MM``; 24:00 is the end of the day."""


class Window(Strict):
    """A half-open stretch of wall-clock time, ``[from, to)``, on some days of the week."""

    days: tuple[Weekday, ...] = Field(min_length=1)
    opens: Clock = Field(alias="from")
    closes: Clock = Field(alias="to")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError(
                f"window {self.opens}-{self.closes}: 'to' must be later than 'from' "
                "(write a night as two windows, split at 24:00)"
            )
        return self


Week = tuple[tuple[tuple[int, int], ...], ...]
"""Seven days, Monday first; each the sorted ``(from, to)`` seconds of the day, half open."""


def week_of(windows: tuple[Window, ...]) -> Week:
    """Lay windows out over the seven days as seconds of the local day, merged and sorted."""
    days: list[list[tuple[int, int]]] = [[] for _ in WEEKDAYS]
    for window in windows:
        for day in set(window.days):
            days[WEEKDAYS.index(day)].append((_seconds(window.opens), _seconds(window.closes)))
    return tuple(_merged(spans) for spans in days)


@cache
def _seconds(clock: str) -> int:
    return int(clock[:2]) * 3_600 + int(clock[3:]) * 60


class Windows(tuple[Window, ...]):
    """The windows of an event, laid out over the week once: the law is asked of them often."""

    week: Week

    def __new__(cls, windows: Iterable[Window]) -> Self:
        """Lay them out."""
        made = super().__new__(cls, windows)
        made.week = week_of(made)
        return made


def _merged(spans: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    if len(spans) < 2:
        return tuple(spans)
    spans.sort()
    merged: list[tuple[int, int]] = []
    opens, closes = spans[0]
    for start, end in spans:
        if start > closes:
            merged.append((opens, closes))
            opens, closes = start, end
        elif end > closes:
            closes = end
    return (*merged, (opens, closes))
