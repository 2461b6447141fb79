"""What is told to an account under another spelling of its id finds it, or is refused in words."""

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from activities.dependencies import Dependencies
from domain.failures import BadInput, NotFound
from domain.planning.step import StepKind
from lab.builders.intake_files import FakeStarter, row
from store.database import Pool
from tests.integration.intake.desk import Desk
from tests.integration.store.facts.test_facts import account, payment
from tests.integration.store.facts.test_stops_by_signal import MINUTE, MOBILE, owed, told
from tests.support.activities import Actor
from tests.support.rows import add_account
from workers.cli.output import show_timeline, the_account

DAY = timedelta(days=1)
SPELT = [("bank", "a1"), ("bank", "0A1"), ("Bank", "A1"), ("bank", "A 1"), ("bank", "\uff21\uff11")]


@pytest.fixture
def desk(pool: Pool, tmp_path: Path) -> Desk:
    return Desk(pool, tmp_path, FakeStarter())


@pytest.mark.parametrize(("creditor", "account_id"), [*SPELT, ("bank", "A-1")])
@pytest.mark.parametrize("kind", ["cease", "opt_out", "death"])
async def test_a_stop_finds_the_account_that_is_meant(
    actor: Actor,
    dependencies: Dependencies,
    now: datetime,
    creditor: str,
    account_id: str,
    kind: str,
) -> None:
    other = Actor(dependencies, account_id, creditor)
    for again in (False, True):
        answer = (await other.record(now, told({"kind": kind}, now))).answers[0]
        assert (answer.refused, answer.repeated) == (None, again)
        assert again or "account_id: is spelt otherwise: it is bank/A1" in str(answer.note)
    assert (await actor.planned(now + DAY)).kind is StepKind.WAIT


async def test_a_stop_for_other_figures_between_marks_is_not_for_this_account(
    pool: Pool, actor: Actor, dependencies: Dependencies, now: datetime
) -> None:
    await pool.execute("UPDATE accounts SET account_id = '11-2'")
    await Actor(dependencies, "1-12").record(now, told({"kind": "death"}, now))
    known = Actor(dependencies, "11-2")
    assert (await known.planned(now + DAY)).kind is StepKind.CONTACT
    await Actor(dependencies, "112").record(now, told({"kind": "death"}, now))
    assert (await known.planned(now + DAY)).kind is StepKind.WAIT


async def test_a_stop_told_before_is_not_for_who_comes_by_other_figures_between_marks(
    desk: Desk, dependencies: Dependencies, now: datetime
) -> None:
    await Actor(dependencies, "1-12").record(now, told({"kind": "cease"}, now))
    content = [row(**owed(now), account_id="11-2", mobile=MOBILE, email="")]
    await desk.take(content, as_of=now + MINUTE)
    assert (await Actor(dependencies, "11-2").planned(now + DAY)).kind is StepKind.CONTACT


async def test_a_stop_that_may_mean_two_accounts_is_for_both(
    pool: Pool, actor: Actor, dependencies: Dependencies, now: datetime
) -> None:
    await add_account(pool, "a1", due=now.date() - 10 * DAY)
    other = Actor(dependencies, "0A1")
    await other.record(now, told({"kind": "cease", "account_id": "0A1"}, now))
    for name in ("A1", "a1"):
        step = await Actor(dependencies, name).planned(now + DAY)
        assert step.kind is StepKind.WAIT


@pytest.mark.parametrize(("creditor", "account_id"), SPELT)
async def test_a_payment_finds_the_account_that_is_meant_and_counts_once(
    pool: Pool,
    actor: Actor,
    dependencies: Dependencies,
    now: datetime,
    creditor: str,
    account_id: str,
) -> None:
    other = Actor(dependencies, account_id, creditor)
    answer = (await other.record(now, payment())).answers[0]
    assert answer.refused is None
    assert "it is bank/A1" in str(answer.note)
    assert (await account(pool))["balance"] == Decimal("100000.00")
    answer = (await actor.record(now, payment())).answers[0]
    assert answer.repeated
    assert (await account(pool))["balance"] == Decimal("100000.00")


async def test_figures_and_requests_find_it_too(
    pool: Pool, actor: Actor, dependencies: Dependencies, now: datetime
) -> None:
    other = Actor(dependencies, "a1")
    figures = {"kind": "account_updated", "id": "u1", "balance": "7.00", "as_of": now.isoformat()}
    hold = {"kind": "hold", "id": "h1", "until": (now + 9 * DAY).isoformat(), "reason": "asked"}
    answers = (await other.record(now, figures, hold)).answers
    assert [one.refused for one in answers] == [None, None]
    found = await account(pool)
    assert (found["balance"], found["hold_until"]) == (Decimal("7.00"), now + 9 * DAY)


