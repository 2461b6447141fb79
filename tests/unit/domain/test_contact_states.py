"""The states of an attempt, move by move."""

from itertools import product

import pytest

from domain.ledger.attempt import IN_DOUBT, MADE, NOT_REACHED, TRANSITIONS, AttemptState

MOVES = {
    "reserved": {"dispatching", "released"},
    "dispatching": {"accepted", "refused", "unknown", "delivered", "undelivered"},
    "unknown": {"accepted", "refused", "delivered", "undelivered"},
    "accepted": {"delivered", "undelivered"},
    "delivered": {"undelivered"},
    "refused": set(),
    "released": set(),
    "undelivered": {"delivered"},
}
"""Typed a second time, on purpose."""


@pytest.mark.parametrize(("old", "new"), list(product(AttemptState, repeat=2)))
def test_a_state_moves_only_where_it_may(old: AttemptState, new: AttemptState) -> None:
    assert (new in TRANSITIONS[old]) is (new.value in MOVES[old.value])


def test_every_state_has_its_moves() -> None:
    assert set(TRANSITIONS) == set(AttemptState)


def test_nothing_is_sent_twice_because_nothing_leads_back_to_dispatching() -> None:
    before = {old for old in AttemptState if AttemptState.DISPATCHING in TRANSITIONS[old]}
    assert before == {AttemptState.RESERVED}
    assert not any(AttemptState.RESERVED in TRANSITIONS[old] for old in AttemptState)


def test_every_attempt_that_may_have_reached_somebody_counts() -> None:
    certainly_not = {AttemptState.RESERVED, AttemptState.RELEASED, AttemptState.REFUSED}
    assert set(AttemptState) - certainly_not == MADE


def test_only_a_refusal_or_a_failed_delivery_lets_another_channel_take_the_touch_up() -> None:
    assert {AttemptState.REFUSED, AttemptState.UNDELIVERED} == NOT_REACHED
    assert not NOT_REACHED & IN_DOUBT


def test_doubt_is_never_left_towards_another_send() -> None:
    for state in IN_DOUBT:
        assert AttemptState.RELEASED not in TRANSITIONS[state]
