"""What ``law explain`` says of an account, where the reading that decided is one of place."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.account import ContactPoint, PointKind
from domain.channels import Channel
from domain.jurisdictions import jurisdictions
from lab.builders.situations import rules, situation
from tests.unit.law.support import BOOK, HOME, local
from workers.cli.law.explain import explained

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
