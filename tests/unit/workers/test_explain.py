"""What ``law explain`` says of an account, where the reading that decided is one of place."""

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rich.console import Console

from domain.account import ContactPoint, PointKind, Promise
from domain.channels import Channel
from domain.jurisdictions import jurisdictions
from domain.planning.planner import plan
from domain.planning.step import StepKind
from domain.situation import Reply
from lab.builders.situations import NOW, rules, situation
from tests.unit.law.support import BOOK, HOME, local
from workers.cli.law.explain import explained, show

CALLED = ContactPoint(
    contact_point_id="p-voice", channel=Channel.VOICE, kind=PointKind.MOBILE, consented=True
)


@pytest.mark.parametrize(
    ("wall", "rule", "reading", "why"),
    [
        (
            "2026-11-18 19:30",
            "br.rj.lei7868.hours",
            "br.state=both",
            "Rio closes at seven: its law binds by the area code alone",
        ),
        (
            "2026-11-18 19:00",
            "br.rj.lei7868.hours",
            "boundary=half_open, br.state=both",
            "the closing second of Rio",
        ),
        ("2026-11-18 22:30", "br.rj.lei7868.hours", "br.state=both", "night, and Rio opens last"),
        ("2026-11-18 12:00", "none", None, "both are open"),
    ],
)
def test_the_state_that_denies_binds_by_a_reading(
    wall: str, rule: str, reading: str | None, why: str
) -> None:
    at: datetime = local(HOME["BR"], wall).astimezone(UTC)
    asked = situation(country="BR", zones=(HOME["BR"],), points=(CALLED,), now=at, law_events=())
    customer = asked.customer.model_copy(
        update={"regions_of_address": ("BR-SP",), "regions_of_phones": ("BR-RJ",)}
    )
    asked = asked.model_copy(update={"customer": customer})
    binding = jurisdictions(customer, {})
    law = replace(rules("BR"), packs=BOOK.packs_for(binding), jurisdictions=binding)
    told = explained(asked, law, at)
    call = next(one for one in told["channels"] if one["channel"] == "voice")
    assert (call["rule"], call["reading"]) == (rule, reading), why


def test_an_id_is_shown_to_the_letter() -> None:
    asked = situation(now=NOW).model_copy(update={"key": "bank/A[red]7[/x]"})
    out = Console(file=io.StringIO(), width=300)
    show(explained(asked, rules("CO"), NOW), asked, out)
    assert "/A[red]7[/x] under CO" in out.file.getvalue()  # type: ignore[attr-defined]


HOUR = timedelta(hours=1)
PROMISE = Promise(
    promise_id="p1",
    amount="100.00",
    due_on=NOW.date(),
    made_at=NOW - HOUR,
    state="open",
)


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({}, None),
        ({"replies": (Reply(at=NOW - HOUR, channel=Channel.SMS),)}, "a person's turn"),
        ({"halted": "restored from a backup"}, "database was restored"),
        ({"balance": "0.00"}, "Cured"),
        ({"days_past_due": -20}, "Not due yet"),
        ({"days_past_due": 900}, "Handed off"),
        ({"account": {"status": "closed", "close_reason": "recalled"}}, "Recalled"),
        (
            {"account": {"hold_until": NOW + 24 * HOUR, "hold_reason": "dispute"}},
            "On hold (dispute)",
        ),
        ({"promises": (PROMISE,)}, "Promise to pay by"),
    ],
)
def test_what_silences_an_account_is_said_as_the_planner_says_it(
    fields: dict[str, Any], word: str | None
) -> None:
    asked = situation(**fields)
    said = explained(asked, rules(), NOW)
    silence = said["silence"]
    planned = plan(asked, NOW, rules())
    if word is None:
        assert (silence, planned.kind) == (None, StepKind.CONTACT)
        then = explained(asked, rules(), planned.not_before)
        assert any(one["allowed"] for one in then["channels"])
    else:
        assert word in silence
        assert silence == planned.summary
        noon = explained(asked, rules(), NOW.replace(hour=17))
        assert "allowed" in [one["verdict"] for one in noon["channels"]]
        assert not any(one["allowed"] for one in noon["channels"])
