"""What an account has been told keeps its distance, whoever told it and in whatever phase."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import combinations
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.account import Account
from domain.ledger.attempt import NOT_REACHED, AttemptState, Event, PastContact
from domain.ledger.memory import MemoryLedger
from domain.planning.planner import is_due, plan
from domain.planning.step import Step
from domain.situation import Situation
from lab.builders.situations import NOW, rules, situation
from tests.unit.planner.support import contact

RULES = rules("US")
NEW_YORK = ZoneInfo("America/New_York")
DAYS = 75


def account(name: str, days_past_due: int, now: datetime = NOW) -> Situation:
    """One of one customer's accounts with one creditor."""
    found = situation(days_past_due=days_past_due, country="US", zones=("America/New_York",))
    made = found.account.model_copy(update={"account_id": name})
    return found.model_copy(update={"key": f"bank/{name}", "account": Account(**dict(made))})


@dataclass(frozen=True)
class Made:
    """A message that went out, and the accounts it spoke of."""

    step: Step
    leader: str
    at: datetime
    failed: bool

    @property
    def day(self) -> date:
        return self.at.astimezone(NEW_YORK).date()


def lives(accounts: tuple[Situation, ...], fails: frozenset[int], until: int = DAYS) -> list[Made]:
    """Every message of one customer; the nth fails to reach them where ``fails`` says so."""
    ledger = MemoryLedger(accounts, RULES.strategy)
    made: list[Made] = []
    now, end = NOW, NOW + timedelta(days=until)
    while now < end:
        steps = {key: plan(ledger.situation(key, now), now, RULES) for key in ledger.keys}
        due = next((key for key, step in sorted(steps.items()) if is_due(step, now)), None)
        if due is None:
            later = [s.not_before for s in steps.values() if not s.ends and s.not_before > now]
            now = min(later, default=end)
            continue
        attempt = ledger.reserve(due, steps[due], now)
        failed = len(made) in fails
        for event in (Event.DISPATCH, Event.ACCEPT, Event.FAIL if failed else Event.DELIVER):
            ledger.happened(due, attempt, event, now)
        made.append(Made(steps[due], due, now, failed))
        now += timedelta(seconds=1)
    return made


def too_close(made: list[Made]) -> Iterator[str]:
    """Pairs about one account that keep less than the smaller distance of their two phases.

    The last step of a chain of failures is one message: what failed reached nobody.
    """
    distances = {phase.name: phase.cadence.min_days for phase in RULES.strategy.phases}
    reached = [one for one in made if not one.failed]
    for first, second in combinations(reached, 2):
        both = set(first.step.covers) & set(second.step.covers)
        least = min(distances[str(first.step.phase)], distances[str(second.step.phase)])
        if both and (second.day - first.day).days < least:
            yield f"{sorted(both)}: {first.day} ({first.step.phase}), {second.day}"


@settings(max_examples=25, deadline=None)
@given(
    days=st.lists(st.integers(-5, 100), min_size=2, max_size=3),
    fails=st.frozensets(st.integers(0, 12), max_size=4),
)
def test_no_account_hears_of_itself_more_often_than_its_phases_allow(
    days: list[int], fails: frozenset[int]
) -> None:
    made = lives(tuple(account(f"A{n}", past) for n, past in enumerate(days)), fails)
    assert list(too_close(made)) == []
    assert made


@pytest.mark.parametrize("days", [(5, 70), (5, 95), (35, 70, 95), (2, 3)])
def test_the_serious_word_about_the_oldest_debt_is_said_although_younger_ones_stand_beside_it(
    days: tuple[int, ...],
) -> None:
    made = lives(tuple(account(f"A{n}", past) for n, past in enumerate(days)), frozenset(), 25)
    oldest = f"bank/A{days.index(max(days))}"
    led = [one for one in made if one.leader == oldest]
    assert len(led) >= 2
    assert all(len(one.step.covers) == len(days) for one in made)


@pytest.mark.parametrize("phase", ["late", "early"])
def test_a_message_that_a_sibling_sent_in_another_phase_counts(phase: str) -> None:
    yesterday = NOW - timedelta(days=1)
    told = contact(yesterday, account="bank/A2", covers=("bank/A1", "bank/A2"), phase=phase)
    found = account("A1", 10).model_copy(update={"contacts": (told,)})
    step = plan(found, NOW, RULES)
    assert step.not_before >= NOW + timedelta(days=2)


@pytest.mark.parametrize("state", sorted(NOT_REACHED))
def test_a_touch_that_failed_does_not_go_on_once_a_sibling_has_spoken_of_the_account(
    state: AttemptState,
) -> None:
    failed = contact(NOW - timedelta(days=3), state=state)
    since = contact(
        NOW - timedelta(hours=2),
        account="bank/A2",
        covers=("bank/A1", "bank/A2"),
        phase="mid",
        step=9,
    )
    found = account("A1", 10).model_copy(update={"contacts": (failed, since), "next_step": 2})
    step = plan(found, NOW, RULES)
    assert step.why == "touch"
    assert step.not_before > NOW + timedelta(days=2)


def test_an_address_that_another_customer_was_written_to_today_rests_until_tomorrow() -> None:
    elsewhere: PastContact = contact(
        NOW - timedelta(minutes=5), account="shop/Z9", covers=("shop/Z9",), elsewhere=True
    )
    found = account("A1", 10).model_copy(update={"contacts": (elsewhere,)})
    sms_only = found.customer.model_copy(
        update={"points": tuple(p for p in found.customer.points if p.channel == "sms")}
    )
    step = plan(found.model_copy(update={"customer": sms_only}), NOW, RULES)
    today = (NOW - timedelta(minutes=5)).astimezone(NEW_YORK).date()
    assert step.not_before.astimezone(NEW_YORK).date() > today
