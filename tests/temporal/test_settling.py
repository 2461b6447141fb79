"""A person's word about an unknown attempt reaches the account's workflow."""

from datetime import timedelta

import pytest
from temporalio.client import Client

from domain.ledger.attempt import AttemptState
from store.database import Pool
from store.settlements import Settled, Settling
from tests.support.activities import fault
from tests.support.life import Life, days_ago
from tests.support.rows import add_account, add_customer, attempts
from workers.accounts import Accounts
from workers.cli.output import tell_settled

REFUSED = AttemptState.REFUSED


@pytest.mark.usefixtures("working")
async def test_settling_as_refused_wakes_the_account_which_goes_on_by_another_channel(
    life: Life, pool: Pool, client: Client, sandbox_url: str
) -> None:
    await fault(sandbox_url, "5xx_before", op="send")
    await add_customer(pool, preferred="sms")
    await add_account(pool, life.account_id, due=days_ago(10))
    await life.start()
    await life.until(lambda _: True)
    await life.to_next()
    waiting = await life.next_step()
    assert waiting["kind"] == "reconcile"
    assert "may have been accepted: nothing is sent, the provider is asked" in waiting["summary"]
    await life.forward(timedelta(days=1, minutes=5))
    await life.until(lambda _: True)
    (made,) = await attempts(pool)
    assert (made["state"], made["reconcile_at"], made["asked"]) == ("unknown", None, 4)

    attempt, now = made["attempt_id"], made["asked_at"] + timedelta(hours=2)
    settling = Settling(pool)
    assert [one.attempt_id for one in await settling.unsettled(now)] == [attempt]
    done = await settling.settle(attempt, REFUSED, "no trace of it", "ana", now)
    told = await tell_settled(Accounts(client), attempt, done, REFUSED)
    assert str(told).endswith(f"bank/{life.account_id} plans anew")
    for _ in range(2):  # said twice is said once
        await tell_settled(Accounts(client), attempt, done, REFUSED)
    await life.until_told("Account updated: recorded")
    messages = "SELECT count(*) FROM messages WHERE message_id LIKE 'settled:%'"
    assert await pool.fetchval(messages) == 1
    # Due at once: it may have been sent by now.
    await life.until_told("Next: E-mail reminder 1 (the last channel did not reach the customer)")


async def test_an_account_that_has_ended_is_told_of_in_words(client: Client) -> None:
    done = Settled(creditor="bank", account_id="gone")
    told = await tell_settled(Accounts(client), "a1", done, REFUSED)
    assert (
        str(told) == "a1 settled as refused; bank/gone has no running workflow, so nothing follows"
    )
