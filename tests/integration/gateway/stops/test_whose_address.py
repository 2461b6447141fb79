"""A stop that is tied to an attempt is heard by whoever has its address."""

from typing import Any

import pytest

from domain.ledger.attempt import AttemptState
from store import law_events
from tests.integration.gateway.calls.held import NUMBER, a_call
from tests.integration.gateway.conftest import Edge
from tests.integration.gateway.test_sendgrid_events import ADDRESS, event

MOBILE, SPELT = "+5215512345678", "+525512345678"
OURS, BESIDE, THEIRS = "account/acme/A-1", "account/acme/A-2", "account/acme/B-1"


async def neighbours(edge: Edge, **points: str) -> None:
    """Another account of the customer, another customer, one whose account is closed, and one of
    another address."""
    await edge.account("c-1", "A-2")
    for customer, account, status in (("c-2", "B-1", "open"), ("c-3", "C-1", "closed")):
        await edge.customer(customer, **points)
        await edge.account(customer, account, status)
    await edge.customer("c-4", sms="+525599999999", email="eva@example.test")
    await edge.account("c-4", "D-1")


async def sent_sms(edge: Edge) -> str:
    await edge.customer("c-1", sms=MOBILE)
    await edge.account("c-1")
    await neighbours(edge, sms=SPELT)
    return await edge.attempt("c-1", "dispatching", "accepted", address=MOBILE)


async def sent_mail(edge: Edge) -> str:
    await edge.customer("c-1", email=ADDRESS)
    await edge.account("c-1")
    await neighbours(edge, email=ADDRESS.capitalize())
    return await edge.attempt("c-1", "dispatching", "accepted", channel="email", address=ADDRESS)


def told(edge: Edge) -> list[tuple[str, str]]:
    """Who was signalled what, each once."""
    found = [signal[:2] for signal in edge.workflows.signals]
    assert len(found) == len(set(found))
    return sorted(found)


STOPPED = [
    (OURS, "message_received"),
    (BESIDE, "message_received"),
    (THEIRS, "account_updated"),
]
UNUSABLE = [
    (OURS, "delivery_failed"),
    (BESIDE, "account_updated"),
    (THEIRS, "account_updated"),
]


@pytest.mark.parametrize(("code", "signals"), [("21610", STOPPED), ("30005", UNUSABLE)])
async def test_a_refused_text(edge: Edge, code: str, signals: list[tuple[str, str]]) -> None:
    attempt = await sent_sms(edge)
    for _ in range(2):
        assert (await edge.status(attempt, "undelivered", code=code)).status_code == 200
    assert told(edge) == signals
    [anew] = [one[2] for one in edge.workflows.signals if one[0] == THEIRS]
    assert list(anew) == ["id"]


@pytest.mark.parametrize(("code", "signals"), [("21610", STOPPED), ("30005", UNUSABLE)])
async def test_who_has_it_hears_when_temporal_is_back(
    edge: Edge, code: str, signals: list[tuple[str, str]]
) -> None:
    attempt = await sent_sms(edge)
    edge.workflows.down = True
    assert (await edge.status(attempt, "undelivered", code=code)).status_code == 503
    edge.workflows.down = False
    assert await edge.flow.notify_pending() == 1
    assert await edge.flow.notify_pending() == 0
    assert told(edge) == signals


async def test_a_refusal_that_came_too_late_to_settle_the_attempt_is_heard(edge: Edge) -> None:
    attempt = await sent_sms(edge)
    await edge.pool.execute("UPDATE attempts SET provider_message_id = 'SM9'")
    assert (await edge.status(attempt, "undelivered", code="30005")).status_code == 200
    assert (await edge.row(attempt))["state"] == "accepted"
    everybody = [(one, "account_updated") for one in (OURS, BESIDE, THEIRS)]
    assert told(edge) == everybody


async def test_an_address_that_was_used_no_more_before_wakes_nobody_anew(edge: Edge) -> None:
    attempt = await sent_sms(edge)
    await edge.status(attempt, "undelivered", code="30005")
    second = await edge.attempt("c-1", "dispatching", "accepted", address=MOBILE)
    edge.workflows.signals.clear()
    await edge.status(second, "undelivered", code="30005", sid="SM2")
    assert told(edge) == [(OURS, "delivery_failed")]


@pytest.mark.parametrize("name", ["spamreport", "unsubscribe", "bounce", "link"])
async def test_by_a_mail(edge: Edge, name: str) -> None:
    attempt = await sent_mail(edge)
    more: dict[str, Any] = {"type": "bounce", "status": "5.1.1"} if name == "bounce" else {}
    for _ in range(2):
        if name == "link":
            answer = await edge.unsubscribes(attempt)
        else:
            answer = await edge.events([event(attempt, name, **more)])
        assert answer.status_code == 200
    assert told(edge) == (UNUSABLE if name == "bounce" else STOPPED)


async def test_who_has_it_on_another_channel_plans_anew_only_where_it_holds_there(
    edge: Edge,
) -> None:
    attempt = await sent_sms(edge)
    await edge.customer("c-5", voice=MOBILE)
    await edge.account("c-5", "E-1")
    await edge.status(attempt, "undelivered", code="21610")  # an opt-out of texts alone
    assert told(edge) == STOPPED


async def test_whoever_says_in_a_call_that_they_are_somebody_else(edge: Edge) -> None:
    call = await a_call(edge)
    await edge.customer("c-2", whatsapp=NUMBER)
    await edge.account("c-2", "B-1")
    await call.answered()
    await call.press("2")
    assert told(edge) == [(OURS, "message_received"), (THEIRS, "account_updated")]


async def test_what_is_no_stop_asks_nothing_more(
    edge: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def asked(*_: Any) -> list[str]:
        raise AssertionError("who else has the address does not matter")

    first = await sent_sms(edge)
    second = await edge.attempt("c-1", "dispatching", "accepted", address=MOBILE)
    monkeypatch.setattr(law_events, "concerned", asked)
    assert (await edge.status(first, "delivered")).status_code == 200
    assert (await edge.status(second, "undelivered", code="30003", sid="SM2")).status_code == 200
    assert told(edge) == [(OURS, "delivery_failed")]
    assert (await edge.row(second))["state"] == AttemptState.UNDELIVERED
