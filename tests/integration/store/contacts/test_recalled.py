"""What a file has taken back is spoken of to nobody from then on, though no workflow has heard yet.

The file is committed and Temporal does not answer: the longest that this between can be.
"""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from activities.dependencies import Dependencies
from domain.account import CloseReason
from domain.failures import Unavailable
from domain.planning.step import StepKind
from lab.builders.intake_files import FakeStarter, row
from store.database import Pool
from tests.integration.intake.desk import Desk
from tests.support.activities import Actor, accepted
from tests.support.rows import attempts

HOUR = timedelta(hours=1)


@pytest.fixture
async def desk(pool: Pool, tmp_path: Path) -> Desk:
    return Desk(pool, tmp_path, FakeStarter())


def listed(account: str, now: datetime, **more: str) -> dict[str, str]:
    due = {"oldest_due_date": f"{now.date() - timedelta(days=10)}", "balance": "450000"}
    return row(account_id=account, preferred_channel="sms", **due | more)


def other(now: datetime) -> dict[str, str]:
    """Somebody else's account."""
    return listed("Z", now, customer_id="C9", mobile="+573990000009", email="z@example.com")


async def begin(desk: Desk, now: datetime) -> None:
    """Two accounts of one customer, and another's."""
    content = [listed("A1", now), listed("A2", now), other(now)]
    await desk.take(content, as_of=now - 2 * HOUR)


async def take(desk: Desk, content: list[dict[str, str]], now: datetime) -> None:
    silent = FakeStarter(fail_after=0)
    with pytest.raises(Unavailable):
        await desk.take(content, as_of=now - HOUR, snapshot=True, starter=silent)


def actor(dependencies: Dependencies, account: str = "A1") -> Actor:
    return Actor(dependencies, account, "banco-andino")


async def test_a_recalled_account_is_not_reserved_for(
    desk: Desk, dependencies: Dependencies, sandbox_url: str, now: datetime
) -> None:
    await begin(desk, now)
    one = actor(dependencies)
    ordered = await one.planned(now)
    assert ordered.kind is StepKind.CONTACT
    await take(desk, [other(now)], now)
    step = await one.contact(ordered)
    assert (step.kind, step.close_reason) == (StepKind.CLOSE, CloseReason.RECALLED)
    assert (await attempts(desk.pool), await accepted(sandbox_url)) == ([], [])


@pytest.mark.parametrize(
    ("who", "left"),
    [("A1", ["A2"]), ("A1", []), ("A2", ["A2"])],
    ids=["of itself", "of it and its sibling", "of its sibling, which speaks of it"],
)
async def test_what_was_reserved_before_a_recall_does_not_leave(
    desk: Desk,
    dependencies: Dependencies,
    sandbox_url: str,
    now: datetime,
    who: str,
    left: list[str],
) -> None:
    await begin(desk, now)
    one = actor(dependencies, who)
    ordered = await one.planned(now)
    assert set(ordered.covers) == {"banco-andino/A1", "banco-andino/A2"}
    ready = await one.reserve(ordered)
    await take(desk, [*(listed(account, now) for account in left), other(now)], now)
    await one.send(ready, ordered.not_before)
    assert [made["state"] for made in await attempts(desk.pool)] == ["released"]
    assert await accepted(sandbox_url) == []


async def test_a_siblings_message_does_not_speak_of_a_recalled_account(
    desk: Desk, dependencies: Dependencies, now: datetime
) -> None:
    await begin(desk, now)
    await take(desk, [listed("A2", now), other(now)], now)
    step = await actor(dependencies, "A2").planned(now)
    assert (step.kind, step.covers) == (StepKind.CONTACT, ("banco-andino/A2",))


@pytest.mark.parametrize("who", ["A1", "A2"])
async def test_what_a_row_says_is_paid_is_not_spoken_of(
    desk: Desk, dependencies: Dependencies, sandbox_url: str, now: datetime, who: str
) -> None:
    await begin(desk, now)
    one = actor(dependencies, who)
    ordered = await one.planned(now)
    ready = await one.reserve(ordered)
    await take(desk, [listed("A1", now, balance="0"), listed("A2", now), other(now)], now)
    await one.send(ready, ordered.not_before)
    assert [made["state"] for made in await attempts(desk.pool)] == ["released"]
    assert await accepted(sandbox_url) == []
    step = await one.planned(now)
    assert "banco-andino/A1" not in step.covers if who == "A2" else step.kind is StepKind.CLOSE
