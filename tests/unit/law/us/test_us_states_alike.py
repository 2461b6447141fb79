"""What the states' rules have in common: every day of the week, answers, other debts and places."""

from datetime import timedelta
from typing import Any

import pytest

from tests.unit.law.support import (
    EVERY_DAY,
    LOS_ANGELES,
    NEW_YORK,
    ask,
    contact,
    event,
    judge,
    local,
)
from tests.unit.law.tables.us_state_cases import EMAILS, MAILED
from tests.unit.law.us_support import CREDITOR, NOBODY_ASKED, NOON, OFFICE, ny, rule, sent

HOURS = {
    "us.ma.hours": ("US-MA", NEW_YORK, CREDITOR),
    "us.dc.hours": ("US-DC", NEW_YORK, CREDITOR),
    "us.fl.hours": ("US-FL", NEW_YORK, CREDITOR),
    "us.wv.hours": ("US-WV", NEW_YORK, CREDITOR),
}


@pytest.mark.parametrize("day", range(16, 23))
@pytest.mark.parametrize("decided", HOURS)
def test_hours_are_the_same_every_day(decided: str, day: int) -> None:
    """From Monday 16 to Sunday 22 November 2026."""
    state, zone, actor = HOURS[decided]
    clocks = {
        "07:59:59": decided,
        "08:00:00": "none",
        "20:59:59": "none",
        "21:00:00": decided,
    }
    for clock, expected in clocks.items():
        at = local(zone, f"2026-11-{day} {clock}")
        assert rule(state, at, actor=actor, zones=[zone]) == expected, clock


@pytest.mark.parametrize("day", range(16, 23))
@pytest.mark.parametrize("opens", ["08:00", "07:30"])
def test_washington_is_open_every_day(opens: str, day: int) -> None:
    request = ask("US-WA", readings={"wa.open": opens})
    seconds = timedelta(seconds=1)
    first, last = (local(LOS_ANGELES, f"2026-11-{day} {clock}") for clock in (opens, "21:00"))
    allowed = [first, last - seconds]
    assert all(judge(request, at).verdict == "allowed" for at in allowed)
    assert all(judge(request, at).rule == "us.wa.hours" for at in (first - seconds, last))


@pytest.mark.parametrize("day", range(9, 16))
def test_floridas_email_hours_held_every_day(day: int) -> None:
    """From Friday 9 to Thursday 15 May 2025, the last week before e-mail was exempt."""
    email: dict[str, Any] = {"actor": CREDITOR, "channel": "email"}
    for clock in ("07:59:59", "21:00:00"):
        assert rule("US-FL", ny(f"2025-05-{day:02} {clock}"), **email) == "us.fl.email_hours"
    for clock in ("08:00:00", "20:59:59"):
        assert rule("US-FL", ny(f"2025-05-{day:02} {clock}"), **email) == "none"


@pytest.mark.parametrize("day", range(16, 23))
@pytest.mark.parametrize("party", ["spouse", "reference", "third_party"])
def test_massachusetts_households_are_called_by_eastern_time(party: str, day: int) -> None:
    """An hour later on the Atlantic clock, three hours earlier on the Pacific one."""
    household: dict[str, Any] = {"actor": CREDITOR, "party": party}
    clocks = {
        ("America/Halifax", "08:59:59"): "us.ma.household_hours",
        ("America/Halifax", "09:00:00"): "none",
        (LOS_ANGELES, "17:59:59"): "none",
        (LOS_ANGELES, "18:00:00"): "us.ma.household_hours",
    }
    for (zone, clock), expected in clocks.items():
        at = local(zone, f"2026-11-{day} {clock}")
        assert rule("US-MA", at, **household, zones=[zone]) == expected, clock
    at = local(LOS_ANGELES, f"2026-11-{day} 18:00")
    assert rule("US-MA", at, actor=CREDITOR, party="guarantor", zones=[LOS_ANGELES]) == (
        "us.guard.surety"
    )


