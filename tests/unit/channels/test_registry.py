"""Which providers there are, and what a wrong variable is told."""

from typing import Any

import pytest
from pydantic import SecretStr

from activities.channels.registry import in_use, providers
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
INFOBIP: dict[str, Any] = {
    "infobip_api_key": SecretStr("k"),
    "infobip_base_url": "https://x.api.infobip.example.test",
    "infobip_from": "Acme",
    "infobip_webhook_secret": SecretStr("a-long-random-text"),
}
RESEND: dict[str, Any] = {
    "resend_api_key": SecretStr("re_k"),
    "resend_from": "Acme <pay@acme.example.test>",
}
ALL = TWILIO | SENDGRID | INFOBIP | RESEND


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*ALL, "sms_providers", "email_providers"):
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


def names(**settings: Any) -> dict[str, list[str]]:
    told = Settings(**ALL | settings)
    found = in_use(told, providers(told))
    return {channel.value: list(some) for channel, some in found.items()}


def test_several_of_a_channel_stand_in_the_order_that_is_stated() -> None:
    assert names() == {"sms": ["twilio", "infobip"], "email": ["sendgrid", "resend"]}


def test_an_operator_may_choose_another_order_and_leave_some_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CONTRAPUNTO_SMS_PROVIDERS", "infobip, twilio")
    monkeypatch.setenv("CONTRAPUNTO_EMAIL_PROVIDERS", "resend")
    assert names() == {"sms": ["infobip", "twilio"], "email": ["resend"]}
    kept = providers(Settings(**ALL))[Channel.EMAIL]
    assert [one.name for one in kept] == ["sendgrid", "resend"], "to be asked about what it took"


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"sms_providers": ("twilio", "vonage")}, "vonage .* ready are: twilio, infobip"),
        ({"sms_providers": ("resend",)}, "CONTRAPUNTO_SMS_PROVIDERS: resend"),
        ({"email_providers": ("resend", "resend")}, "CONTRAPUNTO_EMAIL_PROVIDERS: .* twice"),
    ],
)
def test_an_order_that_cannot_be_is_refused(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(Misconfigured, match=told):
        names(**settings)


@pytest.mark.parametrize("missing", [*ALL])
@pytest.mark.parametrize("blank", [None, ""])
def test_a_provider_set_in_part_names_what_is_missing(missing: str, blank: str | None) -> None:
    with pytest.raises(Misconfigured, match=missing.upper()):
        providers(Settings(**ALL | {missing: blank}))


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
        ({"infobip_api_key": SecretStr("a b")}, "CONTRAPUNTO_INFOBIP_API_KEY"),
        ({"infobip_base_url": "x.api.infobip.com"}, "CONTRAPUNTO_INFOBIP_BASE_URL"),
        ({"infobip_from": "+1 (500)"}, "CONTRAPUNTO_INFOBIP_FROM"),
        ({"infobip_webhook_secret": SecretStr("short")}, "CONTRAPUNTO_INFOBIP_WEBHOOK_SECRET"),
        ({"resend_api_key": SecretStr("a b")}, "RESEND_API_KEY"),
        ({"resend_from": "nobody"}, "RESEND_FROM"),
        ({"resend_base_url": "h"}, "RESEND_BASE_URL"),
    ],
)
def test_a_wrong_value_names_its_variable(wrong: dict[str, Any], variable: str) -> None:
    with pytest.raises(Misconfigured, match=variable):
        providers(Settings(**ALL | wrong))
