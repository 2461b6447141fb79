"""Who writes to us on the page has written like anybody else, from the address of the link."""

import re

import pytest

from domain.channels import Channel
from tests.integration.gateway.conftest import Edge
from tests.integration.gateway.preferences.conftest import MAILBOX, Page, said_on
from workers.gateway.links.page_words import MOST_WORDS, WORDS

pytestmark = pytest.mark.postgres


async def inbound(edge: Edge) -> list[tuple[str, str, str, str]]:
    rows = await edge.rows("SELECT * FROM inbound ORDER BY at, inbound_id")
    return [(row["provider"], row["channel"], row["address"], row["text"]) for row in rows]


async def test_what_is_written_is_a_message_and_is_read(page: Page) -> None:
    words = "¿Cuánto debo?\nLes escribo desde aquí."
    answer = await post(page, words)
    assert said_on(answer) == [WORDS["es"].has_written]
    assert await inbound(page.edge) == [("page", Channel.EMAIL, MAILBOX, words)]
    [reading] = await page.edge.rows("SELECT * FROM readings")
    assert reading["reading"]["intents"] == ["balance"]
    [work] = await page.edge.rows("SELECT * FROM work_items")
    assert work["reason"] == "balance"
    assert ("account/acme/A-1", "message_received") in page.told()


async def test_the_button_pressed_twice_says_it_once(page: Page) -> None:
    for _ in range(2):
        await post(page, "no reconozco esa deuda")
    await post(page, "insisto: no reconozco esa deuda")
    assert len(await inbound(page.edge)) == 2


async def test_a_stop_that_is_written_there_is_one(page: Page) -> None:
    await post(page, "no me escriban más")
    [event] = await page.edge.rows("SELECT * FROM law_events WHERE kind = 'opt_out'")
    assert event["channel"] == "email"


@pytest.mark.parametrize("words", ["", "   ", "x" * (MOST_WORDS + 1)])
async def test_nothing_and_too_much_is_told(page: Page, words: str) -> None:
    answer = await page.post(action="write", confirm="yes", words=words)
    assert answer.status_code == 400
    assert said_on(answer.text) == [WORDS["es"].problems["words"]]
    assert await inbound(page.edge) == []


@pytest.mark.parametrize("words", ["{{7*7}}", "<script>1</script>", "'; DROP TABLE x;--", "a\x00b"])
async def test_hostile_words_are_kept_as_words(page: Page, words: str) -> None:
    await post(page, words)
    [(_, _, _, text)] = await inbound(page.edge)
    assert text == words.replace("\x00", "")
    assert not {words, "49"} & set(re.findall(r">([^<]*)<", await page.look()))


async def test_whoever_is_somebody_else_writes_no_more_for_the_customer(page: Page) -> None:
    await page.press("not_me")
    answer = await page.post(action="write", confirm="yes", words="hola")
    assert answer.status_code == 400
    assert await inbound(page.edge) == []


async def post(page: Page, words: str) -> str:
    answer = await page.post(action="write", confirm="yes", words=words)
    assert answer.status_code == 200, answer.text
    return answer.text
