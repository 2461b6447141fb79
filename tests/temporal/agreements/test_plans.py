"""A payment plan on a real server: agreed by an update, lived through, told in the UI's words."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from config.reader import load_reader
from domain.channels import Channel
from domain.conversation.keywords import Intent
from store.conversation.work import WorkItems
from store.database import Pool
from store.provider_events import ProviderEvents
from tests.support.hostile_messages import sent
from tests.support.life import Life, days_ago
from tests.support.rows import add_account, add_customer, attempts

pytestmark = pytest.mark.usefixtures("working")


async def collected(life: Life, pool: Pool, days: int = 10) -> None:
    """In the United States, where no law keeps a week between two messages by SMS."""
    await add_customer(pool, country="US", zones=("America/New_York",), preferred="sms")
    await add_account(pool, life.account_id, due=days_ago(days))
    await life.start()
    await life.until(lambda _: True)


def parts(*ahead: int, amount: str = "50000.00") -> list[dict[str, str]]:
    return [{"date": str(days_ago(-days)), "amount": amount} for days in ahead]


def _owes(balance: str, state: dict[str, Any]) -> bool:
    return bool(state["balance"] == balance)


async def test_a_plan_is_lived_through_to_its_end(life: Life, pool: Pool) -> None:
    """Each instalment remembered, paid, and the account cured by the last; nothing else is said."""
    await collected(life, pool)
    before = len(await attempts(pool))
    answer = await life.update("agree_plan", id="plan-1", instalments=parts(10, 20, 30))
    assert answer["next_step"]["purpose"] == "plan_reminder"
    assert (await life.state())["status"] == "on_plan"
    assert "Agree plan: recorded, 3 instalments, the last by" in " ".join(await life.told())
    for number in (1, 2, 3):
        while len(made := (await attempts(pool))[before:]) < number:
            await life.to_next()
        assert {row["purpose"] for row in made} == {"plan_reminder"}
        await life.signal("payment_received", id=f"pay-{number}", amount="50000.00")
        if number < 3:
            await life.until(partial(_owes, f"{150000 - 50000 * number}.00"))
    assert (await life.result())["reason"] == "cured"
    assert await pool.fetchval("SELECT state FROM payment_plans") == "kept"


async def test_a_plan_that_nobody_pays_is_missed_broken_and_left_to_the_phase(
    life: Life, pool: Pool
) -> None:
    await collected(life, pool)
    await life.update(
        "agree_plan",
        id="plan-1",
        number=2,
        amount="50000.00",
        every="week",
        first_date=str(days_ago(-7)),
    )
    before = len(await attempts(pool))
    await life.forward(timedelta(days=20))
    said = [row["purpose"] for row in (await attempts(pool))[before:]]
    assert said[:4] == ["plan_reminder", "plan_missed"] * 2
    assert said[4:5] == ["reminder"]
    assert await pool.fetchval("SELECT state FROM payment_plans") == "broken"
    waits = [line for line in await life.told() if line.startswith("Next: Payment plan (0 of 2")]
    assert any("1 missed" in line for line in waits)


async def test_a_part_payment_silences_the_word_about_an_instalment_at_once(
    life: Life, pool: Pool
) -> None:
    await collected(life, pool)
    await life.update("agree_plan", id="plan-1", instalments=parts(10, 20))
    assert (await life.next_step())["purpose"] == "plan_reminder"
    await life.signal("payment_received", id="pay-1", amount="20000.00")
    await life.signal("payment_received", id="pay-2", amount="30000.00")
    await life.until(lambda state: state["balance"] == "100000.00")
    # The first is paid: what is remembered next is the second.
    step = await life.next_step()
    assert (step["purpose"], step["not_before"][:10] > str(days_ago(-15))) == (
        "plan_reminder",
        True,
    )


async def test_a_plan_does_the_item_that_asks_for_one(life: Life, pool: Pool) -> None:
    await collected(life, pool)
    told = ("twilio", "SM1", Channel.SMS, "+573001234567", "puedo pagar en cuotas?", Intent.OTHER)
    # Written a while ago: the gateway's clock is its own.
    await ProviderEvents(pool, load_reader()).inbound(*told, datetime.now(UTC) - timedelta(hours=1))
    await life.update("agree_plan", id="plan-1", instalments=parts(10, 20, 30))
    [item] = await WorkItems(pool).listed("C1", "plan_request", 9, done=True)
    assert (item.outcome, item.done_by) == ("agreed", "contrapunto")


async def test_a_plan_is_cancelled_and_the_account_goes_on(life: Life, pool: Pool) -> None:
    await collected(life, pool)
    await life.update("agree_plan", id="plan-1", instalments=parts(10, 20))
    answer = await life.update("cancel_plan", id="c-1", plan="plan-1", reason="lost the job")
    assert answer["next_step"]["why"] != "plan"
    assert (await life.state())["status"] == "collecting"
    assert "Cancel plan: recorded, lost the job" in await life.told()
    refused = await life.refused("cancel_plan", {"id": "c-2"})
    assert refused == "plan: there is no active payment plan"


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        ({"id": "p"}, "number: is missing: give instalments, or number, amount and first_date"),
        ({"id": "p", "instalments": "all"}, "AgreePlan: instalments: "),
        ({"id": "p", "instalments": [{"date": "2999-01-01"}]}, "AgreePlan: instalments.0.amount: "),
        ({"id": "p", "instalments": parts(10, amount="50000.00")}, "instalments: from 2 to 12"),
    ],
)
async def test_a_plan_that_cannot_be_is_refused_in_words(
    life: Life, pool: Pool, payload: Any, words: str
) -> None:
    await collected(life, pool)
    assert (await life.refused("agree_plan", payload)).startswith(words)
    assert await pool.fetchval("SELECT count(*) FROM payment_plans") == 0


async def test_a_sum_within_a_plan_is_judged_as_it_was_written(life: Life, pool: Pool) -> None:
    """As a number of JSON, 50.000 would lose its zeros and be another sum."""
    await collected(life, pool)
    listed = ", ".join(f'{{"date": "{days_ago(-ahead)}", "amount": 50.000}}' for ahead in (5, 9))
    refused = await life.refused(
        "agree_plan", sent(f'{{"id": "p", "instalments": [{listed}]}}'.encode())
    )
    assert refused.startswith("instalments.amount: must have at most 2 decimals")
