"""In which phase an account is, by its days and by what phases ask for beside them; and how its
score has it treated."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.account import Promise, PromiseState
from domain.cases.case import Hardship
from domain.channels import Channel
from domain.ledger.attempt import AttemptState
from domain.ledger.call_outcome import CallOutcome
from domain.planning.frame import Frame
from domain.planning.planner import plan
from domain.planning.step import StepKind
from domain.situation import Reply
from domain.strategy import Strategy
from lab.builders.situations import EMAIL, NOW, SMS, situation
from tests.unit.limits.support import limited, phases, raw, strategy
from tests.unit.planner.support import contact, lived

US: dict[str, Any] = {"country": "US", "zones": ("America/New_York",)}


def phase_of(found: Any, **over: Any) -> str | None:
    phase = Frame(found, NOW, limited(**over)).phase
    return phase.name if phase else None


def promise(state: PromiseState, number: int = 1) -> Promise:
    return Promise(
        promise_id=f"p{number}",
        amount=Decimal(10),
        due_on=NOW.date(),
        made_at=NOW - timedelta(days=9),
        state=state,
    )


TOLD = contact(NOW - timedelta(days=5))
RANG = {"channel": Channel.VOICE, "outcome": CallOutcome.VOICEMAIL}
TALKED = {"channel": Channel.VOICE, "outcome": CallOutcome.CONVERSATION}


@pytest.mark.parametrize(
    ("condition", "facts", "holds"),
    [
        ({"broken_promises": 1}, {}, False),
        ({"broken_promises": 1}, {"promises": (promise(PromiseState.BROKEN),)}, True),
        ({"broken_promises": 2}, {"promises": (promise(PromiseState.BROKEN),)}, False),
        ({"kept_promises": 1}, {"promises": (promise(PromiseState.KEPT),)}, True),
        ({"kept_promises": 1}, {"promises": (promise(PromiseState.OPEN),)}, False),
        ({"reached": False}, {}, True),
        ({"reached": True}, {"contacts": (TOLD,)}, True),
        ({"reached": False}, {"contacts": (TOLD,)}, False),
        (
            {"reached": True},
            {"contacts": (TOLD.model_copy(update={"state": AttemptState.UNDELIVERED}),)},
            False,
        ),
        ({"reached": True}, {"contacts": (TOLD.model_copy(update=RANG),)}, False),
        ({"reached": True}, {"contacts": (TOLD.model_copy(update=TALKED),)}, True),
        (
            {"reached": True},
            {"replies": (Reply(at=NOW - timedelta(days=4), channel=Channel.SMS),)},
            True,
        ),
        ({"unanswered": 1}, {"contacts": (TOLD,)}, True),
        ({"unanswered": 2}, {"contacts": (TOLD,)}, False),
        (
            {"unanswered": 1},
            {
                "contacts": (TOLD,),
                "replies": (Reply(at=NOW - timedelta(days=4), channel=Channel.SMS),),
            },
            False,
        ),
        ({"unanswered": 1}, {"contacts": (TOLD,), "payments": (NOW - timedelta(days=1),)}, False),
        ({"balance_from": {"COP": 100}}, {}, True),
        ({"balance_from": {"COP": "100.01"}}, {}, False),
        ({"balance_from": {"USD": 1}}, {}, False),
        ({"balance_from": {"COP": 1}, "broken_promises": 1}, {}, False),
        ({"score": ["unknown"]}, {}, True),
        ({"score": ["low"]}, {"account": {"score": Decimal("0.1")}}, True),
        ({"score": ["low"]}, {"account": {"score": Decimal("0.3")}}, False),
        ({"score": ["low", "high"]}, {"account": {"score": Decimal("0.3")}}, True),
    ],
)
def test_a_phase_is_entered_where_its_condition_holds(
    condition: dict[str, Any], facts: dict[str, Any], *, holds: bool
) -> None:
    """By its days the account is in ``mid``; where that may not be entered, it stays in early."""
    found = situation(**US, days_past_due=40, **facts)
    bands = [{"name": "low", "below": "0.3"}, {"name": "high"}]
    over: dict[str, Any] = {"phases": phases(mid={"enter": condition}), "score_bands": bands}
    assert phase_of(found, **over) == ("mid" if holds else "early")


def test_a_phase_is_left_before_its_days_where_the_next_may_be_entered() -> None:
    found = situation(**US, days_past_due=10, contacts=(TOLD,))
    leaves = {"leave": {"unanswered": 1}}
    assert phase_of(found, phases=phases(early=leaves)) == "mid"
    kept = {"early": leaves, "mid": {"enter": {"broken_promises": 1}}}
    assert phase_of(found, phases=phases(**kept)) == "early"


def test_under_leave_the_touches_of_the_phase_alone_are_unanswered() -> None:
    """What was said in early does not drive an account through mid."""
    found = situation(**US, days_past_due=10, contacts=(TOLD,))
    both = {"early": {"leave": {"unanswered": 1}}, "mid": {"leave": {"unanswered": 1}}}
    assert phase_of(found, phases=phases(**both)) == "mid"


def test_an_account_that_may_enter_no_phase_waits_and_says_for_what() -> None:
    ask = {"enter": {"broken_promises": 1, "score": ["low"]}}
    over: dict[str, Any] = {
        "phases": phases(preventive=ask, early=ask),
        "score_bands": [{"name": "low", "below": "0.3"}, {"name": "high"}],
    }
    found = situation(**US, days_past_due=10)
    step = plan(found, NOW, limited(**over))
    assert (step.kind, step.why, step.view.phase) == (StepKind.WAIT, "not_entered", "not-entered")
    assert "Phase early is not entered (it needs 1 broken promise, score low)" in step.summary
    assert step.not_before > NOW


def test_the_touches_of_a_phase_that_was_entered_early_are_counted() -> None:
    over: dict[str, Any] = {
        "phases": phases(
            early={"leave": {"unanswered": 2}, "cadence": {"min_days": 1, "max_touches": 9}},
            mid={"cadence": {"min_days": 1, "max_touches": 3}},
        )
    }
    found = situation(**US, days_past_due=2)
    steps = lived(found, NOW, limited(**over), until=NOW + timedelta(days=25))
    made = [one.phase for one in steps if one.kind is StepKind.CONTACT]
    assert made == ["early", "early", "mid", "mid", "mid"]


conditions = st.fixed_dictionaries(
    {},
    optional={
        "broken_promises": st.integers(1, 2),
        "reached": st.booleans(),
        "unanswered": st.integers(1, 3),
        "score": st.lists(st.sampled_from(["low", "high", "unknown"]), min_size=1, unique=True),
        "balance_from": st.just({"COP": 100}),
    },
).filter(bool)


@given(
    st.lists(st.tuples(st.none() | conditions, st.none() | conditions), min_size=5, max_size=5),
    st.integers(-6, 122),
    st.integers(0, 3),
    st.sampled_from([None, "0.1", "0.9"]),
    st.booleans(),
)
def test_an_account_is_always_in_one_phase_or_waits_and_planning_goes_on(
    asked: list[tuple[Any, Any]], days: int, broken: int, score: str | None, reached: bool
) -> None:
    shipped = raw()["phases"]
    for one, (enter, leave) in zip(shipped, asked, strict=True):
        one.update({"enter": enter} if enter else {})
        one.update({"leave": leave} if leave and one is not shipped[-1] else {})
    over: dict[str, Any] = {
        "phases": shipped,
        "score_bands": [{"name": "low", "below": "0.3"}, {"name": "high"}],
    }
    found = situation(
        **US,
        days_past_due=days,
        account={"score": score},
        promises=tuple(promise(PromiseState.BROKEN, n) for n in range(broken)),
        contacts=(TOLD,) if reached else (),
    )
    rules = limited(**over)
    first, again = Frame(found, NOW, rules), Frame(found, NOW, rules)
    assert first.phase == again.phase
    step = plan(found, NOW, rules)
    assert step.not_before >= NOW
    if first.by_days is not None and first.phase is None:
        assert step.kind is StepKind.WAIT
    if first.by_days is None:
        assert first.phase is None


BANDS = [{"name": "low", "below": "0.3"}, {"name": "middle", "below": "0.7"}, {"name": "high"}]


@pytest.mark.parametrize(
    ("score", "band"),
    [
        (None, "unknown"),
        ("-5", "low"),
        ("0.29", "low"),
        ("0.3", "middle"),
        ("0.7", "high"),
        ("9", "high"),
    ],
)
def test_a_score_has_one_band_and_none_is_unknown(score: str | None, band: str) -> None:
    made = strategy(score_bands=BANDS)
    assert made.band(None if score is None else Decimal(score)) == band


@pytest.mark.parametrize(
    ("score", "min_days", "max_touches", "channels", "person"),
    [
        (None, 4, 6, {"email", "sms", "whatsapp", "push"}, 0),
        ("0.1", 4, 6, {"email"}, None),
        ("0.5", 2, 6, {"email", "sms", "whatsapp", "push"}, None),
        ("0.9", 9, 1, {"email", "sms", "whatsapp", "push"}, None),
    ],
)
def test_a_band_is_treated_as_the_phase_says(
    score: str | None, min_days: int, max_touches: int, channels: set[str], person: int | None
) -> None:
    by_score = {
        "low": {"channels": ["email"]},
        "middle": {"min_days": 2},
        "high": {"min_days": 9, "max_touches": 1},
        "unknown": {"person": {"after": 0}},
    }
    over: dict[str, Any] = {"score_bands": BANDS, "phases": phases(early={"by_score": by_score})}
    found = situation(**US, account={"score": score})
    phase = Frame(found, NOW, limited(**over)).phase
    assert phase is not None
    assert (phase.cadence.min_days, phase.cadence.max_touches) == (min_days, max_touches)
    assert set(phase.channels) == channels
    assert (phase.person.after if phase.person else None) == person


def test_a_band_of_one_channel_is_contacted_by_that() -> None:
    over: dict[str, Any] = {
        "score_bands": BANDS,
        "phases": phases(early={"by_score": {"low": {"channels": ["sms"]}}}),
    }
    low = situation(**US, account={"score": "0.1"}, points=(SMS, EMAIL))
    high = situation(**US, account={"score": "0.9"}, points=(SMS, EMAIL))
    assert plan(low, NOW, limited(**over)).channel is Channel.SMS
    assert plan(high, NOW, limited(**over)).channel is Channel.EMAIL


def test_a_hardship_softens_what_a_band_has() -> None:
    by_score = {"low": {"min_days": 3}}
    over: dict[str, Any] = {"score_bands": BANDS, "phases": phases(early={"by_score": by_score})}
    one = Hardship(
        hardship_id="h",
        reason="job_loss",
        began_at=NOW,
        review_date=NOW.date() + timedelta(days=30),
    )
    found = situation(**US, account={"score": "0.1"}, hardship=one)
    frame = Frame(found, NOW, limited(**over))
    assert frame.phase is not None
    factor = limited(**over).strategy.hardship.cadence_factor
    assert frame.phase.cadence.min_days == 3 * factor


def test_a_strategy_that_names_none_of_it_is_obeyed_as_it_is() -> None:
    made: Strategy = strategy()
    assert not made.is_conditional
    assert made.treating("unknown") is made
