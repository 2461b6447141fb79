"""A dry run of a small portfolio makes the contacts that the activities make: each at its time.

On one side PostgreSQL, the activities and the providers' SDKs against a sandbox whose people do
nothing; on the other the dry run, in a world in which nobody does anything either. Compared is each
contact of eight weeks: account, step, touch, phase, channel, provider, purpose, what it covers,
and its instant, within a minute.
"""

import heapq
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from activities.dependencies import Dependencies
from config.settings import ROOT, Settings
from domain.planning.step import StepKind
from people.worlds import WORLDS
from store.database import Pool
from tests.support.activities import Actor
from tests.support.rows import add_account, add_customer, attempts
from tests.unit.simulation.support import lives
from workers.cli.simulation.sides import side
from workers.simulation.live import read_live
from workers.simulation.record import Record
from workers.simulation.settings import Run, factory_of, told

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


async def the_same_as(record: Record, pool: Pool) -> dict[Any, dict[str, Any]]:
    """The contacts that were made, once they are those of a dry run."""
    made = {_told(row)[:3]: row for row in await attempts(pool)}
    tried = {_told(row)[:3]: row for row in record.attempts}
    assert sorted(map(_told, tried.values())) == sorted(map(_told, made.values()))
    for name, row in made.items():
        apart = row["dispatched_at"] - datetime.fromisoformat(tried[name]["dispatched_at"])
        assert abs(apart) < timedelta(minutes=1), row
    return made


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

    made = await the_same_as(record, pool)
    assert len(made) > 15
    assert {row["channel"] for row in made.values()} == {"sms", "email"}


def configured(folder: Path, today: date) -> Settings:
    """Beside `default` there is `gentle`, whose phases have other names: for VIPs and who is late;
    and an experiment with those who owe pesos."""
    usual = yaml.safe_load((ROOT / "config" / "strategies" / "default.yaml").read_text("utf-8"))
    phases = [phase | {"name": f"gentle-{phase['name']}"} for phase in usual["phases"]]
    rules = [
        {"name": "vips", "when": {"attr_vip": True}, "strategy": "gentle"},
        {"name": "late", "when": {"days_past_due": {"from": 20}}, "strategy": "gentle"},
    ]
    files = {
        "strategies/default.yaml": usual,
        "strategies/gentle.yaml": usual | {"id": "gentle", "phases": phases},
        "segments.yaml": {"segments": rules, "default": "default"},
        "attributes.yaml": {"attributes": {"vip": "yes_no"}},
        "experiments/one.yaml": {
            "id": "trying",
            "version": 1,
            "starts": str(today - timedelta(days=2)),
            "until": str(today + timedelta(days=90)),
            "when": {"currency": "MXN"},
            "arms": [
                {"name": "usual", "share": "0.5"},
                {"name": "gentle", "share": "0.5", "strategy": "gentle"},
            ],
            "champion": "usual",
            "margin": "0.03",
        },
    }
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return side(Settings(), str(folder), None, "--segments").settings


@pytest.mark.timeout(400)
async def test_a_dry_run_chooses_strategies_as_the_activities_do(
    pool: Pool, dependencies: Dependencies, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    for number in range(8):
        mine = (("sms", "mobile", f"+5730012345{number:02d}"),)
        country, zone = ("MX", "America/Mexico_City") if number > 3 else ("CO", "America/Bogota")
        await add_customer(pool, f"C{number}", points=mine, country=country, zones=(zone,))
        due, currency = now.date() - timedelta(days=12), "MXN" if number > 3 else "COP"
        await add_account(pool, f"A{number}", f"C{number}", due=due, currency=currency)
    await pool.execute("UPDATE accounts SET attributes = '{\"vip\": true}' WHERE account_id = 'A1'")
    await pool.execute("UPDATE accounts SET pinned = 'default' WHERE account_id IN ('A2', 'A7')")
    began = now + timedelta(minutes=1)
    people = await read_live(pool, began)
    asked = Run(
        strategy=None,
        world=NOBODY_DOES_ANYTHING,
        seed=1,
        began=began,
        days=30,
        settings=told(configured(tmp_path, now.date())),
        channels=("sms", "email"),
        keep=True,
    )
    [record] = lives(people, asked)

    factory = factory_of(asked)
    choosing = replace(
        dependencies,
        strategies=factory.strategies,
        segments=factory.segments,
        trials=factory.trials,
    )
    actors = [Actor(choosing, f"A{number}") for number in range(8)]
    await played(actors, began, began + timedelta(days=30))

    made = await the_same_as(record, pool)
    gentle = {row["account_id"] for row in made.values() if row["phase"].startswith("gentle-")}
    usual = {row["account_id"] for row in made.values()} - gentle
    assert {"A0", "A1"} <= gentle
    assert {"A2", "A7"} <= usual
    rows = await pool.fetch("SELECT account_id, arms FROM accounts")
    arms = {one["account_id"]: ", ".join(one["arms"] or ()) for one in rows}
    assert arms == {one.key.removeprefix("bank/"): one.arm for one in record.accounts}
    assert sorted(name for name, arm in arms.items() if arm) == ["A4", "A5", "A6"]
