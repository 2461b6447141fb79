"""Which requests about a dispute or a hardship are refused, by what stands and by their dates."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.cases.admission import Standing, completed
from domain.cases.case import DisputeState
from domain.cases.terms import CaseTerms, DisputeTerms, HardshipTerms
from domain.facts import MESSAGE, BeginHardship, CaseMessage, OpenDispute
from domain.ledger.admission import refusal
from domain.strategy import PromisePolicy

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
NOTHING = Standing()
OPEN = Standing("d-1", DisputeState.OPEN, "h-1")
FOR = Standing("d-1", DisputeState.RESOLVED_FOR)
BOGOTA = ("America/Bogota",)


def why(standing: Standing, *, is_open: bool = True, **asked: Any) -> str | None:
    message = MESSAGE.validate_python({"id": "m", **asked})
    owed = ("COP", Decimal(100), is_open)
    return refusal(message, owed, NOW, PromisePolicy(), BOGOTA, standing=standing)


@pytest.mark.parametrize(
    ("standing", "asked", "words"),
    [
        (NOTHING, {"kind": "open_dispute"}, None),
        (NOTHING, {"kind": "open_dispute", "answer_due": "2026-11-23"}, None),
        (NOTHING, {"kind": "open_dispute", "answer_due": "2027-11-24"}, None),
        (
            NOTHING,
            {"kind": "open_dispute", "answer_due": "2026-11-22"},
            "answer_due: must not lie in the past, 2026-11-22 does (today is 2026-11-23)",
        ),
        (
            NOTHING,
            {"kind": "open_dispute", "answer_due": "2027-11-25"},
            "answer_due: at most 366 days ahead, 2027-11-25 is 367",
        ),
        (
            OPEN,
            {"kind": "open_dispute"},
            "dispute: d-1 stands already: resolve that one first",
        ),
        (FOR, {"kind": "open_dispute"}, "dispute: d-1 stands already: resolve that one first"),
        *(
            (OPEN, {"kind": "resolve_dispute", "outcome": one}, None)
            for one in ("for", "against", "withdrawn")
        ),
        (OPEN, {"kind": "resolve_dispute", "outcome": "for", "dispute": "d-1"}, None),
        (
            OPEN,
            {"kind": "resolve_dispute", "outcome": "for", "dispute": "d-0"},
            "dispute: d-0 is not the one that stands, which is d-1",
        ),
        (
            OPEN,
            {"kind": "resolve_dispute", "outcome": "corrected"},
            "outcome: d-1 is open: `for`, `against` or `withdrawn` resolves it",
        ),
        (FOR, {"kind": "resolve_dispute", "outcome": "corrected"}, None),
        (
            FOR,
            {"kind": "resolve_dispute", "outcome": "against"},
            "outcome: d-1 is resolved for the customer: `corrected` ends it, or close the account",
        ),
        (
            NOTHING,
            {"kind": "resolve_dispute", "outcome": "against"},
            "dispute: there is none that is open",
        ),
        (NOTHING, {"kind": "begin_hardship"}, None),
        (
            OPEN,
            {"kind": "begin_hardship"},
            "hardship: h-1 is active already: extend or end that one",
        ),
        (
            NOTHING,
            {"kind": "begin_hardship", "review_date": "2026-11-22"},
            "review_date: must not lie in the past, 2026-11-22 does (today is 2026-11-23)",
        ),
        (OPEN, {"kind": "extend_hardship", "review_date": "2026-12-22"}, None),
        (
            NOTHING,
            {"kind": "extend_hardship", "review_date": "2026-12-22"},
            "hardship: there is none that is active",
        ),
        (OPEN, {"kind": "end_hardship", "hardship": "h-1"}, None),
        (
            OPEN,
            {"kind": "end_hardship", "hardship": "h-0"},
            "hardship: h-0 is not the one that stands, which is h-1",
        ),
        (FOR, {"kind": "end_hardship"}, "hardship: there is none that is active"),
    ],
)
def test_what_stands_and_the_date_say_what_is_refused(
    standing: Standing, asked: dict[str, Any], words: str | None
) -> None:
    assert why(standing, **asked) == words


def test_nothing_is_opened_on_an_account_that_is_closed() -> None:
    for kind in ("open_dispute", "begin_hardship"):
        assert why(NOTHING, is_open=False, kind=kind) == "the account is closed"


def test_a_date_that_is_not_told_is_the_strategys() -> None:
    terms = CaseTerms(DisputeTerms(answer_days=9), HardshipTerms(review_days=40))
    opened = completed(OpenDispute(id="d"), TODAY, terms)
    assert isinstance(opened, OpenDispute)
    assert opened.answer_due == TODAY + timedelta(days=9)
    begun = completed(BeginHardship(id="h"), TODAY, terms)
    assert isinstance(begun, BeginHardship)
    assert begun.review_date == TODAY + timedelta(days=40)
    told = OpenDispute(id="d", answer_due=TODAY)
    assert completed(told, TODAY, terms) == told


@pytest.mark.parametrize("reference", ["ana@example.com", "two words", "", "x" * 257])
def test_a_document_is_a_reference_and_no_address(reference: str) -> None:
    with pytest.raises(ValueError, match="documents"):
        OpenDispute(id="d", documents=(reference,))


def test_no_request_can_say_that_somebody_is_vulnerable() -> None:
    """It would travel to Temporal."""
    kinds = CaseMessage.__subclasses__()
    assert len(kinds) == 5
    assert not [name for one in kinds for name in one.model_fields if "vulnerab" in name]
