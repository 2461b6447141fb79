"""The schema: the database knows the same moves as the domain."""

from activities.store.database import SCHEMA, Pool
from config.settings import ROOT
from domain.contact import TRANSITIONS


async def test_moves_of_an_attempt_are_the_same_in_postgres(pool: Pool) -> None:
    rows = await pool.fetch("SELECT old, new FROM attempt_moves")
    known = {(old.value, new.value) for old, news in TRANSITIONS.items() for new in news}
    assert {(row["old"], row["new"]) for row in rows} == known


def test_the_code_asks_for_the_newest_schema() -> None:
    """Two branches that each add a migration merge without a conflict here, and forget it."""
    files = sorted((ROOT / "migrations" / "versions").glob("[0-9]*.py"))
    assert files[-1].name.startswith(f"{SCHEMA}_")
