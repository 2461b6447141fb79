"""The sandbox's people that models play: what they take a message for, and how they say what a
model has them do."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from config.keywords import shipped_keywords
from config.settings import ROOT
from config.wording.catalogue import Wording
from config.wording.samples import samples
from config.wording.whatsapp import WhatsAppTemplates
from domain.channels import ANSWERS, TO_PARTIES, Channel, Purpose
from domain.conversation.reader import Heard, RuleReader
from lab.sandbox.persons.people import Intent, Kind
from lab.sandbox.persons.phrases import day_named
from lab.sandbox.persons.players import (
    Introduction,
    Introductions,
    Owed,
    Place,
    Player,
    Players,
    purpose_of,
)
from lab.sandbox.persons.reading import Language
from lab.sandbox.record import Message, State
from people import acts
from people.acts import Act, Became, Debt, Says, Told
from people.person import HELPS, QUIET, Person
from people.worlds import WORLDS, World

BEGAN = datetime(2026, 3, 2, 14, tzinfo=UTC)
ACCOUNT, MOBILE, MAILBOX = "acme/7", "+573005550101", "ann@example.org"
TEXTS: dict[Language, str] = {
    "en": "Hello, your balance of $850.00 is past due. Please pay it.",
    "es": "Hola, su saldo de $ 850.000 está vencido, por favor pague.",
    "pt": "Olá, o seu saldo de R$ 850,00 está vencido, por favor pague.",
}
MONTHS: dict[Language, tuple[str, ...]] = {
    "en": ("january", "february", "march", "april"),
    "es": ("enero", "febrero", "marzo", "abril"),
    "pt": ("janeiro", "fevereiro", "março", "abril"),
}
LOCALES = {"en": ("en-US", "USD"), "es": ("es-CO", "COP"), "pt": ("pt-BR", "BRL")}
WORDING = Wording.load()
TEMPLATES = WhatsAppTemplates.load(ROOT / "config" / "whatsapp.yaml", WORDING, sandbox=True)
READER = RuleReader(shipped_keywords())


def introduced(customer: str = "C1", owed: str = "850000", currency: str = "COP") -> Introduction:
    return Introduction(
        customer=customer,
        country="CO",
        zone="America/Bogota",
        prefers="sms",
        places=(
            Place(channel="sms", address=MOBILE, name="one"),
            Place(channel="email", address=MAILBOX, name="other"),
        ),
        owes=(
            Owed(account=ACCOUNT, due=date(2026, 2, 20), amount=Decimal(owed), currency=currency),
        ),
    )


def message(at: datetime, text: str = TEXTS["es"], channel: str = "sms") -> Message:
    return Message(
        provider="twilio" if channel != "email" else "sendgrid",
        provider_message_id=f"M{at.isoformat()}",
        channel=channel,
        account=ACCOUNT,
        to=MAILBOX if channel == "email" else MOBILE,
        sender="+15005550006",
        text=text,
        at=at,
        status="sent",
        fate="delivered",
    )


def met(world: World = WORLDS["published"], path: Path | None = None, seed: int = 1) -> Players:
    players = Players(State(path), world, seed)
    list(players.introduce(Introductions(began=BEGAN, customers=(introduced(),))))
    return players


def words_of(purpose: Purpose, channel: Channel, language: str) -> Iterator[str]:
    for context in samples(LOCALES[language][0], purpose, channel):
        if channel is Channel.WHATSAPP:
            yield TEMPLATES.fill(context, []).text
        else:
            yield WORDING.render(context).text


SAID = [purpose for purpose in Purpose if purpose not in (*TO_PARTIES, Purpose.PERSON)]


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("purpose", SAID)
def test_a_message_is_taken_for_what_the_models_take_its_purpose_for(
    purpose: Purpose, language: str
) -> None:
    channels = [Channel.SMS, Channel.EMAIL]
    written = (*ANSWERS, Purpose.OPT_OUT_CONFIRMATION, Purpose.PAYMENT_THANKS)
    channels += [] if purpose in written else [Channel.WHATSAPP]
    meant = purpose.value
    for channel in channels:
        for text in words_of(purpose, channel, language):
            taken = purpose_of(text)
            assert (taken in QUIET) is (meant in QUIET), text
            assert (taken in HELPS) is (meant in HELPS), text


def test_who_is_played_lives_through_what_the_model_of_a_dry_run_lives_through() -> None:
    for number in range(60):
        one = introduced(f"C{number}")
        players = Players(State(None), WORLDS["optimistic"], 5)
        begun = [act for _, act in players.introduce(Introductions(began=BEGAN, customers=(one,)))]
        person = Person(
            *(WORLDS["optimistic"], 5, f"C{number}"),
            country="CO",
            zone="America/Bogota",
            channels=("email", "sms"),
            stated="sms",
        )
        assert begun == person.begins([Debt(ACCOUNT, date(2026, 2, 20))], BEGAN)
        for day in range(8):
            channel, name = ("email", "other") if day % 3 == 0 else ("sms", "one")
            at = BEGAN + timedelta(days=3 * day)
            came = players.hears(message(at, channel=channel))
            assert came == person.receives(Told(ACCOUNT, channel, name, "reminder", at))


def test_after_a_restart_they_are_who_they_were(tmp_path: Path) -> None:
    state = tmp_path / "state.jsonl"
    world = WORLDS["optimistic"].but("loud", first_effect=0.1, opt_out=0.02, repeat=0.3)
    moments = [BEGAN + timedelta(days=day) for day in range(40)]
    whole = met(world)
    heard = [whole.hears(message(at)) for at in moments]
    assert any(one is not None and one.acts for one in heard)
    before = met(world, state)
    assert [before.hears(message(at)) for at in moments[:25]] == heard[:25]
    after = Players(State(state), world, 1)
    assert after.owes(ACCOUNT) == Decimal(850000)
    assert [after.hears(message(at)) for at in moments[25:]] == heard[25:]


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("away", [1, 3, 6, 7, 13, 27, 45])
def test_the_day_of_a_promise_is_read_as_the_one_that_is_meant(
    language: Language, away: int
) -> None:
    locale, currency = LOCALES[language]
    player = Player(introduced(currency=currency, owed="850"), WORLDS["published"], 1)
    read = []
    for hour in range(40):
        at = BEGAN + timedelta(hours=hour * 0.1)
        on = at.astimezone(player.person.zone).date() + timedelta(days=away)
        act = Act(at, acts.Kind.WRITE, ACCOUNT, says=Says.PROMISE, channel="sms", on=on)
        said = player.line(act, message(at, TEXTS[language]), Decimal(850))
        assert said.on == on
        assert said.amount == Decimal(850)
        found = READER.read(Heard(said.text, locale, at, currency, Decimal(850)))
        if away > 6 and MONTHS[language][on.month - 1] not in said.text.lower():
            continue  # a slip in the month, of which a reader knows nothing
        if found.told()["intents"] == ["promise"] and found.day and found.amount:
            read.append((said.text, found.day == on, found.amount))
    assert len(read) > 20
    assert [one for one in read if one[1:] != (True, Decimal(850))] == []


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize(
    ("says", "topic"),
    [
        (Says.STOP, "stop"),
        (Says.WRONG_PERSON, "wrong person"),
        (Says.PLAN, "plan request"),
        (Says.DISPUTE, "dispute"),
        (Says.BALANCE, "balance"),
        (Says.PERSON, "a person"),
        (Says.WISH, "a wish for a channel"),
    ],
)
def test_everything_that_a_model_says_has_words(language: Language, says: Says, topic: str) -> None:
    player = Player(introduced(), WORLDS["published"], 1)
    act = Act(BEGAN, acts.Kind.WRITE, ACCOUNT, says=says, channel="sms", wish="email")
    said = player.line(act, message(BEGAN, TEXTS[language]), Decimal(850))
    assert said.topic == topic
    assert said.language == language
    assert said.text
    if says is Says.WISH:
        assert said.channel == "email"


def test_a_stop_by_mail_is_a_click_and_a_complaint_a_report() -> None:
    players = met()
    stop = Act(BEGAN, acts.Kind.WRITE, ACCOUNT, says=Says.STOP, channel="email")

    def intended(act: Act, channel: str) -> Intent:
        came = acts.Reception(Became.DELIVERED, True, (act,))
        [one] = players.intents(came, message(BEGAN, channel=channel))
        return one

    assert intended(stop, "email").kind is Kind.UNSUBSCRIBE
    assert intended(stop._replace(complains=True), "email").kind is Kind.SPAM_REPORT
    by_sms = intended(stop._replace(channel="sms"), "sms")
    assert (by_sms.kind, by_sms.details["asks"]) == (Kind.REPLY, "stop")


def test_what_is_paid_is_a_share_of_what_is_owed_by_then_and_nothing_after_all_of_it() -> None:
    players = met()
    part, rest = ({"share": share, "because": "moved"} for share in ("0.5", "1.0"))
    assert players.pays(ACCOUNT, BEGAN, part) == Decimal(425000)
    players.paid(ACCOUNT, Decimal(425000))
    assert players.pays(ACCOUNT, BEGAN, part) == Decimal(212500)
    assert players.pays(ACCOUNT, BEGAN, rest) == Decimal(425000)
    players.paid(ACCOUNT, Decimal(425000))
    assert players.pays(ACCOUNT, BEGAN, rest) is None


def test_who_was_kept_from_paying_by_a_message_does_not_pay_by_themselves() -> None:
    players = met(WORLDS["published"].but("spoilt", backfires=0.999, dead_address=0, sees_sms=1))
    alone = {"share": "1.0", "because": "self"}
    assert players.pays(ACCOUNT, BEGAN, alone) is not None
    for day in range(6):
        players.hears(message(BEGAN + timedelta(days=day)))
    assert players.pays(ACCOUNT, BEGAN, alone) is None


def test_whoever_is_introduced_again_lives_on_and_nobody_else_is_played() -> None:
    players = met()
    again = Introductions(began=BEGAN + timedelta(days=9), customers=(introduced(),))
    assert list(players.introduce(again)) == []
    assert players.hears(message(BEGAN).model_copy(update={"account": "acme/8"})) is None
    assert players.hears(message(BEGAN).model_copy(update={"to": "+573005550199"})) is None


@pytest.mark.parametrize("language", TEXTS)
def test_a_day_far_away_is_named_with_its_month(language: Language) -> None:
    today = date(2026, 3, 4)
    said = {day_named(date(2026, 4, 4), today, language, n).words for n in range(20)}
    month = {"en": "April", "es": "abril", "pt": "abril"}[language]
    assert all(month in words for words in said)
