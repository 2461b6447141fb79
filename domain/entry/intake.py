"""One row of an intake file: what a creditor says of an account and of the person who owes it.

Each rule has a message that names it; the reader adds line and field. No message repeats a value:
rejects are shown on screens and in logs, and values are personal data.
"""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from typing import Annotated, Any, Final, NamedTuple, Protocol, Self

import phonenumbers
from babel import Locale, UnknownLocaleError
from babel.core import get_global
from pydantic import (
    AfterValidator,
    BeforeValidator,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails

from domain.account import PointKind
from domain.agreements.parts import Instalment
from domain.channels import Channel
from domain.conversation.languages import locale_of
from domain.entry.addresses import canonical
from domain.entry.bounds import LATEST_DUE_IN_FILE, fault_of_due_date, fault_of_score
from domain.entry.broken_rule import broken_rule
from domain.entry.days import a_day
from domain.entry.due import a_schedule, fault_of_schedule
from domain.entry.ids import Identity, says_nothing
from domain.entry.money import currencies, fault, written
from domain.model import Strict

_REGION: Final = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}")
_EMAIL: Final = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@"
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]"
)
_NUMBER: Final = re.compile(r"-?\d{1,9}(\.\d{1,18})?", re.ASCII)


class Problem(NamedTuple):
    """Why a row is refused."""

    field: str
    rule: str


class Atlas(Protocol):
    """Knows places. Each method answers with the customary spelling or raises ValueError: the rule
    that is broken."""

    def zone(self, name: str) -> str:
        """An IANA zone that is a place."""

    def postal_code(self, country: str, code: str) -> str:
        """A postal code of an ISO 3166-1 country."""

    def region(self, country: str, code: str) -> str:
        """An ISO 3166-2 region of a country."""


class Point(NamedTuple):
    """A way to reach the customer that a row gives."""

    channel: Channel
    kind: PointKind
    address: str
    consented: bool


@cache
def countries() -> frozenset[str]:
    """The ISO 3166-1 codes of all countries that have a time zone."""
    zones = get_global("territory_zones")
    return frozenset(code for code in zones if len(code) == 2 and code != "ZZ")


@lru_cache(maxsize=1024)
def _locale_tag(value: str) -> str:
    try:
        return str(Locale.parse(value, sep="-" if "-" in value else "_")).replace("_", "-")
    except (UnknownLocaleError, ValueError):
        raise ValueError("must be a locale known to CLDR, such as es-CO or en-US") from None


def _currency(value: str) -> str:
    if value not in currencies():
        raise ValueError("must be the code of a currency in use (ISO 4217), such as COP")
    return value


def _country(value: str) -> str:
    if value not in countries():
        raise ValueError("must be a country code of two capital letters (ISO 3166-1), such as CO")
    return value


def _phone(value: str) -> str:
    if not value.startswith("+"):
        raise ValueError("must be international, with + and the country code (E.164)")
    try:
        number = phonenumbers.parse(value)
    except phonenumbers.NumberParseException:
        raise ValueError("must be a phone number such as +12125550142 (E.164)") from None
    # Not is_valid_number: numbers reserved for tests and new number ranges are not in its data.
    if not phonenumbers.is_possible_number(number):
        spelling = canonical(Channel.VOICE, value)  # +521..., which Mexico has given up
        if spelling == value:
            raise ValueError("has a number of digits that its country does not use")
        return spelling
    if number.extension:
        raise ValueError("must be without an extension")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _at_most(length: int) -> AfterValidator:
    def check(value: str) -> str:
        if len(value) > length:
            raise ValueError(f"must have at most {length} characters")
        return value

    return AfterValidator(check)


def _email(value: str) -> str:
    local, _, domain = value.rpartition("@")
    plain = not (local.startswith(".") or local.endswith(".") or ".." in local)
    if len(value) > 254 or not plain or not _EMAIL.fullmatch(value):
        raise ValueError("must be an e-mail address such as ana@example.com")
    return f"{local}@{domain.lower()}"


