"""What a message says in the end, with all that laws add to it."""

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any, cast

import pytest
from pydantic import SecretStr

from activities.channels.preference_link import VALID, Link, link_of
from activities.composing import compose
from activities.dependencies import Dependencies
from config.rule_packs import load_packs
from config.settings import Settings
from config.wording.catalogue import Wording
from domain.channels import Channel, Purpose, Tone
from domain.conversation.wishes.preference import Preference, StatedPreference
from domain.ledger.attempt import AttemptState
from domain.names import attempt_id
from domain.planning.planner import plan
from lab.builders.situations import NOW, rules, situation
from lab.proof.confirmations import COLLECTS
from store.ledger import Debt, Recipient
from tests.unit.planner.support import contact

WORDING = Wording.load()
COUNTRIES = sorted(code for code in load_packs().packs if len(code) == 2)
"""With a law of their own."""
LOCALES = {"US": "en-US", "GB": "en-GB", "BR": "pt-BR"}


def said(
    country: str,
    channel: Channel,
    purpose: Purpose,
    *,
    key: SecretStr | None = None,
    asking: bool = False,
    touch: int = 1,
    owed: str = "10",
    tone: Tone | None = None,
    tones: tuple[Tone, ...] = (),
    **fields: Any,
) -> str:
    """The whole text of a first message in a country, by an agency that tells its telephone."""
    settings = Settings.model_construct(
        agency_name="Contrapunto",
        creditor_names={},
        public_url="https://contact.example.com",
        pay_url="https://pay.example.com/{reference}",
        phone="+13125550100",
        unsubscribe_key=key,
    )
    dependencies = cast("Dependencies", _Parts(settings))
    law = rules(country)
    open_tones = {"tone": Tone.FRIENDLY, "tones": tones}
    phases = tuple(one.model_copy(update=open_tones) for one in law.strategy.phases)
    told = {"ask_preference": asking, **({"phases": phases} if tones else {})}
    strategy = law.strategy.model_copy(update=told)
    law, found = replace(law, strategy=strategy), situation(country=country, **fields)
    told = {"tone": tone, "phase": "early", "channel": channel, "purpose": purpose, "touch": touch}
    step = plan(situation(country=country), NOW, law).model_copy(
        update={"number": 1, "contact_point_id": f"p-{channel}", **told}
    )
    debt = Debt(
        creditor="bank",
        account_id="A-100200",
        balance=Decimal(owed),
        currency="USD",
        oldest_due_date="2026-11-01",
    )
    recipient = Recipient(
        name="Ann", locale=LOCALES.get(country, "es-CO"), address="", debts=(debt,)
    )
    words = compose(dependencies, found, law, step, recipient, NOW)
    return f"{words.subject or ''} {words.text}"


class _Parts:
    def __init__(self, settings: Settings) -> None:
        self.settings, self.wording, self.whatsapp = settings, WORDING, None


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.EMAIL])
def test_a_tone_that_was_drawn_is_heard_where_the_phase_leaves_it_open(channel: Channel) -> None:
    friendly = said("CO", channel, Purpose.REMINDER, tones=(Tone.FRIENDLY, Tone.SERIOUS))
    serious = said(
        "CO", channel, Purpose.REMINDER, tone=Tone.SERIOUS, tones=(Tone.FRIENDLY, Tone.SERIOUS)
    )
    assert friendly != serious
    assert "Hola" in friendly and "Buen" in serious
    # A hardship, or a strategy that was changed meanwhile, has closed it.
    closed = said("CO", channel, Purpose.REMINDER, tone=Tone.SERIOUS, tones=(Tone.FRIENDLY,))
    assert closed == friendly


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.EMAIL])
def test_who_has_paid_more_than_was_owed_is_thanked_all_the_same(channel: Channel) -> None:
    assert said("CO", channel, Purpose.PAYMENT_THANKS, owed="-50.00")


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.EMAIL])
@pytest.mark.parametrize("country", COUNTRIES)
def test_the_confirmation_of_a_stop_speaks_of_no_debt(country: str, channel: Channel) -> None:
    assert COLLECTS.search(said(country, channel, Purpose.REMINDER))
    text = said(country, channel, Purpose.OPT_OUT_CONFIRMATION)
    assert COLLECTS.search(text) is None, text


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.EMAIL])
@pytest.mark.parametrize("country", COUNTRIES)
def test_who_is_told_a_helpline_is_told_of_no_debt_and_of_nothing_else(
    country: str, channel: Channel
) -> None:
    line = rules(country).helplines[country]
    text = said(country, channel, Purpose.CRISIS_ANSWER)
    assert line.number in text
    assert line.name in text or channel is Channel.SMS  # whose accents cost
    assert line.option is None or f" {line.option}" in text
    assert COLLECTS.search(text) is None, text
    words = text.replace(line.number, "").replace("+13125550100", "")
    assert re.search(r"\d{2,}|[$€£]", words) is None, text
    assert not re.search(r"STOP|BASTA|PARAR|https?://", text), text


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.EMAIL])
@pytest.mark.parametrize(
    ("country", "question"),
    [("CO", "prefiere que le contactemos"), ("US", "like us to reach"), ("BR", "prefere que")],
)
def test_the_first_message_that_may_arrive_asks_how_to_be_reached(
    channel: Channel, country: str, question: str
) -> None:
    def asks(**told: Any) -> bool:
        return question in said(country, channel, Purpose.REMINDER, asking=True, **told)

    before = contact(NOW - timedelta(days=9), number=1)
    assert asks()
    assert question not in said(country, channel, Purpose.REMINDER), "where it is not wanted"
    assert not asks(touch=0), "beside the cadence nothing is asked"
    for state in (AttemptState.DELIVERED, AttemptState.ACCEPTED, AttemptState.UNKNOWN):
        assert not asks(contacts=(before.model_copy(update={"state": state}),)), "once"
    for state in (AttemptState.UNDELIVERED, AttemptState.REFUSED, AttemptState.RELEASED):
        assert asks(contacts=(before.model_copy(update={"state": state}),)), "it reached nobody"
    call = {"channel": Channel.VOICE, "contact_point_id": "p-voice"}
    assert asks(contacts=(before.model_copy(update=call),)), "a call asks nothing"
    wish = StatedPreference(
        preference_id="x", said_at=NOW, preference=Preference(channel=Channel.SMS)
    )
    assert not asks(preferences=(wish,)), "who has said so is not asked"


@pytest.mark.parametrize("country", ["CO", "US", "BR"])
def test_every_email_and_no_sms_has_the_link_to_the_preference_page(country: str) -> None:
    key = SecretStr("a long random text")
    mail = said(country, Channel.EMAIL, Purpose.REMINDER, key=key)
    found = re.search(r"https://contact\.example\.com/p/(\S+)", mail)
    assert found
    link = link_of(key.get_secret_value(), found[1])
    account = situation(country=country).account
    sent_with = attempt_id(account.creditor, account.account_id, 1)
    assert link == Link(sent_with, NOW + VALID)
    assert "/p/" not in said(country, Channel.SMS, Purpose.REMINDER, key=key)
    assert "/p/" not in said(country, Channel.EMAIL, Purpose.REMINDER)
