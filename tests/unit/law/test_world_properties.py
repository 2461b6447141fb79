"""Properties over random requests to every pack, against slow readings (``slow``) and searches."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from domain.law.engine import next_opening, verdict
from domain.law.readings import READINGS
from domain.law.request import LawRequest
from tests.unit.law import slow
from tests.unit.law.support import BOOK, HOME, ask

SECOND: Final = timedelta(seconds=1)
MINUTE: Final = timedelta(minutes=1)
WEEK: Final = timedelta(weeks=1)

CHANNELS: Final = ("voice", "ringless_voicemail", "visit", "sms", "whatsapp", "email", "letter")
OUTCOMES: Final = ("no_answer", "voicemail", "busy", "dropped", "conversation", "sent", "delivered")
ZONES: Final = {
    "CL": (HOME["CL"], "America/Punta_Arenas", "Pacific/Easter"),
    "PE": (HOME["PE"], "Europe/Madrid", "America/Mexico_City"),
    "EC": (HOME["EC"], "Pacific/Galapagos"),
    "BR": (HOME["BR"], HOME["BR-AM"], "America/Noronha", "America/Rio_Branco"),
    "ES": (HOME["ES"], "Atlantic/Canary"),
    "MX": (HOME["MX"], "America/Tijuana"),
}
READ: Final = sorted(slow.READINGS_OF)
"""The packs that ``slow`` reads; Regulation F and Ley 2300 are read in ``test_properties``."""


def instants(days: int = 355) -> st.SearchStrategy[datetime]:
    """An instant of 2026, often near the hours at which something opens or closes."""
    first = datetime(2026, 1, 1, tzinfo=UTC)
    anywhere = st.integers(0, days * 86_400)
    edge = st.tuples(st.integers(0, days * 24), st.integers(-2, 2)).map(
        lambda pair: max(0, pair[0] * 3_600 + pair[1])
    )
    return st.one_of(anywhere, edge).map(lambda second: first + second * SECOND)


@st.composite
def histories(draw: st.DrawFn, at: datetime) -> list[dict[str, Any]]:
    """Up to five contacts of the nine days before: more would close everything."""
    entry = st.fixed_dictionaries(
        {
            "at": st.integers(0, 9 * 86_400).map(lambda ago: at - ago * SECOND),
            "account_id": st.sampled_from(["A1", "A1", "A2"]),
            "channel": st.sampled_from(CHANNELS),
            "direction": st.sampled_from(["outbound", "outbound", "inbound"]),
            "outcome": st.sampled_from(OUTCOMES),
        }
    )
    return draw(st.lists(entry, max_size=5))


@st.composite
def requests(draw: st.DrawFn, codes: tuple[str, ...]) -> LawRequest:
    """A request to a country and perhaps one or two of its states, under any readings."""
    code = draw(st.sampled_from(codes))
    country = code[:2]
    states = sorted({other for other in codes if other.startswith(f"{country}-")} - {code})
    chosen = draw(st.lists(st.sampled_from(states), max_size=1)) if states else []
    asked = [country, *([code] if code != country else []), *chosen]
    zones = st.sampled_from(ZONES.get(country, (HOME[country],)))
    own = [r for r in READINGS.values() if r.name.startswith(f"{country.lower()}.")]
    at = draw(instants())
    return ask(
        country,
        jurisdictions=asked,
        channel=draw(st.sampled_from(CHANNELS)),
        zones=draw(st.lists(zones, min_size=1, max_size=2, unique=True)),
        at=at,
        history=draw(histories(at)),
        readings={r.name: draw(st.sampled_from(r.values)) for r in own},
    )


WORLD: Final = requests(tuple(READ))
EVERYWHERE: Final = requests(tuple(BOOK.packs))


def packs(request: LawRequest) -> Any:
    return BOOK.packs_for(request.jurisdictions)


def allowed(request: LawRequest, at: datetime) -> bool:
    return verdict(packs(request), request, at).verdict == "allowed"


@pytest.mark.timeout(600)
@settings(deadline=None, max_examples=2_000)
@given(WORLD)
def test_a_verdict_agrees_with_a_slow_reading(request: LawRequest) -> None:
    # What slow does not know: no visits in Britain without a person's word.
    assume(request.jurisdictions[0] != "GB" or request.channel != "visit")
    assert allowed(request, request.at) is slow.lawful(request, request.at)


@settings(deadline=None, max_examples=100)
@given(WORLD)
def test_an_opening_is_the_first_lawful_minute(request: LawRequest) -> None:
    assume(request.jurisdictions[0] != "GB" or request.channel != "visit")
    opening = next_opening(packs(request), request, request.at)
    assert opening is not None
    assert slow.lawful(request, opening)
    assert (opening == request.at) is slow.lawful(request, request.at)
    # Every boundary lies on a whole minute, but for 48 hours after a contact.
    minute = request.at.replace(second=0) + MINUTE
    while minute < opening:
        assert not slow.lawful(request, minute)
        minute += MINUTE


@settings(deadline=None, max_examples=80)
@given(EVERYWHERE)
def test_before_an_opening_every_minute_is_closed(request: LawRequest) -> None:
    opening = next_opening(packs(request), request, request.at)
    scan, end = request.at, opening or request.at + 3 * WEEK
    while scan < end:
        assert not allowed(request, scan)
        # Whatever has been closed for a day opens for longer than a quarter of an hour.
        scan += MINUTE if scan < request.at + timedelta(days=1) else 15 * MINUTE
    if opening is not None:
        assert allowed(request, opening)
        assert opening == request.at or not allowed(request, opening - SECOND)
        assert verdict(packs(request), request, request.at).next_allowed_at in (None, opening)


@settings(deadline=None, max_examples=200)
@given(EVERYWHERE, EVERYWHERE, st.data())
def test_another_pack_zone_or_contact_never_loosens(
    request: LawRequest, other: LawRequest, data: st.DataObject
) -> None:
    assume(not allowed(request, request.at))
    more = data.draw(histories(request.at))
    outbound = [entry for entry in more if entry["direction"] == "outbound"]
    fields = request.model_dump()
    for stricter in (
        {"jurisdictions": list(dict.fromkeys([*request.jurisdictions, *other.jurisdictions]))},
        {"zones": [*request.zones, *other.zones]},
        {"history": [*fields["history"], *outbound]},
    ):
        asked = LawRequest.model_validate({**fields, **stricter})
        assert not allowed(asked, request.at), stricter.keys()


DATED: Final = {
    pack.jurisdiction[:2]
    for pack in BOOK.packs.values()
    for rule in pack.rules
    for when in (rule.effective.since, rule.effective.until)
    if when is not None and 2026 <= when.year <= 2027
}
"""Countries where some rule begins or ends within the time looked at."""
UNCHANGED: Final = requests(tuple(code for code in BOOK.packs if code[:2] not in DATED))
STEADY: Final = ("America/Lima", "America/Sao_Paulo", "America/Argentina/Buenos_Aires")


@settings(deadline=None, max_examples=200)
@given(UNCHANGED, st.sampled_from(STEADY), st.integers(1, 20))
def test_whole_weeks_without_a_holiday_do_not_matter(
    request: LawRequest, zone: str, weeks: int
) -> None:
    shift = weeks * WEEK
    days = {request.at.date(), (request.at + shift).date()}
    assume(not days & slow.holidays_near(request.jurisdictions[0]))
    fields = request.model_dump() | {"zones": [zone]}
    history = [entry | {"at": entry["at"] + shift} for entry in fields["history"]]
    later = LawRequest.model_validate(fields | {"history": history})
    here = LawRequest.model_validate(fields)
    assert allowed(here, here.at) is allowed(later, here.at + shift)
