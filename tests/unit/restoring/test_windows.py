"""Lists that give only so many at once."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.channels.lists.base import NotListedError
from activities.channels.lists.windows import halved

BEGIN = datetime(2026, 3, 2, tzinfo=UTC)
END = BEGIN + timedelta(hours=1)
MOST = 5


@pytest.mark.hypothesis
@given(st.sets(st.integers(0, 3599), max_size=60))
def test_everything_is_listed_once_however_much_there_is(seconds: set[int]) -> None:
    there = sorted(BEGIN + timedelta(seconds=second) for second in seconds)

    def ask(since: datetime, until: datetime) -> list[datetime]:
        return [at for at in there if since <= at < until][:MOST]

    assert sorted(halved(ask, MOST, BEGIN, END)) == there


def test_a_moment_with_more_than_is_given_is_not_taken_for_all() -> None:
    def ask(since: datetime, until: datetime) -> list[int]:
        return [1] * MOST if since <= BEGIN < until else []

    with pytest.raises(NotListedError, match="more than 5"):
        list(halved(ask, MOST, BEGIN, END))
