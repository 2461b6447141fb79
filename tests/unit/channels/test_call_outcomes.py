"""What becomes of a call, in the ledger's words and the law's."""

import pytest

from activities.channels.twilio_voice import STATUSES, outcome_of
from domain.law.terms import ContactOutcome
from domain.ledger.attempt import AttemptState, RefusalKind
from domain.ledger.call_outcome import RANG, CallOutcome, weightier

S, O, K = AttemptState, CallOutcome, RefusalKind  # noqa: E741 - as in the table they head


@pytest.mark.parametrize(
    ("status", "answered_by", "sip", "expected"),
    [
        ("queued", "", "", (S.ACCEPTED, None, None)),
        ("initiated", "", "", (S.ACCEPTED, None, None)),
        ("ringing", "", "", (S.ACCEPTED, None, None)),
        ("in-progress", "human", "", (S.ACCEPTED, None, None)),
        ("completed", "human", "200", (S.DELIVERED, O.DROPPED, None)),
        ("completed", "unknown", "200", (S.DELIVERED, O.DROPPED, None)),
        ("completed", "fax", "200", (S.DELIVERED, O.DROPPED, None)),
        ("completed", "", "200", (S.DELIVERED, O.DROPPED, None)),
        ("completed", "machine_start", "200", (S.DELIVERED, O.VOICEMAIL, None)),
        ("completed", "machine_end_beep", "200", (S.DELIVERED, O.VOICEMAIL, None)),
        ("completed", "machine_end_silence", "200", (S.DELIVERED, O.VOICEMAIL, None)),
        ("completed", "machine_end_other", "200", (S.DELIVERED, O.VOICEMAIL, None)),
        ("no-answer", "", "487", (S.DELIVERED, O.NO_ANSWER, None)),
        ("canceled", "", "", (S.DELIVERED, O.NO_ANSWER, None)),
        ("busy", "", "486", (S.UNDELIVERED, O.BUSY, K.TEMPORARY)),
        ("failed", "", "404", (S.UNDELIVERED, O.NOT_IN_SERVICE, K.RECIPIENT)),
        ("failed", "", "410", (S.UNDELIVERED, O.NOT_IN_SERVICE, K.RECIPIENT)),
        ("failed", "", "503", (S.UNDELIVERED, O.NOT_IN_SERVICE, K.TEMPORARY)),
        ("failed", "", "", (S.UNDELIVERED, O.NOT_IN_SERVICE, K.TEMPORARY)),
        ("brand-new", "", "", (None, None, None)),
    ],
)
def test_every_status_of_a_call(
    status: str, answered_by: str, sip: str, expected: tuple[object, ...]
) -> None:
    assert outcome_of(status, answered_by, sip) == expected


def test_every_status_is_in_the_table_above() -> None:
    states = "queued initiated ringing in-progress completed busy failed no-answer canceled"
    assert set(STATUSES) == set(states.split())


def test_every_outcome_has_a_word_in_the_law() -> None:
    assert {outcome.value for outcome in CallOutcome} <= {word.value for word in ContactOutcome}


@pytest.mark.parametrize("other", list(CallOutcome))
def test_a_conversation_stays_one_whatever_is_told_later(other: CallOutcome) -> None:
    assert weightier(O.CONVERSATION, other) is O.CONVERSATION
    assert weightier(other, O.CONVERSATION) is O.CONVERSATION


def test_a_voicemail_is_more_than_a_dropped_call() -> None:
    assert weightier(O.DROPPED, O.VOICEMAIL) is O.VOICEMAIL
    assert weightier(None, O.BUSY) is weightier(O.BUSY, None) is O.BUSY
    assert weightier(None, None) is None


def test_what_did_not_connect_did_not_ring() -> None:
    assert not {O.BUSY, O.NOT_IN_SERVICE, O.CONVERSATION} & RANG
