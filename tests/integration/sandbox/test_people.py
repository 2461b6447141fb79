"""The customers: what they do, when, and the same in every run."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from twilio.base.exceptions import TwilioRestException

from lab.sandbox.clock import Reading
from lab.sandbox.persons.bank import BankError, PiggyBank
from lab.sandbox.persons.people import (
    BED,
    WAKE,
    Asks,
    Heard,
    Intent,
    Kind,
    Person,
    Persona,
    asks_in,
)
from lab.sandbox.persons.reading import Amount, Language, amount_in, language_of
from lab.sandbox.persons.topics import TALK
from lab.sandbox.persons.wordings import STOPS, WRONG_PERSON
from lab.sandbox.settings import Personas
from tests.integration.sandbox.conftest import Start
from tests.integration.sandbox.harness import ACCOUNT, ANN, BOB, MAIL, Sandbox, wait_for

NOON = datetime(2026, 3, 2, 17, tzinfo=UTC)
SPANISH = (
    "Hola Ana, su cuenta tiene un saldo vencido de $ 1.250.000. Responda BASTA para no recibir más."
)


def person(persona: Persona, address: str = ANN, seed: int = 1) -> Person:
    return Person(address, persona, seed, ZoneInfo("America/Bogota"))


def hears(who: Person, nth: int = 1, text: str = SPANISH, channel: str = "sms") -> list[Intent]:
    return who.hears(Heard(channel, ACCOUNT, text, NOON, nth))


def attempt(sandbox: Sandbox, **told: str) -> object:
    """What becomes of an SMS: its status, or the code of the refusal."""
    try:
        return str(sandbox.sms(**told).status)
    except TwilioRestException as refused:
        return refused.code


def eager(persona: Persona) -> Person:
    """Somebody who acts on the first message."""
    return next(p for seed in range(99) if hears(p := person(persona, seed=seed)))


@pytest.mark.parametrize(
    ("text", "address", "amount", "currency"),
    [
        ("Su saldo es $ 1.234.567,00 hoy", ANN, "1234567.00", "COP"),
        ("Your balance of $1,234.50 is due", BOB, "1234.50", "USD"),
        ("Olá, sua fatura de R$ 1.234,56", "", "1234.56", "BRL"),
        ("COP\u00a01,234,567 due", "", "1234567", "COP"),
        ("Debe $1,234.50 de su cuenta", MAIL, "1234.50", "MXN"),
        ("Debe $350.000 en su cuenta", MAIL, "350000", "COP"),
        ("Saldo: MX$99.90", "", "99.90", "MXN"),
        ("pay 1,200.00 USD.", "", "1200.00", "USD"),
        ("You owe US$12.", "", "12", "USD"),
    ],
)
def test_an_amount_is_read_as_locals_read_it(
    text: str, address: str, amount: str, currency: str
) -> None:
    assert amount_in(text, address) == Amount(Decimal(amount), currency)


@pytest.mark.parametrize("text", ["Call +1 800 555 0100", "ref 12345", "", "$0.00", "NUSD 3"])
def test_no_amount_is_no_amount(text: str) -> None:
    assert amount_in(text) is None


def test_languages_are_told_apart() -> None:
    assert language_of(SPANISH) == "es"
    assert language_of("Olá, sua fatura está vencida. Responda PARE para não receber") == "pt"
    assert language_of("Your payment is due, reply STOP") == "en"
    assert language_of("") == "en"


def test_a_payer_pays_what_the_message_says_or_half_of_it() -> None:
    amounts = set()
    for seed in range(60):
        for intent in hears(person(Persona.PAYER, seed=seed)):
            assert intent.kind is Kind.PAY
            assert intent.details["currency"] == "COP"
            assert NOON < intent.at < NOON + timedelta(days=7)
            amounts.add(intent.details["amount"])
    assert amounts == {"1250000", "625000.00"}


def test_a_promiser_promises_a_day_and_keeps_it_or_not() -> None:
    kept = broken = 0
    for seed in range(60):
        intents = hears(person(Persona.PROMISER, seed=seed))
        if not intents:
            continue
        assert intents[0].kind is Kind.PROMISE
        day = date.fromisoformat(intents[0].details["date"])
        assert day > NOON.date()
        if len(intents) == 2:
            assert intents[1].at.astimezone(ZoneInfo("America/Bogota")).date() == day
            kept += 1
        else:
            broken += 1
    assert kept > 5
    assert broken > 5


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (SPANISH, "es"),
        ("Olá, sua fatura está vencida, não esqueça", "pt"),
        ("Your payment is due", "en"),
    ],
)
def test_who_opts_out_does_so_in_the_language_of_the_message_and_in_every_way(
    text: str, language: Language
) -> None:
    intents = [
        intent
        for seed in range(600)
        for intent in hears(person(Persona.OPT_OUTER, seed=seed), 3, text)
    ]
    assert {intent.details["text"] for intent in intents} == set(STOPS[language])
    assert {intent.details["asks"] for intent in intents} == {"stop"}


def test_who_answers_is_the_customer_or_somebody_else_for_good() -> None:
    strangers: set[str] = set()
    for seed in range(600):
        heard = [hears(person(Persona.ANSWERER, seed=seed), nth) for nth in range(2, 6)]
        replies = [i for intents in heard for i in intents if i.kind is Kind.REPLY]
        stranger = {"asks" in intent.details for intent in replies}
        assert len(stranger) == 1
        if stranger.pop():
            strangers |= {intent.details["text"] for intent in replies}
    assert strangers == set(WRONG_PERSON["es"])


@pytest.mark.parametrize("language", ["en", "es", "pt"])
def test_there_are_many_ways_to_ask_and_no_words_mean_two_things(language: Language) -> None:
    assert len(STOPS[language]) >= 40
    assert len(set(STOPS[language])) == len(STOPS[language])
    assert not set(STOPS[language]) & set(WRONG_PERSON[language])
    assert {asks_in(text) for text in STOPS[language]} == {Asks.STOP}
    assert {asks_in(text) for text in WRONG_PERSON[language]} == {Asks.WRONG_PERSON}
    talk = [text for wordings in TALK.values() for text in wordings[language]]
    assert {asks_in(text) for text in talk} == {None}


def test_people_act_at_human_hours_of_their_own_day() -> None:
    for seed in range(200):
        for persona in (Persona.PAYER, Persona.PROMISER, Persona.ANSWERER, Persona.OPT_OUTER):
            for intent in hears(person(persona, seed=seed), 3):
                local = intent.at.astimezone(ZoneInfo("America/Bogota")).time()
                assert WAKE <= local <= BED
                assert intent.at > NOON


def test_personas_are_drawn_by_share_and_repeat() -> None:
    addresses = [f"+57300555{n:04d}" for n in range(2000)]
    met = [Person.meet(a, 1, Personas(), "America/Bogota").persona for a in addresses]
    assert met == [Person.meet(a, 1, Personas(), "America/Bogota").persona for a in addresses]
    for persona, share in Personas().model_dump().items():
        assert met.count(Persona(persona)) / 2000 == pytest.approx(share, abs=0.04)
    with pytest.raises(ValueError, match="more than 1"):
        Personas(payer=0.9)


def test_the_zone_comes_from_the_number() -> None:
    assert Person.meet(ANN, 1, Personas(), "UTC").zone.key == "America/Bogota"
    assert Person.meet(BOB, 1, Personas(), "UTC").zone.key == "America/New_York"
    assert Person.meet(MAIL, 1, Personas(), "America/Lima").zone.key == "America/Lima"


def test_a_payment_goes_from_the_agenda_to_the_bank_once(start: Start) -> None:
    bank = PiggyBank()
    sandbox = start(bank=bank, fixed_personas={ANN: "payer"}, seed=3)
    for _ in range(3):
        sandbox.sms(body=SPANISH)
    sandbox.settle()
    agenda = sandbox.get("/_sandbox/agenda")
    assert agenda
    assert [entry["at"] for entry in agenda] == sorted(entry["at"] for entry in agenda)
    assert {(entry["kind"], entry["account"]) for entry in agenda} == {("pay", ACCOUNT)}
    assert sandbox.get("/_sandbox/agenda", until="2020-01-01T00:00:00Z") == []
    assert sandbox.get("/_sandbox/agenda", account="acme/8") == []

    results = sandbox.perform_all()
    assert all(result["ok"] for result in results)
    ((account, payment),) = bank.payments  # the later messages were sent before the payment
    assert account == ACCOUNT
    assert set(payment) == {"id", "amount", "currency", "paid_at"}
    assert sandbox.get("/_sandbox/agenda") == []
    again = sandbox.post("/_sandbox/perform", {"ids": [r["id"] for r in results]}).json()
    assert again["results"] == results
    assert len(bank.payments) == 1


def test_what_the_bank_does_not_take_stays_on_the_agenda(start: Start) -> None:
    class Closed(PiggyBank):
        open = False

        async def pay(self, account: str, payment: Mapping[str, str]) -> str:
            if not self.open:
                raise BankError("Temporal: UNAVAILABLE")
            return "told"

    bank = Closed()
    sandbox = start(bank=bank, seed=eager(Persona.PAYER).seed, fixed_personas={ANN: "payer"})
    sandbox.sms(body=SPANISH)
    (result,) = sandbox.perform_all()
    assert (result["ok"], result["outcome"]) == (False, "Temporal: UNAVAILABLE")
    bank.open = True
    assert sandbox.perform_all()[0]["ok"]


def test_a_promise_is_an_amount_and_a_date(start: Start) -> None:
    bank = PiggyBank()
    sandbox = start(bank=bank, seed=eager(Persona.PROMISER).seed, fixed_personas={ANN: "promiser"})
    sandbox.sms(body=SPANISH)
    sandbox.perform_all()
    ((account, promise),) = bank.promises
    assert account == ACCOUNT
    assert set(promise) == {"id", "amount", "date"}
    assert date.fromisoformat(promise["date"]) > date(2026, 1, 1)


def test_an_opt_out_by_sms_and_by_mail(start: Start) -> None:
    sandbox = start(fixed_personas={ANN: "opt_outer", MAIL: "opt_outer"})
    for _ in range(3):
        sandbox.sms(body=SPANISH)
        sandbox.mail(text=SPANISH)
    sandbox.settle()
    sandbox.perform_all()
    assert {form["Body"] for form in sandbox.receiver.inbound} <= set(STOPS["es"])
    assert sandbox.receiver.inbound
    left = {event["event"] for event in sandbox.receiver.events} & {"unsubscribe", "spamreport"}
    assert left
    sandbox.mail()
    sandbox.settle()
    assert sandbox.receiver.events[-1]["event"] == "dropped"
    directions = [m["direction"] for m in sandbox.get("/_sandbox/messages")["messages"]]
    assert "in" in directions


def conversing(channel: str, by: str | None, address: str) -> int:
    """A seed by which somebody answers the third message that reaches them, and where."""
    also = {"sms": ANN, "whatsapp": ANN, "email": MAIL}
    for seed in range(999):
        who = Person(address, Persona.ANSWERER, seed, ZoneInfo("America/Bogota"))
        if who.hears(Heard(channel, ACCOUNT, SPANISH, NOON, 1, None, None, also)):
            continue
        (first, *_) = who.hears(Heard(channel, ACCOUNT, SPANISH, NOON, 2, None, None, also))
        talks = first.kind is Kind.REPLY and "asks" not in first.details
        if talks and first.details.get("by") == by:
            return seed
    raise AssertionError("nobody does")


def test_a_mail_is_answered_by_mail_with_what_was_meant_on_record(
    start: Start, receiver_url: str
) -> None:
    sandbox = start(
        seed=conversing("email", None, MAIL),
        fixed_personas={MAIL: "answerer"},
        default_zone="America/Bogota",
        sendgrid_inbound_url=f"{receiver_url}/sendgrid/inbound",
    )
    sandbox.post("/_sandbox/owners", {"C1": {"email": MAIL, "whatsapp": ANN, "sms": ANN}})
    for _ in range(2):
        sandbox.mail(text=SPANISH)
    sandbox.settle()
    assert all(result["ok"] for result in sandbox.perform_all())
    (said,) = [m for m in sandbox.get("/_sandbox/messages")["messages"] if m["direction"] == "in"]
    assert (said["channel"], said["person"]) == ("email", MAIL)
    assert said["meant"]["language"] == "es"
    assert said["meant"]["intents"]
    assert said["text"] in sandbox.receiver.mails[0]


def test_a_mail_may_be_answered_by_whatsapp_from_the_same_persons_number(start: Start) -> None:
    sandbox = start(
        seed=conversing("email", "whatsapp", MAIL),
        fixed_personas={MAIL: "answerer"},
        default_zone="America/Bogota",
    )
    sandbox.post("/_sandbox/owners", {"C1": {"email": MAIL, "whatsapp": ANN, "sms": ANN}})
    for _ in range(2):
        sandbox.mail(text=SPANISH)
    sandbox.settle()
    assert all(result["ok"] for result in sandbox.perform_all())
    (form,) = sandbox.receiver.inbound
    assert form["From"] == f"whatsapp:{ANN}"
    assert form["To"] == f"whatsapp:{sandbox.settings.default_sender}"
    (said,) = [m for m in sandbox.get("/_sandbox/messages")["messages"] if m["direction"] == "in"]
    assert (said["channel"], said["account"]) == ("whatsapp", ACCOUNT)
    assert said["meant"]["intents"]


@pytest.mark.parametrize(("late", "said"), [(1, True), (13, False)])
def test_a_day_is_not_named_by_words_that_were_meant_for_another_one(
    late: float, said: bool, start: Start
) -> None:
    class Hands:
        at = NOON

        async def now(self, account: str | None) -> Reading:
            return Reading(self.at, exact=True)

    def first(seed: int) -> Intent | None:
        found = hears(person(Persona.ANSWERER, seed=seed), 2)
        return found[0] if found and found[0].details.get("meant", {}).get("on") else None

    seed = next(
        seed
        for seed in range(999)
        if first(seed) and not hears(person(Persona.ANSWERER, seed=seed), 1)
    )
    clock = Hands()
    sandbox = start(clock=clock, seed=seed, fixed_personas={ANN: "answerer"})
    for _ in range(2):
        sandbox.sms(body=SPANISH)
    (intended,) = [a for a in sandbox.get("/_sandbox/agenda") if a["kind"] == "reply"]
    clock.at = datetime.fromisoformat(intended["at"]) + timedelta(hours=late)
    results = sandbox.post("/_sandbox/perform", {"ids": [intended["id"]]}).json()["results"]
    assert results[0]["outcome"] == ("said" if said else "too late to say")
    assert len(sandbox.receiver.inbound) == said


def test_owners_are_named_by_channel_and_address(start: Start) -> None:
    sandbox = start()
    assert sandbox.post("/_sandbox/owners", {"C1": {"sms": ANN}}).json() == {"owners": 1}
    assert sandbox.post("/_sandbox/owners", {"C1": ANN}).status_code == 400


def test_an_answer_waits_until_the_gateway_has_taken_it(start: Start) -> None:
    sandbox = start(fixed_personas={ANN: "answerer"}, callback_retries=1)
    sandbox.sms(body=SPANISH)
    sandbox.sms(body=SPANISH)
    sandbox.settle()
    ids = [entry["id"] for entry in sandbox.get("/_sandbox/agenda")][:1]
    sandbox.receiver.down = 2
    refused = sandbox.post("/_sandbox/perform", {"ids": ids}).json()
    assert refused["ok"] is False
    assert "503" in refused["results"][0]["outcome"]
    assert sandbox.post("/_sandbox/perform", {"ids": ids}).json()["ok"] is True
    (heard,) = sandbox.receiver.inbound
    assert heard["From"] == ANN
    inbound = [m for m in sandbox.get("/_sandbox/messages")["messages"] if m["direction"] == "in"]
    assert len(inbound) == 1  # said once, however often it was posted


@pytest.mark.parametrize("seed", range(8))
def test_an_unreachable_number_is_refused_or_never_delivered(start: Start, seed: int) -> None:
    sandbox = start(seed=seed, fixed_personas={ANN: "unreachable", MAIL: "unreachable"})
    assert attempt(sandbox) in ("queued", 21211, 21614)
    sandbox.mail()
    sandbox.settle()
    assert sandbox.received() == []
    assert sandbox.receiver.events[-1]["event"] == "bounce"


def test_a_person_without_an_amount_to_pay_asks_for_it(start: Start) -> None:
    sandbox = start(fixed_personas={ANN: "payer"})
    for _ in range(3):
        sandbox.sms(body="Su cuenta está vencida, por favor responda")
    sandbox.perform_all()
    assert sandbox.receiver.inbound[0]["Body"] == "¿Cuánto debo?"


def test_in_real_time_people_act_by_themselves(start: Start) -> None:
    sandbox = start(fast_time=False, people_speed=1e6, fixed_personas={ANN: "answerer"})
    sandbox.sms(body=SPANISH)
    sandbox.sms(body=SPANISH)
    wait_for(lambda: len(sandbox.receiver.inbound) > 0)


def test_two_runs_tell_the_same_story(start: Start) -> None:
    def story() -> object:
        sandbox = start(
            seed=11, personas=Personas().model_dump(), received_file=None, fast_time=True
        )
        told: list[object] = []
        for n in range(20):
            to = f"+57300555{n:04d}"
            for k in range(3):
                told.append(attempt(sandbox, to=to, body=SPANISH, attempt=f"{n}.{k}"))
        sandbox.settle()
        agenda = sandbox.get("/_sandbox/agenda")
        told.append(sorted((entry["person"], entry["kind"]) for entry in agenda))
        told.append(
            sorted(message["id"] for message in sandbox.get("/_sandbox/messages")["messages"])
        )
        return told

    assert story() == story()


def test_two_addresses_of_one_person_pay_an_account_once(start: Start) -> None:
    class Slow(PiggyBank):
        async def pay(self, account: str, payment: Mapping[str, str]) -> str:
            await asyncio.sleep(0.05)
            return await super().pay(account, payment)

    bank = Slow()
    sandbox = start(bank=bank, fixed_personas={ANN: "payer", MAIL: "payer"})
    for _ in range(3):
        sandbox.sms(body=SPANISH)
        sandbox.mail(text=SPANISH)
    assert len(sandbox.get("/_sandbox/agenda")) > 1
    outcomes = [result["outcome"] for result in sandbox.perform_all()]
    assert outcomes.count("kept") == 1
    assert set(outcomes) == {"kept", "already paid"}
    assert len(bank.payments) == 1


def test_a_person_is_the_same_on_whatsapp_and_sms(start: Start) -> None:
    sid = "HX" + "1" * 32
    sandbox = start(fixed_personas={ANN: "opt_outer"}, content={sid: SPANISH})
    for _ in range(3):
        sandbox.sms(to=f"whatsapp:{ANN}", from_="whatsapp:+12025550100", body=None, content_sid=sid)
    sandbox.settle()
    sandbox.perform_all()
    heard = sandbox.receiver.inbound[0]
    assert heard["From"] == f"whatsapp:{ANN}"
    assert heard["WaId"] == ANN.removeprefix("+")
