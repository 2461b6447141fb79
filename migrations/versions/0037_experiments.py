"""Experiments: who was drawn into which arm, what was found, and the arms of attempts and plans.

Only adds: workers that know nothing of it go on working beside it, and draw nobody.
"""

from alembic import op

revision = "0037"
down_revision = "0036"

# One statement per op.execute: asyncpg prepares each, and a prepared statement holds only one.
STATEMENTS = (
    """
    CREATE TABLE experiments (
        experiment text PRIMARY KEY,
        plan jsonb NOT NULL,
        registered_at timestamptz NOT NULL
    )
    """,
    "COMMENT ON TABLE experiments IS 'what was written down before anybody was taken in: by it an "
    "experiment is read for good'",
    """
    CREATE TABLE experiment_people (
        experiment text NOT NULL REFERENCES experiments,
        creditor text NOT NULL,
        customer_id text NOT NULL,
        arm text NOT NULL,
        version integer NOT NULL,
        taken_in_at timestamptz NOT NULL,
        chances jsonb NOT NULL,
        came_with text,
        owed jsonb NOT NULL,
        PRIMARY KEY (creditor, customer_id, experiment)
    )
    """,
    "CREATE INDEX experiment_people_in_order ON experiment_people (experiment, taken_in_at)",
    "COMMENT ON TABLE experiment_people IS 'a customer of a creditor who was taken into an "
    "experiment; the arm never changes'",
    "COMMENT ON COLUMN experiment_people.chances IS 'the arms that were open, with the share of "
    "each in ten-thousandths'",
    "COMMENT ON COLUMN experiment_people.came_with IS 'the customer with one of their addresses, "
    "or whose other id this is, by whose arm they go, too: not counted; null: drawn'",
    "COMMENT ON COLUMN experiment_people.owed IS 'their open accounts with the creditor that day: "
    "account_id, currency, balance'",
    """
    CREATE TABLE experiment_findings (
        experiment text NOT NULL REFERENCES experiments,
        arm text NOT NULL,
        kind text NOT NULL CHECK (kind IN ('closed', 'decided', 'mismatch')),
        found_at timestamptz NOT NULL,
        verdict text,
        why text NOT NULL,
        figures jsonb NOT NULL,
        PRIMARY KEY (experiment, kind, arm)
    )
    """,
    "COMMENT ON TABLE experiment_findings IS 'what was found, once and for good: an arm that is "
    "closed, a verdict, arms without the people that they should have (arm is then empty)'",
    "ALTER TABLE accounts ADD COLUMN arms text[]",
    "COMMENT ON COLUMN accounts.arms IS '<experiment>:<arm> of each that its customer is in by the "
    "last plan; null: no plan was made while there were experiments'",
    "ALTER TABLE attempts ADD COLUMN arms text[]",
    "COMMENT ON COLUMN attempts.arms IS 'of the account when it was reserved; null: unknown'",
    "ALTER TABLE plan_changes ADD COLUMN arms text[]",
    "COMMENT ON COLUMN plan_changes.arms IS 'of the account by that plan; null: unknown'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
