"""What a message says in the end, with all that laws add to it."""

import re
from decimal import Decimal
from typing import cast

import pytest
from pydantic import SecretStr

from activities.channels.preference_link import VALID, Link, link_of
from activities.composing import compose
from activities.dependencies import Dependencies
from config.rule_packs import load_packs
from config.settings import Settings
from config.wording.catalogue import Wording
from domain.channels import Channel, Purpose
from domain.names import attempt_id
from domain.planning.planner import plan
from lab.builders.situations import NOW, rules, situation
from lab.proof.confirmations import COLLECTS
from store.ledger import Debt, Recipient

WORDING = Wording.load()
COUNTRIES = sorted(code for code in load_packs().packs if len(code) == 2)
"""With a law of their own."""
LOCALES = {"US": "en-US", "GB": "en-GB", "BR": "pt-BR"}


def said(country: str, channel: Channel, purpose: Purpose, key: SecretStr | None = None) -> str:
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
    found = situation(country=country)
    told = {"phase": "early", "channel": channel, "purpose": purpose}
    step = plan(found, NOW, rules(country)).model_copy(
        update={"number": 1, "contact_point_id": f"p-{channel}", **told}
    )
    debt = Debt(
        creditor="bank",
        account_id="A-100200",
        balance=Decimal(10),
        currency="USD",
        oldest_due_date="2026-11-01",
    )
    recipient = Recipient(
        name="Ann", locale=LOCALES.get(country, "es-CO"), address="", debts=(debt,)
    )
    words = compose(dependencies, found, rules(country), step, recipient, NOW)
    return f"{words.subject or ''} {words.text}"


class _Parts:
    def __init__(self, settings: Settings) -> None:
        self.settings, self.wording, self.whatsapp = settings, WORDING, None


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.EMAIL])
@pytest.mark.parametrize("country", COUNTRIES)
def test_the_confirmation_of_a_stop_speaks_of_no_debt(country: str, channel: Channel) -> None:
    assert COLLECTS.search(said(country, channel, Purpose.REMINDER))
    text = said(country, channel, Purpose.OPT_OUT_CONFIRMATION)
    assert COLLECTS.search(text) is None, text


@pytest.mark.parametrize("country", ["CO", "US", "BR"])
def test_every_email_and_no_sms_has_the_link_to_the_preference_page(country: str) -> None:
    key = SecretStr("a long random text")
    mail = said(country, Channel.EMAIL, Purpose.REMINDER, key)
    found = re.search(r"https://contact\.example\.com/p/(\S+)", mail)
    assert found
    link = link_of(key.get_secret_value(), found[1])
    account = situation(country=country).account
    sent_with = attempt_id(account.creditor, account.account_id, 1)
    assert link == Link(sent_with, NOW + VALID)
    assert "/p/" not in said(country, Channel.SMS, Purpose.REMINDER, key)
    assert "/p/" not in said(country, Channel.EMAIL, Purpose.REMINDER)
