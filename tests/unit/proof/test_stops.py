"""Nobody is contacted after asking not to be."""

import pytest

from lab.proof.verdict import prove
from tests.support.runs import attempt_row, received_row
from tests.unit.proof.support import broken


@pytest.mark.parametrize("detail", [{"channel": "sms"}, "STOP by SMS", {}, None, {"text": "BASTA"}])
def test_a_contact_after_an_opt_out(detail: object) -> None:
    first, second = attempt_row(1), attempt_row(2)
    stop = {"at": "2026-03-05T10:00:00+00:00", "account": "meridian/100", "kind": "opt_out"}
    proof = prove(
        [first, second],
        [received_row(first), received_row(second)],
        events=[stop | {"detail": detail}],
    )
    assert broken(proof) == {"opt_out"}


def test_an_opt_out_binds_the_customers_other_accounts() -> None:
    first = attempt_row(1)
    other = attempt_row(2, account_id="200", covers=["meridian/200"])
    stop = {"at": "2026-03-05T10:00:00+00:00", "account": "meridian/100", "kind": "opt_out"}
    received = [received_row(first), received_row(other)]
    assert broken(prove([first, other], received, events=[stop])) == {"opt_out"}


def test_an_opt_out_of_another_channel_or_one_in_flight__passes() -> None:
    row = attempt_row(1)
    stop = {"account": "meridian/100", "kind": "opt_out"}
    email = stop | {"at": "2026-03-01T10:00:00+00:00", "detail": {"channel": "email"}}
    flight = stop | {"at": "2026-03-04T15:00:02.5+00:00", "detail": {"channel": "sms"}}
    assert prove([row], [received_row(row)], events=[email, flight]).holds


def test_one_confirmation_of_an_opt_out__passes() -> None:
    first = attempt_row(1)
    stop = {"at": "2026-03-05T10:00:00+00:00", "account": "meridian/100", "kind": "opt_out"}
    bare = [attempt_row(n, purpose="opt_out_confirmation") for n in (2, 3)]
    received = [received_row(row) for row in (first, *bare)]
    assert prove([first, bare[0]], received[:2], events=[stop]).holds
    assert broken(prove([first, *bare], received, events=[stop])) == {"opt_out"}
