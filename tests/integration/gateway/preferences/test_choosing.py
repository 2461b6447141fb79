"""A customer chooses how, when and in which language they are reached."""

import asyncio
from datetime import UTC, datetime

import pytest

from domain.channels import Channel
from domain.conversation.wishes.preference import NONE, Preference, every_day
from domain.law.terms import WEEKDAYS
from store.conversation.preferences import keep
from tests.integration.gateway.preferences.conftest import MOBILE, SAVED, Page, said_on

OURS = ("account/acme/A-1", "account_updated")


async def test_the_page_shows_that_nothing_is_in_force_in_the_customers_language(
    page: Page,
) -> None:
    assert await page.checked() == {
        "channel": "any",
        "hours": "any",
        "days": "every",
        "language": "es",
    }
    html = await page.look()
    assert '<html lang="es">' in html
    assert "Cómo podemos contactarle" in html


async def test_what_is_saved_is_in_force_and_shown(page: Page) -> None:
    answer = await page.press("save", **SAVED)
    assert answer.status_code == 200
    assert said_on(answer.text) == ["Saved. This is how we will reach you from now on."]
    assert '<html lang="en">' in answer.text
    wished = await page.in_force()
    assert wished.channel is Channel.WHATSAPP
    assert wished.windows == tuple(every_day([("18:00", "24:00")], WEEKDAYS[:5]))
    assert wished.locale == "en"
    assert await page.checked() == SAVED
    assert page.told() == [OURS]
    (row,) = await page.edge.rows("SELECT * FROM preferences")
    assert row["preference_id"].startswith(f"page:{page.attempt}:")
    assert (row["customer_id"], row["recorded_by"]) == ("c-1", "page")


async def test_only_what_was_changed_is_stated(page: Page) -> None:
    await page.press("save", channel="sms")
    await page.press("save", hours="morning")
    rows = await page.edge.rows("SELECT preference FROM preferences ORDER BY said_at")
    assert rows[0] == {"preference": {"channel": "sms"}}
    assert list(rows[1]["preference"]) == ["windows"]
    assert await page.checked() == {
        "channel": "sms",
        "hours": "morning",
        "days": "every",
        "language": "es",
    }


async def test_nothing_new_is_nothing_written(page: Page) -> None:
    answer = await page.press("save")
    assert said_on(answer.text) == ["Guardado. Así le contactaremos desde ahora."]
    assert await page.written() == []
    assert page.told() == []


async def test_a_double_click_is_written_once(page: Page) -> None:
    fields = {**SAVED, "action": "save", "confirm": "yes"}
    answers = await asyncio.gather(*(page.post(**fields) for _ in range(4)))
    answers.append(await page.post(**fields))
    assert {answer.status_code for answer in answers} == {200}
    assert len(await page.edge.rows("SELECT FROM preferences")) == 1
    assert set(page.told()) == {OURS}


async def test_the_last_word_counts_however_often_it_changes(page: Page) -> None:
    for channel in ("sms", "whatsapp", "sms"):
        fields = {**SAVED, "channel": channel, "action": "save", "confirm": "yes"}
        assert (await page.post(**fields)).status_code == 200
    assert (await page.in_force()).channel is Channel.SMS
    assert len(await page.edge.rows("SELECT FROM preferences")) == 3


async def test_what_was_stated_can_be_taken_back(page: Page) -> None:
    await page.press("save", **SAVED)
    await page.press("save", channel="any", hours="any", days="every")
    wished = await page.in_force()
    assert (wished.channel, wished.week, wished.locale) == (None, None, "en")


async def test_hours_that_the_page_does_not_offer_can_stay_as_they_are(page: Page) -> None:
    now = datetime.now(UTC)
    own = Preference.model_validate({"windows": every_day([("09:30", "11:00")])})
    async with page.edge.pool.acquire() as connection:
        await keep(connection, "said:twilio/SM1", "c-1", own, now, now, "twilio")
    assert (await page.checked())["hours"] == "keep"
    assert "Como hasta ahora: 09:30–11:00" in await page.look()
    await page.press("save", channel="sms")
    wished = await page.in_force()
    assert (wished.channel, wished.windows) == (Channel.SMS, own.windows)
    await page.press("save", hours="afternoon")
    assert (await page.in_force()).windows == tuple(every_day([("12:00", "18:00")]))
    assert "keep" not in await page.look()


@pytest.mark.parametrize("gone", ["current = false", "suppressed = 'bounced'"])
async def test_only_a_channel_with_an_address_that_is_used_is_offered(
    page: Page, gone: str
) -> None:
    await page.press("save", channel="whatsapp")
    await page.edge.pool.execute(f"UPDATE contact_points SET {gone} WHERE channel = 'whatsapp'")
    html = await page.look()
    assert 'name="channel" value="whatsapp"' not in html
    assert 'name="channel" value="sms"' in html
    assert (await page.checked())["channel"] == "any"
    answer = await page.post(**SAVED, action="save", confirm="yes")
    assert answer.status_code == 400
    assert (await page.in_force()).channel is Channel.WHATSAPP, "what was said stays"


async def test_the_wish_of_one_is_told_to_nobody_who_shares_an_address(page: Page) -> None:
    await page.edge.account("c-1", "A-2")
    await page.edge.customer("c-2", sms=MOBILE)
    await page.edge.account("c-2", "B-1")
    await page.press("save", **SAVED)
    assert sorted(page.told()) == [OURS, ("account/acme/A-2", "account_updated")]


@pytest.mark.parametrize(
    ("locale", "country", "lang"),
    [("pt-BR", "BR", "pt"), ("en_US", "US", "en"), ("fr", "BR", "pt"), ("fr", "FR", "en")],
)
async def test_the_page_speaks_the_customers_language(
    page: Page, locale: str, country: str, lang: str
) -> None:
    await page.edge.pool.execute("UPDATE customers SET locale = $1, country = $2", locale, country)
    assert f'<html lang="{lang}">' in await page.look()
    await page.press("save", channel="sms")
    assert (await page.in_force()).model_fields_set == {"channel"}, "the language was not chosen"


async def test_while_temporal_is_away_it_is_saved_and_told_later(page: Page) -> None:
    page.edge.workflows.down = True
    answer = await page.press("save", **SAVED)
    assert answer.status_code == 200
    assert said_on(answer.text)
    assert (await page.in_force()).channel is Channel.WHATSAPP
    assert page.told() == []
    page.edge.workflows.down = False
    await page.edge.flow.notify_pending()
    assert page.told() == [OURS]
    await page.edge.flow.notify_pending()
    assert page.told() == [OURS]


async def test_nothing_is_in_force_before_anything_is_said(page: Page) -> None:
    assert await page.in_force() == NONE
