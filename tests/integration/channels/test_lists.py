"""What each provider lists of a stretch of time, by its own client, at the sandbox."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from activities.channels.base import Accepted, NotAskedError, Outbound, Provider
from activities.channels.lists.base import Lists, NotListedError
from activities.channels.registry import providers
from domain.channels import Channel
from domain.ledger.attempt import AttemptState
from domain.message_content import ApprovedTemplate
from lab.builders.parts import second_providers, settings_for
from lab.sandbox.app import create_app
from lab.sandbox.clock import WallClock
from lab.sandbox.persons.bank import PiggyBank
from lab.sandbox.server import in_thread
from lab.sandbox.settings import Settings as SandboxSettings

TO = {Channel.EMAIL: "ana@example.com"}
NUMBER = "+573001234567"
ATTEMPT = "5d0c6f5d0c6f5d0c6f5d0c6f"
KINDS = [
    ("twilio", Channel.SMS, False),
    ("twilio", Channel.WHATSAPP, False),
    ("twilio", Channel.VOICE, False),
    ("infobip", Channel.SMS, True),
    ("sendgrid", Channel.EMAIL, True),
    ("resend", Channel.EMAIL, False),
]
"""Provider, channel, and whether its list shows the attempt's own id."""


@pytest.fixture
def sandbox() -> Iterator[str]:
    """Everybody ignores what comes."""
    ignoring = dict.fromkeys(("payer", "promiser", "answerer", "opt_outer", "unreachable"), 0)
    settings = SandboxSettings.model_validate(
        {
            "personas": {**ignoring, "ignorer": 1},
            "callback_retries": 0,
            "content": {"HX" + "0" * 32: "Hola"},
        }
    )
    with in_thread(create_app(settings, clock=WallClock(), bank=PiggyBank())) as url:
        yield url


def made(sandbox: str, name: str, channel: Channel, **overrides: Any) -> Provider:
    voices = {
        "twilio_whatsapp_from": "+15005550006",
        "twilio_voice_from": "+15005550006",
        "voice_name": "Contrapunto",
        "voice_person": "Laura Gil",
        "phone": "+15005550006",
    }
    settings = settings_for(sandbox, **second_providers(sandbox), **voices, **overrides)
    return next(one for one in providers(settings)[channel] if one.name == name)


def message(channel: Channel) -> Outbound:
    template = ApprovedTemplate(content_sid="HX" + "0" * 32, variables={})
    return Outbound(
        attempt_id=ATTEMPT,
        account="bank/A1",
        channel=channel,
        to=TO.get(channel, NUMBER),
        subject="Hola",
        text="Hola",
        callback_url=f"http://127.0.0.1:9/?attempt={ATTEMPT}&account=bank/A1",
        validity_seconds=60,
        template=template if channel is Channel.WHATSAPP else None,
        answer_url="http://127.0.0.1:9/call",
    )


@pytest.mark.parametrize(("name", "channel", "tells"), KINDS)
def test_what_was_taken_is_listed_by_the_name_it_was_given(
    sandbox: str, name: str, channel: Channel, tells: bool
) -> None:
    provider = made(sandbox, name, channel)
    sent = provider.send(message(channel))
    assert isinstance(sent, Accepted), sent
    now = datetime.now(UTC)
    assert isinstance(provider, Lists)
    [one] = provider.listed(now - timedelta(hours=1), now)
    assert (one.provider, one.channel, one.name) == (name, channel, sent.provider_message_id)
    assert (one.address, one.inbound) == (TO.get(channel, NUMBER), False)
    assert one.attempt_id == (ATTEMPT if tells else None)
    assert one.state in (AttemptState.ACCEPTED, AttemptState.DELIVERED, AttemptState.UNDELIVERED)
    assert abs(one.at - now) < timedelta(minutes=5)
    assert list(provider.listed(now - timedelta(days=3), now - timedelta(days=2))) == []
    assert "+57" not in repr(one), "what is personal is in no log"


def test_what_a_customer_wrote_is_listed_with_its_words(sandbox: str) -> None:
    provider = made(sandbox, "twilio", Channel.SMS)
    sent = provider.send(message(Channel.SMS))
    assert isinstance(sent, Accepted)
    said = {"message": sent.provider_message_id, "text": "STOP"}
    httpx.post(f"{sandbox}/_sandbox/say", json=said).raise_for_status()
    assert isinstance(provider, Lists)
    now = datetime.now(UTC)
    inbound = [one for one in provider.listed(now - timedelta(hours=1), now) if one.inbound]
    assert [(one.address, one.text) for one in inbound] == [(NUMBER, "STOP")]


@pytest.mark.parametrize(("name", "channel", "_tells"), KINDS)
def test_a_list_that_may_not_be_read_and_a_silent_one_are_told_apart(
    sandbox: str, name: str, channel: Channel, _tells: bool
) -> None:
    now = datetime.now(UTC)
    wrong = {
        "twilio": {"twilio_auth_token": SecretStr("wrong")},
        "sendgrid": {"sendgrid_api_key": SecretStr("SG.wrong")},
    }.get(name)
    if wrong is None:  # Infobip's and Resend's settings are those of the second providers
        refused = made(sandbox, name, channel)
        refused._http._session.headers["Authorization"] = "App wrong"  # type: ignore[attr-defined]
    else:
        refused = made(sandbox, name, channel, **wrong)
    assert isinstance(refused, Lists)
    with pytest.raises(NotListedError):
        list(refused.listed(now - timedelta(hours=1), now))
    silent = made("http://127.0.0.1:9", name, channel)
    assert isinstance(silent, Lists)
    with pytest.raises(NotAskedError):
        list(silent.listed(now - timedelta(hours=1), now))
