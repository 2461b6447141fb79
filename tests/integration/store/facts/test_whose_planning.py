"""A stop that one account is told has all accounts plan anew whose planning it changes."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from temporalio import activity

from activities.dependencies import Dependencies
from domain.planning.step import StepKind
from store import law_events
from store.database import Pool
from tests.integration.store.facts.test_stops_by_signal import MOBILE, POINT, told
from tests.support.activities import Actor, fault
from tests.support.rows import add_account, add_customer, attempts

DAY = timedelta(days=10)
SIGNALS = list[tuple[str, str, dict[str, str]]]


class Told:
    """Temporal's place: who was signalled what."""

    def __init__(self) -> None:
        self.signals: SIGNALS = []

    def get_workflow_handle(self, workflow: str) -> Any:
        told = self.signals

        class Handle:
            async def signal(self, name: str, payload: dict[str, str], **_: Any) -> None:
                told.append((workflow, name, payload))

        return Handle()

    @property
    def whom(self) -> list[str]:
        assert {name for _, name, _ in self.signals} <= {"account_updated"}
        assert all(list(payload) == ["id"] for _, _, payload in self.signals)
        return sorted(workflow.removeprefix("account/") for workflow, _, _ in self.signals)


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> Told:
    found = Told()
    monkeypatch.setattr(activity, "client", lambda: found)
    return found


@pytest.fixture
async def neighbours(pool: Pool, actor: Actor, now: datetime) -> None:
    """Another account of the customer; who has the telephone, for texts and for calls; another."""
    due = now.date() - DAY
    await add_account(pool, "A2", creditor="shop", due=due)
    points = {
        "C2": ("sms", "mobile", MOBILE.removeprefix("+")),
        "C3": ("voice", "mobile", MOBILE),
        "C4": ("sms", "mobile", "+573009999999"),
    }
    for customer, point in points.items():
        await add_customer(pool, customer, points=(point,))
        await add_account(pool, customer.replace("C", "B"), customer, due=due)
    await add_account(pool, "closed", "C2", due=due)
    await pool.execute("UPDATE accounts SET status = 'closed' WHERE account_id = 'closed'")


@pytest.mark.parametrize(
    ("event", "others"),
    [
        ({"kind": "cease"}, ["bank/B2", "bank/B3", "shop/A2"]),
        ({"kind": "opt_out"}, ["bank/B2", "bank/B3", "shop/A2"]),
        ({"kind": "opt_out", "channel": "sms"}, ["bank/B2", "shop/A2"]),
        ({"kind": "opt_out", "contact_point_id": POINT}, ["bank/B2", "bank/B3", "shop/A2"]),
        ({"kind": "wrong_number", "contact_point_id": POINT}, ["bank/B2", "bank/B3", "shop/A2"]),
        ({"kind": "opt_out", "contact_point_id": "+573009999999"}, None),
        ({"kind": "death"}, ["shop/A2"]),
        ({"kind": "cease", "account_id": "B4"}, None),
        ({"kind": "cease", "account_id": "A1"}, ["shop/A2"]),
        ({"kind": "opt_in", "channel": "sms"}, []),
    ],
    ids=str,
)
@pytest.mark.usefixtures("neighbours")
async def test_whose_planning_it_changes_is_woken_once(
    actor: Actor, woken: Told, now: datetime, event: dict[str, Any], others: list[str] | None
) -> None:
    answer = (await actor.record(now, told(event, now))).answers[0]
    assert answer.refused is None
    everybody = ["bank/B2", "bank/B3", "bank/B4", "shop/A2"]
    assert woken.whom == (everybody if others is None else others)


@pytest.mark.usefixtures("neighbours")
async def test_two_stops_at_once_wake_each_account_once(
    actor: Actor, woken: Told, now: datetime
) -> None:
    await actor.record(now, told({"kind": "cease"}, now), told({"kind": "death"}, now, "s2"))
    assert woken.whom == ["bank/B2", "bank/B3", "shop/A2"]


@pytest.mark.usefixtures("neighbours")
async def test_an_execution_that_died_before_it_woke_them_is_made_up_for(
    actor: Actor, woken: Told, now: datetime
) -> None:
    await actor.record(now, told({"kind": "cease"}, now))
    woken.signals.clear()
    actor.again = True  # the same activity, executed once more
    await actor.record(now, told({"kind": "cease"}, now))
    assert woken.whom == ["bank/B2", "bank/B3", "shop/A2"]
    woken.signals.clear()
    actor.again = False  # told again by its sender
    await actor.record(now, told({"kind": "cease"}, now))
    assert woken.whom == []


@pytest.mark.usefixtures("neighbours")
async def test_a_stop_told_under_another_spelling_of_the_account_wakes_all_of_them(
    dependencies: Dependencies, woken: Told, now: datetime
) -> None:
    await Actor(dependencies, "a1").record(now, told({"kind": "cease"}, now))
    assert woken.whom == ["bank/A1", "bank/B2", "bank/B3", "shop/A2"]


@pytest.mark.parametrize(
    ("do", "others"),
    [("refuse:21610", ["bank/B2", "shop/A2"]), ("refuse:21211", ["bank/B2", "shop/A2"])],
)
@pytest.mark.usefixtures("neighbours")
async def test_a_provider_that_refuses_for_the_address_is_heard_by_whoever_has_it(
    actor: Actor,
    pool: Pool,
    woken: Told,
    now: datetime,
    sandbox_url: str,
    do: str,
    others: list[str],
) -> None:
    await fault(sandbox_url, do)
    step = await actor.planned(now)
    assert step.kind is StepKind.CONTACT
    await actor.contact(step)
    assert [row["state"] for row in await attempts(pool)] == ["refused"]
    assert woken.whom == others


@pytest.mark.usefixtures("neighbours")
async def test_a_contact_that_is_taken_asks_nothing_more(
    actor: Actor, pool: Pool, woken: Told, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def asked(*_: Any) -> list[str]:
        raise AssertionError("nothing was refused")

    monkeypatch.setattr(law_events, "concerned", asked)
    await actor.contact(await actor.planned(now))
    assert [row["state"] for row in await attempts(pool)] == ["accepted"]
    assert woken.whom == []
