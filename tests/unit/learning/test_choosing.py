"""What a policy may decide, and what it never does."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf, nan

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.account import ContactPoint
from domain.channels import Channel
from domain.conversation.wishes.preference import Preference, StatedPreference
from domain.law.engine import verdict
from domain.law.request import LawEvent
from domain.law.terms import EventKind, Medium
from domain.learning.policy import Counts, Policy, Ranking
from domain.planning.frame import Frame
from domain.planning.planner import plan
from domain.planning.reasons.unused import why_unused
from domain.planning.step import StepKind
from domain.situation import Situation
from lab.builders.situations import NOW
from tests.unit.learning.support import (
    BLOCKS,
    POINTS,
    counts,
    policy,
    reachable,
    ruled,
)

LIKES_VOICE = policy(
    channels={
        "*": counts(voice=(900, 1000), sms=(10, 1000), email=(10, 1000), whatsapp=(10, 1000))
    },
    blocks=BLOCKS,
    hours={"*": {"16-19": Counts(won=900, tried=1000), "07-10": Counts(won=1, tried=1000)}},
)


@dataclass(frozen=True)
class Hostile(Ranking):
    """Answers whatever it is told to, whatever it is asked."""

    says: float = nan

    def channels(self, context: Mapping[str, str], allowed: Sequence[str]) -> dict[str, float]:
        return dict.fromkeys(allowed, self.says)

    hours = channels


def unchecked(**fields: object) -> Ranking:
    """A policy that no door has looked at."""
    made = policy(blocks=BLOCKS)
    return Ranking(made.model_copy(update=fields), "bad@0", "0")


def all_on(channel: str, won: float, tried: float) -> dict[str, dict[str, Counts]]:
    return {"*": {channel: Counts.model_construct(won=won, tried=tried)}}


RANKINGS: dict[str, Ranking] = {
    "nothing learnt": Ranking.of(policy(blocks=BLOCKS)),
    "all on voice": Ranking.of(LIKES_VOICE),
    "all on sms": unchecked(channels=all_on("sms", 1e300, 1e300)),
    "huge": unchecked(channels=all_on("voice", 1e308, inf)),
    "not a number": unchecked(channels=all_on("voice", nan, nan), prior_strength=nan, floor=nan),
    "negative": unchecked(channels=all_on("voice", -5, -10), floor=-3.0),
    "more won than tried": unchecked(channels=all_on("email", 50, 1)),
    "a floor of all": unchecked(floor=1e9),
    "a channel that there is not": unchecked(channels=all_on("pigeon", 9, 9)),
    "answers not a number": Hostile(policy(blocks=BLOCKS), "h@0", "0", says=nan),
    "answers infinity": Hostile(policy(blocks=BLOCKS), "h@0", "0", says=inf),
    "answers less than nothing": Hostile(policy(blocks=BLOCKS), "h@0", "0", says=-1.0),
    "answers nothing at all": Hostile(policy(blocks=BLOCKS), "h@0", "0", says=0.0),
}
every = pytest.mark.parametrize("ranking", RANKINGS.values(), ids=list(RANKINGS))


def wish(**fields: object) -> tuple[StatedPreference, ...]:
    told = Preference.model_validate(fields)
    return (StatedPreference(preference_id="1", said_at=NOW - timedelta(days=2), preference=told),)


@every
@pytest.mark.parametrize("channel", [one.channel for one in POINTS])
def test_a_stated_channel_is_never_overruled(ranking: Ranking, channel: Channel) -> None:
    for number in range(20):
        found = reachable(number, preferences=wish(channel=channel))
        step = plan(found, NOW, ruled(ranking))
        without = plan(found, NOW, ruled(None))
        assert step == without
        assert step.channel is channel
        assert (step.policy, step.probability) == (None, 1.0)


@every
def test_a_channel_that_a_file_prefers_is_not_overruled(ranking: Ranking) -> None:
    for number in range(20):
        step = plan(reachable(number, preferred=Channel.EMAIL), NOW, ruled(ranking))
        assert (step.channel, step.policy) == (Channel.EMAIL, None)


@every
def test_stated_hours_are_kept_and_the_policy_is_not_asked_for_any(ranking: Ranking) -> None:
    hours = [{"days": ["mon"], "from": "11:00", "to": "13:00"}]
    for number in range(20):
        step = plan(reachable(number, preferences=wish(windows=hours)), NOW, ruled(ranking))
        assert step.kind is StepKind.CONTACT
        assert 16 <= step.not_before.hour < 18, "11 to 13 in Bogota"
        assert step.chosen_from is None or step.chosen_from.hours is None


def allowed_set(found: Situation, now: datetime, ranking: Ranking | None) -> set[str]:
    """By each address alone what the planner finds without any policy."""
    ways = set()
    for point in found.customer.points:
        alone = found.customer.model_copy(update={"points": (point,)})
        step = plan(found.model_copy(update={"customer": alone}), now, ruled(None))
        if step.kind is StepKind.CONTACT and step.contact_point_id:
            ways.add(step.contact_point_id)
    return ways


STOPPED = {
    "sms": LawEvent(kind=EventKind.OPT_OUT, at=NOW, channel=Medium.SMS),
    "voice": LawEvent(kind=EventKind.OPT_OUT, at=NOW, channel=Medium.VOICE),
}


@st.composite
def situations(draw: st.DrawFn) -> tuple[Situation, datetime]:
    """Some addresses, some consents, some stops, at any time of a year."""
    now = NOW + timedelta(minutes=draw(st.integers(0, 300 * 1440)))
    points: list[ContactPoint] = []
    for point in draw(st.lists(st.sampled_from(POINTS), min_size=1, unique=True)):
        consented = draw(st.booleans())
        suppressed = draw(st.sampled_from([None, None, "opt_out"]))
        told = {"consented": consented, "suppressed": suppressed}
        points.append(point.model_copy(update=told))
    stops = draw(st.lists(st.sampled_from(sorted(STOPPED)), unique=True))
    found = reachable(draw(st.integers(1, 10_000)), now=now, points=tuple(points))
    events = (*found.law_events, *(STOPPED[one].model_copy(update={"at": now}) for one in stops))
    wishes = draw(st.sampled_from([(), wish(channel="sms"), wish(channel="voice")]))
    return found.model_copy(update={"law_events": events, "preferences": wishes}), now


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(situations(), st.sampled_from(sorted(RANKINGS)))
def test_whatever_a_policy_says_the_way_is_lawful_consented_and_one_of_those_there_were(
    life: tuple[Situation, datetime], name: str
) -> None:
    found, now = life
    obeyed = ruled(RANKINGS[name])
    step, without = plan(found, now, obeyed), plan(found, now, ruled(None))
    assert step.kind is without.kind
    if step.kind is not StepKind.CONTACT:
        assert step == without
        return
    assert step.contact_point_id in allowed_set(found, now, None)
    frame = Frame(found, now, obeyed)
    point = next(p for p in found.customer.points if p.contact_point_id == step.contact_point_id)
    assert frame.phase is not None
    assert why_unused(found, point, now, frame.phase, obeyed) is None
    asked = verdict(obeyed.packs, frame.asked_of(point), max(step.not_before, now))
    assert asked.verdict == "allowed"
    assert 0 < (step.probability or 0) <= 1
    wished = found.preferences[0].preference.channel if found.preferences else None
    if wished is not None and wished is without.channel:
        assert step == without
    if step.chosen_from is not None:
        assert sum(step.chosen_from.channels.values()) == pytest.approx(1, abs=1e-5)
        assert str(step.channel) in step.chosen_from.channels
    assert plan(found, now, obeyed) == step, "planning twice gives the same answer"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(situations(), st.sampled_from(sorted(RANKINGS)))
def test_no_policy_makes_anybody_wait_beyond_the_day(
    life: tuple[Situation, datetime], name: str
) -> None:
    found, now = life
    step, soonest = plan(found, now, ruled(RANKINGS[name])), None
    if step.kind is not StepKind.CONTACT or step.policy is None:
        return
    for point in found.customer.points:
        alone = found.customer.model_copy(update={"points": (point,)})
        one = plan(found.model_copy(update={"customer": alone}), now, ruled(None))
        if one.kind is StepKind.CONTACT:
            soonest = min(soonest or one.not_before, one.not_before)
    assert soonest is not None
    day = timedelta(hours=5)  # Bogota
    assert (step.not_before - day).date() == (soonest - day).date()


def test_nothing_changes_where_no_policy_is_named_but_that_the_choice_was_sure() -> None:
    for number in range(50):
        step = plan(reachable(number), NOW, ruled(None))
        assert (step.policy, step.probability, step.chosen_from) == (None, 1.0, None)


def test_what_is_on_record_is_how_often_it_happens() -> None:
    """Over many accounts each way is taken as often as its probability says."""
    learnt = Ranking.of(
        policy(
            channels={"*": counts(voice=(30, 200), sms=(25, 200), email=(22, 200))},
            blocks=BLOCKS,
            hours={"*": {"07-10": Counts(won=30, tried=200), "16-19": Counts(won=25, tried=200)}},
        )
    )
    steps = [plan(reachable(number), NOW, ruled(learnt)) for number in range(3000)]
    said = steps[0].chosen_from
    assert said is not None and said.hours is not None
    for one in steps:
        assert one.chosen_from is not None and one.chosen_from.hours == said.hours
    got = Counter(str(one.channel) for one in steps)
    at = Counter(one.chosen_from.hour for one in steps if one.chosen_from)
    for name, p in said.channels.items():
        assert got[name] / len(steps) == pytest.approx(p, abs=4 * (p * (1 - p) / 3000) ** 0.5)
    for name, p in said.hours.items():
        assert at[name] / len(steps) == pytest.approx(p, abs=4 * (p * (1 - p) / 3000) ** 0.5)
    one = steps[0]
    assert said.hour is not None
    joint = said.channels[str(one.channel)] * said.hours[said.hour]
    assert one.probability == pytest.approx(joint, rel=1e-4)


def test_the_part_of_the_day_that_is_chosen_is_when_the_contact_is_made() -> None:
    for number in range(300):
        step = plan(reachable(number), NOW, ruled(Ranking.of(LIKES_VOICE)))
        assert step.chosen_from is not None and step.chosen_from.hour is not None
        since, until = map(int, step.chosen_from.hour.split("-"))
        assert since <= (step.not_before - timedelta(hours=5)).hour < until


def test_a_plan_made_again_at_its_time_is_the_same_and_due() -> None:
    obeyed = ruled(Ranking.of(LIKES_VOICE))
    for number in range(300):
        found = reachable(number)
        step = plan(found, NOW, obeyed)
        again = plan(found, step.not_before, obeyed)
        assert again.not_before <= step.not_before
        same = ("channel", "contact_point_id", "probability", "chosen_from", "policy")
        assert [getattr(again, one) for one in same] == [getattr(step, one) for one in same]


def test_another_policy_draws_anew_and_the_same_one_the_same() -> None:
    first, second = Ranking.of(policy()), Ranking.of(policy(version=2))
    drawn = {
        one.name: [plan(reachable(n), NOW, ruled(one)).channel for n in range(40)]
        for one in (first, second)
    }
    assert drawn[first.name] != drawn[second.name]
    twin = Ranking.of(Policy.model_validate_json(policy().model_dump_json()))
    assert [plan(reachable(n), NOW, ruled(twin)).channel for n in range(40)] == drawn[first.name]
