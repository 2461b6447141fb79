"""By what those who stand for an account are reached, and what they are told by each."""

import re
from dataclasses import replace
from typing import Any

import pytest

from config.settings import ROOT
from config.wording.catalogue import LOCALES, PURPOSES_BY_CHANNEL, Wording
from config.wording.samples import samples
from config.wording.whatsapp import WhatsAppTemplates
from domain.account import ContactPoint, PointKind
from domain.channels import TO_PARTIES, Channel, Purpose
from domain.law.request import LawEvent
from domain.law.terms import EventKind, Medium, Party
from domain.ledger.call_outcome import Scene
from domain.message_content import MessageContext
from domain.planning.planner import plan
from domain.planning.rules import Rules
from domain.planning.step import Step, StepKind
from domain.strategy import Attached
from lab.builders.situations import NOW
from tests.unit.parties.test_turns import DAY, UNREACHABLE, obeyed, seen

WORDING = Wording.load()
TEMPLATES = WhatsAppTemplates.load(ROOT / "config" / "whatsapp.yaml", WORDING, sandbox=True)
PROVIDERS = {
    Channel.SMS: ("twilio",),
    Channel.EMAIL: ("sendgrid",),
    Channel.WHATSAPP: ("twilio",),
    Channel.VOICE: ("twilio",),
}
OF_A_DEBT = re.compile(r"\d{3}|debt|deud[ao]s?\b|dívida|\bpay|paga|saldo|balance|https?:|Pix|COP")
"""An amount, a way to pay, or that somebody owes."""


def connected(found: Rules) -> Rules:
    """The same, with all four channels, which every phase uses."""
    phases = tuple(
        one.model_copy(update={"channels": dict.fromkeys(PROVIDERS, 1)})
        for one in found.strategy.phases
    )
    strategy = found.strategy.model_copy(update={"phases": phases})
    theirs = tuple(connected(one) for one in found.of_parties)
    return replace(found, strategy=strategy, providers=PROVIDERS, of_parties=theirs)


def at(channel: Channel, *, consented: bool = True) -> tuple[ContactPoint, ...]:
    kind = PointKind.MOBILE
    return (
        ContactPoint(
            contact_point_id="g-phone",
            channel=channel,
            kind=kind,
            consented=consented,
            address_id="g",
        ),
    )


def planned(channel: Channel, country: str = "CO", **party: Any) -> Step:
    points = party.pop("points", at(channel))
    said = party.pop("law_events", (LawEvent(kind=EventKind.OPT_IN, at=NOW - DAY),))
    found = seen(country=country, debtor=UNREACHABLE, points=points, law_events=said, **party)
    return plan(found, NOW, connected(obeyed(Party.GUARANTOR, country=country)))


@pytest.mark.parametrize("channel", [Channel.WHATSAPP, Channel.VOICE])
@pytest.mark.parametrize("country", ["CO", "MX", "EC"])
def test_a_guarantor_is_reached_by_whatsapp_and_by_call_in_the_hours_of_their_place(
    channel: Channel, country: str
) -> None:
    step = planned(channel, country)
    assert (step.kind, step.channel) == (StepKind.CONTACT, channel)
    assert step.purpose is Purpose.GUARANTOR_NOTICE


@pytest.mark.parametrize("channel", [Channel.WHATSAPP, Channel.VOICE])
def test_no_consent_or_a_stop_closes_a_guarantors_channel(channel: Channel) -> None:
    stop = LawEvent(kind=EventKind.OPT_OUT, at=NOW, channel=Medium(channel.value))
    assert planned(channel).kind is StepKind.CONTACT, "else it shows nothing"
    assert planned(channel, points=at(channel, consented=False)).kind is StepKind.WAIT
    assert planned(channel, law_events=(stop,)).kind is StepKind.WAIT


@pytest.mark.parametrize("channel", [Channel.WHATSAPP, Channel.VOICE])
@pytest.mark.parametrize("country", ["PE", "CL", "BR", "AR", "ES", "GB", "US"])
def test_no_channel_is_open_where_the_law_is_not_known_to_name_guarantors(
    channel: Channel, country: str
) -> None:
    assert planned(channel, country).kind is StepKind.WAIT


def told(locale: str, purpose: Purpose, channel: Channel) -> list[str]:
    """All that a notice says, by words and by approved template."""
    said = []
    for context in samples(locale, purpose, channel):
        words = WORDING.render(context, ["opt_out_line"])
        said.append(f"{words.subject or ''} {words.text}")
        if channel is Channel.WHATSAPP:
            said.append(TEMPLATES.fill(context, ["opt_out_line"]).text)
        if channel is Channel.VOICE:
            said.append(WORDING.scene(Scene.PARTY_MENU, context))
    return said


@pytest.mark.parametrize("channel", PURPOSES_BY_CHANNEL)
@pytest.mark.parametrize("purpose", sorted(TO_PARTIES))
@pytest.mark.parametrize("locale", LOCALES)
def test_a_notice_says_nothing_of_what_is_owed_and_nothing_to_pay_by(
    locale: str, purpose: Purpose, channel: Channel
) -> None:
    for said in told(locale, purpose, channel):
        plain = re.sub(
            r"\+57 601 555 0100|5 7 6 0 1 5 5 5 0 1 0 0|https://pay.example/[op]1", "", said
        )
        assert not OF_A_DEBT.search(plain), plain
        assert "Banco Ejemplo" in said or "press 3" in said or "3" in said


@pytest.mark.parametrize(
    "told",
    [
        {"pay_url": "https://pay.example/a1"},
        {"payment_url": "https://pay.example/a1"},
        {"pix_code": "00020126"},
        {"debts": next(iter(samples("es", Purpose.REMINDER, Channel.SMS))).debts},
    ],
    ids=["pay_url", "payment_url", "pix", "debts"],
)
@pytest.mark.parametrize("purpose", sorted(TO_PARTIES))
def test_no_template_can_tell_what_the_notice_does_not_know(
    purpose: Purpose, told: dict[str, Any]
) -> None:
    known = dict(next(iter(samples("es", purpose, Channel.SMS))))
    MessageContext.model_validate(known)
    with pytest.raises(ValueError, match="has no debts, no sums and nothing to pay by"):
        MessageContext.model_validate({**known, **told})


@pytest.mark.parametrize("purpose", sorted(TO_PARTIES))
def test_no_file_goes_with_a_notice(purpose: Purpose) -> None:
    """A Pix code names an amount; a statement is the debtor's."""
    with pytest.raises(ValueError, match="no file goes with it"):
        Attached.model_validate({"purpose": purpose, "kind": "qr"})
