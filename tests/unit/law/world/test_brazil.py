"""The states' laws of Brazil: each case with its wall clock and the reason beside it."""

from typing import Any

import pytest

from tests.unit.law.support import HOME, ask, codes, contact, judge, local


def asked(state: str, channel: str = "voice", **fields: Any) -> Any:
    zone = HOME.get(f"BR-{state}", HOME["BR"])
    return ask("BR", jurisdictions=["BR", f"BR-{state}"], channel=channel, zones=[zone], **fields)


@pytest.mark.parametrize(
    ("wall", "by_state", "why"),
    [
        ("2026-11-18 07:59:59", "sp ----- es ----- rj ----- am ----- al -----", "before 08:00"),
        ("2026-11-18 08:00:00", "sp open. es open. rj ----- am open. al open.", "Rio opens at 9"),
        ("2026-11-18 08:59:59", "sp open. es open. rj ----- am open. al open.", "a second before"),
        ("2026-11-18 09:00:00", "sp open. es open. rj open. am open. al open.", "all are open"),
        ("2026-11-18 18:59:59", "sp open. es open. rj open. am open. al open.", "a second to 7"),
        ("2026-11-18 19:00:00", "sp open. es ----- rj ----- am ----- al open.", "three close"),
        ("2026-11-18 19:59:59", "sp open. es ----- rj ----- am ----- al open.", "a second to 8"),
        ("2026-11-18 20:00:00", "sp ----- es ----- rj ----- am ----- al -----", "all are closed"),
        ("2026-11-21 07:59:59", "sp ----- es ----- rj ----- am ----- al -----", "Saturday early"),
        ("2026-11-21 08:00:00", "sp open. es ----- rj ----- am ----- al open.", "Saturday"),
        ("2026-11-21 13:59:59", "sp open. es ----- rj ----- am ----- al open.", "Saturday"),
        ("2026-11-21 14:00:00", "sp ----- es ----- rj ----- am ----- al -----", "Saturday at 2"),
        ("2026-11-22 10:00:00", "sp ----- es ----- rj ----- am ----- al -----", "Sunday"),
        ("2026-11-20 10:00:00", "sp ----- es ----- rj ----- am ----- al -----", "Zumbi, Friday"),
        ("2020-11-20 10:00:00", "sp open. es open. rj ----- am ----- al -----", "not yet national"),
        ("2026-07-09 10:00:00", "sp ----- es open. rj open. am open. al open.", "São Paulo's own"),
        ("2026-04-13 10:00:00", "sp open. es ----- rj open. am open. al open.", "Penha, in ES"),
        ("2026-04-23 10:00:00", "sp open. es open. rj ----- am open. al open.", "St George, RJ"),
        ("2026-06-24 10:00:00", "sp open. es open. rj open. am open. al -----", "St John, in AL"),
    ],
)
def test_calls(wall: str, by_state: str, why: str) -> None:
    words = by_state.split()
    for state, told in zip(words[::2], words[1::2], strict=True):
        request = asked(state.upper())
        answer = judge(request, local(request.zones[0], wall))
        assert (answer.verdict == "allowed") is (told == "open."), f"{state}: {why}"


@pytest.mark.parametrize(
    ("state", "channel", "bound"),
    [
        ("SP", "ringless_voicemail", True),
        ("SP", "sms", False),
        ("SP", "whatsapp", False),
        ("SP", "email", False),
        ("ES", "sms", False),
        ("RJ", "email", False),
        ("AM", "whatsapp", False),
        ("AL", "ringless_voicemail", True),
        ("AL", "sms", True),
        ("AL", "whatsapp", False),
        ("AL", "email", False),
    ],
)
def test_which_media_a_state_means(state: str, channel: str, bound: bool) -> None:
    sunday = local(asked(state).zones[0], "2026-11-22 10:00")
    assert (judge(asked(state, channel), sunday).verdict == "denied") is bound


@pytest.mark.parametrize(
    ("wall", "allowed", "why"),
    [
        ("2026-11-18 06:59:59", False, "still night"),
        ("2026-11-18 07:00:00", True, "morning"),
        ("2026-11-18 21:59:59", True, "evening"),
        ("2026-11-18 22:00:00", False, "night"),
        ("2026-11-22 10:00:00", True, "Sunday: no federal text closes it"),
    ],
)
def test_the_federal_guard_is_the_night(wall: str, allowed: bool, why: str) -> None:
    answer = judge(ask("BR", channel="email"), local(HOME["BR"], wall))
    assert (answer.verdict == "allowed") is allowed, why
    if not allowed:
        assert answer.cite.startswith("Guard of this engine, not law")


def test_two_states_bind_together_each_in_every_zone() -> None:
    # A number of Rio, an address in Manaus, an hour behind: nine there, seven in the evening here.
    zones = [HOME["BR"], HOME["BR-AM"]]
    both = ask("BR", jurisdictions=["BR", "BR-AM", "BR-RJ"], zones=zones)
    manaus = HOME["BR-AM"]
    assert judge(both, local(manaus, "2026-11-18 08:59:59")).rule == "br.rj.lei7868.hours"
    assert judge(both, local(manaus, "2026-11-18 09:00:00")).verdict == "allowed"
    assert judge(both, local(manaus, "2026-11-18 17:59:59")).verdict == "allowed"
    assert judge(both, local(manaus, "2026-11-18 18:00:00")).verdict == "denied"


def test_amazonas_tells_law_from_guard() -> None:
    zone = HOME["BR-AM"]
    morning = judge(asked("AM"), local(zone, "2026-11-18 07:30"))
    evening = judge(asked("AM"), local(zone, "2026-11-18 19:00"))
    assert morning.rule == "br.am.guard.opening"
    assert "not law" in morning.cite
    assert evening.rule == "br.am.lei306.hours"


@pytest.mark.parametrize(
    ("state", "first"),
    [("SP", "2014"), ("ES", "2017"), ("AL", "2016"), ("RJ", "2018"), ("AM", "2016")],
)
def test_a_law_begins_with_its_year(state: str, first: str) -> None:
    zone = asked(state).zones[0]
    # 21:00 is after every state's closing, and before the night of the federal guard.
    year_before = local(zone, f"{int(first) - 1}-12-30 21:00")
    assert judge(asked(state), year_before).verdict == "allowed"
    assert judge(asked(state), local(zone, f"{first}-01-05 21:00")).verdict == "denied"


def test_no_cap_and_duties_of_conduct_only() -> None:
    at = local(HOME["BR"], "2026-11-18 12:00")
    history = [contact(at, outcome="conversation")] * 20
    assert judge(asked("SP", history=history), at).verdict == "allowed"
    assert codes(asked("SP", "email"), at) == ["dignified_treatment"]
    assert codes(asked("SP"), at) == [
        "dignified_treatment",
        "caller_authentication",
        "caller_prefix_0304",
        "check_do_not_call_list",
    ]
