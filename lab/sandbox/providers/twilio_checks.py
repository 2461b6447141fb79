"""How Twilio reads the form of a request: whom it is for, and what is wrong with it."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import phonenumbers

from lab.sandbox import names
from lab.sandbox.faults import Effect, Facts, Fault

WHATSAPP: Final = "whatsapp:"
_MOST_MEDIA: Final = 10


def variables(form: Mapping[str, str]) -> dict[str, str] | None:
    """ContentVariables; None for what is no JSON object of texts."""
    try:
        found = json.loads(form.get("ContentVariables") or "{}")
    except ValueError:
        return None
    plain = isinstance(found, dict) and all(isinstance(v, str) for v in found.values())
    return found if plain else None


def channel_of(address: str) -> str:
    """WhatsApp by its prefix, else SMS."""
    return "whatsapp" if address.startswith(WHATSAPP) else "sms"


def facts_of(form: Mapping[str, str]) -> Facts:
    """What faults go by."""
    query = parse_qs(urlsplit(form.get("StatusCallback", "")).query)
    return Facts(
        provider="twilio",
        channel=channel_of(form.get("To", "")),
        to=form.get("To", ""),
        from_=form.get("From", "") or form.get("MessagingServiceSid", ""),
        attempt=query.get(names.ATTEMPT_PARAM, [""])[0],
        account=query.get(names.ACCOUNT_PARAM, [""])[0],
    )


def wrong_text(form: Mapping[str, str]) -> int:
    """The code of what is wrong with the words or their validity; 0: nothing."""
    if not (form.get("Body") or form.get("MediaUrl") or form.get("ContentSid")):
        return 21602
    if len(form.get("Body", "")) > 1600:
        return 21617
    if (validity := form.get("ValidityPeriod")) is not None:
        whole = re.fullmatch(r"\d{1,6}", validity)
        return 0 if whole and 1 <= int(validity) <= 36000 else 90007
    return 0


def wrong_files(form: Mapping[str, str], files: Sequence[str]) -> int:
    """The code of what is wrong with the files that go along; 0: nothing."""
    most = 1 if form.get("To", "").startswith(WHATSAPP) else _MOST_MEDIA
    if not files:
        return 0
    if form.get("ContentSid"):
        return 21620  # a template has its own
    if len(files) > most:
        return 21623
    parts = [urlsplit(one) for one in files]
    return 0 if all(p.scheme in ("http", "https") and p.hostname for p in parts) else 21620


def wrong_sender(form: Mapping[str, str], senders: tuple[str, ...]) -> int:
    """The code of what is wrong with who sends; 0: nothing."""
    if form.get("MessagingServiceSid"):
        return 0
    if not (sender := form.get("From")):
        return 21603
    number = sender.removeprefix(WHATSAPP)
    if senders:
        return 0 if sender in senders else 21606
    name = re.fullmatch(r"(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}", number)
    short = re.fullmatch(r"\d{5,6}", number)
    return 0 if name or short or number_of(number) else 21212


def wrong_recipient(to: str, sender: str, channel: str) -> int:
    """The code of what is wrong with whom it is for; 0: nothing."""
    if sender and channel != channel_of(sender):
        return 21910
    number = number_of(to.removeprefix(WHATSAPP))
    if number is None:
        return 21211
    fixed = phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.FIXED_LINE
    return 21614 if fixed and channel == "sms" else 0


def number_of(text: str) -> Any | None:
    """A possible number in E.164; it need not be assigned: numbers reserved for fiction are not."""
    if not re.fullmatch(r"\+[1-9]\d{6,14}", text):
        return None
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_possible_number(number) else None


def fate_of(trouble: Effect | None) -> tuple[str, int | None]:
    """The final status that a trouble brings about, and its error code."""
    match trouble.fault if trouble else None:
        case Fault.UNDELIVERED:
            return "undelivered", trouble.number(30003) if trouble else None
        case Fault.FAILED:
            return "failed", trouble.number(30008) if trouble else None
        case Fault.BLOCKED:
            return "undelivered", 30007
        case _:
            return "delivered", None


def segments(text: str) -> int:
    """Segments of an SMS, near enough: 160 septets alone, 153 joined; 70 and 67 in UCS-2."""
    one, more = (160, 153) if text.isascii() else (70, 67)
    return 1 if len(text) <= one else -(-len(text) // more)
