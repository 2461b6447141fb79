"""Random requests against a second reading of the statutes, and a search minute by minute.

``test_all_packs`` holds the engine to what the packs say, this the packs to what the law says.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from domain.law.engine import next_opening, verdict
from domain.law.readings import READINGS
from domain.law.request import LawRequest
from tests.unit.law import statutes
from tests.unit.law.support import BOOK, HOME, ask

SECOND: Final = timedelta(seconds=1)
MINUTE: Final = timedelta(minutes=1)

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
READ: Final = sorted(statutes.READINGS_OF)
"""The packs that ``statutes`` reads; Regulation F and Ley 2300 are read in ``test_properties``."""


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


def packs(request: LawRequest) -> Any:
    return BOOK.packs_for(request.jurisdictions)


def allowed(request: LawRequest, at: datetime) -> bool:
    return verdict(packs(request), request, at).verdict == "allowed"


@pytest.mark.timeout(600)
@settings(deadline=None, max_examples=1_000)
@given(WORLD)
def test_a_verdict_agrees_with_a_slow_reading(request: LawRequest) -> None:
    # What they do not know: no visits in Britain without a person's word.
    assume(request.jurisdictions[0] != "GB" or request.channel != "visit")
    assert allowed(request, request.at) is statutes.lawful(request, request.at)


@pytest.mark.timeout(600)
@settings(deadline=None, max_examples=60)
@given(WORLD)
def test_an_opening_is_the_first_lawful_minute(request: LawRequest) -> None:
    assume(request.jurisdictions[0] != "GB" or request.channel != "visit")
    opening = next_opening(packs(request), request, request.at)
    assert opening is not None
    assert statutes.lawful(request, opening)
    assert (opening == request.at) is statutes.lawful(request, request.at)
    # Every boundary lies on a whole minute, but for 48 hours after a contact.
    minute = request.at.replace(second=0) + MINUTE
    while minute < opening:
        assert not statutes.lawful(request, minute)
        minute += MINUTE
