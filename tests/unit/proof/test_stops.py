"""Nobody is contacted after asking not to be, by the record of who asked."""

import pytest

from lab.proof.verdict import Proof, prove
from tests.support.runs import Row, address_of, attempt_row, received_row, stop_row
from tests.unit.proof.support import broken

HERS = address_of("c100", "sms")
ASKED = "2026-03-05T10:00:00+00:00"
"""After the attempt of the first week, before that of the second."""


def proved(stop: Row, *rows: Row, **received: str) -> Proof:
    return prove(list(rows), [received_row(row, **received) for row in rows], stops=[stop])


@pytest.mark.parametrize("words", ["STOP", "ya no quiero recibir esto", "", None])
def test_a_contact_after_somebody_asked_to_be_left_alone(words: str | None) -> None:
    proof = proved(stop_row(HERS, ASKED, words=words), attempt_row(1), attempt_row(2))
    assert broken(proof) == {"opt_out"}
    assert "attempt a002" in proof.unlawful[0]
    assert str(words or "without words") in proof.unlawful[0]


def test_what_the_senders_own_tables_call_an_opt_out_is_neither_here_nor_there() -> None:
    first, second = attempt_row(1), attempt_row(2)
    event = {"at": ASKED, "account": "meridian/100", "kind": "opt_out", "detail": {}}
    received = [received_row(first), received_row(second)]
    assert prove([first, second], received, events=[event]).holds


def test_it_binds_the_address_under_whatever_customer_account_and_spelling() -> None:
    other = attempt_row(2, customer_id="c999", account_id="900", covers=["meridian/900"])
    mexican = {"to": "+5215512345678"}
    stop = stop_row("whatsapp:+525512345678", ASKED)
    assert broken(proved(stop, attempt_row(1), other, **mexican)) == {"opt_out"}


@pytest.mark.parametrize(("channel", "found"), [("email", set()), ("sms", {"opt_out"})])
def test_it_binds_the_channel_on_which_it_was_asked(channel: str, found: set[str]) -> None:
    stop = stop_row(HERS, "2026-03-01T10:00:00+00:00", channel=channel)
    assert broken(proved(stop, attempt_row(1))) == found


def test_it_binds_every_channel_of_the_address_when_none_is_named() -> None:
    assert broken(proved(stop_row(HERS, ASKED, channel=None), attempt_row(2))) == {"opt_out"}


@pytest.mark.parametrize(
    ("landed", "found"),
    [("2026-03-04T15:00:59+00:00", set()), ("2026-03-04T15:01:10+00:00", {"opt_out"})],
)
def test_what_had_left_by_then_may_land_within_a_minute(landed: str, found: set[str]) -> None:
    row = attempt_row(1)
    stop = stop_row(HERS, "2026-03-04T15:00:05+00:00")
    assert broken(prove([row], [received_row(row, at=landed)], stops=[stop])) == found


def test_what_had_not_left_may_not_land_at_all() -> None:
    row = attempt_row(1)
    stop = stop_row(HERS, "2026-03-04T15:00:01+00:00")  # reserved at that second, dispatched after
    assert broken(prove([row], [received_row(row)], stops=[stop])) == {"opt_out"}


def test_at_a_time_that_nobody_could_tell_it_proves_no_order() -> None:
    asked = stop_row(HERS, ASKED, clock="estimate")
    assert broken(proved(asked, attempt_row(2))) == set()


def test_who_asks_to_be_written_to_again_may_be() -> None:
    row = attempt_row(2)
    stops = [stop_row(HERS, ASKED), stop_row(HERS, "2026-03-06T10:00:00+00:00", kind="start")]
    assert prove([row], [received_row(row)], stops=stops).holds


# --- somebody else --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"channel": "voice"},
        {"customer_id": "c999"},
        {"account_id": "200", "covers": ["meridian/200"]},
    ],
    ids=["again", "by another channel", "under another id", "about another account"],
)
def test_a_contact_about_the_customer_after_somebody_said_it_is_not_them(change: Row) -> None:
    stop = stop_row(HERS, ASKED, kind="wrong_person", words="no soy Roberto")
    again = attempt_row(2, **change)
    assert "wrong_person" in broken(proved(stop, attempt_row(1), again, to=HERS))


def test_the_customer_may_be_contacted_elsewhere_and_the_owner_about_their_own_debt() -> None:
    stop = stop_row(HERS, ASKED, kind="wrong_person")
    before, elsewhere = attempt_row(1), attempt_row(2)
    theirs = attempt_row(4, customer_id="c7", account_id="700", covers=["meridian/700"])
    received = [
        received_row(before),
        received_row(elsewhere, to="+573000000001"),
        received_row(theirs, to=HERS),
    ]
    assert prove([before, elsewhere, theirs], received, stops=[stop]).holds