ALL_DAY = [{"days": list(EVERY_DAY), "from": "00:00", "to": "24:00"}]
NIGHT = ny("2026-11-18 22:00")
BARRED = event("workplace_prohibited", NOON - timedelta(days=1))
BOUND: dict[str, tuple[str, Any, dict[str, Any]]] = {
    "us.ma.workplace": ("US-MA", NOON, {"contact_point": OFFICE, "events": [BARRED]}),
    "us.ma.workplace_oral": (
        "US-MA",
        NOON,
        {"contact_point": OFFICE, "events": [BARRED | {"in_writing": False}]},
    ),
    "us.ma.waking_hours": (
        "US-MA",
        NOON,
        {"events": [event("inconvenient_time", NOON, windows=ALL_DAY)]},
    ),
    "us.ma.hours": ("US-MA", NIGHT, {}),
    "us.ma.visit_cap": (
        "US-MA",
        NOON,
        {"channel": "visit", "history": [sent("11-01", "visit", "conversation")]},
    ),
    "us.dc.third_party": ("US-DC", NOON, {"party": "spouse"}),
    "us.dc.visits": ("US-DC", NOON, {"channel": "visit"}),
    "us.dc.notice": ("US-DC", NOON, {"channel": "email"}),
    "us.dc.consent": (
        "US-DC",
        NOON,
        {"channel": "email", "events": MAILED, "contact_point": NOBODY_ASKED},
    ),
    "us.dc.call_cap": (
        "US-DC",
        NOON,
        {"history": [sent(f"11-{day}") for day in (12, 13, 14, 15)]},
    ),
    "us.dc.call_cooldown": (
        "US-DC",
        NOON,
        {"history": [sent("11-17", outcome="conversation")]},
    ),
    "us.dc.hours": ("US-DC", NIGHT, {}),
    "us.nyc.consent": (
        "US-NY-NYC",
        NOON,
        {"channel": "email", "contact_point": NOBODY_ASKED},
    ),
    "us.nyc.cap": ("US-NY-NYC", NOON, {"history": [sent("11-16")] * 3}),
    "us.fl.hours": ("US-FL", NIGHT, {}),
    "us.wv.attorney": (
        "US-WV",
        NOON,
        {"events": [event("attorney", NOON - timedelta(days=4))]},
    ),
    "us.wv.hours": ("US-WV", NIGHT, {}),
    "us.wv.inconvenient_time": (
        "US-WV",
        NOON,
        {"events": [event("inconvenient_time", NOON, windows=ALL_DAY)]},
    ),
}


@pytest.mark.parametrize("decided", BOUND)
def test_an_answer_is_bound_too(decided: str) -> None:
    """Where the text knows no exception for a customer who wrote first, there is none."""
    state, at, fields = BOUND[decided]
    wrote = contact(
        at - timedelta(minutes=1),
        fields.get("channel", "voice"),
        "replied",
        direction="inbound",
    )
    history = [*fields.get("history", []), wrote]
    answer = fields | {"actor": CREDITOR, "purpose": "reply", "history": history}
    assert rule(state, at, **answer) == decided


FREE: dict[str, tuple[str, dict[str, Any]]] = {
    "us.ma.creditor_cap": ("US-MA", {"history": [sent("11-16")] * 2}),
    "us.ma.creditor_cap_elsewhere": (
        "US-MA",
        {"contact_point": OFFICE, "history": [sent("11-01")] * 2},
    ),
    "us.ma.agency_cap": ("US-MA", {"actor": "third_party", "history": [sent("11-16")] * 2}),
    "us.ma.agency_cap_elsewhere": (
        "US-MA",
        {"actor": "third_party", "contact_point": OFFICE, "history": [sent("11-01")] * 2},
    ),
    "us.dc.message_cap": ("US-DC", {"channel": "email", "events": MAILED, "history": EMAILS}),
    "us.wa.week_cap": (
        "US-WA",
        {"actor": "third_party", "history": [sent("11-16", "letter", "sent")] * 3},
    ),
    "us.wa.work_cap": (
        "US-WA",
        {"actor": "third_party", "contact_point": OFFICE, "history": [sent("11-17")]},
    ),
    "us.wa.wireless_cap": ("US-WA", {"actor": "third_party", "history": [sent("11-18")] * 2}),
}


