"""The schema: the database knows the same moves as the domain."""

from activities.store.database import Pool
from domain.contact import TRANSITIONS


async def test_moves_of_an_attempt_are_the_same_in_postgres(pool: Pool) -> None:
    rows = await pool.fetch("SELECT old, new FROM attempt_moves")
    known = {(old.value, new.value) for old, news in TRANSITIONS.items() for new in news}
    assert {(row["old"], row["new"]) for row in rows} == known
