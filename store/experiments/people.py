"""Who is in which arm of which experiment: written once, never changed."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from domain.experiments.experiment import Experiment
from store.database import Connection

# Under whatever id: of one person one draw. `own`: of this very id.
IN_WHICH: Final = """
SELECT p.experiment, p.arm, bool_or(p.customer_id = $2) AS own
FROM experiment_people p
WHERE p.creditor = $1 AND p.customer_id = ANY (persons(ARRAY[$2]))
GROUP BY p.experiment, p.arm, p.taken_in_at, p.customer_id
ORDER BY own DESC, p.taken_in_at, p.customer_id
"""

# The first of those who have one of their addresses, or whose other id this is.
TAKEN_IN_BESIDE: Final = """
SELECT p.customer_id, p.arm, p.chances FROM experiment_people p
WHERE p.experiment = $1 AND p.creditor = $2
    AND p.customer_id = ANY (persons(ARRAY(SELECT around(persons(ARRAY[$3])))))
ORDER BY p.came_with IS NOT NULL, p.taken_in_at, p.customer_id LIMIT 1
"""

REGISTER: Final = """
INSERT INTO experiments (experiment, plan, registered_at) VALUES ($1, $2, $3)
ON CONFLICT DO NOTHING
"""

TAKE_IN: Final = """
INSERT INTO experiment_people (experiment, creditor, customer_id, arm, version, taken_in_at,
    chances, came_with, owed)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, coalesce((
    SELECT jsonb_agg(jsonb_build_object('account_id', a.account_id, 'currency', a.currency,
        'balance', a.balance::text) ORDER BY a.account_id)
    FROM accounts a
    WHERE a.creditor = $2 AND a.customer_id = ANY (persons(ARRAY[$3])) AND a.status = 'open'
        AND a.balance > 0), '[]')
ON CONFLICT DO NOTHING
"""

FOUND: Final = "SELECT experiment, kind, arm FROM experiment_findings WHERE experiment = ANY ($1)"

MARK: Final = "UPDATE accounts SET arms = $3 WHERE creditor = $1 AND account_id = $2"


class InArm(NamedTuple):
    """One person in one experiment."""

    experiment: str
    arm: str


class Beside(NamedTuple):
    """Somebody close to a person who is in the experiment already."""

    customer_id: str
    arm: str
    chances: Mapping[str, int]


async def in_which(connection: Connection, creditor: str, customer_id: str) -> list[InArm]:
    """The arms of a person, the one of each experiment that was drawn first."""
    made: dict[str, InArm] = {}
    for row in await connection.fetch(IN_WHICH, creditor, customer_id):
        made.setdefault(row["experiment"], InArm(row["experiment"], row["arm"]))
    return list(made.values())


async def beside(
    connection: Connection, experiment: str, creditor: str, customer_id: str
) -> Beside | None:
    """Who is in it already and has an address of this person's, or is this person."""
    row = await connection.fetchrow(TAKEN_IN_BESIDE, experiment, creditor, customer_id)
    return None if row is None else Beside(**dict(row))


async def take_in(
    connection: Connection,
    experiment: Experiment,
    whom: tuple[str, str],
    arm: str,
    chances: Mapping[str, int],
    came_with: str | None,
    now: datetime,
) -> None:
    """Write whom (creditor, customer) an experiment has taken in; with the first its plan."""
    plan = experiment.plan.model_dump(mode="json")
    await connection.execute(REGISTER, experiment.id, plan, now)
    drawn = (arm, experiment.version, now, dict(chances), came_with)
    await connection.execute(TAKE_IN, experiment.id, *whom, *drawn)


async def found(
    connection: Connection, experiments: Collection[str]
) -> dict[str, set[tuple[str, str]]]:
    """By experiment, the kind and the arm of each thing that was found."""
    made: dict[str, set[tuple[str, str]]] = {name: set() for name in experiments}
    for row in await connection.fetch(FOUND, list(experiments)):
        made[row["experiment"]].add((row["kind"], row["arm"]))
    return made


async def mark(connection: Connection, owner: tuple[str, str], arms: Sequence[str]) -> None:
    """Have an account say which arms its customer is in."""
    await connection.execute(MARK, *owner, list(arms))
