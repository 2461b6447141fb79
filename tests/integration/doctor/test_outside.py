"""What the doctor sees of providers and of the gateway's public address."""

import asyncio

import pytest
from temporalio.client import Client

from config.settings import Settings
from lab.local.postgres import free_port
from lab.sandbox.app import create_app
from lab.sandbox.server import in_thread
from store.database import Pool
from tests.integration.doctor.conftest import faults, found, gateway, said
from tests.support.sandbox import ignoring


async def test_providers_that_take_our_credentials_are_sent_nothing(settings: Settings) -> None:
    app = create_app(ignoring())
    with in_thread(app) as url:
        bases = {f"{name}_base_url": url for name in ("twilio", "sendgrid", "infobip", "resend")}
        findings = await found(settings.model_copy(update=bases), "providers")
        assert [one.what.split(":")[0] for one in findings if one.verdict == "ok"] == [
            *("Infobip", "Resend", "Sendgrid", "Twilio")
        ]
        assert app.state.world.record.messages == {}


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("twilio_auth_token", "Twilio"),
        ("sendgrid_api_key", "Sendgrid"),
        ("infobip_api_key", "Infobip"),
        ("resend_api_key", "Resend"),
    ],
)
async def test_a_wrong_credential_is_a_fault_of_its_provider_alone(
    settings: Settings, field: str, name: str
) -> None:
    wrong = Settings(**{**settings.model_dump(), field: "not-the-one"})
    findings = await found(wrong, "providers")
    (only,) = faults(findings)
    assert only.startswith(f"{name}: refuses our")
    assert "not-the-one" not in str(findings)
    assert len([one for one in findings if one.verdict == "ok"]) == 3


async def test_a_provider_that_is_silent_is_no_fault_and_holds_up_nobody(
    settings: Settings,
) -> None:
    silent = settings.model_copy(update={"twilio_base_url": f"http://127.0.0.1:{free_port()}"})
    findings = await found(silent, "providers")
    assert faults(findings) == []
    assert said(findings, "cannot tell") == "Twilio does not answer"


async def test_no_provider_at_all_is_a_fault() -> None:
    (only,) = faults(await found(Settings(), "providers"))
    assert "nobody can be contacted" in only


async def test_the_gateway_knows_the_signatures_and_keeps_nothing_of_them(
    settings: Settings, pool: Pool, client: Client
) -> None:
    async with gateway(settings, pool, client) as served:
        findings = await found(served, "webhooks")
    assert faults(findings) == []
    told = said(findings, "ok")
    for name in ("Twilio's signature", "Resend's signature", "Infobip's secret"):
        assert f"the gateway knows {name}" in told
    assert "is this machine: no provider reaches it" in said(findings, "warning")
    assert await pool.fetchval("SELECT count(*) FROM provider_events") == 0
    assert await pool.fetchval("SELECT count(*) FROM webhook_backlog") == 0


@pytest.mark.parametrize(
    ("field", "value", "name"),
    [
        ("twilio_auth_token", "another-token", "Twilio"),
        ("resend_webhook_secret", "whsec_YW5vdGhlcg==", "Resend"),
        ("infobip_webhook_secret", "another-long-secret", "Infobip"),
    ],
)
async def test_a_secret_that_the_gateway_does_not_have_is_a_fault(
    settings: Settings, pool: Pool, client: Client, field: str, value: str, name: str
) -> None:
    async with gateway(settings, pool, client) as served:
        other = Settings(**{**served.model_dump(), field: value})
        assert faults(await found(other, "webhooks")) == [
            f"the gateway refuses what {name} would sign (HTTP 403)"
        ]


async def test_an_address_that_differs_from_the_gateways_own_is_a_fault(
    settings: Settings, pool: Pool, client: Client
) -> None:
    """The commonest mistake: signatures are made over the address that is called."""
    async with gateway(settings, pool, client) as served:
        near = served.public_url.replace("127.0.0.1", "localhost")
        (only,) = faults(await found(served.model_copy(update={"public_url": near}), "webhooks"))
    assert only == "the gateway refuses what Twilio would sign (HTTP 403)"


async def test_nobody_or_somebody_else_at_the_public_address_is_a_fault(
    settings: Settings, sandbox_url: str
) -> None:
    nobody = settings.model_copy(update={"public_url": f"http://127.0.0.1:{free_port()}"})
    (only,) = faults(await found(nobody, "webhooks"))
    assert "the gateway is not reached" in only
    other = settings.model_copy(update={"public_url": sandbox_url})
    (only,) = faults(await found(other, "webhooks"))
    assert "something else answers" in only


async def test_a_server_that_never_answers_is_given_up(settings: Settings) -> None:
    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    hanging = settings.model_copy(update={"public_url": f"http://127.0.0.1:{port}"})
    findings = await found(hanging, "webhooks", "data", patience=0.5)
    server.close()
    assert "no answer within 0.5 seconds" in said(findings, "cannot tell")
    assert "law as read on" in said(findings, "ok")
