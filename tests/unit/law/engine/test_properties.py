"""Properties over random requests, against a slow reading of the statutes written separately."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.law.engine import closes_at, next_opening, verdict
from domain.law.model import RulePack
from domain.law.request import LawRequest
from tests.unit.law.support import BOOK, CO_HOLIDAYS, ask, hours, small_pack

MINUTE: Final = timedelta(minutes=1)
DAY: Final = timedelta(days=1)

US_ZONES: Final = ("America/New_York", "America/Chicago", "America/Phoenix", "America/Los_Angeles")
ODD_ZONES: Final = (
    "America/Havana",
    "America/Santiago",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Pacific/Apia",
)


def lawful_us_call(request: LawRequest, at: datetime) -> bool:
    """Regulation F for a call, read slowly: hours, seven in seven days, seven after talking."""
    for zone in map(ZoneInfo, request.zones):
        here = at.astimezone(zone)
        if not 8 <= here.hour < 21:
            return False
        placed = 0
        for entry in request.history:
            ago = (here.date() - entry.at.astimezone(zone).date()).days
            of_debt = entry.account_id == request.account_id
            if not of_debt or entry.channel not in ("voice", "ringless_voicemail") or ago >= 7:
                continue
            if entry.channel == "voice" and entry.outcome == "conversation":
                return False
            if entry.direction == "outbound" and entry.outcome not in ("busy", "not_in_service"):
                placed += 1
        if placed >= 7:
            return False
    return True


def lawful_co_sms(request: LawRequest, at: datetime) -> bool:
    """Ley 2300 for a text in 2026, read slowly, under each reading of the week."""
    chosen = request.readings
    for zone in map(ZoneInfo, request.zones):
        here = at.astimezone(zone)
        opens, closes = (8, 15) if here.weekday() == 5 else (7, 19)
        if (
            here.weekday() == 6
            or here.date() in CO_HOLIDAYS[2026]
            or not opens <= here.hour < closes
        ):
            return False
        monday = here.date() - timedelta(days=here.weekday())
        start = monday if chosen.get("co.week") == "calendar" else here.date() - timedelta(days=6)
        # A conversation that the consumer began establishes contact, too, as strictly read.
        counted = [
            entry
            for entry in request.history
            if entry.direction == "outbound" or entry.outcome == "conversation"
        ]
        dates = [(entry.at.astimezone(zone).date(), entry.channel) for entry in counted]
        week = [channel for day, channel in dates if day >= start]
        if any(day == here.date() for day, _ in dates):
            return False
        reading = chosen.get("co.weekly", "strict")
        if reading == "strict" and week:
            return False
        if reading == "twice" and len(week) >= 2:
            return False
        if reading != "strict" and any(channel != "sms" for channel in week):
            return False
    return True


@st.composite
def histories(draw: st.DrawFn, at: datetime) -> list[dict[str, Any]]:
    """Up to fourteen contacts of the ten days before ``at``."""
    entry = st.fixed_dictionaries(
        {
            "at": st.integers(0, 10 * 86_400).map(lambda ago: at - timedelta(seconds=ago)),
            "account_id": st.sampled_from(["A1", "A1", "A2"]),
            "channel": st.sampled_from(["voice", "voice", "ringless_voicemail", "sms", "email"]),
            "direction": st.sampled_from(["outbound", "outbound", "outbound", "inbound"]),
            "outcome": st.sampled_from(["no_answer", "no_answer", "voicemail", "busy", "sent"])
            | st.sampled_from(["conversation", "no_answer", "no_answer"]),
        }
    )
    return draw(st.lists(entry, max_size=14))


def instants(first: datetime, days: int) -> st.SearchStrategy[datetime]:
    return st.integers(0, days * 86_400).map(lambda later: first + timedelta(seconds=later))


# Weeks with changes of the clock in New York (8 March, 1 November) and without.
US_INSTANTS: Final = instants(datetime(2026, 3, 2, tzinfo=UTC), 14) | instants(
    datetime(2026, 10, 26, tzinfo=UTC), 30
)
CO_INSTANTS: Final = instants(datetime(2026, 1, 1, tzinfo=UTC), 340)


@st.composite
def us_calls(draw: st.DrawFn) -> LawRequest:
    at = draw(US_INSTANTS)
    zones = draw(st.lists(st.sampled_from(US_ZONES), min_size=1, max_size=2, unique=True))
    return ask(at=at, zones=zones, history=draw(histories(at)))


@st.composite
def co_texts(draw: st.DrawFn) -> LawRequest:
    at = draw(CO_INSTANTS)
    readings = {
        "co.weekly": draw(st.sampled_from(["strict", "twice", "literal"])),
        "co.week": draw(st.sampled_from(["rolling", "calendar"])),
    }
    zones = draw(st.sampled_from([["America/Bogota"], ["America/Bogota", "Europe/Madrid"]]))
    history = draw(histories(at))
    return ask("CO", at=at, zones=zones, channel="sms", history=history, readings=readings)


@settings(deadline=None, max_examples=400)
@given(us_calls() | co_texts())
def test_a_verdict_agrees_with_a_slow_reading(request: LawRequest) -> None:
    slow = lawful_us_call if request.jurisdictions == ("US",) else lawful_co_sms
    pack = BOOK.packs_for(request.jurisdictions)
    answer = verdict(pack, request, request.at)
    assert (answer.verdict == "allowed") is slow(request, request.at)


@settings(deadline=None, max_examples=60)
@given(us_calls() | co_texts())
def test_an_opening_is_the_first_lawful_minute(request: LawRequest) -> None:
    slow = lawful_us_call if request.jurisdictions == ("US",) else lawful_co_sms
    pack = BOOK.packs_for(request.jurisdictions)
    opening = next_opening(pack, request, request.at)
    assert opening is not None
    if slow(request, request.at):
        assert opening == request.at
        return
    # Every boundary of these laws lies on a whole minute.
    minute = request.at.replace(second=0) + MINUTE
    while not slow(request, minute):
        minute += MINUTE
    assert opening == minute
    assert verdict(pack, request, request.at).next_allowed_at == opening
    assert verdict(pack, request, opening).verdict == "allowed"
    assert verdict(pack, request, opening - timedelta(seconds=1)).verdict == "denied"


CLOCK = st.integers(0, 95).map(lambda quarter: f"{quarter // 4:02}:{quarter % 4 * 15:02}")


@st.composite
def week_packs(draw: st.DrawFn) -> RulePack:
    opens, closes = sorted(draw(st.lists(CLOCK, min_size=2, max_size=2, unique=True)))
    days = draw(st.sets(st.sampled_from(("mon", "tue", "wed", "sat", "sun")), min_size=1))
    return small_pack(hours(sorted(days), opens, closes))


def inside(pack: RulePack, zone: str, at: datetime) -> bool:
    """The windows of the pack's one rule, on the wall clock, as anyone would read them."""
    here = at.astimezone(ZoneInfo(zone))
    window = pack.rules[0].windows[0]  # type: ignore[union-attr]
    return f"{here:%a}".lower() in window.days and window.opens <= f"{here:%H:%M}" < window.closes


