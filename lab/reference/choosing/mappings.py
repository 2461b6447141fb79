"""docs/reference/mappings.md: what a mapping of a portfolio's file may say."""

from typing import Final

from domain.entry.mapping.model import (
    AmountMarks,
    Delimiter,
    Encoding,
    FileMapping,
    FileShape,
    Flag,
    Rule,
    Unit,
)
from lab.reference.choosing.models import Models

_ABOUT: Final = """# Mappings

How a portfolio's file is written and which of its columns is which: a YAML file below
`config/intake/`, or the folder that `CONTRAPUNTO_MAPPINGS` names, for `contrapunto intake FILE
--mapping NAME` ([how](../guide/intake.md#files-as-they-come)). A field that is not listed here is
an error.
"""

MODELS: Final = Models(
    about=_ABOUT,
    sections={
        "The mapping": FileMapping,
        "The file": FileShape,
        "Amounts": AmountMarks,
        "Columns": Rule,
        "Consents": Flag,
    },
    words={"Delimiters": Delimiter, "Encodings": Encoding, "Units": Unit},
    maps={
        "columns": "map of [columns of intake](intake.md) to [columns](#columns); in one: texts",
        "consents": "map of channels to [consents](#consents)",
        "values": "map of texts to texts",
    },
)


def page() -> str:
    """A table for each part of a mapping, and the words that may be used in it."""
    return MODELS.page()
