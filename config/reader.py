"""The one factory of the shipped reader: gateway, commands and judges read by the same."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final

from config.keywords import shipped_keywords
from config.working_days import is_holiday
from domain.conversation.classifier import SUSPECTS, Classifier, Feature, SuspiciousReader
from domain.conversation.keywords import Keywords
from domain.conversation.reader import Heard, Reader, RuleReader
from domain.failures import Misconfigured

CLASSIFIER: Final = Path(__file__).parent / "classifier.json"


_NOTHING: Final = Heard("", "es-CO", datetime(2026, 1, 1, tzinfo=UTC), "COP", Decimal(0))


def warm(reader: Reader) -> Reader:
    """The reader once it has read nothing at all: half a second's work, that is done on a first
    message, is done. For who must answer at once."""
    reader.read(_NOTHING)
    return reader


def load_reader(keywords: Keywords | None = None, *, classifier: bool = True) -> Reader:
    """A reader by these keywords, or those that are shipped; raises KeywordsError as they do.

    ``classifier``: whether a person is told, too, of what ``config/classifier.json`` suspects
    beside what the rules read. Raises Misconfigured where it cannot be used.
    """
    rules = RuleReader(keywords or shipped_keywords(), is_holiday)
    return SuspiciousReader(rules, load_classifier()) if classifier else rules


@cache
def load_classifier(file: Path = CLASSIFIER) -> Classifier:
    """What ``make classifier`` made. Raises Misconfigured, which names the file."""
    try:
        made = json.loads(file.read_text(encoding="utf-8"))
        numbers = len(SUSPECTS)
        features = {
            name: Feature(float(rarity), tuple(map(float, weights)))
            for name, (rarity, *weights) in made["features"].items()
        }
        biases, least = (tuple(map(float, made[name])) for name in ("biases", "least"))
        if {len(biases), len(least), *(len(one.weights) for one in features.values())} != {numbers}:
            raise ValueError(f"it is made for other intents than {', '.join(SUSPECTS)}")
        return Classifier(features, biases, least, str(made["version"]))
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise Misconfigured(
            f"{file}: cannot be used ({error}); make it anew: make classifier"
        ) from error
