"""The classifier adds what a person should look at, and nothing else."""

import hashlib
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from config.reader import CLASSIFIER, load_classifier, load_reader
from domain.conversation.classifier import SUSPECTS, Classifier, Feature, SuspiciousReader
from domain.conversation.keywords import Meaning
from domain.conversation.reader import VERSION, Heard
from domain.failures import Misconfigured
from lab.classifier import made
from lab.reading import labelled

FILES = sorted((Path(__file__).parent / "labelled").glob("*.jsonl"))
GIVEN = [file for file in FILES if not file.stem.startswith("unseen")]
RULES, BOTH = load_reader(classifier=False), load_reader()
SHIPPED = load_classifier()
ALONE = {Meaning.OTHER, Meaning.THANKS}


def heard(text: str) -> Heard:
    return Heard(text, "es-CO", datetime(2026, 11, 27, 15, tzinfo=UTC), "COP", Decimal(850_000))


def suspecting(word: str, of: Meaning) -> Classifier:
    """Suspects one thing wherever a word is."""
    weights = tuple(float(one is of) for one in SUSPECTS.values())
    return Classifier({word: Feature(1.0, weights)}, (0.0,) * 6, (0.5,) * 6, "made")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_it_takes_nothing_back_that_the_rules_read(file: Path) -> None:
    for row in labelled([file]):
        now = datetime.fromisoformat(row["now"])
        said = Heard(row["text"], row["locale"], now, row["currency"], Decimal(row["balance"]))
        alone, both = RULES.read(said), BOTH.read(said)
        assert set(alone.intents) - ALONE <= set(both.intents), row["text"]
        assert (alone.day, alone.days, alone.amount) == (both.day, both.days, both.amount)
        assert (alone.channel, alone.hours) == (both.channel, both.hours)
        assert both.to_person >= alone.to_person
        assert both.confidence <= alone.confidence or Meaning.OTHER in alone.intents
        if both != alone:
            assert both.to_person, "what is only suspected is for a person"
            assert {one.intent for one in both.evidence} >= set(both.intents) - ALONE


@pytest.mark.parametrize("meaning", SUSPECTS.values())
def test_what_is_suspected_is_told_with_the_words_for_it(meaning: Meaning) -> None:
    reader = SuspiciousReader(RULES, suspecting("blablabla", meaning))
    found = reader.read(heard("bueno, Blablablá entonces"))
    assert found.intents == (meaning,)
    assert [(one.intent, one.words) for one in found.evidence] == [(meaning, "blablabla")]
    assert found.to_person
    assert found.version == f"{VERSION}+made"


def test_what_the_rules_read_is_not_suspected_again() -> None:
    reader = SuspiciousReader(RULES, suspecting("equivocado", Meaning.STRANGER))
    said = heard("numero equivocado")
    assert reader.read(said) == RULES.read(said)


@pytest.mark.parametrize(
    "text", ["", " ", "\x00", "😀" * 500, "a" * 1_000_000, "no " * 300_000, "́" * 9_999, "{{7*7}}"]
)
def test_any_text_is_read(text: str) -> None:
    assert BOTH.read(heard(text)).intents


def test_it_is_made_of_the_labelled_messages_but_for_the_unseen() -> None:
    texts = sorted(row["text"] for row in labelled(GIVEN))
    digest = hashlib.sha256("\n".join(texts).encode()).hexdigest()
    assert SHIPPED.version == f"classifier-{digest[:8]}", "make classifier"


def test_made_anew_it_suspects_the_same() -> None:
    again = made(labelled(GIVEN), SHIPPED.least)
    features = {name: Feature(one[0], tuple(one[1:])) for name, one in again["features"].items()}
    fresh = Classifier(features, tuple(again["biases"]), tuple(again["least"]), again["version"])
    texts = [row["text"] for row in labelled(FILES)]
    differ = [
        text
        for text in texts
        if {m for m, _ in fresh.suspected(text)} != {m for m, _ in SHIPPED.suspected(text)}
    ]
    assert len(differ) <= len(texts) / 200, differ


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "No such file"),
        ("{", "Expecting"),
        ("[]", "list"),
        ("{}", "features"),
        ('{"features": {"a": [1]}, "biases": [0], "least": [0], "version": "x"}', "other intents"),
    ],
)
def test_one_that_cannot_be_used_is_refused_by_name(
    content: str | None, why: str, tmp_path: Path
) -> None:
    file = tmp_path / "classifier.json"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    with pytest.raises(Misconfigured, match=f"classifier.json.*{why}"):
        load_classifier(file)


def test_a_feature_is_a_line_so_that_a_difference_can_be_read() -> None:
    lines = CLASSIFIER.read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(json.loads(CLASSIFIER.read_text(encoding="utf-8"))["features"]) + 2
