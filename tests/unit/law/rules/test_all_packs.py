"""Properties over random requests and every pack there is, against a slow reading of the packs.

Openings are held to a search that tries every minute of nine days; ``make search`` does so for
thousands of requests.
"""

import os
from datetime import UTC, datetime, timedelta
from itertools import islice
from random import Random
from typing import Final

import pytest

from domain.law.engine import closes_at, next_opening, verdict
from domain.law.model import CapRule, OneChannelRule, RulePack
from domain.law.request import LawRequest
from lab.builders.law_requests import QUARTER, ZONES, Requests
from tests.unit.law.slow import Slow
from tests.unit.law.support import BOOK

SECOND: Final = timedelta(seconds=1)
MINUTE: Final = timedelta(minutes=1)
WALK: Final = timedelta(days=9)
"""How far the slow search goes; beyond it the engine's answer is tried on both sides alone."""

SEARCHED: Final = int(os.environ.get("LAW_REQUESTS", "10"))
"""Requests of each seed that are searched minute by minute; ``make search`` asks for thousands."""

STEADY: Final = ("America/Bogota", "America/Phoenix", "America/Lima", "America/Sao_Paulo")
"""Zones whose clocks do not change."""


def requests(
    seed: int, count: int, grid: timedelta = QUARTER
) -> list[tuple[tuple[RulePack, ...], LawRequest]]:
    some = islice(Requests(seed, grid), count)
    return [(BOOK.packs_for(request.jurisdictions), request) for request in some]


def allowed(packs: tuple[RulePack, ...], request: LawRequest, at: datetime) -> bool:
    return verdict(packs, request, at).verdict == "allowed"


@pytest.mark.parametrize("seed", range(10))
def test_a_verdict_is_what_a_slow_reading_says(seed: int) -> None:
    for packs, request in requests(seed, 500):
        said = verdict(packs, request, request.at)
        forbidding = list(Slow(packs, request, request.at).forbidding(request.at))
        assert (said.rule in forbidding) if forbidding else said.verdict == "allowed"


@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("seed", range(100, 106))
def test_an_opening_is_the_first_minute_that_a_slow_search_finds(seed: int) -> None:
    for packs, request in requests(seed, SEARCHED, MINUTE):
        slow = Slow(packs, request, request.at)
        opening = next_opening(packs, request, request.at)
        found = slow.first_lawful_minute(request.at, request.at + WALK)
        if found is None:
            assert opening is None or opening >= request.at + WALK
        else:
            # Under one reading hours open a second late, between two minutes.
            late = request.readings.get("boundary") == "open"
            assert opening is not None
            assert found - MINUTE < opening <= found if late else opening == found
        if opening is None:
            continue
        assert slow.lawful(opening)
        assert opening == request.at or not slow.lawful(opening - SECOND)
        closing = closes_at(packs, request, opening)
        if closing is not None and closing < opening + WALK:
            assert not slow.lawful(closing) or request.purpose in ("reply", "optout_confirmation")


@pytest.mark.parametrize("seed", range(200, 204))
def test_an_opening_is_allowed_and_the_second_before_it_is_not(seed: int) -> None:
    for packs, request in requests(seed, 150):
        said = verdict(packs, request, request.at)
        opening = next_opening(packs, request, request.at)
        if said.verdict == "allowed":
            assert (opening, said.next_allowed_at) == (request.at, None)
            continue
        assert said.next_allowed_at == opening
        if opening is not None:
            # The facts stay those of now: what the request holds of the future must not count.
            known = as_known(request)
            assert allowed(packs, known, opening)
            assert not allowed(packs, known, opening - SECOND)


def as_known(request: LawRequest) -> LawRequest:
    return request.model_copy(
        update={
            "history": tuple(entry for entry in request.history if entry.at <= request.at),
            "events": tuple(event for event in request.events if event.at <= request.at),
        }
    )


@pytest.mark.parametrize("seed", range(300, 304))
def test_a_pack_a_zone_and_an_outbound_contact_more_never_loosen(seed: int) -> None:
    chance = Random(seed)
    for packs, request in requests(seed, 150):
        if allowed(packs, request, request.at):
            continue
        other = chance.choice(list(BOOK.packs))
        if other not in request.jurisdictions:
            wider = request.model_copy(update={"jurisdictions": (*request.jurisdictions, other)})
            assert not allowed((*packs, BOOK.packs[other]), wider, request.at)
        zones = (*request.zones, chance.choice(ZONES))
        further = request.model_copy(update={"zones": zones})
        assert not allowed(packs, further, request.at)
        # Contacts that loosen are the customer's own, which may be answered or may consent.
        contact = Requests(chance.randrange(2**32)).contact(request.at) | {"direction": "outbound"}
        history = [*(entry.model_dump() for entry in request.history), contact]
        again = LawRequest.model_validate(request.model_dump(by_alias=True) | {"history": history})
        assert not allowed(packs, again, request.at)


@pytest.mark.parametrize("seed", range(400, 404))
def test_whole_weeks_do_not_matter_without_holidays_and_changes_of_the_clock(seed: int) -> None:
    spring = datetime(2027, 3, 1, tzinfo=UTC)
    for packs, request in requests(seed, 100):
        plain = tuple(without_holidays(pack) for pack in packs)
        offset = (request.at - spring) % timedelta(weeks=8)
        here = moved(request, spring + offset - request.at)
        here = here.model_copy(update={"zones": tuple(STEADY[: len(request.zones)])})
        rules = {
            verdict(plain, later, later.at).rule
            for weeks in (0, 1, 6)
            for later in [moved(here, timedelta(weeks=weeks))]
        }
        assert len(rules) == 1


def without_holidays(pack: RulePack) -> RulePack:
    """The pack with no holidays, and without what goes by the month."""
    rules = tuple(
        rule.model_copy(update={"calendars": ()}) if hasattr(rule, "calendars") else rule
        for rule in pack.rules
        if not isinstance(rule, CapRule | OneChannelRule) or rule.period.calendar != "month"
    )
    return pack.model_copy(update={"rules": rules})


def moved(request: LawRequest, shift: timedelta) -> LawRequest:
    """All instants of a request later by so much."""

    def later(fields: dict[str, object]) -> dict[str, object]:
        return {k: v + shift if isinstance(v, datetime) else v for k, v in fields.items()}

    fields = later(request.model_dump(by_alias=True))
    fields["history"] = [later(entry.model_dump()) for entry in request.history]
    fields["events"] = [later(event.model_dump(by_alias=True)) for event in request.events]
    return LawRequest.model_validate(fields)
