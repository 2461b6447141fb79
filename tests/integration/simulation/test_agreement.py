"""A dry run of a small portfolio makes the contacts that the activities make: each at its time.

On one side PostgreSQL, the activities and the providers' SDKs against a sandbox whose people do
nothing; on the other the dry run, in a world in which nobody does anything either. Compared is each
contact of eight weeks: account, step, touch, phase, channel, provider, purpose, what it covers,
and its instant, within a minute.
"""

import heapq
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from activities.dependencies import Dependencies
from domain.planning.step import StepKind
from people.worlds import WORLDS
from store.database import Pool
from tests.support.activities import Actor
from tests.support.rows import add_account, add_customer, attempts
from tests.unit.simulation.support import lives
from workers.simulation.live import read_live
from workers.simulation.settings import Run

DAYS = 56
NOBODY_DOES_ANYTHING = WORLDS["nothing"].but(
    "still", self_cure=0.0, cannot_pay=0.0, cannot_pay_later=0.0, dead_address=0.0
)


async def played(actors: list[Actor], began: datetime, until: datetime) -> None:
    """What the workflows of these accounts do: wait, then contact or look again."""
    waiting = [(began, place, None) for place in range(len(actors))]
    steps: dict[int, Any] = {}
    heapq.heapify(waiting)
    while waiting and waiting[0][0] <= until:
        now, place, _ = heapq.heappop(waiting)
        step = steps.get(place)
        if step is not None and step.kind is StepKind.CONTACT:
            step = await actors[place].contact(step, now)
        else:
            step = await actors[place].planned(now)
        steps[place] = step
        if not step.ends:
            heapq.heappush(waiting, (max(step.not_before, now), place, None))


def _told(row: dict[str, Any]) -> tuple[Any, ...]:
    names = ("creditor", "account_id", "step", "touch", "phase", "channel", "provider", "purpose")
    return (*(str(row[name]) for name in names), sorted(row["covers"]))


@pytest.mark.timeout(400)
async def test_a_dry_run_makes_the_contacts_that_are_made(
    pool: Pool, dependencies: Dependencies
) -> None:
    now = datetime.now(UTC)
    both = (("sms", "mobile", "+573001234567"), ("email", "email", "ana@example.com"))
    await add_customer(pool, "C1", points=both, preferred="email")
    await add_customer(
        *(pool, "C2"),
        country="US",
        zones=("America/New_York", "America/Chicago"),
        points=(("sms", "mobile", "+12125550142"), ("email", "email", "bo@example.com")),
    )
    # Two people with one mailbox: what one hears keeps the other in peace.
    await add_customer(
        *(pool, "C3"),
        country="MX",
        zones=("America/Mexico_City",),
        points=(("email", "email", "ana@example.com"),),
    )
    owed = (("A1", "C1", 3), ("A2", "C1", 40), ("A3", "C2", 25), ("A4", "C3", -2))
    for account, customer, days in owed:
        currency = {"C2": "USD", "C3": "MXN"}.get(customer, "COP")
        due = now.date() - timedelta(days=days)
        await add_account(pool, account, customer, due=due, currency=currency)
    began = now + timedelta(minutes=1)
    people = await read_live(pool, began)
    [record] = lives(
        people,
        Run(
            strategy=dependencies.strategies["default"].model_dump_json(),
            world=NOBODY_DOES_ANYTHING,
            seed=1,
            began=began,
            days=DAYS,
            settings=dependencies.settings.model_dump_json(
                include={"readings", "actor", "least_amounts", "law"}
            ),
            channels=("sms", "email"),
            keep=True,
        ),
    )

    actors = [Actor(dependencies, account) for account, *_ in owed]
    await played(actors, began, began + timedelta(days=DAYS))

    made = {_told(row)[:3]: row for row in await attempts(pool)}
    tried = {_told(row)[:3]: row for row in record.attempts}
    assert sorted(map(_told, tried.values())) == sorted(map(_told, made.values()))
    for name, row in made.items():
        apart = row["dispatched_at"] - datetime.fromisoformat(tried[name]["dispatched_at"])
        assert abs(apart) < timedelta(minutes=1), row
    assert len(made) > 15
    assert {row["channel"] for row in made.values()} == {"sms", "email"}
