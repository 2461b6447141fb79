"""Models of people: their luck is theirs, and what they assume is written down."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people.acts import Act, Became, Debt, Kind, Says, Told
from people.draws import u
from people.parameters import BY_NAME, PARAMETERS, Parameter
from people.person import Person
from people.worlds import WORLDS, World, drawn

NOW = datetime(2026, 11, 30, 15, tzinfo=UTC)


def person(world: World = WORLDS["published"], name: str = "C1", seed: int = 1) -> Person:
    place = {"country": "CO", "zone": "America/Bogota"}
    return Person(world, seed, name, channels=("email", "sms"), **place)


def told(at: datetime = NOW, purpose: str = "reminder", channel: str = "sms") -> Told:
    return Told("bank/A1", channel, f"at-{channel}", purpose, at)


@given(st.integers(0, 2**40), st.text(max_size=20), st.text(max_size=20), st.integers(0, 99))
def test_luck_lies_between_nothing_and_certainty_and_is_always_the_same(
    seed: int, name: str, kind: str, index: int
) -> None:
    found = u(seed, name, kind, index)
    assert 0 < found < 1
    assert found == u(seed, name, kind, index)


def test_luck_is_spread_evenly() -> None:
    found = sorted(u(3, f"C{n}", "spread") for n in range(10_000))
    assert all(abs(value - place / 10_000) < 0.02 for place, value in enumerate(found))


@pytest.mark.parametrize("one", PARAMETERS, ids=lambda one: one.name)
def test_every_parameter_says_its_range_and_where_it_comes_from(one: Parameter) -> None:
    assert BY_NAME[one.name] is one
    assert one.low <= one.centre <= one.high
    assert one.low < one.high
    assert one.what and one.source
    assert one.assumed or any(digit.isdigit() for digit in one.source)


@pytest.mark.parametrize("world", WORLDS.values(), ids=lambda world: world.name)
def test_a_named_world_stays_in_the_ranges_but_where_contacts_do_nothing(world: World) -> None:
    if world.name == "nothing":
        assert world.values["first_effect"] == world.values["opt_out"] == 0
        return
    for one in PARAMETERS:
        assert one.low <= world.values[one.name] <= one.high, one.name


def test_worlds_are_drawn_from_every_part_of_every_range() -> None:
    worlds = list(drawn(5, 20))
    assert worlds[3].values == list(drawn(5, 20))[3].values
    assert worlds[3].values != worlds[4].values
    for one in PARAMETERS:
        places = {
            int((world.values[one.name] - one.low) / (one.high - one.low) * 20) for world in worlds
        }
        assert places == set(range(20)), one.name


def test_a_world_names_what_it_lacks_and_what_is_none() -> None:
    with pytest.raises(ValueError, match=r"unknown: luck; missing: .*self_cure"):
        World("mine", {"luck": 1.0})


def test_a_person_does_the_same_whoever_is_asked_first() -> None:
    one, other = person(), person()
    person(name="C2").receives(told())
    debts = [Debt("bank/A1", date(2026, 11, 20))]
    assert one.begins(debts, NOW) == other.begins(debts, NOW)
    assert [one.receives(told(NOW + timedelta(days=n))) for n in range(9)] == [
        other.receives(told(NOW + timedelta(days=n))) for n in range(9)
    ]


def test_who_is_contacted_more_pays_by_themselves_on_the_same_day() -> None:
    debts = [Debt("bank/A1", date(2026, 11, 20))]
    for number in range(50):
        quiet, loud = person(name=f"C{number}"), person(name=f"C{number}")
        before = quiet.begins(debts, NOW)
        assert loud.begins(debts, NOW) == before
        for day in range(6):
            loud.receives(told(NOW + timedelta(days=day)))
        assert quiet.cannot_pay is loud.cannot_pay


def _acts(world: World, messages: int = 6, purpose: str = "reminder") -> list[Act]:
    found: list[Act] = []
    for number in range(300):
        one = person(world, f"C{number}")
        one.begins([Debt("bank/A1", date(2026, 11, 20))], NOW)
        for day in range(messages):
            found += one.receives(told(NOW + timedelta(days=4 * day), purpose)).acts
    return found


def test_where_contacts_do_nothing_nobody_does_anything_about_one() -> None:
    assert _acts(WORLDS["nothing"]) == []
    assert _acts(WORLDS["published"]) != []


def test_the_less_is_left_of_each_further_message_the_fewer_are_moved() -> None:
    strong = WORLDS["published"].but("strong", first_effect=0.3, cannot_pay=0, cannot_pay_later=0)

    def moved(repeat: float) -> int:
        acts = _acts(strong.but("one", repeat=repeat))
        return sum(act.because in ("moved", "promise") for act in acts)

    assert moved(0.0) < moved(0.3) < moved(1.0)


def test_more_messages_in_a_week_are_answered_by_more_stops() -> None:
    world = WORLDS["published"].but("irritated", opt_out=0.02, irritation=2.0)

    def stops(apart: int) -> int:
        found = 0
        for number in range(400):
            one = person(world, f"C{number}")
            for place in range(5):
                came = one.receives(told(NOW + timedelta(days=apart * place)))
                found += any(act.says is Says.STOP for act in came.acts)
        return found

    assert stops(1) > 1.5 * stops(10)


def test_a_dead_address_reaches_nobody_however_often_it_is_tried() -> None:
    world = WORLDS["published"].but("gone", dead_address=0.25)
    for number in range(40):
        one = person(world, f"C{number}")
        came = {
            one.receives(Told("bank/A1", "sms", f"at-{number}", "reminder", NOW)).became
            for _ in range(4)
        }
        assert came in ({Became.UNDELIVERED}, {Became.DELIVERED})


def test_who_cannot_pay_is_not_moved_by_reminders_but_asks_for_a_plan() -> None:
    world = WORLDS["published"].but("poor", cannot_pay=1.0, asks_plan=0.15)
    reminded, helped = _acts(world), _acts(world, purpose="help_to_pay")
    assert all(act.kind is Kind.WRITE for act in (*reminded, *helped))
    asked = [sum(act.says is Says.PLAN for act in acts) for acts in (reminded, helped)]
    assert asked[1] > asked[0] > 0


def test_who_takes_a_call_and_where_the_others_end_is_as_the_world_says() -> None:
    never = WORLDS["published"].but("away", takes_call=0.0, dead_address=0.0)

    def came(world: World) -> set[Became]:
        calls = [told(channel="voice")._replace(address=f"at-{n}") for n in range(80)]
        return {person(world, f"C{n}").receives(one).became for n, one in enumerate(calls)}

    assert came(never.but("machines", voicemail=1.0)) == {Became.VOICEMAIL}
    assert came(never.but("busy", voicemail=0.0, busy=1.0)) == {Became.BUSY}
    assert came(never.but("rings", voicemail=0.0, busy=0.0)) == {Became.NO_ANSWER}


def test_a_persons_call_is_taken_as_often_as_the_world_says() -> None:
    world = WORLDS["published"].but("calls", takes_call=0.3)

    def taken(times: float) -> int:
        people = [person(world.but("so often", person_taken=times), f"C{n}") for n in range(300)]
        return sum(one.called("bank/A1", NOW)[0] is Became.CONVERSATION for one in people)

    assert taken(1.0) < taken(2.0) < taken(3.0)


@pytest.mark.parametrize(("share", "says"), [(0.0, Says.BALANCE), (1.0, Says.PERSON)])
def test_who_writes_asks_for_a_person_as_often_as_the_world_says(share: float, says: Says) -> None:
    chatty = dict.fromkeys(("opt_out", "stranger", "disputes", "states_wish", "backfires"), 0.0)
    world = World("chatty", {**WORLDS["published"].values, **chatty, "writes": 1.0})
    asked = {act.says for act in _acts(world.but("asks", wants_person=share))}
    assert asked == {says}


def test_where_nothing_invites_them_fewer_ask_for_a_plan_the_less_the_world_says() -> None:
    world = WORLDS["published"].but("poor", cannot_pay=1.0, asks_plan=0.15)

    def asks(uninvited: float) -> int:
        found = _acts(world.but("so many", asks_uninvited=uninvited))
        return sum(act.says is Says.PLAN for act in found)

    assert asks(0.0) == 0
    assert 0 < asks(0.4) < asks(1.0)


def test_an_answer_takes_as_long_as_the_world_says() -> None:
    world = WORLDS["published"].but("quick", writes=0.5)

    def waits(minutes: float) -> float:
        acts = [act for act in _acts(world.but("so long", answers_after=minutes)) if act.says]
        return sum((act.at - NOW).total_seconds() % 86_400 for act in acts) / len(acts)

    assert waits(10) < waits(90)
