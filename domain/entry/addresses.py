"""All spellings of one subscriber are one address.

Providers name a sender by another spelling than a creditor's file does: WhatsApp leaves out the
ninth digit of Brazil, keeps the 1 that Mexico gave up, and so on. ``canonical`` is the spelling by
which addresses are *compared* (stops, rests, wrong numbers, suppression, caps). It is not for
dialling: what is called or written to stays as it was stated.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

import phonenumbers

from domain.channels import Channel


@dataclass(frozen=True)
class Spelling:
    """Numbers of one country that may be written in several ways, without the country code."""

    country_code: int
    seen: re.Pattern[str]
    """Any way of writing it; its groups are the digits that every way has."""
    canonical: str
    """The one we compare by, as a template over these groups."""
    others: tuple[str, ...]
    """The others that are met."""
    source: str


SPELLINGS: Final = (
    Spelling(
        55,
        # 2 to 5 after the area code is a landline: it has no ninth digit.
        re.compile(r"([1-9][1-9])9?([6-9][0-9]{7})"),
        r"\g<1>9\2",
        (r"\1\2",),
        "Anatel, Resolution 553/2010: mobile numbers have nine digits. WhatsApp keeps eight for "
        "accounts made before: https://support.whapi.cloud/help-desk/faq/"
        "specifics-of-sending-messages-to-numbers-of-different-countries",
    ),
    Spelling(
        52,
        # 1 from abroad, 044 and 045 at home, 01 between cities: all given up in August 2019.
        re.compile(r"(?:0?1|0?44|0?45)?([2-9][0-9]{9})"),
        r"\1",
        (r"1\1",),
        "https://www.twilio.com/en-us/guidelines/mx/sms: no 1 any more; WhatsApp's senders still "
        "have it (https://github.com/chatwoot/chatwoot/pull/14174)",
    ),
    Spelling(
        54,
        # Area codes begin with 1, 2 or 3; phonenumbers has turned a mobile's 15 into the 9 already.
        re.compile(r"9?([1-3][0-9]{9})"),
        r"9\1",
        (r"\1",),
        "9 before a mobile's area code (libphonenumber's metadata of AR); WhatsApp always has it: "
        "https://green-api.com/en/docs/faq/"
        "features-of-sending-and-receiving-messages-from-different-countries",
    ),
)

_TELEPHONE: Final = frozenset({Channel.SMS, Channel.WHATSAPP, Channel.VOICE})
_SCHEME: Final = re.compile(r"(?:whatsapp|rcs|sms|tel|sips?):", re.IGNORECASE)
_LETTER: Final = re.compile(r"[^\W\d_]")

_MARKS: Final = " \t\r\n'\"`‘’“”´«»=<>()[]{};,."
"""What systems put around an address: quotes, a formula's sign, the end of a sentence or a list."""
_ANGLED: Final = re.compile(r"[^<>]*<\s*([^<>]+?)\s*>\W*")
_MAILBOX: Final = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+")
_WORD: Final = re.compile(
    r"(?:phone|telephone|tel[eé]fono|telefone|tel|mobile|m[oó]vil|celular|cel|fax|mailto)\b[:.\s]*",
    re.IGNORECASE,
)
"""What stands before a number or mailbox to say that it is one."""
_HANDLE: Final = re.compile(r"(\+?\d{7,15})(?::\d+)?@(?:s\.whatsapp\.net|c\.us)", re.IGNORECASE)
"""How WhatsApp itself writes a number."""
_EXTENSION: Final = re.compile(r"\s*(?:extension|extensi[oó]n|ext|x|ramal|anexo)[:.\s]*\d{1,6}")
_FLOAT: Final = re.compile(r"(\+?\d{7,15})[.,]0+")
"""A number that a program took for one to count with."""
_E164: Final = re.compile(r"\+\d{7,15}")
_BETWEEN: Final = re.compile(r"\s*[;,/|\n]\s*")

Address = tuple[Channel, str]
"""A channel that uses an address, and the spelling by which it is compared."""


def canonical(channel: Channel, address: str, country: str | None = None) -> str:
    """The one spelling of an address.

    A telephone number becomes E.164; ``country`` (ISO 3166-1) is where a number without country
    code is at home, and without it such a number is taken as international. A mailbox is lower-case
    (dots and tags are kept: they may be other people). What is neither (a short code, a sender's
    name, ``anonymous``) is returned as it is, without blanks around it. Never raises.
    """
    if channel is Channel.EMAIL:
        return _mailbox(address) or address.strip().lower()
    if channel not in _TELEPHONE:
        return address.strip()
    bare = _bare(address)
    number = _number(_undressed(bare), country) or _number(bare, country)
    return bare if number is None else _e164(number)


