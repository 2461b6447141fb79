"""What the sandbox's people say, held against what the product's reader makes of it.

The lines were written without a look at the reader's words. What it does not understand of them
goes to a person, and is no fault here; what it must not do is act on words that nobody meant.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest

from config.keywords import shipped_keywords
from domain.conversation.reader import Heard, Reading, RuleReader
from lab.sandbox.persons.conversation import Line, line
from lab.sandbox.persons.reading import Amount, Language
from lab.sandbox.persons.topics import MEANS, TALK, Topic

READER = RuleReader(shipped_keywords())
NOON = datetime(2026, 3, 4, 12, tzinfo=ZoneInfo("America/Bogota"))
DEBTS: dict[Language, tuple[str, Amount]] = {
    "en": ("en-US", Amount(Decimal(850), "USD")),
    "es": ("es-CO", Amount(Decimal(850_000), "COP")),
    "pt": ("pt-BR", Amount(Decimal(850), "BRL")),
}


class Told(NamedTuple):
    said: Line
    read: Reading

    @property
    def intents(self) -> set[str]:
        return set(self.read.told()["intents"])

    @property
    def understood(self) -> bool:
        return self.intents == set(MEANS[self.said.topic])


@cache
def everything(language: Language) -> tuple[Told, ...]:
    """Every topic as a hundred people say it, slips and all."""
    return tuple(_everything(language))


def _everything(language: Language) -> Iterator[Told]:
    locale, owed = DEBTS[language]
    channels = ("whatsapp", "sms", "email", "voice")
    for topic in TALK:
        said = (line(topic, language, NOON.date(), owed, channels, seed) for seed in range(100))
        for one in {each.text: each for each in said}.values():
            heard = Heard(one.text, locale, NOON, owed.currency, owed.value)
            yield Told(one, READER.read(heard))


@pytest.mark.parametrize("language", DEBTS)
def test_nothing_goes_on_file_that_nobody_meant(language: Language) -> None:
    weighty = {"stop", "start", "attorney", "bankruptcy", "deceased"}
    assert [one.said.text for one in everything(language) if one.intents & weighty] == []


@pytest.mark.parametrize("language", DEBTS)
def test_what_is_recorded_as_a_promise_is_one_of_that_day_and_amount(language: Language) -> None:
    # By itself that is what says nothing else, and both.
    whole = [
        one
        for one in everything(language)
        if one.intents == {"promise"} and one.read.day and one.read.amount
    ]
    assert len(whole) > 90
    wrong = [o for o in whole if (o.read.amount, o.read.day) != (o.said.amount, o.said.on)]
    assert [one.said.text for one in wrong] == []


@pytest.mark.parametrize("language", DEBTS)
def test_most_of_it_is_understood(language: Language) -> None:
    told = everything(language)
    whole = [one for one in told if one.said.text in TALK[one.said.topic][language]]
    assert sum(one.understood for one in told) / len(told) > 0.75
    assert sum(one.understood for one in whole) / len(whole) > 0.75
    promises = [one for one in told if one.said.topic in (Topic.PROMISE, Topic.WITHOUT_AMOUNT)]
    assert sum(one.understood for one in promises) / len(promises) > 0.95
