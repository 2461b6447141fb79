"""What an SMS costs is on record before it goes, and is shown."""

from datetime import datetime, timedelta

import pytest

from domain.conversation.text import segments
from store.database import Pool
from store.views.records import Records
from tests.support.activities import Actor, accepted, fault
from tests.support.rows import add_account, add_customer

MAIL = ("email", "email", "ana@example.test")


@pytest.mark.parametrize("do", [None, "refuse:21606"])
async def test_the_segments_of_an_sms_are_known_whatever_becomes_of_it(
    pool: Pool, actor: Actor, sandbox_url: str, now: datetime, do: str | None
) -> None:
    if do:
        await fault(sandbox_url, do)
    step = await actor.planned(now)
    await actor.contact(step)
    [row] = [row async for row in Records(pool).export()]
    taken = await accepted(sandbox_url)
    if taken:
        assert row["segments"] == segments(taken[0]["text"]).count
    assert row["segments"] == 2
    shown = await Records(pool).timeline("C1") or []
    [contact] = [line["what"] for line in shown if line["kind"] == "contact"]
    assert ", 2 segments; " in contact


async def test_a_mail_has_none(pool: Pool, actor: Actor, now: datetime) -> None:
    await add_customer(pool, "C2", points=(MAIL,))
    await add_account(pool, "A2", "C2", due=now.date() - timedelta(days=10))
    step = await Actor(actor.dependencies, "A2").planned(now)
    await Actor(actor.dependencies, "A2").contact(step)
    [row] = [row async for row in Records(pool).export()]
    assert (row["channel"], row["segments"]) == ("email", None)
