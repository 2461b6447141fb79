"""What is known of an account when its strategy is chosen: each fact with a name and a type."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from domain.account import PromiseState
from domain.agreements.plan import PlanState
from domain.agreements.terms import PartPayments
from domain.calendar import days_past_due, local_date
from domain.channels import Channel
from domain.conversation.wishes.preference import in_force
from domain.planning.reasons.unused import standing_against
from domain.segments.attributes import (
    CUSTOMER_SINCE,
    PREFIX,
    PRODUCT,
    Attribute,
    AttributeType,
    Value,
    value_of,
)
from domain.segments.values import HIGHEST, LOWEST, Names, Spans, Values
from domain.situation import Situation

Facts = Mapping[str, Value | None]
"""By name; None: not known."""

BALANCE: Final = "balance"
CURRENCY: Final = "currency"
COUNTRY: Final = "country"
DAYS_PAST_DUE: Final = "days_past_due"
AT_ENTRY: Final = "days_past_due_at_entry"
TENURE: Final = "tenure_days"
WISHED: Final = "preferred_channel"
CONTACTABLE: Final = "contactable_"

REACHED_BY: Final = (Channel.SMS, Channel.EMAIL, Channel.WHATSAPP, Channel.VOICE)

RULE: Final = PartPayments.OLDEST_FIRST
"""By which days past due are counted here, whatever a strategy says: what a choice rests on must
not follow from what it chose."""


class Kind(StrEnum):
    """What the values of a fact are."""

    TEXT = "text"
    WHOLE = "whole number"
    NUMBER = "number"
    MONEY = "amount"
    DATE = "date"
    YES_NO = "yes or no"
    ONE_OF = "one of"


class Fact(NamedTuple):
    """What is to be known of a fact to write a condition about it."""

    name: str
    kind: Kind
    meaning: str
    always: bool = False
    """Whether it is known of every account."""
    least: int | None = None
    """Of a whole number: it is never less."""
    choices: tuple[str, ...] = ()
    """Of ``one of``: all that it may be."""

    @property
    def everything(self) -> Values:
        """All that it may be."""
        unknown = not self.always
        match self.kind:
            case Kind.TEXT:
                return Names(frozenset(), True, unknown)
            case Kind.ONE_OF:
                return Names(frozenset(self.choices), False, unknown)
            case Kind.YES_NO:
                return Names(frozenset({True, False}), False, unknown)
            case _:
                least = LOWEST if self.least is None else (self.least, 0)
                return Spans(((least, HIGHEST),), unknown)

    @property
    def counts(self) -> bool:
        """Whether nothing lies between one of its values and the next."""
        return self.kind in (Kind.WHOLE, Kind.DATE)


_OWN: Final = (
    Fact(COUNTRY, Kind.TEXT, "The customer's country, ISO 3166: `CO`.", always=True),
    Fact("region", Kind.TEXT, "Their region, as intake has it, ISO 3166-2: `CO-ANT`."),
    Fact("creditor", Kind.TEXT, "Code of the creditor.", always=True),
    Fact(PRODUCT, Kind.TEXT, "What the debt is of: the column `attr_product`."),
    Fact(CURRENCY, Kind.TEXT, "Of the account, ISO 4217: `COP`.", always=True),
    Fact("language", Kind.TEXT, "That the customer reads, without its region: `es`.", always=True),
    Fact(BALANCE, Kind.MONEY, "What is overdue, by currency.", always=True),
    Fact(
        DAYS_PAST_DUE,
        Kind.WHOLE,
        "On the customer's calendar; part payments pay the oldest instalment, and a plan re-ages, "
        "whatever the strategy.",
        always=True,
    ),
    Fact(
        AT_ENTRY,
        Kind.WHOLE,
        "The same, on the day on which the present delinquency came in.",
        always=True,
    ),
    Fact(
        "open_accounts",
        Kind.WHOLE,
        "Open accounts of the customer with this creditor, this one included.",
        always=True,
        least=1,
    ),
    Fact("promises_kept", Kind.WHOLE, "Of this account, ever.", always=True, least=0),
    Fact("promises_broken", Kind.WHOLE, "Of this account, ever.", always=True, least=0),
    Fact("plans_agreed", Kind.WHOLE, "Payment plans of this account.", always=True, least=0),
    Fact("plans_kept", Kind.WHOLE, "Those paid in full.", always=True, least=0),
    Fact("plans_broken", Kind.WHOLE, "Those broken.", always=True, least=0),
    *(
        Fact(
            f"{CONTACTABLE}{channel}",
            Kind.YES_NO,
            f"Whether an address for {channel} has consent, and no stop or bounce stands against "
            "it. The law's hours and counts are not asked.",
            always=True,
        )
        for channel in REACHED_BY
    ),
    Fact(
        WISHED,
        Kind.ONE_OF,
        "What the customer last wished, or else what the file says.",
        choices=tuple(Channel),
    ),
    Fact(
        TENURE,
        Kind.WHOLE,
        "Days since they have been a customer: the column `attr_customer_since`.",
        least=0,
    ),
    Fact("score", Kind.NUMBER, "The column `score`."),
)

_KINDS: Final = {
    AttributeType.TEXT: Kind.TEXT,
    AttributeType.NUMBER: Kind.NUMBER,
    AttributeType.DATE: Kind.DATE,
    AttributeType.YES_NO: Kind.YES_NO,
    AttributeType.ONE_OF: Kind.ONE_OF,
}
_UNDER_NAMES_OF_THEIR_OWN: Final = frozenset({PRODUCT, CUSTOMER_SINCE})


def catalogue(declared: Mapping[str, Attribute]) -> dict[str, Fact]:
    """All facts by name, with the portfolio's own."""
    known = {one.name: one for one in _OWN}
    product = declared[PRODUCT]
    if product.type is AttributeType.ONE_OF:
        known[PRODUCT] = known[PRODUCT]._replace(kind=Kind.ONE_OF, choices=product.values)
    for name, attribute in declared.items():
        if name not in _UNDER_NAMES_OF_THEIR_OWN:
            called = f"{PREFIX}{name}"
            meaning = f"The column `{called}`."
            known[called] = Fact(
                called, _KINDS[attribute.type], meaning, False, None, attribute.values
            )
    return known


