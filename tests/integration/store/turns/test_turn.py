"""A person's turn, over PostgreSQL: the item is opened once, and its end is heard."""

from datetime import datetime, timedelta

import pytest

from activities.dependencies import Dependencies
from domain.planning.reasons.turn import TURN, TURN_DUE
from domain.planning.step import Step, StepKind
from domain.strategy import PersonsTurn
from store.database import Pool
from tests.support.activities import Actor

ITEMS = "SELECT reason, done_at FROM work_items"


@pytest.fixture
def turn(dependencies: Dependencies) -> None:
    """The strategy asks a person before the first touch of the early phase."""
    own = dependencies.strategies["default"]
    early = own.phases[1].model_copy(update={"person": PersonsTurn(after=0, within_days=2)})
    phases = (own.phases[0], early, *own.phases[2:])
    dependencies.strategies["default"] = own.model_copy(update={"phases": phases})  # type: ignore[index]


async def asked(actor: Actor, now: datetime) -> tuple[Step, datetime]:
    """The plan by which a person is asked, and when."""
    step = await actor.planned(now)
    while step.why != TURN_DUE:
        assert step.kind is StepKind.WAIT
        now = step.not_before
        step = await actor.planned(now)
    return step, now


@pytest.mark.usefixtures("turn")
async def test_one_item_is_opened_and_nobody_is_contacted_until_it_is_over(
    actor: Actor, now: datetime, pool: Pool
) -> None:
    step, at = await asked(actor, now)
    items = await pool.fetch(ITEMS)
    assert [(one["reason"], one["done_at"]) for one in items] == [("person_first", None)]
    again = await actor.planned(at + timedelta(minutes=1))
    assert again.why == TURN
    assert again.not_before == step.not_before
    assert len(await pool.fetch(ITEMS)) == 1
    late = await actor.planned(step.not_before)
    assert late.kind is StepKind.CONTACT
    assert len(await pool.fetch(ITEMS)) == 1, "the item stays, and no other is opened"


@pytest.mark.usefixtures("turn")
async def test_done_it_goes_on(actor: Actor, now: datetime, pool: Pool) -> None:
    _, at = await asked(actor, now)
    await pool.execute(
        "UPDATE work_items SET done_at = $1, done_by = 'ana', outcome = 'handled'", at
    )
    step = await actor.planned(at + timedelta(minutes=1))
    assert step.kind is StepKind.CONTACT
    sent = await actor.contact(step)
    assert sent.why not in (TURN, TURN_DUE)


@pytest.mark.usefixtures("turn")
async def test_a_reservation_that_meets_the_turn_sends_nothing(
    actor: Actor, dependencies: Dependencies, now: datetime, pool: Pool
) -> None:
    """The strategy asks since the contact was planned: the reservation plans again, and asks."""
    own = dependencies.strategies["default"]
    without = own.phases[1].model_copy(update={"person": None})
    phases = (own.phases[0], without, *own.phases[2:])
    dependencies.strategies["default"] = own.model_copy(update={"phases": phases})  # type: ignore[index]
    dependencies.factory._made.clear()
    step = await actor.planned(now)
    while step.kind is StepKind.WAIT:
        step = await actor.planned(step.not_before)
    dependencies.strategies["default"] = own  # type: ignore[index]
    dependencies.factory._made.clear()
    became = await actor.contact(step)
    assert became.why == TURN_DUE
    assert await pool.fetchval("SELECT count(*) FROM attempts") == 0
    assert len(await pool.fetch(ITEMS)) == 1