def addresses(stated: str, country: str | None = None) -> list[Address]:
    """The addresses that a text of another system surely names, each once; mostly one.

    Where it is not known in which ``country`` a number is at home, only one written with its
    country's code is sure.
    """
    found = list[Address]()
    for part in (stated, *_BETWEEN.split(stated)):
        one = _address(part, country)
        if one is not None and one not in found:
            found.append(one)
            if part == stated:
                break
    return found


def _address(part: str, country: str | None) -> Address | None:
    number = canonical(Channel.VOICE, part, country)
    if not _E164.fullmatch(number):
        mailbox = _mailbox(part)
        return None if mailbox is None else (Channel.EMAIL, mailbox)
    sure = country is not None or _undressed(_bare(part)).startswith(("+", "00"))
    return (Channel.VOICE, number) if sure else None


def _mailbox(text: str) -> str | None:
    """The mailbox that a text names, without what mail programs write around it."""
    plain = _visible(text)
    if (named := _ANGLED.fullmatch(plain)) is not None:
        plain = named.group(1)
    plain = _WORD.sub("", plain.strip(_MARKS), count=1) if ":" in plain else plain.strip(_MARKS)
    return plain.lower() if _MAILBOX.fullmatch(plain) else None


def _visible(text: str) -> str:
    """Without what no eye sees: marks of direction, joiners, a byte-order mark."""
    return "".join(c for c in text if unicodedata.category(c) != "Cf").strip()


def _handled(text: str) -> str:
    """With the plus that WhatsApp's own spelling leaves out."""
    handle = _HANDLE.fullmatch(text)
    return text if handle is None else "+" + handle.group(1).lstrip("+")


def _undressed(text: str) -> str:
    """A number without what systems write before and after it."""
    plain = _visible(text)
    plain = plain if plain.startswith("(") else plain.lstrip(_MARKS)
    plain = _WORD.sub("", plain, count=1) if _WORD.match(plain) else plain
    plain = _handled(_bare(plain.lstrip(_MARKS.replace("(", "")).rstrip(_MARKS.replace(")", ""))))
    if (counted := _FLOAT.fullmatch(plain)) is not None:
        plain = counted.group(1)
    if (extension := _EXTENSION.search(plain)) and extension.end() == len(plain):
        plain = plain[: extension.start()]
    # (+52) 55 1238 0104
    return re.sub(r"^\((\+\d{1,3})\)", r"\1", plain)


def variants(channel: Channel, address: str, country: str | None = None) -> frozenset[str]:
    """Every spelling under which the same subscriber may be on file, the canonical one among them.

    Of a mailbox only the lower-case one: compare with ``lower(address)``.
    """
    one = canonical(channel, address, country)
    if channel not in _TELEPHONE or not one.startswith("+"):
        return frozenset({one})
    found = {one}
    for spelling in SPELLINGS:
        written = one.removeprefix(f"+{spelling.country_code}")
        if written != one and (match := spelling.seen.fullmatch(written)):
            found |= {f"+{spelling.country_code}{match.expand(other)}" for other in spelling.others}
    return frozenset(found)


def _bare(address: str) -> str:
    """Without a channel's scheme (``whatsapp:+57...``, ``sip:+57...@host``)."""
    plain = address.strip()
    scheme = _SCHEME.match(plain)
    if scheme is None:
        return plain
    plain = plain[scheme.end() :].strip()
    return plain.partition("@")[0] if scheme.group().lower().startswith("sip") else plain


def _number(text: str, country: str | None) -> phonenumbers.PhoneNumber | None:
    """A number that can exist, in its canonical spelling; None if this is none."""
    if not text or len(text) > 40 or _LETTER.search(text):  # names of senders are no numbers
        return None
    if text.startswith(("+", "00")):
        return _possible("+" + text.lstrip("+0"), None)
    return (_possible(text, country) if country else None) or _possible("+" + text, None)


def _possible(text: str, country: str | None) -> phonenumbers.PhoneNumber | None:
    try:
        number = _respelt(phonenumbers.parse(text, country))
    except phonenumbers.NumberParseException:
        return None
    # Not is_valid_number: numbers reserved for tests and new ranges are not in its data. Not
    # is_possible_number either, which takes a number without its area code.
    reason = phonenumbers.is_possible_number_with_reason(number)
    return number if reason == phonenumbers.ValidationResult.IS_POSSIBLE else None


def _respelt(number: phonenumbers.PhoneNumber) -> phonenumbers.PhoneNumber:
    written = phonenumbers.national_significant_number(number)
    for spelling in SPELLINGS:
        if spelling.country_code == number.country_code:
            match = spelling.seen.fullmatch(written)
            if match is not None:
                national = match.expand(spelling.canonical)
                return phonenumbers.parse(f"+{spelling.country_code}{national}")
    return number


def _e164(number: phonenumbers.PhoneNumber) -> str:
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
