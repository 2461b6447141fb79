"""`contrapunto account hold --until`: an instant, or a day where the customer is."""

import pytest

from domain.failures import BadInput
from workers.cli.account import held_until

BOGOTA = ("America/Bogota",)
APART = ("America/New_York", "America/Los_Angeles")


@pytest.mark.parametrize(
    ("typed", "zones", "until"),
    [
        ("2026-11-29", BOGOTA, "2026-11-30T05:00:00+00:00"),
        ("2026-11-29", APART, "2026-11-30T08:00:00+00:00"),
        ("2026-12-31", ("UTC",), "2027-01-01T00:00:00+00:00"),
        ("9999-12-31", BOGOTA, "2200-01-01T05:00:00+00:00"),
        ("2026-11-29T09:00:00", BOGOTA, "2026-11-29T09:00:00+00:00"),
        ("2026-11-29T09:00:00-05:00", BOGOTA, "2026-11-29T09:00:00-05:00"),
        ("2026-11-29 09:00", BOGOTA, "2026-11-29T09:00:00+00:00"),
    ],
)
def test_a_date_lasts_until_its_day_is_over_everywhere(
    typed: str, zones: tuple[str, ...], until: str
) -> None:
    assert held_until(typed, zones).isoformat() == until


@pytest.mark.parametrize("typed", ["", "tomorrow", "2026-02-30", "29.11.2026", "9" * 100, "\0"])
def test_what_is_neither_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(BadInput, match="until: must be a date such as 2026-11-29"):
        held_until(typed, BOGOTA)
