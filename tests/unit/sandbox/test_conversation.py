"""The sandbox's people hold conversations, and what they mean by each line is on record."""

import string
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from lab.sandbox.persons.conversation import (
    ANSWERED_WITHIN,
    FOLLOWS,
    OPENINGS,
    Line,
    Said,
    line,
    next_topic,
    place_of,
)
from lab.sandbox.persons.people import Heard, Intent, Kind, Person, Persona
from lab.sandbox.persons.phrases import mistyped, some_amount, some_day, written
from lab.sandbox.persons.reading import Amount, Language
from lab.sandbox.persons.topics import MEANS, TALK, Topic
from lab.sandbox.record import Meant
from lab.sandbox.seed import draw
from lab.sandbox.settings import Personas

LANGUAGES: tuple[Language, ...] = ("en", "es", "pt")
BOGOTA = ZoneInfo("America/Bogota")
NOON = datetime(2026, 3, 4, 17, tzinfo=UTC)  # a Wednesday
TODAY = date(2026, 3, 4)
OWED = Amount(Decimal(1_250_000), "COP")
MOBILE, MAILBOX = "+573005550101", "ann@example.org"
EVERYWHERE = {"sms": MOBILE, "whatsapp": MOBILE, "email": MAILBOX}
SPANISH = "Hola, su saldo de $ 1.250.000 está vencido, por favor pague."


def lines(topic: Topic, language: Language, owed: Amount | None = OWED) -> Iterator[Line]:
    for seed in range(300):
        yield line(topic, language, TODAY, owed, ["whatsapp", "email"], seed)


def hears(seed: int, nth: int = 3, last: Said | None = None, channel: str = "sms") -> list[Intent]:
    who = Person(MOBILE, Persona.ANSWERER, seed, BOGOTA)
    return who.hears(Heard(channel, "acme/7", SPANISH, NOON, nth, last, OWED, EVERYWHERE))


@pytest.mark.parametrize("topic", TALK)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_topic_is_said_in_every_language_in_every_way(
    topic: Topic, language: Language
) -> None:
    words = TALK[topic][language]
    assert len(set(words)) == len(words) >= 2
    places = {name for text in words for _, name, _, _ in string.Formatter().parse(text) if name}
    assert places <= {"amount", "day", "channel", "hours"}
    said = list(lines(topic, language))
    assert not any("{" in one.text or not one.text.strip() for one in said)
    assert {one.language for one in said} == {language}
    assert len({one.text for one in said}) >= len(words)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_words_are_of_two_topics(language: Language) -> None:
    asked_for = {Topic.THE_DAY, Topic.THE_AMOUNT}  # a bare day is a bare day
    told = Counter(
        t for topic, said in TALK.items() if topic not in asked_for for t in said[language]
    )
    assert max(told.values()) == 1


