"""Who is told of an event, where a file has given the account or its customer another id since."""

import pytest

from tests.integration.gateway.conftest import Edge

NUMBER, MAILBOX = "+573000000001", "ana@example.test"
NOW_CALLED = "account/acme/A-9"


@pytest.fixture
async def sent(edge: Edge) -> dict[str, str]:
    """Attempts of A-1 of c-1, by channel; the debt is now A-9 of c-2, who is the same person."""
    for customer in ("c-1", "c-2"):
        await edge.customer(customer, sms=NUMBER, email=MAILBOX)
    await edge.account("c-1")
    by_mail = {"channel": "email", "address": MAILBOX}
    made = {
        "sms": await edge.attempt("c-1", "dispatching", "accepted"),
        "email": await edge.attempt("c-1", "dispatching", "accepted", **by_mail),
    }
    await edge.pool.execute("UPDATE accounts SET customer_id = 'c-2'")
    await edge.pool.execute("UPDATE accounts SET status = 'closed', close_reason = 'recalled'")
    await edge.account("c-2", "A-9")
    await edge.pool.execute("UPDATE accounts SET formerly = '{A-1}' WHERE account_id = 'A-9'")
    return made


async def test_a_link_to_unsubscribe_holds_and_wakes_what_the_account_is_called_now(
    edge: Edge, sent: dict[str, str]
) -> None:
    assert (await edge.unsubscribes(sent["email"])).status_code == 200
    assert len(await edge.rows("SELECT FROM law_events WHERE kind = 'opt_out'")) == 1
    assert [(name, said["intent"]) for name, _, said in edge.workflows.signals] == [
        (NOW_CALLED, "opt_out")
    ]


async def test_so_does_a_stop_that_the_provider_tells(edge: Edge, sent: dict[str, str]) -> None:
    assert (await edge.status(sent["sms"], "failed", code="21610")).status_code == 200
    assert [name for name, _, _ in edge.workflows.signals] == [NOW_CALLED]


async def test_a_failure_wakes_what_the_account_is_called_now(
    edge: Edge, sent: dict[str, str]
) -> None:
    edge.workflows.down = True
    assert (await edge.status(sent["sms"], "undelivered", code="30003")).status_code == 503
    edge.workflows.down = False
    assert await edge.flow.notify_pending() == 1
    told = {(name, signal) for name, signal, _ in edge.workflows.signals}
    assert (NOW_CALLED, "delivery_failed") in told
