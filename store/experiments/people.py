"""Who is in which arm of which experiment: written once, never changed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from domain.experiments.experiment import Experiment
from store.database import Connection

# Under whatever id: of one person one draw.
STANDING: Final = """
SELECT
    (SELECT json_object_agg(one.experiment, one.arm) FROM (
        SELECT DISTINCT ON (p.experiment) p.experiment, p.arm FROM experiment_people p
        WHERE p.creditor = $1 AND p.customer_id = ANY (persons(ARRAY[$2]))
        ORDER BY p.experiment, p.customer_id <> $2, p.taken_in_at, p.customer_id) AS one) AS arms,
    (SELECT json_agg(json_build_array(f.experiment, f.kind, f.arm)) FROM experiment_findings f
        WHERE f.experiment = ANY ($3)) AS found
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

MARK: Final = "UPDATE accounts SET arms = $3 WHERE creditor = $1 AND account_id = $2"


class Beside(NamedTuple):
    """Somebody close to a person who is in the experiment already."""

    customer_id: str
    arm: str
    chances: Mapping[str, int]


async def standing(
    connection: Connection, creditor: str, customer_id: str, experiments: Sequence[str]
) -> tuple[dict[str, str], dict[str, set[tuple[str, str]]]]:
    """The arm of a person in each experiment they were taken into; and of these experiments the
    kind and the arm of each thing that was found."""
    row = await connection.fetchrow(STANDING, creditor, customer_id, list(experiments))
    assert row is not None, "it answers one row"  # noqa: S101
    found: dict[str, set[tuple[str, str]]] = {name: set() for name in experiments}
    for experiment, kind, arm in row["found"] or ():
        found[experiment].add((kind, arm))
    return row["arms"] or {}, found


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


async def mark(connection: Connection, owner: tuple[str, str], arms: Sequence[str]) -> None:
    """Have an account say which arms its customer is in."""
    await connection.execute(MARK, *owner, list(arms))
