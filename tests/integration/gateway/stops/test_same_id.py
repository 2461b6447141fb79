"""An id that comes twice is one event, unless it is a stop the second time: that is never lost."""

import pytest

from tests.integration.gateway.conftest import Edge
from tests.integration.gateway.test_infobip import LOST, report
from tests.integration.gateway.test_resend_events import event as resend_event
from tests.integration.gateway.test_resend_events import post as post_resend
from tests.integration.gateway.test_sendgrid_events import ADDRESS, event

NUMBER = "+573000000001"
STOPS = "SELECT channel FROM law_events WHERE kind = 'opt_out'"


@pytest.fixture
async def known(edge: Edge) -> None:
    await edge.customer("c-1", sms=NUMBER, email=ADDRESS)
    await edge.account("c-1")


@pytest.mark.usefixtures("known")
async def test_a_stop_under_the_id_of_another_message_holds(edge: Edge) -> None:
    for text in ("¿Quién es?", "STOP", "STOP", "¿Quién es?"):
        assert (await edge.says(text, sid="SM1")).status_code == 200
    assert await edge.rows(STOPS) == [{"channel": "sms"}]
    kept = await edge.rows("SELECT text FROM inbound ORDER BY text")
    assert [row["text"] for row in kept] == ["STOP", "¿Quién es?"]
    told = [(payload["id"], payload["intent"]) for _, _, payload in edge.workflows.signals]
    assert told == [("twilio:SM1", "other"), ("twilio:SM1:stop", "opt_out")]


async def test_so_does_one_from_an_address_that_nobody_has_yet(edge: Edge) -> None:
    for text in ("hola", "STOP", "STOP"):
        assert (await edge.says(text, sid="SM1")).status_code == 200
    assert await edge.rows("SELECT kind, address_key FROM law_events") == [
        {"kind": "opt_out", "address_key": NUMBER}
    ]


@pytest.mark.usefixtures("known")
async def test_what_else_comes_under_the_id_of_a_stop_says_nothing(edge: Edge) -> None:
    for text in ("STOP", "START", "hola"):
        await edge.says(text, sid="SM1")
    assert await edge.rows("SELECT kind FROM law_events") == [{"kind": "opt_out"}]
    assert len(edge.workflows.signals) == 1


@pytest.mark.usefixtures("known")
async def test_a_status_may_say_only_the_second_time_that_it_was_a_stop(edge: Edge) -> None:
    sent = await edge.attempt("c-1", "dispatching", "accepted")
    for code in ("", "21610", "21610"):
        assert (await edge.status(sent, "undelivered", code=code)).status_code == 200
    assert await edge.rows(STOPS) == [{"channel": "sms"}]
    assert (await edge.row(sent))["state"] == "undelivered"
    assert [name for _, name, _ in edge.workflows.signals] == [
        "delivery_failed",
        "message_received",
    ]


@pytest.mark.usefixtures("known")
async def test_a_report_may_say_only_the_second_time_that_it_was_a_stop(edge: Edge) -> None:
    sent = await edge.attempt("c-1", "dispatching", "accepted")
    for error in (0, 573, 573):
        await report(edge, sent, {"status": LOST, "error": {"id": error}})
    assert await edge.rows(STOPS) == [{"channel": "sms"}]


@pytest.mark.usefixtures("known")
async def test_a_complaint_under_the_id_of_another_event_holds(edge: Edge) -> None:
    mail = {"channel": "email", "address": ADDRESS}
    sent = await edge.attempt("c-1", "dispatching", "accepted", **mail)
    for name in ("delivered", "spamreport", "spamreport"):
        assert (await edge.events([event(sent, name)])).status_code == 200
    assert await edge.rows(STOPS) == [{"channel": "email"}]
    other = await edge.attempt("c-1", "dispatching", "accepted", **mail)
    for kind in ("email.delivered", "email.complained"):
        await post_resend(edge, resend_event(kind, other))
    assert await edge.rows(STOPS) == [{"channel": "email"}] * 2