async def test_a_payment_that_may_mean_two_accounts_is_refused_in_words(
    pool: Pool, actor: Actor, dependencies: Dependencies, now: datetime
) -> None:
    await add_account(pool, "a1", due=now.date() - 10 * DAY)
    answer = (await Actor(dependencies, "0A1").record(now, payment())).answers[0]
    assert "bank/A1, bank/a1" in str(answer.refused)
    assert await pool.fetchval("SELECT count(*) FROM payments") == 0


async def test_leave_for_an_account_that_is_spelt_otherwise_is_refused(
    actor: Actor, dependencies: Dependencies, now: datetime
) -> None:
    answer = (await Actor(dependencies, "a1").record(now, told({"kind": "opt_in"}, now))).answers[0]
    assert "it is bank/A1" in str(answer.refused)


def opened(now: datetime, **more: str) -> dict[str, Any]:
    facts = {"creditor": "bank", "account_id": "A1", "customer_id": "C1", "currency": "COP"}
    facts |= {"balance": "150000.00", "oldest_due_date": owed(now)["oldest_due_date"], **more}
    return {"kind": "account_opened", "id": "start:1", "facts": facts}


@pytest.mark.parametrize(("creditor", "account_id"), SPELT[:4])
async def test_a_start_under_another_spelling_opens_no_second_account(
    pool: Pool,
    actor: Actor,
    dependencies: Dependencies,
    now: datetime,
    creditor: str,
    account_id: str,
) -> None:
    start = opened(now, creditor=creditor, account_id=account_id)
    answer = (await Actor(dependencies, account_id, creditor).record(now, start)).answers[0]
    assert "is on record as bank/A1: " in str(answer.refused)
    assert await pool.fetchval("SELECT count(*) FROM accounts") == 1


@pytest.mark.parametrize("account_id", ["A1", "B2"])
async def test_a_start_makes_no_second_person_of_a_customer_spelt_otherwise(
    pool: Pool, actor: Actor, dependencies: Dependencies, now: datetime, account_id: str
) -> None:
    start = opened(now, account_id=account_id, customer_id="0c1")
    answer = (await Actor(dependencies, account_id).record(now, start)).answers[0]
    assert str(answer.refused).startswith("customer_id: is on record as C1: ")
    assert (await account(pool))["customer_id"] == "C1"


@pytest.mark.parametrize("account_id", ["a1", "A-1"])
@pytest.mark.parametrize("by_start", [False, True])
@pytest.mark.parametrize("event", [{"kind": "cease"}, {"kind": "cease", "account_id": "bank/a1"}])
async def test_told_before_the_account_comes_under_another_spelling_it_holds(
    pool: Pool,
    dependencies: Dependencies,
    desk: Desk,
    now: datetime,
    event: dict[str, Any],
    account_id: str,
    by_start: bool,
) -> None:
    await Actor(dependencies, account_id).record(now, told(event, now))
    actor = Actor(dependencies, "A1")
    if by_start:
        await actor.record(now, opened(now))
    contents = [row(**owed(now), account_id="A1", mobile=MOBILE, email="")]
    await desk.take(contents, as_of=now + MINUTE)
    assert (await actor.planned(now + DAY)).kind is StepKind.WAIT


@pytest.mark.parametrize("said", ["bank/a1", "a1", "BANK/0A1", "bank/A 1"])
async def test_a_command_finds_the_account_that_is_meant(
    pool: Pool, actor: Actor, now: datetime, said: str
) -> None:
    assert (await the_account(pool, said))["account_id"] == "A1"
    await add_account(pool, "0a1", due=now.date() - 10 * DAY)
    with pytest.raises(BadInput, match="bank/0a1, bank/A1"):
        await the_account(pool, said)
    with pytest.raises(NotFound):
        await the_account(pool, "bank/A2")
    assert (await the_account(pool, "bank/A1"))["account_id"] == "A1"


async def test_a_customer_spelt_otherwise_is_named_to_who_asks(pool: Pool, actor: Actor) -> None:
    with pytest.raises(NotFound, match="no customer 'c1' is known, but C1"):
        await show_timeline(pool, "c1", Console())