class Seen(NamedTuple):
    """What facts are made of, whoever has read it."""

    creditor: str
    currency: str
    balance: Decimal
    due: date
    """Since when days past due count, by ``RULE``."""
    entered: int
    """Days past due when the delinquency came in."""
    country: str
    region: str | None
    locale: str
    zones: Sequence[str]
    open_accounts: int
    promises: Sequence[str]
    """The state of each."""
    plans: Sequence[str]
    """The state of each."""
    wished: str | None
    """The channel that is preferred."""
    contactable: Collection[str]
    """Channels."""
    attributes: Mapping[str, object]
    """As they are kept."""
    score: Decimal | None = None


def seen_in(
    situation: Situation,
    attributes: Mapping[str, object],
    now: datetime,
    at_entry: int | None = None,
) -> Seen:
    """What is made of a situation. ``at_entry``: days past due when its delinquency came in, where
    that was noted then."""
    account, customer = situation.account, situation.customer
    wished = in_force(situation.preferences, now).channel or customer.preferred_channel
    return Seen(
        creditor=account.creditor,
        currency=account.currency,
        balance=account.balance,
        due=situation.due_date(RULE),
        entered=entry_days(situation) if at_entry is None else at_entry,
        country=customer.country,
        region=customer.region,
        locale=customer.locale,
        zones=customer.zones,
        open_accounts=1 + len(situation.siblings),
        promises=[one.state for one in situation.promises],
        plans=[one.state for one in situation.plans],
        wished=None if wished is None else wished.value,
        contactable={
            point.channel.value
            for point in customer.points
            if next(standing_against(situation, point, now), None) is None
        },
        attributes=attributes,
        score=account.score,
    )


def facts_of(
    seen: Seen, declared: Mapping[str, Attribute], now: datetime
) -> dict[str, Value | None]:
    """What is known of an account."""
    kept = {
        name: value_of(attribute, seen.attributes[name])
        for name, attribute in declared.items()
        if name in seen.attributes
    }
    facts: dict[str, Value | None] = {
        COUNTRY: seen.country,
        "region": seen.region,
        "creditor": seen.creditor,
        PRODUCT: kept.get(PRODUCT),
        CURRENCY: seen.currency,
        "language": seen.locale.replace("_", "-").split("-")[0].lower(),
        BALANCE: seen.balance,
        DAYS_PAST_DUE: days_past_due(seen.due, now, seen.zones),
        AT_ENTRY: seen.entered,
        "open_accounts": seen.open_accounts,
        "promises_kept": list(seen.promises).count(PromiseState.KEPT),
        "promises_broken": list(seen.promises).count(PromiseState.BROKEN),
        "plans_agreed": len(seen.plans),
        "plans_kept": list(seen.plans).count(PlanState.KEPT),
        "plans_broken": list(seen.plans).count(PlanState.BROKEN),
        WISHED: seen.wished,
        TENURE: _tenure(kept.get(CUSTOMER_SINCE), now, seen.zones),
        "score": seen.score,
    }
    for channel in REACHED_BY:
        facts[f"{CONTACTABLE}{channel}"] = channel.value in seen.contactable
    for name, value in kept.items():
        if name not in _UNDER_NAMES_OF_THEIR_OWN:
            facts[f"{PREFIX}{name}"] = value
    return facts


def entry_days(situation: Situation) -> int:
    """Days past due on the day on which the present delinquency came in, as far as its due date of
    now tells."""
    account = situation.account
    since = account.since or account.balance_as_of
    return days_at(account.oldest_due_date, since, situation.customer.zones)


def days_at(due: date, since: datetime | None, zones: Sequence[str]) -> int:
    """Days past due at an instant; 0 where it is not known."""
    return 0 if since is None else days_past_due(due, since, zones)


def _tenure(since: Value | None, now: datetime, zones: Sequence[str]) -> int | None:
    if not isinstance(since, date):
        return None
    return max(0, (local_date(now, zones) - since).days)


def plainly(value: Value | None) -> str | bool | int | None:
    """A fact as JSON holds it."""
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else value
