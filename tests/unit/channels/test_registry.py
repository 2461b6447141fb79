"""Which providers there are, and what a wrong variable is told."""

from typing import Any

import pytest
from pydantic import SecretStr

from activities.channels.registry import providers
from config.settings import Settings
from domain.channels import Channel
from domain.failures import Misconfigured

TWILIO: dict[str, Any] = {
    "twilio_account_sid": "AC" + "0" * 32,
    "twilio_auth_token": SecretStr("t"),
    "twilio_from": "+15005550006",
}
SENDGRID: dict[str, Any] = {
    "sendgrid_api_key": SecretStr("SG.k"),
    "sendgrid_from": "pay@acme.example.test",
}


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*TWILIO, *SENDGRID):
        monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.delenv(f"CONTRAPUNTO_{name.upper()}", raising=False)


def test_without_variables_there_is_nobody() -> None:
    assert providers(Settings()) == {}


def test_a_provider_is_there_when_all_its_variables_are() -> None:
    found = providers(Settings(**TWILIO, **SENDGRID))
    assert {channel: [one.name for one in some] for channel, some in found.items()} == {
        Channel.SMS: ["twilio"],
        Channel.EMAIL: ["sendgrid"],
    }


def test_a_messaging_service_stands_for_a_sender() -> None:
    service = {"twilio_from": None, "twilio_messaging_service_sid": "MG" + "0" * 32}
    assert set(providers(Settings(**TWILIO | service))) == {Channel.SMS}


@pytest.mark.parametrize("missing", [*TWILIO, *SENDGRID])
@pytest.mark.parametrize("blank", [None, ""])
def test_a_provider_set_in_part_names_what_is_missing(missing: str, blank: str | None) -> None:
    with pytest.raises(Misconfigured, match=missing.upper()):
        providers(Settings(**TWILIO | SENDGRID | {missing: blank}))


@pytest.mark.parametrize(
    ("wrong", "variable"),
    [
        ({"twilio_account_sid": "SK123"}, "TWILIO_ACCOUNT_SID"),
        ({"twilio_auth_token": SecretStr(" t")}, "TWILIO_AUTH_TOKEN"),
        ({"twilio_from": "+1 (500) 555"}, "TWILIO_FROM"),
        ({"twilio_messaging_service_sid": "XX"}, "MESSAGING_SERVICE_SID"),
        ({"twilio_base_url": "localhost:8081"}, "TWILIO_BASE_URL"),
        ({"sendgrid_api_key": SecretStr("a b")}, "SENDGRID_API_KEY"),
        ({"sendgrid_from": "nobody"}, "SENDGRID_FROM"),
        ({"sendgrid_base_url": "http://h/v3"}, "SENDGRID_BASE_URL"),
        ({"sendgrid_base_url": "h"}, "SENDGRID_BASE_URL"),
    ],
)
def test_a_wrong_value_names_its_variable(wrong: dict[str, Any], variable: str) -> None:
    with pytest.raises(Misconfigured, match=variable):
        providers(Settings(**TWILIO | SENDGRID | wrong))