@settings(deadline=None, max_examples=150)
@given(week_packs(), st.sampled_from(US_ZONES + ODD_ZONES), st.integers(0, 365 * 24 * 4))
def test_windows_hold_to_the_second_on_every_clock(pack: RulePack, zone: str, quarter: int) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC) + quarter * timedelta(minutes=15)
    request = ask("ZZ", zones=[zone])
    opening = next_opening([pack], request, at)
    assert opening is not None
    assert inside(pack, zone, opening)
    scan = at
    while scan < opening:
        assert not inside(pack, zone, scan)
        scan += 15 * MINUTE
    closing = closes_at([pack], request, opening)
    assert closing is not None
    while opening < closing:
        assert inside(pack, zone, opening)
        opening += 15 * MINUTE
    assert not inside(pack, zone, closing)
    assert inside(pack, zone, closing - timedelta(seconds=1))


@settings(deadline=None, max_examples=150)
@given(us_calls(), st.sampled_from(US_ZONES), st.data())
def test_more_zones_and_more_contacts_never_loosen(
    request: LawRequest, zone: str, data: st.DataObject
) -> None:
    pack = BOOK.packs_for(["US"])
    if verdict(pack, request, request.at).verdict == "allowed":
        return
    more = data.draw(histories(request.at))
    stricter = ask(
        at=request.at,
        zones=[*request.zones, zone],
        history=[*(entry.model_dump() for entry in request.history), *more],
    )
    assert verdict(pack, stricter, request.at).verdict != "allowed"


@settings(deadline=None, max_examples=100)
@given(us_calls(), st.sampled_from([code for code in BOOK.packs if code != "US"]))
def test_another_pack_never_loosens(request: LawRequest, other: str) -> None:
    both = request.model_copy(update={"jurisdictions": ("US", other)})
    if verdict(BOOK.packs_for(["US"]), request, request.at).verdict != "allowed":
        assert verdict(BOOK.packs_for(["US", other]), both, request.at).verdict != "allowed"


@settings(deadline=None, max_examples=100)
@given(us_calls())
def test_whole_weeks_do_not_matter_where_clocks_do_not_change(request: LawRequest) -> None:
    pack = BOOK.packs_for(["US"])
    zones = ["America/Phoenix", "America/Bogota"]

    def moved(weeks: int) -> str:
        shift = timedelta(weeks=weeks)
        history = [entry.model_dump() | {"at": entry.at + shift} for entry in request.history]
        at = request.at + shift
        return verdict(pack, ask(at=at, zones=zones, history=history), at).rule

    assert moved(0) == moved(1) == moved(30)
