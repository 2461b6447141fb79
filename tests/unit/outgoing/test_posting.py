"""How long an endpoint is left alone."""

from datetime import UTC, datetime, timedelta

import pytest

from workers.relay.delivering import Pace
from workers.relay.posting import seconds_of

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("120", 120),
        (" 7 ", 7),
        ("0", 0),
        ("999999999999999999999", 86_400),
        ("Fri, 20 Nov 2026 15:02:00 GMT", 120),
        ("Fri, 20 Nov 2026 14:00:00 GMT", 0),
        ("Fri, 20 Nov 2099 14:00:00 GMT", 86_400),
        ("soon", None),
        ("-5", None),
        ("", None),
        ("١٢", None),
    ],
)
def test_retry_after_is_read_and_bounded(header: str | None, seconds: float | None) -> None:
    assert seconds_of(header, NOW) == seconds


def test_waits_grow_up_to_the_longest_and_are_spread() -> None:
    pace = Pace(first_wait=5, longest_wait=3_600)
    assert [pace.wait(tries, None, 1) for tries in (1, 2, 3, 20, 2_000)] == [5, 10, 20, 3600, 3600]
    assert pace.wait(2, None, 0) == 5
    assert pace.wait(1, 700, 0.5) == 700


def test_a_lane_is_held_longer_than_an_event_may_take() -> None:
    assert timedelta(seconds=Pace().lease) > timedelta(seconds=30 + 1)
