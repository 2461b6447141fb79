"""Random lives of two customers with one telephone, and of a guarantor: what must never be is never
so, step by step.

``LIVES`` says how many (``make lives``); a life that breaks is told line by line.
"""

import os
from collections import Counter

import pytest

from activities.dependencies import Dependencies
from tests.integration.store.lives.checks import Rows, steps
from tests.integration.store.lives.conftest import KNOWN
from tests.integration.store.lives.journal import ANSWERS
from tests.integration.store.lives.life import Life
from tests.support.activities import accepted

LIVES = int(os.environ.get("LIVES", "25"))
MANY = 100
FIRST = int(os.environ.get("FIRST_LIFE", "0"))
STEPS = 30
SEEN = Counter[str]()


@pytest.mark.parametrize("seed", range(FIRST, FIRST + LIVES))
async def test_after_every_step_of_a_life_nothing_is_wrong(
    seed: int, dependencies: Dependencies, sandbox_url: str
) -> None:
    life = Life(seed, dependencies, sandbox_url)
    await life.begin()
    rows = Rows(life)
    for _ in range(STEPS):
        try:
            await life.goes_on()
        except Exception as error:
            error.add_note("\n".join([life.country, *life.lived]))
            raise
        wrong = await rows.wrong()
        assert not wrong, "\n".join([life.country, *life.lived, *wrong])
    taken = Counter(message["attempt"] for message in await accepted(sandbox_url))
    assert max(taken.values(), default=0) <= 1, "a provider has taken an attempt twice"
    SEEN.update(await steps(dependencies.pool))
    SEEN.update(KNOWN)
    KNOWN.clear()


def test_these_lives_have_seen_reminders_and_answers() -> None:
    """Runs after the lives: where none of it went out, nothing is shown of it."""
    if LIVES < 25 or not SEEN:
        pytest.skip("only together with the lives")
    assert SEEN["guarantor_notice"], SEEN
    assert SEEN["known"], "no contact was followed by a plan without reading anew"
    assert SEEN["reminder"] and len(ANSWERS.keys() & SEEN.keys()) >= 3, SEEN
    wanted = ["offer accepted", "dispute open", "hardship active"]
    wanted += ["parts open", "what fell due", "settlement_offer"]
    if LIVES >= MANY:  # of few lives hardly one has them
        wanted += ["offer paid", "offer approved"]
    assert not [one for one in wanted if not SEEN[one]], SEEN
