"""What contacting costs: prices are data, each with where and when it was read."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from domain.channels import Channel
from domain.entry.money import currencies
from domain.law.terms import ContactOutcome
from domain.ledger.call_outcome import TAKEN, CallOutcome
from domain.model import Strict

ANYWHERE: Final = "*"
"""In the place of a country: every one that is not named."""


def _currency(code: str) -> str:
    if code not in currencies():
        raise ValueError("must be a currency of ISO 4217, such as USD")
    return code


Code = Annotated[str, AfterValidator(_currency)]
Country = Annotated[str, Field(pattern=r"^([A-Z]{2}|\*)$")]
Amount = Annotated[Decimal, Field(ge=0, le=1_000_000)]


class Price(Strict):
    """One price."""

    price: Amount
    source: Annotated[str, Field(min_length=3)]
    """Where it was read; or why it is assumed."""
    read: date
    """When."""
    assumed: bool = False
    """Nobody publishes it, or nobody has looked."""


class ChannelPrices(Strict):
    """Prices of one channel, by country."""

    unit: Literal["segment", "message", "minute"]
    """What the price is of: a segment of a text message, a message, a minute of a call."""
    charged: Literal["sent", "delivered"] = "sent"
    """Whether what did not arrive costs as well."""
    countries: Annotated[dict[Country, Price], Field(min_length=1)]


class Rate(Strict):
    """What one unit of the prices' currency is worth in another."""

    worth: Annotated[Decimal, Field(gt=0)]
    source: Annotated[str, Field(min_length=3)]
    read: date


class Prices(Strict):
    """All prices, in one currency."""

    currency: Code
    channels: dict[Channel, ChannelPrices]
    call_minutes: dict[CallOutcome, Annotated[int, Field(ge=0, le=120)]] = Field(
        default_factory=dict
    )
    """Minutes that are charged for a call, by what became of it; for any other none."""
    detection: Price | None = None
    """Of telling a person from an answering machine: once for each call that was taken, beside its
    minutes."""
    people_minute: dict[Country, Price] = Field(default_factory=dict)
    """A minute of a person's work, by the customer's country."""
    person_call_minutes: dict[ContactOutcome, Annotated[int, Field(ge=0, le=120)]] = Field(
        default_factory=dict
    )
    """Minutes that a call takes a person, by what became of it; for any other none. Of dry runs,
    in which nobody calls: a report counts the minutes that people recorded."""
    work_minutes: Annotated[int, Field(ge=0, le=600)] = 0
    """Minutes that a person takes for one work item. Nobody measures it: estimate your own."""
    rates: dict[Code, Rate] = Field(default_factory=dict)
    """Of other currencies; without one, cost to collect is not told for it."""

    def each(self) -> Iterator[Price]:
        """Every price."""
        for channel in self.channels.values():
            yield from channel.countries.values()
        if self.detection is not None:
            yield self.detection
        yield from self.people_minute.values()

    def of(self, channel: str, country: str | None, outcome: str | None) -> Decimal | None:
        """Of one contact, or of one segment of it; None: nobody has said."""
        prices, found = self.channels.get(Channel(channel)), self.price(channel, country)
        if prices is None or found is None:
            return None
        if prices.unit != "minute":
            return found.price
        if outcome is None:
            return Decimal()
        return self.call(found.price, outcome, self.call_minutes.get(CallOutcome(outcome), 0))

    def price(self, channel: str, country: str | None) -> Price | None:
        """Of one unit of a channel: a segment, a message, a minute; None: nobody has said."""
        prices = self.channels.get(Channel(channel))
        return None if prices is None else _at(prices.countries, country)

    def call(self, price: Decimal, outcome: str, minutes: int) -> Decimal:
        """Of a call of so many minutes, at the price of one."""
        fee = self.detection.price if self.detection and outcome in TAKEN else Decimal()
        return price * minutes + fee

    def by_segment(self, channel: str) -> bool:
        """Whether a message costs as often as it has segments."""
        prices = self.channels.get(Channel(channel))
        return prices is not None and prices.unit == "segment"

    def costs_if_lost(self, channel: str) -> bool:
        """Whether what did not arrive costs as well."""
        prices = self.channels.get(Channel(channel))
        return prices is not None and prices.charged == "sent"

    def minute(self, country: str | None) -> Decimal:
        """Of a person's work; nothing where nobody has said."""
        found = _at(self.people_minute, country)
        return found.price if found else Decimal()

    def of_call_by_person(self, outcome: str, country: str | None) -> tuple[int, Decimal]:
        """Minutes of a person's call, and what they cost."""
        minutes = self.person_call_minutes.get(ContactOutcome(outcome), 0)
        return minutes, self.minute(country) * minutes

    def to_collect(self, cost: Decimal, collected: Decimal, currency: str) -> float | None:
        """Cost of one unit collected; None: nothing came in, or no rate says what it is worth."""
        if not collected:
            return None
        if currency == self.currency:
            return float(cost / collected)
        rate = self.rates.get(currency)
        return float(cost * rate.worth / collected) if rate else None


def _at(prices: Mapping[str, Price], country: str | None) -> Price | None:
    return prices.get(country or ANYWHERE) or prices.get(ANYWHERE)
