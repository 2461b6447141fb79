"""``contrapunto inbound list``: people see what customers wrote; that they looked is logged."""

import json
import logging
import re
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from config.keywords import shipped_keywords
from domain.conversation.reader import RuleReader
from domain.failures import BadInput, NotFound
from lab import reading
from store.database import Pool
from tests.support.rows import add_account, add_customer
from workers.cli.inbound.corrections import correct, export
from workers.cli.inbound.written import show_written

READER = RuleReader(shipped_keywords())
WRITES = """
INSERT INTO inbound (provider, inbound_id, channel, customer_id, address, text, intent, at)
VALUES ('twilio', $1, 'sms', $2, '+573001234567', $3, $4, $5)
"""


async def shown(
    pool: Pool, since: datetime, customer: str | None = None, limit: int = 50
) -> list[dict[str, Any]]:
    out = StringIO()
    await show_written(pool, READER, customer, since, limit, "eva", Console(file=out), as_json=True)
    return [json.loads(line) for line in out.getvalue().splitlines()]


@pytest.fixture
async def messages(pool: Pool, now: datetime) -> None:
    await add_customer(pool)
    await add_account(pool, due=now.date() - timedelta(days=10))
    for number, (who, words, intent) in enumerate(
        [
            ("C1", "pago todo hoy", "promise"),
            ("C1", "páseme con un asesor [bold]ya[/bold]", "other"),
            (None, "quién es?", "other"),
        ]
    ):
        await pool.execute(WRITES, f"S{number}", who, words, intent, now - timedelta(hours=number))


async def test_a_stop_that_a_provider_tells_of_is_shown_as_one(pool: Pool, now: datetime) -> None:
    await add_customer(pool)
    said = ("S1", "C1", "stopped at the provider", "opt_out", now)
    await pool.execute(WRITES, *said)
    out = StringIO()
    about = (pool, READER, None, now - timedelta(days=1), 9, "eva")
    await show_written(*about, Console(file=out, width=200), as_json=False)
    assert "stop, as it was told" in out.getvalue()
    assert "a person should look" not in out.getvalue()


async def test_words_are_shown_with_how_they_are_read(
    pool: Pool, now: datetime, messages: None
) -> None:
    first, second, third = await shown(pool, now - timedelta(days=1))
    assert [one["id"] for one in (first, second, third)] == [f"twilio/S{n}" for n in range(3)]
    assert (first["text"], first["intents"], first["account"]) == (
        *("pago todo hoy", ["promise"], "bank/A1"),
    )
    assert (
        first["amount"] == f"{(await pool.fetchval('SELECT balance FROM accounts')).normalize():f}"
    )
    assert (second["intents"], second["to_person"]) == (["wants_person"], True)
    assert (third["customer_id"], third["intents"]) == (None, ["identity"])


async def test_files_are_shown_by_their_address(pool: Pool, now: datetime, messages: None) -> None:
    files = [{"url": "https://m.example/1", "type": "image/png"}, {"url": None, "type": None}]
    await pool.execute("UPDATE inbound SET media = $1 WHERE inbound_id = 'S0'", files)
    first, second, _ = await shown(pool, now - timedelta(days=1))
    assert (first["media"], second["media"]) == (files, [])
    out = StringIO()
    about = (pool, READER, None, now - timedelta(days=1), 9, "eva")
    await show_written(*about, Console(file=out, width=200), as_json=False)
    assert "[image/png] https://m.example/1" in out.getvalue()
    assert "[file]" in out.getvalue()


async def test_one_customer_one_day_and_a_few_can_be_asked_for(
    pool: Pool, now: datetime, messages: None
) -> None:
    assert len(await shown(pool, now - timedelta(minutes=90), "C1")) == 2
    assert len(await shown(pool, now - timedelta(days=1), limit=1)) == 1


async def test_each_look_is_logged_without_the_words(
    pool: Pool, now: datetime, messages: None, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        await shown(pool, now - timedelta(days=1))
    [record] = [one for one in caplog.records if "looked at" in one.getMessage()]
    said = record.getMessage()
    assert "eva" in said and "C1" in said and "asesor" not in said


async def test_a_table_shows_words_as_they_are(pool: Pool, now: datetime, messages: None) -> None:
    console = Console(file=StringIO(), width=200)
    await show_written(
        pool, READER, None, now - timedelta(days=1), 50, "eva", console, as_json=False
    )
    assert isinstance(console.file, StringIO)
    text = console.file.getvalue()
    assert "páseme con un asesor [bold]ya[/bold]" in text
    assert "a person should look" in text and "nobody, or several" in text


async def test_what_a_person_says_it_meant_is_kept_and_exported_as_labelled_data(
    pool: Pool, now: datetime, messages: None
) -> None:
    out = Console(file=StringIO())
    await correct(pool, "twilio/S1", "other", None, None, "eva", out)
    await correct(pool, "twilio/S1", "wants_person, dispute", "50.00", "2026-12-04", "eva", out)
    exported = StringIO()
    await export(pool, exported)
    [line] = [json.loads(line) for line in exported.getvalue().splitlines()]
    assert line["expected"] == {
        "intents": ["wants_person", "dispute"],
        "amount": "50",
        "date": "2026-12-04",
    }
    [judged] = reading.read([line])
    assert judged.text == "páseme con un asesor [bold]ya[/bold]"
    [shown_with_it] = [
        one for one in await shown(pool, now - timedelta(days=1)) if one["corrected"]
    ]
    assert shown_with_it["id"] == "twilio/S1"


@pytest.mark.parametrize(
    ("message", "intents", "amount", "day", "said"),
    [
        ("twilio/S9", "stop", None, None, "no message 'twilio/S9' is known"),
        ("S1", "stop", None, None, "no message 'S1' is known"),
        ("twilio/S1", "angry", None, None, "--intents: angry is none of already_paid, "),
        ("twilio/S1", " , ", None, None, "--intents: nothing is none of"),
        ("twilio/S1", "promise", "50 mil", None, "--amount: must be a number"),
        ("twilio/S1", "promise", None, "friday", "--date: must be a day"),
    ],
)
async def test_what_cannot_be_a_correction_is_refused(
    pool: Pool,
    messages: None,
    message: str,
    intents: str,
    amount: str | None,
    day: str | None,
    said: str,
) -> None:
    with pytest.raises((BadInput, NotFound), match=re.escape(said)):
        await correct(pool, message, intents, amount, day, "eva", Console(file=StringIO()))
    assert await pool.fetchval("SELECT count(*) FROM reading_corrections") == 0
