"""The sentences that operators read: of timers and activities, and of why nobody is contacted."""

import io
from datetime import datetime, timedelta
from typing import Any

import pytest
from rich.console import Console

from domain.law.request import LawEvent
from domain.law.terms import EventKind, Medium
from domain.planning.planner import plan
from domain.planning.reasons.unused import STOPPED, why_closed
from domain.planning.step import Status
from domain.planning.words import short_cite
from domain.situation import Situation
from lab.builders.situations import EMAIL, NOW, SMS, rules, situation
from tests.unit.law.support import HOME
from workers.cli.law.explain import explained, show

OPEN, NIGHT = NOW.replace(hour=16), NOW.replace(hour=6)
"""A Monday: late morning in the Americas, and night."""
GUARD = "Guard of this engine, not law"
DISPUTED = "the debt is disputed, and whether collection goes on is for a person to say"
CLOSED = [
    ("CO", "dispute", f"{DISPUTED}, {GUARD}"),
    ("MX", "dispute", DISPUTED),
    ("CO", "attorney", f"the consumer is represented by an attorney on this debt, {GUARD}"),
    (
        "CO",
        "bankruptcy",
        "the consumer is in insolvency proceedings, and whether this contact may be made is for a "
        "person to say, Código General del Proceso, art. 545",
    ),
    ("MX", "bankruptcy", "the debtor is in bankruptcy or insolvency proceedings"),
    ("GB", "breathing_space", "a breathing space moratorium stops contact that asks for"),
]


def said(country: str, kind: str, at: datetime, **more: Any) -> Situation:
    opted_in = LawEvent(kind=EventKind.OPT_IN, at=NOW, channel=Medium.SMS)
    event = LawEvent(kind=EventKind(kind), at=NOW)
    zones = (HOME[country],)
    return situation(country=country, zones=zones, law_events=(opted_in, event), now=at, **more)


@pytest.mark.parametrize("at", [OPEN, NIGHT])
@pytest.mark.parametrize(("country", "kind", "words"), CLOSED)
def test_what_was_said_is_told_whatever_the_hour(
    country: str, kind: str, words: str, at: datetime
) -> None:
    asked, obeyed = said(country, kind, at), rules(country)
    step = plan(asked, at, obeyed)
    assert (step.why, step.view.status) == ("no_channel", Status.SILENCED)
    assert f"(email: {words}" in step.summary
    assert f"; sms: {words}" in step.summary
    answer = explained(asked, obeyed, at)
    for one in answer["channels"]:
        if one["contact_point"]:
            assert one["not_used"].startswith(words)
            assert one["not_used_by"] is not None
    out = Console(file=io.StringIO(), width=400)
    show(answer, asked, out)
    title = words.partition(", Guard")[0].partition(", Código")[0]
    assert title in out.file.getvalue()  # type: ignore[attr-defined]


def test_a_breathing_space_is_told_with_its_end_and_the_next_opening_comes_after_it() -> None:
    asked, obeyed = said("GB", "breathing_space", OPEN), rules("GB")
    closed = why_closed(asked, SMS, OPEN, None, obeyed)
    assert closed is not None
    assert ", until " in closed.words
    out = Console(file=io.StringIO(), width=400)
    show(explained(asked, obeyed, OPEN), asked, out)
    assert "2027 08:00:00" in out.file.getvalue()  # type: ignore[attr-defined]


@pytest.mark.parametrize("at", [OPEN, NIGHT])
def test_a_stop_goes_before_what_else_was_said_with_its_own_law(at: datetime) -> None:
    asked = said("CO", "dispute", at)
    stop = LawEvent(kind=EventKind.OPT_OUT, at=NOW)
    asked = asked.model_copy(update={"law_events": (*asked.law_events, stop)})
    closed = why_closed(asked, SMS, at, None, rules())
    assert closed is not None
    assert (closed.told, closed.cited) == (STOPPED, f"{STOPPED}, Ley 1581 de 2012")


@pytest.mark.parametrize("at", [OPEN, NIGHT])
def test_no_reason_of_ours_is_told_with_a_law_about_something_else(at: datetime) -> None:
    bounced = SMS.model_copy(update={"suppressed": "not in service"})
    refused = EMAIL.model_copy(update={"consented": False})
    asked = situation(points=(bounced, refused), now=at, law_events=())
    step = plan(asked, at, rules())
    assert "(sms: suppressed: not in service;" in step.summary
    assert "; email: no consent, Ley 2300 de 2023, art. 2)" in step.summary


def test_what_only_waits_for_its_hour_or_its_week_may_be_used() -> None:
    assert why_closed(situation(), SMS, NIGHT, None, rules()) is None
    assert why_closed(situation(), SMS, NIGHT + timedelta(hours=10), None, rules()) is None


@pytest.mark.parametrize(
    ("cite", "told"),
    [
        ("Ley 2300 de 2023, art. 3; holidays of Ley 51 de 1983", "Ley 2300 de 2023, art. 3"),
        ("12 CFR 1006.6(b)(1)(i), comment 6(b)(1)(i)-2", "12 CFR 1006.6(b)(1)(i)"),
        (
            "CONDUSEF, Disposiciones en materia de Despachos de Cobranza (DOF 7 Oct 2014)",
            "CONDUSEF, Disposiciones en materia de Despachos de Cobranza",
        ),
    ],
)
def test_a_citation_is_cut_to_its_first_source(cite: str, told: str) -> None:
    assert short_cite(cite) == told
