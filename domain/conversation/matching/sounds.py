"""How words are compared by their sound: "Kiero" is "quiero"."""

import re
from typing import Final

# Spanish and Portuguese are often typed as they sound; what sounds alike is compared as one.
_SOUNDS: Final = (
    # "Informed" and "whole" would sound as "buried" and "burial" do.
    (re.compile(r"\benter(?=(?:ad)?[oa]s?\b)"), "integr"),
    (re.compile("qu(?=[ei])"), "k"),
    (re.compile("c(?=[ei])"), "s"),
    (re.compile("c(?!h)"), "k"),
    (re.compile("z"), "s"),
    (re.compile("v"), "b"),
    (re.compile("ll+"), "y"),
    (re.compile(r"([a-z])\1+"), r"\1"),
)


def by_ear(plain: str) -> str:
    """Words as they sound: lower case, no accents."""
    for spelt, heard in _SOUNDS:
        plain = spelt.sub(heard, plain)
    return plain
