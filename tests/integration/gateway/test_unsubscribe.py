"""The unsubscribe address in e-mails, and settings that the gateway cannot start with."""

import pytest

from activities.channels.unsubscribe import token, unsubscribe_url
from config.keywords import load_keywords
from domain.failures import Misconfigured
from lab.builders.parts import wording
from tests.integration.gateway.conftest import PUBLIC, Edge, settings
from workers.clock import SystemClock
from workers.gateway.app import build

ADDRESS = "ana@example.test"


@pytest.fixture
async def link(edge: Edge) -> str:
    await edge.customer("c-1", email=ADDRESS)
    await edge.account("c-1")
    attempt = await edge.attempt("c-1", "dispatching", "accepted", channel="email", address=ADDRESS)
    url = unsubscribe_url(settings(), attempt)
    assert url is not None
    return url.removeprefix(PUBLIC)


async def test_one_click_withdraws_consent_at_once(edge: Edge, link: str) -> None:
    for _ in range(2):
        answer = await edge.client.post(link, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
    events = await edge.rows("SELECT kind, channel, customer_id FROM law_events")
    assert events == [{"kind": "opt_out", "channel": "email", "customer_id": "c-1"}]
    assert [signal[:2] for signal in edge.workflows.signals] == [
        ("account/acme/A-1", "message_received")
    ]


async def test_following_the_link_only_asks(edge: Edge, link: str) -> None:
    answer = await edge.client.get(link)
    assert answer.status_code == 200
    assert link.removeprefix("/u/") in answer.text
    assert await edge.rows("SELECT FROM law_events") == []


async def test_the_button_of_the_page_unsubscribes(edge: Edge, link: str) -> None:
    answer = await edge.client.post("/unsubscribe", data={"token": link.removeprefix("/u/")})
    assert answer.status_code == 200
    assert len(await edge.rows("SELECT FROM law_events")) == 1


@pytest.mark.parametrize("forged", ["", "x", "é", "a" * 24 + "." + "b" * 22, "<script>"])
async def test_nobody_unsubscribes_somebody_else(edge: Edge, link: str, forged: str) -> None:
    assert (await edge.client.post("/unsubscribe", data={"token": forged})).status_code == 404
    own = link.removeprefix("/u/").partition(".")[0]
    stolen = token("another key", own)
    assert (await edge.client.post(f"/u/{stolen}")).status_code == 404
    assert await edge.rows("SELECT FROM law_events") == []


async def test_without_a_key_there_is_no_address() -> None:
    assert unsubscribe_url(settings(unsubscribe_key=None), "a" * 24) is None


@pytest.mark.parametrize(
    ("wrong", "variable"),
    [
        ({"public_url": "hooks.example.test"}, "CONTRAPUNTO_PUBLIC_URL"),
        ({"sendgrid_public_key": "AAAA"}, "SENDGRID_PUBLIC_KEY"),
        ({"sendgrid_public_key": "no base64!"}, "SENDGRID_PUBLIC_KEY"),
    ],
)
async def test_wrong_settings_name_their_variable(
    edge: Edge, wrong: dict[str, str], variable: str
) -> None:
    with pytest.raises(Misconfigured, match=variable):
        build(
            settings(**wrong),
            edge.pool,
            edge.workflows,
            SystemClock(),
            load_keywords(),
            wording(),
        )
