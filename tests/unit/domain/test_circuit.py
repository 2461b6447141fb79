"""The circuit of a provider: a table of what its signs mean, and what holds for any of them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.channels import Channel
from domain.ledger.circuit import (
    FIRST,
    LONGEST,
    MEMORY,
    OPENS_AFTER,
    PATIENCE,
    Circuit,
    CircuitState,
    HealthSign,
    Sign,
    circuit,
    health,
)

T0 = datetime(2026, 11, 23, 15, tzinfo=UTC)
CLOSED, HALF_OPEN, OPEN = CircuitState.CLOSED, CircuitState.HALF_OPEN, CircuitState.OPEN
WORDS = {"f": Sign.FAILED, "w": Sign.WORKED, "p": Sign.PROBE}


def signs(story: str) -> list[HealthSign]:
    """``"f0 f1 p40"``: what happened, with its second."""
    return [
        HealthSign(
            channel=Channel.SMS,
            provider="twilio",
            at=T0 + timedelta(seconds=float(word[1:])),
            sign=WORDS[word[0]],
        )
        for word in story.split()
    ]


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("story", "now", "state", "next_at"),
    [
        ("", 0, CLOSED, None),
        ("f0 f1", 2, CLOSED, None),
        ("f0 f1 f2", 2, OPEN, 32),
        ("f0 f1 w2 f3 f4", 5, CLOSED, None),  # not in a row
        ("f0 f1 f2", 31.9, OPEN, 32),
        ("f0 f1 f2", 32, HALF_OPEN, 32),
        ("f0 f1 f2 f3 f9 f12", 20, OPEN, 32),  # stragglers of the same trouble
        ("f0 f1 f2 p32", 40, OPEN, 152),  # one probes, the others wait
        ("f0 f1 f2 p32 w33", 40, CLOSED, None),
        ("f0 f1 f2 p32 f42", 45, OPEN, 102),  # twice as long
        ("f0 f1 f2 p32 f42 p102 f112", 120, OPEN, 232),
        ("f0 f1 f2 p32", 152, HALF_OPEN, 152),  # the probe died: another one
        ("f0 f1 f2 f40", 45, OPEN, 100),  # a send that claimed nothing
        ("f0 f1 f2 w5", 6, CLOSED, None),  # one that was on its way got through
        ("p5", 6, CLOSED, None),
        ("f0 f1 f2", -1, CLOSED, None),  # of another account's future
        ("f0 f1 f2", MEMORY.total_seconds() + 2, CLOSED, None),
    ],
)
def test_what_the_signs_mean(
    story: str, now: float, state: CircuitState, next_at: float | None
) -> None:
    found = circuit(signs(story), at(now))
    assert (found.state, found.next_at) == (state, None if next_at is None else at(next_at))


def test_the_pauses_grow_up_to_the_longest() -> None:
    story, second, pauses = "f0 f0 f0", 0.0, []
    for _ in range(8):
        found = circuit(signs(story), at(second))
        assert found.next_at is not None
        pauses.append(found.next_at - at(second))
        second = (found.next_at - T0).total_seconds()
        story += f" p{second} f{second}"
    assert pauses[:6] == [FIRST * 2**n for n in range(5)] + [LONGEST]
    assert pauses[-1] == LONGEST


def test_an_outage_begins_with_its_first_failure_and_ends_with_a_success() -> None:
    assert circuit(signs("w0 f5 f6 f7 p40 f41"), at(50)).since == at(5)
    assert circuit(signs("f5"), at(6)).since == at(5)
    assert circuit(signs("f5 w6"), at(6)) == Circuit()


def test_each_provider_of_each_channel_has_its_own_circuit() -> None:
    other = [sign.model_copy(update={"provider": "infobip"}) for sign in signs("f0")]
    mail = [sign.model_copy(update={"channel": Channel.EMAIL}) for sign in signs("f0 f0 f0")]
    found = health([*signs("f0 f1 f2"), *other, *mail], at(3))
    assert {key: one.state for key, one in found.items()} == {
        (Channel.SMS, "twilio"): OPEN,
        (Channel.SMS, "infobip"): CLOSED,
        (Channel.EMAIL, "twilio"): OPEN,
    }


STORIES = st.lists(st.tuples(st.sampled_from("fwp"), st.integers(0, 30_000)), max_size=60)


def told(story: list[tuple[str, int]]) -> list[HealthSign]:
    return signs(" ".join(f"{word}{second}" for word, second in story))


@given(STORIES, st.integers(0, 30_000))
def test_whatever_has_happened(story: list[tuple[str, int]], now: int) -> None:
    found = circuit(told(story), at(now))
    read = [s for s in told(story) if at(now) - MEMORY < s.at <= at(now)]
    latest = max(read, key=lambda s: s.at, default=None)
    if found.state is CLOSED:
        assert found.next_at is None
    else:
        assert found.since is not None and found.next_at is not None
        assert sum(s.sign is Sign.FAILED for s in read) >= OPENS_AFTER
        assert found.since < found.next_at
        assert (found.state is OPEN) == (found.next_at > at(now))
        assert latest is not None
        assert found.next_at <= latest.at + max(LONGEST, PATIENCE)


@given(STORIES, st.integers(0, 30_000))
def test_a_success_closes_it_whatever_was_before(story: list[tuple[str, int]], now: int) -> None:
    before = [one for one in told(story) if one.at < at(now)]
    assert circuit([*before, *signs(f"w{now}")], at(now)) == Circuit()


@given(STORIES, st.integers(0, 30_000))
def test_the_future_changes_nothing(story: list[tuple[str, int]], now: int) -> None:
    past = [one for one in told(story) if one.at <= at(now)]
    assert circuit(told(story), at(now)) == circuit(past, at(now))


@given(STORIES)
def test_silence_never_keeps_a_provider_out(story: list[tuple[str, int]]) -> None:
    """However bad it was, when nothing more is heard somebody may try again soon."""
    end = 30_000 + max(LONGEST, PATIENCE).total_seconds()
    assert circuit(told(story), at(end)).state is not OPEN