@pytest.mark.parametrize("topic", [*TALK, Topic.STOP, Topic.WRONG_PERSON])
def test_what_is_meant_can_be_kept_on_record(topic: Topic) -> None:
    said = Line(topic, "words", "es", Decimal(50), TODAY, "whatsapp", "de noche")
    kept = Meant.model_validate(said.meant)
    assert kept.intents == list(MEANS[topic])
    assert (kept.amount, kept.on, kept.channel, kept.hours) == (
        Decimal(50),
        TODAY,
        "whatsapp",
        "de noche",
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("topic", [Topic.PROMISE, Topic.WITHOUT_DAY, Topic.WITHOUT_AMOUNT])
def test_a_promise_means_what_it_names_and_no_more(topic: Topic, language: Language) -> None:
    for said in lines(topic, language):
        assert (said.amount is None) == (topic is Topic.WITHOUT_AMOUNT)
        assert (said.on is None) == (topic is Topic.WITHOUT_DAY)
        if said.on is not None:
            assert TODAY < said.on <= TODAY + timedelta(days=6)
        if said.amount is not None:
            digits = "".join(c for c in said.text if c.isdigit())
            assert f"{said.amount:f}".rstrip("0") in digits


@pytest.mark.parametrize("topic", [Topic.WITHOUT_DAY, Topic.PROMISE, Topic.THE_AMOUNT])
def test_who_does_not_know_what_they_owe_asks_instead_of_offering(topic: Topic) -> None:
    assert {said.topic for said in lines(topic, "es", None)} == {Topic.BALANCE}


@pytest.mark.parametrize(
    ("currency", "amount", "ways"),
    [
        ("COP", 200_000, {"200.000", "$200.000", "200.000 pesos", "200 mil"}),
        ("COP", 1_100_000, {"1.100.000", "$1.100.000", "1.100.000 pesos"}),
        ("MXN", 1_500, {"1,500", "$1,500", "1500 pesos"}),
        ("USD", 120, {"$120", "120 dólares"}),
        ("BRL", 90, {"R$ 90", "90 reais", "90"}),
    ],
)
def test_an_amount_is_written_as_where_it_is_used(
    currency: str, amount: int, ways: set[str]
) -> None:
    said = {written(Decimal(amount), currency, "es", seed) for seed in range(200)}
    assert said <= ways
    assert len(said) >= 2


def test_an_offer_is_a_round_part_of_the_debt() -> None:
    offers = {some_amount(Decimal("1234567.89"), seed) for seed in range(60)}
    assert offers == {Decimal(370_000), Decimal(610_000), Decimal(1_100_000)}
    assert some_amount(Decimal("0.80"), 1) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_day_is_named_so_that_it_can_be_no_other(language: Language) -> None:
    days = [some_day(TODAY, language, seed) for seed in range(300)]
    assert {day.on - TODAY for day in days} == {timedelta(days=n) for n in range(1, 7)}
    named: dict[str, set[date]] = {}
    for day in days:
        named.setdefault(day.words, set()).add(day.on)
    assert all(len(on) == 1 for on in named.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_slip_changes_letters_and_never_a_figure(language: Language) -> None:
    text = "Voy a pagar 250.000 el 15 de diciembre, por favor, ¿está bien así?"
    slips = {mistyped(text, language, seed) for seed in range(400)}
    assert len(slips) > 30
    for slip in slips:
        assert [c for c in slip if c.isdigit()] == [c for c in text if c.isdigit()]


def test_some_of_what_is_written_is_mistyped_and_most_is_not() -> None:
    said = [one.text for one in lines(Topic.DISPUTE, "es")]
    whole = sum(text in TALK[Topic.DISPUTE]["es"] for text in said)
    assert 0.6 < whole / len(said) < 0.85


def test_what_comes_soon_is_the_answer_and_what_comes_later_is_not() -> None:
    last = Said(Topic.WITHOUT_DAY, NOON)
    soon = {next_topic(last, NOON + ANSWERED_WITHIN, seed) for seed in range(200)}
    later = {next_topic(last, NOON + ANSWERED_WITHIN * 2, seed) for seed in range(500)}
    assert soon == {Topic.THE_DAY, None}
    assert later == {None, *map(Topic, OPENINGS)}


def test_somebody_opens_with_everything_that_there_is_to_open_with() -> None:
    opened = Counter(next_topic(None, NOON, seed) for seed in range(2000))
    assert None not in opened
    for topic, share in OPENINGS.items():
        assert opened[Topic(topic)] / 2000 == pytest.approx(share, abs=0.03)
    assert sum(OPENINGS.values()) == pytest.approx(1)
    assert all(sum(then.values()) < 1 for then in FOLLOWS.values())


def test_every_conversation_comes_to_an_end() -> None:
    # Whatever is answered at once: nobody talks in circles.
    for seed in range(300):
        last, turns = None, 0
        while (topic := next_topic(last, NOON, seed, turns)) is not None:
            last, turns = Said(topic, NOON), turns + 1
        assert turns <= 5


def test_who_opens_may_do_so_elsewhere_and_who_answers_does_not() -> None:
    ways = Counter(
        place_of(Topic.BALANCE, "email", ["sms", "whatsapp"], seed) for seed in range(1000)
    )
    assert set(ways) == {"email", "whatsapp", "sms"}
    assert ways["whatsapp"] > ways["sms"]
    assert {place_of(Topic.BALANCE, "email", ["email"], seed) for seed in range(99)} == {"email"}
    stays = {place_of(Topic.THE_DAY, "email", ["whatsapp"], seed) for seed in range(99)}
    assert stays == {"email"}


def test_who_answers_holds_conversations_by_every_written_channel() -> None:
    seen: set[str] = set()
    for channel in ("sms", "whatsapp", "email"):
        for seed in range(200):
            for intent in hears(seed, channel=channel):
                if intent.kind is Kind.REPLY:
                    kept = Meant.model_validate(intent.details["meant"])
                    seen.add(kept.topic)
                    assert ("asks" in intent.details) == (kept.intents == ["wrong_person"])
    assert seen == {*OPENINGS, Topic.WRONG_PERSON}


def test_who_writes_elsewhere_writes_from_their_own_address_there() -> None:
    away = [i for seed in range(300) for i in hears(seed, channel="email") if "by" in i.details]
    assert {intent.details["by"] for intent in away} == {"whatsapp", "sms"}
    assert {intent.details["from"] for intent in away} == {MOBILE}


def test_who_names_a_day_and_an_amount_mostly_pays_it_on_that_day() -> None:
    kept = promised = 0
    for seed in range(3000):
        intents = hears(seed)
        meant: dict[str, str] = next(
            (i.details["meant"] for i in intents if i.kind is Kind.REPLY), {}
        )
        pays = [intent for intent in intents if intent.kind is Kind.PAY]
        if meant.get("on") and meant.get("amount"):
            promised += 1
            kept += len(pays)
        else:
            assert pays == []
        for intent in pays:
            assert intent.details["amount"] == meant["amount"]
            assert intent.at.astimezone(BOGOTA).date().isoformat() == meant["on"]
    assert promised > 50
    assert 0.5 < kept / promised < 0.9


def test_all_addresses_of_one_owner_that_work_have_one_character() -> None:
    shares = Personas()
    met = []
    for n in range(800):
        pair = (f"+5730055{n:05d}", f"p{n}@example.org")
        met.append([Person.meet(a, 1, shares, "UTC", f"C{n}").persona for a in pair])
    work = [pair for pair in met if Persona.UNREACHABLE not in pair]
    assert all(first == second for first, second in work)
    assert 0.7 < len(work) / len(met) < 0.9
    payers = sum(pair[0] is Persona.PAYER for pair in work) / len(work)
    assert payers == pytest.approx(shares.payer / (1 - shares.unreachable), abs=0.05)


def test_the_seed_alone_decides() -> None:
    assert hears(5) == hears(5)
    assert draw(5) == draw(5)
    assert len({str(hears(seed)) for seed in range(40)}) > 15
