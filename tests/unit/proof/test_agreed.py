"""The proof sees what was said past a dispute or a settlement, and an offer out of its time."""

from typing import Any

import pytest

from lab.proof.verdict import prove
from tests.support.runs import Row, attempt_row, received_row
from tests.unit.proof.support import at, broken

NOON = "2026-03-04T17:00:00+00:00"


def stood(kind: str, since: str, until: str | None = None, **changes: Any) -> Row:
    row = attempt_row(1)
    account = f"{row['creditor']}/{row['account_id']}"
    return {"kind": kind, "name": "x", "account": account, "at": since, "until": until, **changes}


def proved(*facts: Row, purposes: tuple[str, ...] = ("reminder",)) -> set[str]:
    rows = [at(attempt_row(1), NOON, purpose=one) for one in purposes]
    rows = [row | {"attempt_id": f"{row['attempt_id']}{n}"} for n, row in enumerate(rows)]
    proof = prove(rows, [received_row(row) for row in rows], agreed=facts)
    return broken(proof) & {"agreed", "offer"}


EARLIER, LATER = "2026-03-04T16:00:00+00:00", "2026-03-04T18:00:00+00:00"


@pytest.mark.parametrize("kind", ["dispute", "settlement"])
def test_what_is_said_while_it_stands_is_seen(kind: str) -> None:
    assert proved(stood(kind, EARLIER)) == {"agreed"}
    assert proved(stood(kind, EARLIER, LATER)) == {"agreed"}
    assert proved(stood(kind, EARLIER, EARLIER)) == set()
    assert proved(stood(kind, LATER)) == set()
    assert proved(stood(kind, EARLIER, account="bank/another")) == set()
    assert proved(stood(kind, EARLIER), purposes=("balance_answer",)) == set()


def test_an_account_that_is_only_spoken_of_beside_another_is_seen_too() -> None:
    row = at(attempt_row(1), NOON, covers=["bank/beside"])
    facts = [stood("dispute", EARLIER, account="bank/beside")]
    assert "agreed" in broken(prove([row], [received_row(row)], agreed=facts))


def test_a_settlement_is_reminded_of_while_it_is_to_be_paid_and_once() -> None:
    reminder = ("settlement_reminder",)
    assert proved(stood("settlement", EARLIER), purposes=reminder) == set()
    assert proved(stood("settlement", EARLIER, EARLIER), purposes=reminder) == {"offer"}
    assert proved(stood("dispute", EARLIER), purposes=reminder) == {"agreed", "offer"}
    assert proved(stood("settlement", EARLIER), purposes=reminder * 2) == {"offer"}


def test_an_offer_is_told_of_while_it_stands() -> None:
    told = ("settlement_offer",)
    assert proved(stood("offer", EARLIER, LATER), purposes=told) == set()
    assert proved(stood("offer", EARLIER, EARLIER), purposes=told) == {"offer"}
    assert proved(purposes=told) == {"offer"}
    assert proved(stood("offer", EARLIER), purposes=told * 2) == {"offer"}


def test_without_the_record_nothing_is_examined() -> None:
    row = at(attempt_row(1), NOON, purpose="settlement_offer")
    proof = prove([row], [received_row(row)])
    assert {one.code: one.mark for one in proof.checks if one.code in ("agreed", "offer")} == {
        "agreed": "not_examined",
        "offer": "not_examined",
    }
