"""A labelled table of what people write, and how much of it the keywords understand.

``stop_phrases.jsonl``: one message a line, with its language, what whoever wrote it meant ("stop",
"wrong_person", "start", "other") and whether it was held out when the rules were worked out.
"""

import json
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest

from config.keywords import shipped_keywords
from domain.conversation.keywords import (
    Intent,
    IntentWords,
    Keywords,
    Meaning,
    classify,
    intents_of,
)
from lab.sandbox.persons.conversation import line
from lab.sandbox.persons.reading import Amount, Language
from lab.sandbox.persons.topics import TALK
from lab.sandbox.persons.wordings import STOPS, WRONG_PERSON

KEYWORDS = shipped_keywords()


class Written(NamedTuple):
    """A message of stop_phrases.jsonl, and what whoever wrote it meant."""

    language: str
    meaning: str
    text: str
    held_out: bool

    @property
    def is_understood(self) -> bool:
        """Nothing asked for is missed, and nothing is heard that was not asked for."""
        intents = intents_of([self.text], KEYWORDS)
        match self.meaning:
            case "stop":
                return intents[0] is Intent.OPT_OUT
            case "wrong_person":
                return intents[0] is Intent.OPT_OUT and Intent.WRONG_PERSON in intents
            case "start":
                return intents[0] is Intent.OPT_IN
            case _:
                return not {Intent.OPT_OUT, Intent.OPT_IN} & set(intents)


def _phrases() -> list[Written]:
    lines = (Path(__file__).parent / "stop_phrases.jsonl").read_text("utf-8").splitlines()
    rows = map(json.loads, lines)
    return [Written(r["language"], r["meaning"], r["text"], r["held_out"]) for r in rows]


PHRASES = _phrases()
WORKED = [phrase for phrase in PHRASES if not phrase.held_out]
HELD_OUT = [phrase for phrase in PHRASES if phrase.held_out]


def test_every_message_that_the_rules_were_worked_out_on_is_understood() -> None:
    assert [phrase for phrase in WORKED if not phrase.is_understood] == []


def test_messages_that_the_rules_were_not_worked_out_on_are_understood() -> None:
    # Before a rule is changed for one of these, move it to the worked part and write another here.
    asking = [phrase for phrase in HELD_OUT if phrase.meaning != "other"]
    others = [phrase for phrase in HELD_OUT if phrase.meaning == "other"]
    assert (len(asking), len(others)) == (83, 54)
    assert sum(phrase.is_understood for phrase in asking) >= 82
    assert sum(phrase.is_understood for phrase in others) == 54


def _without_accents(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


HANDS: list[Callable[[str], str]] = [
    str.upper,
    str.lower,
    _without_accents,
    lambda text: f"{text} 🙏🙏",
    lambda text: f"{text}!!!",
    lambda text: f"Hola, {text}",
    lambda text: f"{text} por favor, gracias",
    lambda text: f"pls {text} thx",
    lambda text: f"{text} pfv",
    lambda text: f"“{text}”",
    lambda text: f"> Pague hoy. Responda BASTA para no recibir más\n{text}",
    lambda text: text.replace(" ", "  "),
    lambda text: text + text[-1] * 3,
]


@pytest.mark.parametrize("hand", HANDS)
def test_a_stop_is_heard_from_every_hand(hand: Callable[[str], str]) -> None:
    stops = [p.text for p in WORKED if p.meaning in ("stop", "wrong_person")]
    assert [text for text in stops if classify(hand(text), KEYWORDS) is not Intent.OPT_OUT] == []


@pytest.mark.parametrize("language", ["en", "es", "pt"])
def test_what_the_people_of_the_sandbox_say_is_understood(language: Language) -> None:
    # Written without a look at the keywords: what is not understood here is mended by its kind.
    said = {"stop": STOPS[language], "wrong_person": WRONG_PERSON[language]}
    owed = Amount(Decimal(850_000), "COP")
    channels = ("sms", "whatsapp", "email", "voice")
    talk = [
        line(topic, language, date(2026, 3, 4), owed, channels, seed).text
        for topic in TALK
        for seed in range(150)
    ]
    written = [
        Written(language, meaning, text, held_out=True)
        for meaning, texts in {**said, "other": tuple(dict.fromkeys(talk))}.items()
        for text in texts
    ]
    assert [phrase for phrase in written if not phrase.is_understood] == []


def _rules() -> Iterator[tuple[str, str, IntentWords]]:
    """Each rule of the file as if it were the only one in its list."""
    for intent in (Meaning.OPT_OUT, Meaning.WRONG_PERSON):
        for language, said in KEYWORDS.intents[intent].items():
            bare = IntentWords(not_names=said.not_names)
            for phrase in said.phrases:
                yield language, phrase, bare.model_copy(update={"phrases": (phrase,)})
            for clause in said.clauses:
                yield language, clause, bare.model_copy(update={"clauses": (clause,)})


def test_every_rule_is_met_by_a_message_of_the_table() -> None:
    # A rule with a slip in its alternatives would match nothing, and nobody would notice.
    asking = {
        language: [p.text for p in PHRASES if p.meaning != "other" and p.language == language]
        for language in ("en", "es", "pt")
    }
    unmet = []
    for language, rule, said in _rules():
        intents = {Meaning.OPT_OUT: {language: said}}
        only = Keywords.model_construct(**{**dict(KEYWORDS), "intents": intents})
        if not any(classify(text, only) is Intent.OPT_OUT for text in asking[language]):
            unmet.append((language, rule))
    assert unmet == []
