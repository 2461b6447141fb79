"""How, when and in which language somebody wants to be reached, as they write it.

A channel or an hour that is only mentioned ("I sent the receipt by WhatsApp", "I pay after five")
is no wish: it takes a word about reaching, or about what is preferred, beside it.
"""

import re
import unicodedata
from typing import Final, NamedTuple

from domain.channels import Channel
from domain.conversation.wishes.words import (
    AFTER,
    AT,
    BEFORE,
    BESIDE,
    BETWEEN,
    CALLING,
    CHANNELS,
    DAYS,
    FROM_NOW_ON,
    LANGUAGE,
    LAST_OF_AFTERNOON,
    MENTION,
    NAO,
    NOT,
    PARTS,
    PERSON,
    PREFER,
    PREFER_EN,
    REACH,
    WORK,
)
from domain.model import Model


class Hours(Model):
    """A stretch of the customer's day in which they want to be reached: ``HH:MM`` to ``24:00``."""

    opens: str
    closes: str


class Wish(NamedTuple):
    """What was read."""

    channel: Channel | None = None
    hours: tuple[Hours, ...] = ()
    words: str | None = None
    """The words by which a wish was known; None: channel and hours are only mentioned."""
    spans: tuple[tuple[int, int], ...] = ()
    """Where hours of the day stand in the text, wished for or not: they are no sums."""
    names_person: bool = False
    """Whom they want to speak to is named, not only how."""
    plain: bool = False
    """Every word is one of such wishes: nothing is refused, said of one day, or by another."""


_LONGEST: Final = 120
"""Characters of a text that says nothing else."""
_WORD: Final = re.compile(r"[\w']+")
_NOON: Final = 12
_MIDNIGHT: Final = 24
_REACHES: Final = 24
"""Characters before a word in which a "no" is about it."""
_SHORT: Final = 8
"""Words of a text that says no more than when."""


def wish_in(text: str, locale: str) -> Wish:
    """What a text wishes, of its first 4,096 characters, in any of the three languages."""
    flat = _flat(text[:4096])
    hours, spans = _hours(flat)
    refused = NAO if locale.startswith("pt") else NOT
    channel = _channel(flat, refused)
    reach = REACH.search(flat)
    called = channel is None and reach is not None and CALLING.search(flat) is not None
    plain = bool(channel or hours or called) and _is_plain(flat, locale, spans)
    if called and plain:
        channel = Channel.VOICE
    preferred = PREFER_EN if locale.startswith("en") else PREFER
    known = _known_by(flat, reach, channel, hours, refused, preferred, plain=plain)
    words = None if known is None else text[known.start() : known.end()]
    named = PERSON.search(flat) is not None
    return Wish(channel, hours, words, spans, names_person=named, plain=plain)


def _is_plain(flat: str, locale: str, spans: tuple[tuple[int, int], ...]) -> bool:
    """Whether a text has no other words than such wishes have."""
    if len(flat) > _LONGEST:
        return False
    named = {channel for channel, pattern in CHANNELS if pattern.search(flat)}
    if len(named - {Channel.LETTER}) > 1:
        return False  # compared, or one of them is something else
    for start, end in spans:
        flat = flat[:start] + " " * (end - start) + flat[end:]
    for pattern in (FROM_NOW_ON, *(one for one, _ in PARTS), *(one for _, one in CHANNELS)):
        flat = pattern.sub(" ", flat)
    if locale.startswith("pt"):
        flat = re.sub(r"\bno\b", " ", flat)  # "no zap": by WhatsApp
    known = (BESIDE, REACH, PREFER, CALLING)
    return all(any(words.fullmatch(word) for words in known) for word in _WORD.findall(flat))


