"""Nobody is contacted in the operator's quiet times, and nothing that the law closes is opened."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from domain.channels import Purpose
from domain.conversation.work import Work
from domain.conversation.work_words import WorkReason
from domain.law.engine import verdict
from domain.ledger.attempt import AttemptState
from domain.planning.limits.hours import Both, QuietTimes
from domain.planning.planner import plan
from domain.planning.request import law_request
from domain.planning.step import StepKind
from domain.situation import Reply
from domain.strategy import Quiet
from lab.builders.situations import EMAIL, SMS, situation
from tests.unit.limits.support import dense, limited
from tests.unit.planner.support import contact, lived, local

NEW_YORK = "America/New_York"
MORNING = local(NEW_YORK, "2026-11-23 06:00")
US: dict[str, Any] = {"country": "US", "zones": (NEW_YORK,), "now": MORNING, "days_past_due": 20}
BOGOTA = local("America/Bogota", "2026-11-23 06:00")
CO: dict[str, Any] = {"now": BOGOTA, "days_past_due": 20}


def wall(at: datetime, zone: str = NEW_YORK) -> str:
    return at.astimezone(ZoneInfo(zone)).strftime("%a %d %H:%M")


@pytest.mark.parametrize(
    ("quiet", "not_before"),
    [
        ({"hours": [{"hours": "00:00-20:00"}]}, "Mon 23 20:"),
        ({"hours": [{"days": ["mon"], "hours": "00:00-24:00"}]}, "Tue 24"),
        ({"dates": ["2026-11-23", "2026-11-24"]}, "Wed 25"),
        ({"holidays": ["CO"]}, "Mon 23"),
    ],
)
def test_quiet_times_put_a_contact_off(quiet: dict[str, Any], not_before: str) -> None:
    step = plan(situation(**US), MORNING, limited(**dense(), quiet=quiet))
    assert step.kind is StepKind.CONTACT
    assert wall(step.not_before).startswith(not_before)


@pytest.mark.parametrize(
    ("holidays", "is_put_off"), [(["US"], True), (["own"], True), (["CO"], False), ([], False)]
)
def test_holidays_of_a_country_are_whole_quiet_days(
    holidays: list[str], *, is_put_off: bool
) -> None:
    thanksgiving = local(NEW_YORK, "2026-11-26 06:00")
    found = situation(**{**US, "now": thanksgiving})
    step = plan(found, thanksgiving, limited(**dense(), quiet={"holidays": holidays}))
    assert (wall(step.not_before)[:6] != "Thu 26") is is_put_off
    assert (step.why == "quiet") is is_put_off


def test_what_the_law_closes_stays_closed() -> None:
    """Colombia closes at 19:00 and on Sundays; only these are not quiet."""
    quiet = {
        "hours": [
            {"days": ["mon", "tue", "wed", "thu", "fri", "sat"], "hours": "00:00-19:00"},
        ]
    }
    step = plan(situation(**CO), BOGOTA, limited("CO", **dense(), quiet=quiet))
    assert (step.kind, step.why) == (StepKind.WAIT, "quiet")
    assert "every lawful hour left in phase early is quiet" in step.summary


def test_who_asks_is_answered_in_quiet_times() -> None:
    now = local(NEW_YORK, "2026-11-23 12:00")
    asked = Work(
        work_id=1,
        reason=WorkReason.BALANCE,
        opened_at=now - timedelta(minutes=5),
        contact_point_id="p-sms",
    )
    found = situation(
        **{**US, "now": now},
        contacts=(contact(now - timedelta(days=3)),),
        replies=(Reply(at=now - timedelta(minutes=5), channel="sms", contact_point_id="p-sms"),),
        work=(asked,),
    )
    over: dict[str, Any] = {
        "quiet": {"hours": [{"hours": "00:00-24:00"}]},
        "caps": {"week": 1},
        "answers": ["balance_answer"],
    }
    step = plan(found, now, limited(**dense(), **over))
    assert (step.kind, step.purpose) == (StepKind.CONTACT, Purpose.BALANCE_ANSWER)
    assert step.not_before == now


hours_ = st.tuples(st.integers(0, 23), st.integers(1, 24)).filter(lambda two: two[0] < two[1])
quiet_hours = st.builds(
    lambda days, two: {"days": sorted(days), "hours": f"{two[0]:02}:00-{two[1]:02}:00"},
    st.sets(st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), min_size=1),
    hours_,
)
quiets = st.fixed_dictionaries(
    {
        "hours": st.lists(quiet_hours, max_size=3),
        "dates": st.lists(
            st.dates(date(2026, 11, 23), date(2026, 12, 31)).map(date.isoformat), max_size=4
        ),
        "holidays": st.lists(st.sampled_from(["CO", "US", "own"]), max_size=1),
    }
)


def is_quiet(quiet: dict[str, Any], at: datetime, zone: str) -> bool:
    """Said once more, slowly."""
    shown = at.astimezone(ZoneInfo(zone))
    if shown.date().isoformat() in quiet["dates"]:
        return True
    for code in quiet["holidays"]:
        country = "US" if code == "own" else code
        if shown.date() in holidays.country_holidays(country, years=shown.year):
            return True
    for one in quiet["hours"]:
        opens, closes = one["hours"].split("-")
        if (
            shown.strftime("%a").lower() in one["days"]
            and opens <= shown.strftime("%H:%M") < closes
        ):
            return True
    return False


@settings(max_examples=40, deadline=None)
@given(quiets, st.sampled_from([(NEW_YORK,), (NEW_YORK, "Pacific/Honolulu")]))
def test_no_life_has_a_contact_in_quiet_times_and_each_is_lawful(
    quiet: dict[str, Any], zones: tuple[str, ...]
) -> None:
    found = situation(**{**US, "zones": zones}, points=(SMS, EMAIL))
    rules = limited(**dense(), quiet=quiet)
    for step in lived(found, MORNING, rules, until=MORNING + timedelta(days=25)):
        if step.kind is not StepKind.CONTACT:
            continue
        for zone in zones:
            assert not is_quiet(quiet, step.not_before, zone)
        asked = law_request(found, rules, SMS, step.not_before)
        assert verdict(rules.packs, asked, step.not_before).verdict == "allowed"


@settings(max_examples=60, deadline=None)
@given(
    quiets, st.integers(0, 60 * 24 * 40), st.sampled_from([(NEW_YORK,), (NEW_YORK, "Asia/Tokyo")])
)
def test_a_stretch_is_the_first_that_is_not_quiet_and_as_long_as_it_says(
    quiet: dict[str, Any], minutes: int, zones: tuple[str, ...]
) -> None:
    at = MORNING + timedelta(minutes=minutes)
    found = QuietTimes(Quiet.model_validate(quiet), zones, "US").stretch(at)
    assume(found is not None)
    assert found is not None
    opens, closes = found
    assert at <= opens < closes
    step = timedelta(minutes=30)
    looks = [opens + step * n for n in range(int((closes - opens) / step) + 1)]
    assert not any(is_quiet(quiet, one, zone) for one in looks if one < closes for zone in zones)
    before = [at + step * n for n in range(int((opens - at) / step) + 1)]
    assert all(any(is_quiet(quiet, one, z) for z in zones) for one in before if one < opens)


def test_what_two_have_in_common_is_open_in_both() -> None:
    mornings = QuietTimes(
        Quiet.model_validate({"hours": [{"hours": "12:00-24:00"}]}), (NEW_YORK,), "US"
    )
    mondays = QuietTimes(Quiet.model_validate({"dates": ["2026-11-23"]}), (NEW_YORK,), "US")
    both = Both(mornings, mondays).stretch(MORNING)
    assert both is not None
    assert (wall(both[0]), wall(both[1])) == ("Tue 24 00:00", "Tue 24 12:00")


def test_an_attempt_in_doubt_is_asked_about_in_quiet_times_too() -> None:
    doubted = contact(
        MORNING - timedelta(hours=1), state=AttemptState.UNKNOWN, reconcile_at=MORNING
    )
    rules = limited(**dense(), quiet={"hours": [{"hours": "00:00-24:00"}]})
    assert plan(situation(**US, contacts=(doubted,)), MORNING, rules).kind is StepKind.RECONCILE
