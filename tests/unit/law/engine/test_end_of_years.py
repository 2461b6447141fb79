"""What opens only beyond our years never opens; and nothing that is asked of them fails."""

from typing import Any

import pytest

from domain.law.engine import closes_at, next_opening, verdict
from domain.law.request import LawRequest
from tests.unit.law.support import BOOK, ask, local

CASES: list[tuple[str, str, dict[str, Any]]] = [
    ("GB", "2199-12-31T17:00:00Z", {"kind": "breathing_space", "at": "2199-12-31T17:00:00Z"}),
    ("US", "2190-01-01T17:00:00Z", {"kind": "bankruptcy", "at": "2190-01-01T00:00:00Z"}),
    ("CO", "2199-06-01T17:00:00Z", {"kind": "death", "at": "2199-01-01T00:00:00Z"}),
    ("CO", "2199-12-31T23:30:00Z", {"kind": "opt_in", "at": "2199-01-01T00:00:00Z"}),
]
MORE: tuple[dict[str, Any], ...] = (
    {},
    {"days": 36_500},
    {"ends_at": "2199-12-31T23:30:00Z"},
    {"ends_at": "2199-12-31T23:30:00-12:00"},
)


@pytest.mark.parametrize("more", MORE)
@pytest.mark.parametrize(("country", "at", "event"), CASES)
def test_what_opens_beyond_the_years_never_opens(
    country: str, at: str, event: dict[str, Any], more: dict[str, Any]
) -> None:
    request = ask(country, channel="sms", at=at, events=[{**event, **more}])
    packs = BOOK.packs_for(request.jurisdictions)
    found = verdict(packs, request, request.at)
    for opening in (found.next_allowed_at, next_opening(packs, request, request.at)):
        assert opening is None or opening.year < 2200
    closes = closes_at(packs, request, request.at)
    assert closes is None or closes.year < 2200


def test_a_bankruptcy_of_a_hundred_years_is_denied_without_end() -> None:
    event = {"kind": "bankruptcy", "at": "2190-01-01T00:00:00Z", "days": 36_500}
    request = ask("US", at="2190-01-02T17:00:00Z", events=[event])
    found = verdict(BOOK.packs_for(request.jurisdictions), request, request.at)
    assert (found.verdict, found.next_allowed_at) == ("denied", None)


@pytest.mark.parametrize(
    "at", ["1900-01-01T00:00:00+14:00", "2199-12-31T23:59:59-12:00", "2199-12-31T23:59:59.999999Z"]
)
def test_an_instant_that_is_taken_can_be_read_again(at: str) -> None:
    """In UTC it may lie in another year."""
    event = {"kind": "cease", "at": at, "ends_at": "2199-12-31T23:59:59-12:00"}
    taken = ask("CO", at=local("America/Bogota", "2026-11-20 10:00"), events=[event])
    assert LawRequest.model_validate(taken.model_dump(mode="json")) == taken
