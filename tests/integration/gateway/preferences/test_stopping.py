"""A customer stops messages on the page, or says that it is not for them."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.planning.reasons.consent import stopped_at_address, withdrawn
from store.situations import read_situation
from tests.integration.gateway.preferences.conftest import (
    MAILBOX,
    MOBILE,
    SAVED,
    Page,
    path_of,
    said_on,
)
from tests.integration.gateway.test_locks import held

STOPS = "SELECT kind, channel, customer_id, recorded_by FROM law_events ORDER BY channel"


async def closed(page: Page, account: str = "A-1") -> set[str]:
    """The channels on which planning reaches the customer no more."""
    now = datetime.now(UTC)
    async with page.edge.pool.acquire() as connection:
        found = await read_situation(connection, "acme", account, now, {})
    assert found is not None
    situation = found[0]
    return {
        point.channel.value
        for point in situation.customer.points
        if withdrawn(situation, point, now)
        or stopped_at_address(situation.address_facts, point, now)
        or point.suppressed
    }


def stop(channel: str) -> dict[str, Any]:
    return {"kind": "opt_out", "channel": channel, "customer_id": "c-1", "recorded_by": "page"}


@pytest.mark.parametrize("medium", ["sms", "whatsapp", "email", "voice"])
async def test_one_medium_is_stopped_at_once(page: Page, medium: str) -> None:
    answer = await page.press("stop", medium=medium)
    assert answer.status_code == 200
    assert said_on(answer.text)[0].startswith("Anotado. No le contactaremos más por:")
    assert await page.edge.rows(STOPS) == [stop(medium)]
    assert await closed(page) == {medium}
    assert page.told() == [("account/acme/A-1", "account_updated")]
    assert "Ya no le contactamos por:" in await page.look()


async def test_all_are_stopped_also_those_that_a_later_file_brings(page: Page) -> None:
    await page.edge.pool.execute("UPDATE contact_points SET current = channel <> 'whatsapp'")
    await page.press("stop", medium="all")
    assert await page.edge.rows(STOPS) == [
        stop(one) for one in ("email", "sms", "voice", "whatsapp")
    ]
    await page.edge.pool.execute("UPDATE contact_points SET current = true")
    assert await closed(page) == {"sms", "whatsapp", "email", "voice"}


async def test_a_second_press_says_nothing_new_unless_the_person_has_consented_since(
    page: Page,
) -> None:
    fields = {"action": "stop", "medium": "sms", "confirm": "yes"}
    answers = await asyncio.gather(*(page.post(**fields) for _ in range(4)))
    assert {one.status_code for one in answers} == {200}
    assert await page.edge.rows(STOPS) == [stop("sms")]
    assert (await page.edge.says("START", address=MOBILE)).status_code == 200
    assert await closed(page) == set()
    assert (await page.post(**fields)).status_code == 200
    assert await closed(page) == {"sms"}


async def test_whoever_shares_the_number_hears_of_the_stop(page: Page) -> None:
    await page.edge.customer("c-2", sms=MOBILE)
    await page.edge.account("c-2", "B-1")
    await page.press("stop", medium="sms")
    assert sorted(page.told()) == [
        ("account/acme/A-1", "account_updated"),
        ("account/acme/B-1", "account_updated"),
    ]
    assert await closed(page, "B-1") == {"sms"}


async def test_a_medium_without_an_address_is_stopped_all_the_same(page: Page) -> None:
    """It may have had one when the page was opened."""
    await page.edge.pool.execute("UPDATE contact_points SET current = false WHERE channel = 'sms'")
    answer = await page.post(action="stop", medium="sms", confirm="yes")
    assert answer.status_code == 200
    assert await page.edge.rows(STOPS) == [stop("sms")]


async def test_a_stop_of_a_customer_who_is_locked_is_kept_and_then_holds(
    page: Page, database_url: str
) -> None:
    lock = "SELECT FROM customers WHERE customer_id = 'c-1' FOR UPDATE"
    async with held(database_url, lock):
        stopped = await page.press("stop", medium="sms")
        saved = await page.post(**SAVED, action="save", confirm="yes")
        assert (stopped.status_code, saved.status_code) == (503, 503)
        assert "Inténtelo de nuevo" in stopped.text
        assert await page.edge.rows(STOPS) == []
    await page.edge.flow.notify_pending()
    assert await page.edge.rows(STOPS) == [stop("sms")]
    assert (await page.in_force()).model_fields_set == {"channel", "windows", "locale"}
    assert set(page.told()) == {("account/acme/A-1", "account_updated")}
    # As the person tries again, too.
    assert (await page.press("stop", medium="sms")).status_code == 200
    assert await page.edge.rows(STOPS) == [stop("sms")]


async def test_a_stop_while_temporal_is_away_is_told_later(page: Page) -> None:
    page.edge.workflows.down = True
    assert (await page.press("stop", medium="all")).status_code == 200
    assert await closed(page) == {"sms", "whatsapp", "email", "voice"}
    page.edge.workflows.down = False
    await page.edge.flow.notify_pending()
    assert page.told() == [("account/acme/A-1", "account_updated")]


async def test_who_is_somebody_else_is_written_to_no_more_there(page: Page) -> None:
    for _ in range(2):
        answer = await page.post(action="not_me", confirm="yes")
        assert answer.status_code == 200
        assert said_on(answer.text) == [
            "Anotado. No usaremos más este contacto. Disculpe la molestia."
        ]
    events = await page.edge.rows("SELECT kind, customer_id, recorded_by FROM law_events")
    assert events == [{"kind": "wrong_number", "customer_id": "c-1", "recorded_by": "page"}]
    assert await closed(page) == {"email"}
    assert {workflow for workflow, _ in page.told()} == {"account/acme/A-1"}


async def test_the_button_of_the_page_says_so_and_masks_the_address(page: Page) -> None:
    html = await page.look()
    assert "a…@…" in html
    assert MAILBOX not in html
    assert (await page.press("not_me")).status_code == 200


async def test_who_is_somebody_else_chooses_nothing_for_the_customer(page: Page) -> None:
    await page.press("not_me")
    html = await page.look()
    assert "<form" not in html
    answer = await page.post(**SAVED, action="save", confirm="yes")
    assert answer.status_code == 400
    assert await page.edge.rows("SELECT FROM preferences") == []
    # Of the same person another link, to another address, still opens.
    other = await page.edge.attempt("c-1", "dispatching", "accepted", address=MOBILE)
    assert "<form" in (await page.edge.client.get(path_of(other))).text


async def test_a_link_that_the_database_has_forgotten_is_a_persons(page: Page) -> None:
    path = path_of("f" * 24)
    assert (await page.edge.client.get(path)).status_code == 404
    assert await page.written() == []
    answer = await page.edge.client.post(path, data={"action": "stop", "confirm": "yes"})
    assert answer.status_code == 404
    (kept,) = await page.edge.rows("SELECT kind, provider FROM webhook_backlog")
    assert kept == {"kind": "unread", "provider": "page"}
