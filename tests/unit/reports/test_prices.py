"""Prices are data: what is wrong with a file is told, and what is not there is not guessed."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from config.prices.catalogue import load_prices
from config.settings import ROOT
from domain.failures import Misconfigured
from tests.integration.store.reports.ledger import PRICES

SHIPPED = load_prices(ROOT / "config" / "prices" / "prices.yaml")


@pytest.mark.parametrize(
    ("channel", "country", "outcome", "price"),
    [
        ("sms", "CO", None, "0.05"),
        ("sms", "PE", None, None),  # nobody has said
        ("whatsapp", "PE", None, "0.01"),
        ("whatsapp", None, None, "0.01"),
        ("voice", "CO", "conversation", "0.12"),
        ("voice", "CO", "no_answer", "0"),
        ("voice", "CO", None, "0"),
        ("letter", "CO", None, None),
    ],
)
def test_a_contact_costs_what_its_country_channel_and_outcome_say(
    channel: str, country: str | None, outcome: str | None, price: str | None
) -> None:
    found = PRICES.of(channel, country, outcome)
    assert found == (None if price is None else Decimal(price))


@pytest.mark.parametrize(
    ("outcome", "price"),
    [
        ("no_answer", "0"),
        ("busy", "0"),
        ("not_in_service", "0"),
        ("voicemail", "0.0452"),
        ("dropped", "0.0452"),
        ("conversation", "0.0829"),
    ],
)
def test_a_call_that_anything_takes_costs_its_minutes_and_telling_a_machine(
    outcome: str, price: str
) -> None:
    assert SHIPPED.of("voice", "CO", outcome) == Decimal(price)


def test_cost_to_collect_is_told_only_where_a_rate_is() -> None:
    assert PRICES.to_collect(Decimal(5), Decimal(50), "USD") == pytest.approx(0.1)
    assert PRICES.to_collect(Decimal(5), Decimal(200_000), "COP") == pytest.approx(0.1)
    assert PRICES.to_collect(Decimal(5), Decimal(50), "MXN") is None
    assert PRICES.to_collect(Decimal(5), Decimal(0), "USD") is None


def test_the_shipped_prices_name_where_and_when_each_was_read() -> None:
    for prices in SHIPPED.channels.values():
        assert "*" in prices.countries
        for price in prices.countries.values():
            assert price.source
            assert price.assumed is price.source.startswith("not read anywhere")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"currency": "dollars"}, "currency"),
        ({"channels": {"pigeon": {}}}, "channels"),
        ({"channels": {"sms": {"unit": "segment", "countries": {}}}}, "countries"),
        ({"rates": {"COP": {"worth": "0", "source": "here", "read": "2026-11-01"}}}, "worth"),
        ({"work_minutes": -1}, "work_minutes"),
    ],
)
def test_a_price_file_that_is_wrong_says_where(
    tmp_path: Path, change: dict[str, object], field: str
) -> None:
    file = tmp_path / "prices.yaml"
    text = PRICES.model_dump(mode="json")
    file.write_text(json.dumps({**text, **change}), encoding="utf-8")
    with pytest.raises(Misconfigured, match=field):
        load_prices(file)