def _known_by(
    flat: str,
    reach: re.Match[str] | None,
    channel: Channel | None,
    hours: tuple[Hours, ...],
    refused: re.Pattern[str],
    preferred: re.Pattern[str],
    *,
    plain: bool,
) -> re.Match[str] | None:
    """The words that make a wish of what is named."""
    prefer = preferred.search(flat) or (FROM_NOW_ON.search(flat) if plain else None)
    if reach and (place := WORK.search(flat)):
        return place
    if language := LANGUAGE.search(flat):
        return language
    if reach and hours:
        return reach
    if channel is Channel.VOICE and prefer and plain:
        return prefer  # "llámenme" alone asks for one call
    if channel not in (None, Channel.VOICE):
        # "Por whatsapp", and nothing else, answers how they want to be reached.
        named = (one for one in REACH.finditer(flat) if not MENTION.match(flat, one.start()))
        found = next(named, None) or prefer or (_WORD.search(flat) if plain else None)
        if found is not None:
            return found
    if prefer and hours and len(flat.split()) <= _SHORT:
        return prefer
    return DAYS.search(flat) if reach and (prefer or refused.search(flat)) else None


def _flat(text: str) -> str:
    """Small letters without accents, each where it stood."""
    if text.isascii():
        return text.lower()
    flat = [char if char < "\x80" else unicodedata.normalize("NFD", char)[0] for char in text]
    return "".join(flat).lower().ljust(len(text))


def _channel(flat: str, refused: re.Pattern[str]) -> Channel | None:
    """The first channel that is not named only to be refused."""
    named = (
        (match.start(), channel)
        for channel, pattern in CHANNELS
        for match in pattern.finditer(flat)
        if not refused.search(_just_before(flat, match.start()))
    )
    # Of two at one place the first of the list is the narrower.
    return min(named, key=lambda each: each[0], default=(0, None))[1]


def _just_before(flat: str, at: int) -> str:
    """What stands before a word, in its own clause."""
    return re.split(r"[,.;!?]", flat[max(0, at - _REACHES) : at])[-1]


def _hours(flat: str) -> tuple[tuple[Hours, ...], tuple[tuple[int, int], ...]]:
    """What stretches of the day are named, and where hours stand."""
    found: list[Hours] = []
    spans: list[tuple[int, int]] = []
    for pattern, reads in ((BETWEEN, _from_to), (AFTER, _from_on), (BEFORE, _up_to)):
        for match in pattern.finditer(flat):
            if any(start < match.end() and match.start() < end for start, end in spans):
                continue
            stretch = reads(match)
            if stretch is not None:
                found.append(stretch)
                spans.append(match.span())
    spans += [match.span() for match in AT.finditer(flat)]
    if not found:
        found = [
            Hours(opens=opens, closes=closes)
            for pattern, (opens, closes) in PARTS
            if pattern.search(flat)
        ]
    return tuple(found), tuple(spans)


def _from_to(match: re.Match[str]) -> Hours | None:
    if match["evening2"] and not match["morning1"]:
        opens, closes = _clock(match, 1, evening=True), _clock(match, 2)
    else:
        opens, closes = _clock(match, 1), _clock(match, 2)
    if opens is None or closes is None or opens >= closes:
        return None
    return Hours(opens=opens, closes=closes)


def _from_on(match: re.Match[str]) -> Hours | None:
    opens = _clock(match, 1)
    return Hours(opens=opens, closes="24:00") if opens else None


def _up_to(match: re.Match[str]) -> Hours | None:
    closes = _clock(match, 1)
    return Hours(opens="00:00", closes=closes) if closes else None


def _clock(match: re.Match[str], nth: int, *, evening: bool = False) -> str | None:
    """An hour of the match as ``HH:MM``; None: it is none."""
    hour, minute = int(match[f"hour{nth}"]), match[f"minute{nth}"] or "00"
    evening = evening or match[f"evening{nth}"] is not None
    if hour < _NOON and (
        evening or (match[f"morning{nth}"] is None and 0 < hour <= LAST_OF_AFTERNOON)
    ):
        hour += _NOON
    return f"{hour:02}:{minute}" if hour < _MIDNIGHT else None
