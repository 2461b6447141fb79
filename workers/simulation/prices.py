"""What contacts and people's work cost (``prices.yaml``)."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final

from config.yaml_files import read_checked
from domain.model import Strict

FILE: Final = Path(__file__).with_name("prices.yaml")
_OTHER: Final = "other"


class Minutes(Strict):
    """How long things take a person."""

    call_taken: Decimal
    call_in_vain: Decimal
    work_item: Decimal


class Prices(Strict):
    """One table of prices, all in one currency."""

    as_of: date
    source: str
    currency: str
    messages: Mapping[str, Mapping[str, Decimal]]
    """By country and channel, what one contact costs."""
    person_minute: Mapping[str, Decimal]
    minutes: Minutes

    def of_contact(self, country: str, channel: str) -> Decimal:
        """What one contact costs; nothing where no price is known of its channel."""
        prices = self.messages.get(country) or self.messages[_OTHER]
        return prices.get(channel, Decimal(0))

    def of_minute(self, country: str) -> Decimal:
        """What a minute of somebody at work costs."""
        return self.person_minute.get(country, self.person_minute[_OTHER])


@cache
def load_prices(file: Path = FILE) -> Prices:
    """Read a table of prices. Raises Misconfigured, which names what is wrong."""
    return read_checked(file, Prices.model_validate)