@pytest.mark.parametrize("decided", FREE)
def test_an_answer_is_free_once(decided: str) -> None:
    """Caps on what the collector initiates, or that except an answer by their own words."""
    state, fields = FREE[decided]
    asked: dict[str, Any] = {"actor": CREDITOR, **fields}
    wrote = sent("11-18", asked.get("channel", "voice"), "replied", direction="inbound")
    wrote["at"] = NOON
    at = NOON + timedelta(minutes=1)
    answer = asked | {"purpose": "reply", "history": [*asked["history"], wrote]}
    assert rule(state, at, **answer | {"purpose": "collection"}) == decided
    assert rule(state, at, **answer) == "none"
    answered = contact(NOON + timedelta(seconds=30), asked.get("channel", "voice"), "sent")
    assert rule(state, at, **answer | {"history": [*answer["history"], answered]}) != "none"


@pytest.mark.parametrize("in_writing", [True, False])
def test_massachusetts_no_calls_at_work_whatever_the_debt(in_writing: bool) -> None:
    said = [BARRED | {"account_id": "A2", "in_writing": in_writing}]
    decided = "us.ma.workplace" if in_writing else "us.ma.workplace_oral"
    barred: dict[str, Any] = {"actor": CREDITOR, "events": said}
    assert rule("US-MA", **barred, contact_point=OFFICE) == decided
    assert rule("US-MA", **barred) == "none", "at home"


@pytest.mark.parametrize(("state", "decided"), [("US-DC", "dc"), ("US-NY-NYC", "nyc")])
def test_an_opt_out_holds_for_any_debt_until_an_opt_in(state: str, decided: str) -> None:
    earlier = ny("2026-11-10 09:00")
    stop = event("opt_out", earlier, channel="email", account_id="A2")
    email: dict[str, Any] = {"actor": CREDITOR, "channel": "email"}
    assert rule(state, **email, events=[*MAILED, stop]) == f"us.{decided}.opt_out"
    again = event("opt_in", earlier + timedelta(days=1), channel="email")
    assert rule(state, **email, events=[*MAILED, stop, again]) == "none"
    confirm = email | {"purpose": "optout_confirmation", "events": [*MAILED, stop]}
    assert rule(state, **confirm) == "none", "one confirmation"
    sent_it = contact(earlier + timedelta(minutes=1), "email", "sent")
    assert rule(state, **confirm, history=[sent_it]) == f"us.{decided}.opt_out", "and no second"
    answer = email | {"purpose": "reply", "events": [*MAILED, stop]}
    wrote = contact(NOON, "email", "replied", direction="inbound")
    assert rule(state, **answer, history=[wrote]) == f"us.{decided}.opt_out"


def test_dc_stop_calling_means_all_calls() -> None:
    stop = event("opt_out", NOON, channel="voice")
    stopped: dict[str, Any] = {"actor": CREDITOR, "events": [stop]}
    assert rule("US-DC", **stopped, channel="ringless_voicemail") == "us.dc.opt_out"
    assert rule("US-DC", **stopped, channel="letter") == "none"


@pytest.mark.parametrize(
    ("state", "channel", "actor", "decided"),
    [
        ("US-NY-NYC", "email", CREDITOR, "us.nyc.consent"),
        ("US-NY", "email", "debt_buyer", "us.ny.email_consent"),
        ("US-NY", "whatsapp", "debt_buyer", "us.ny.dfs_consent"),
    ],
)
def test_an_opt_in_is_consent(state: str, channel: str, actor: str, decided: str) -> None:
    asked: dict[str, Any] = {
        "actor": actor,
        "channel": channel,
        "contact_point": NOBODY_ASKED,
        "readings": {"ny.dfs_amendment": "on"},
    }
    assert rule(state, **asked) == decided
    assert rule(state, **asked, events=[event("opt_in", NOON, channel=channel)]) == "none"
    other = event("opt_in", NOON, channel=channel, contact_point_id="another")
    assert rule(state, **asked, events=[other]) == decided