def _listed(value: object) -> object:
    """Several values in one cell are set apart by ``;``; JSON may also give a list."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(";") if part.strip())
    return tuple(value) if isinstance(value, list) else value


def _channel(value: object) -> Channel:
    try:
        return Channel(str(value))
    except ValueError:
        known = ", ".join(Channel)
        raise ValueError(f"must be a channel: {known}") from None


def _text(value: str) -> str:
    if not value.isprintable():
        raise ValueError("must be printable")
    return value


def _somebody(value: str) -> str:
    if says_nothing(value):
        raise ValueError("is a word for nothing (such as NULL, N/A, nan), and nobody's name")
    return value


def _score(value: object) -> Decimal:
    plain = value if isinstance(value, str | int | Decimal) else str(value)
    if isinstance(plain, str) and not _NUMBER.fullmatch(plain):
        raise ValueError("must be a number such as 0.731, without separators between thousands")
    score = Decimal(plain)
    if (rule := fault_of_score(score)) is not None:
        raise ValueError(rule)
    return score


Phone = Annotated[str, AfterValidator(_phone)]
AChannel = Annotated[Channel, BeforeValidator(_channel)]


class PersonRow(Strict):
    """What a row says of a person and of how to reach them. Empty cells count as missing.

    Validate with ``context={"today": date, "atlas": Atlas}``: the file's own date, and the tables
    that know which regions, postal codes and zones there are.
    """

    account_id: Identity
    """The creditor's id: printable, no `/`, at most 64 characters, and nothing that a spreadsheet
    may have made of one. Becomes part of the workflow id: never a name or a number that identifies
    a person."""
    customer_id: Identity
    """The person, over all accounts and creditors. Same form."""
    creditor: Identity
    """Code of the creditor. Same form."""
    name: Annotated[str, _at_most(200), AfterValidator(_text), AfterValidator(_somebody)]
    """The person's name."""
    locale: Annotated[str, AfterValidator(_locale_tag)]
    """Language and region of messages, such as `es-CO`. Empty: the first official language of the
    country, such as `pt-BR`."""
    country: Annotated[str, AfterValidator(_country)]
    """ISO 3166-1, such as `CO`. Chooses the law."""
    region: str | None = None
    """ISO 3166-2, such as `US-MA`, and one that exists. Its law binds beside the country's, and so
    does that of every region the area codes tell. Where neither address nor number tells one, the
    law of all of them."""
    postal_code: Annotated[str, _at_most(16), AfterValidator(_text)] | None = None
    """Tells region and time zones in the US (and whether it is New York City), AR, BR, CL, EC, ES,
    MX. What a spreadsheet did (`2139`, `2139.0`) is mended; what cannot be read is refused."""
    timezone: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    """IANA names of places, several with `;`; no `UTC`, `EST`, `Etc/GMT+5`. Zones of the row's
    country outweigh its numbers, and are kept beside an address that lies elsewhere. Otherwise
    zones come from address and phone numbers together, with what is stated."""
    mobile: Phone | None = None
    """E.164. Takes SMS and calls."""
    landline: Phone | None = None
    """E.164. Takes calls."""
    email: Annotated[str, AfterValidator(_email)] | None = None
    """An e-mail address."""
    whatsapp: Phone | None = None
    """E.164. Takes WhatsApp."""
    consents: Annotated[tuple[AChannel, ...], BeforeValidator(_listed)] = ()
    """Channels the person agreed to, with `;`: `sms;email`. A channel without consent is never
    used; an `opt_in` of the person for an address is one, too. A consent here lifts no stop,
    however old: only a later `opt_in` of the person for that address does, whatever files come in
    between (see [Events](events.md))."""
    preferred_channel: AChannel | None = None
    """`sms`, `email`, `whatsapp`, `voice`, `push`, `letter` or `human`."""

    @model_validator(mode="before")
    @classmethod
    def _empty_is_missing(cls, raw: Any) -> Any:
        if not isinstance(raw, Mapping):
            raise ValueError("must be an object with the columns as keys")
        cells = {key: _cell(key, value) for key, value in raw.items()}
        given = {key: value for key, value in cells.items() if value is not None}
        country = given.get("country")
        if "locale" not in given and isinstance(country, str) and locale_of(country):
            given["locale"] = locale_of(country)
        return given

    @field_validator("region")
    @classmethod
    def _in_country(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None:
            return None
        if not _REGION.fullmatch(value):
            raise ValueError("must be a region code (ISO 3166-2), such as CO-ANT or US-MA")
        if "country" in info.data and value[:2] != info.data["country"]:
            raise ValueError("must be a region of the row's country: it begins with its code")
        return _atlas(info).region(value[:2], value)

    @field_validator("postal_code")
    @classmethod
    def _readable(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None or "country" not in info.data:
            return value
        return _atlas(info).postal_code(info.data["country"], value)

    @field_validator("timezone")
    @classmethod
    def _of_places(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        # Two names of one place are one zone.
        return tuple(dict.fromkeys(_atlas(info).zone(name) for name in value))

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        channels = {point.channel for point in self.points()}
        if not channels:
            raise ValueError(
                "at least one of mobile, landline, email, whatsapp is needed to reach the customer"
            )
        for channel in self.consents:
            if channel not in channels:
                raise ValueError(f"consents: given for {channel}, for which the row has no address")
        return self

    def points(self) -> tuple[Point, ...]:
        """Every address with its channel; a mobile takes SMS and calls, a landline calls."""
        given = (
            (Channel.SMS, PointKind.MOBILE, self.mobile),
            (Channel.VOICE, PointKind.MOBILE, self.mobile),
            (Channel.VOICE, PointKind.LANDLINE, self.landline),
            (Channel.WHATSAPP, PointKind.MOBILE, self.whatsapp),
            (Channel.EMAIL, PointKind.EMAIL, self.email),
        )
        found: dict[tuple[Channel, str], Point] = {}
        for channel, kind, address in given:
            if address is not None:
                point = Point(channel, kind, address, channel in self.consents)
                found.setdefault((channel, address), point)
        return tuple(found.values())

    def phones(self) -> tuple[str, ...]:
        """All phone numbers, each once; they tell of time zones."""
        numbers = (self.mobile, self.landline, self.whatsapp)
        return tuple(dict.fromkeys(number for number in numbers if number is not None))


class IntakeRow(PersonRow):
    """A row that keeps every rule; due dates are judged by the file's own date."""

    currency: Annotated[str, AfterValidator(_currency)]
    """ISO 4217, such as `COP`."""
    balance: Annotated[Decimal, BeforeValidator(written)]
    """What is overdue: `1234.50`, not negative, no separators between thousands, at most the
    decimals the currency has, at most 100 million dollars' worth."""
    oldest_due_date: Annotated[date, BeforeValidator(a_day)]
    """Due date of the oldest unpaid instalment, `2026-10-31`. Days past due count from here."""
    due: Annotated[tuple[Instalment, ...], BeforeValidator(a_schedule)] | None = None
    """What fell due when and is unpaid, by date, as `2026-09-30=150000.00;2026-10-31=150000.00`; in
    JSON also a list of `{"date", "amount"}`. Together the balance, the first date the oldest due
    date, none ahead. By it a payment that does not cure moves days past due
    ([Part payments](../guide/upstream.md#part-payments)). The column may be left out; an empty cell
    tells nothing of it."""
    score: Annotated[Decimal, BeforeValidator(_score)] | None = None
    """What a model says of the account, such as `0.731`, on the scale of the strategy's
    `score_bands`. The column may be left out; an empty cell leaves it as it was."""

    @field_validator("balance")
    @classmethod
    def _in_currency(cls, value: Decimal, info: ValidationInfo) -> Decimal:
        if (rule := fault(value, info.data.get("currency"))) is not None:
            raise ValueError(rule)
        return value

    @field_validator("oldest_due_date")
    @classmethod
    def _plausible(cls, value: date, info: ValidationInfo) -> date:
        today = (info.context or {}).get("today")
        if (rule := fault_of_due_date(value, today, LATEST_DUE_IN_FILE)) is not None:
            raise ValueError(rule)
        return value

    @field_validator("due")
    @classmethod
    def _makes_up_the_balance(
        cls, value: tuple[Instalment, ...] | None, info: ValidationInfo
    ) -> tuple[Instalment, ...] | None:
        known, today = info.data, (info.context or {}).get("today")
        beside = (known.get("currency"), known.get("balance"), known.get("oldest_due_date"))
        if value is not None and (rule := fault_of_schedule(value, today, *beside)) is not None:
            raise ValueError(rule)
        return value


_KEYS: Final = ("account_id", "customer_id", "creditor")

OPTIONAL: Final = ("due", "score")
"""Columns of an intake file that may be absent, behind the others."""

COLUMNS: Final = (
    *_KEYS,
    *(
        name
        for name in IntakeRow.model_fields
        if name not in PersonRow.model_fields and name not in OPTIONAL
    ),
    *(name for name in PersonRow.model_fields if name not in _KEYS),
)
"""The columns that an intake file must have, in their customary order."""


def _atlas(info: ValidationInfo) -> Atlas:
    atlas: Atlas = (info.context or {})["atlas"]
    return atlas


def _cell(key: str, value: object) -> object:
    if not isinstance(value, str):
        return value
    text = value.strip()
    if not text:
        return None
    # Ids are kept to the letter, so that a stray blank is refused and not made another account.
    return value if key in _KEYS else text


def problems(
    error: ValidationError, columns: Sequence[str] = (*COLUMNS, *OPTIONAL)
) -> tuple[Problem, ...]:
    """What is wrong with a row of a file with these columns: field and rule, never the value."""
    found = error.errors(include_input=False, include_url=False, include_context=False)
    return tuple(_problem(detail, columns) for detail in found)


def _problem(detail: ErrorDetails, columns: Sequence[str]) -> Problem:
    field = str(detail["loc"][0]) if detail["loc"] else ""
    rule = broken_rule(detail)
    if detail["type"] == "extra_forbidden":
        rule = f"is not a column of an intake file{nearest(field, columns)}"
    if not field:
        named, colon, rest = rule.partition(": ")
        field, rule = (named, rest) if colon and named in columns else ("row", rule)
    return Problem(field, rule)


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint for a name that is not known: ``; did you mean balance?``, or nothing."""
    near = difflib.get_close_matches(name.strip().lower(), known, n=1, cutoff=0.6)
    return f"; did you mean {near[0]}?" if near else ""
