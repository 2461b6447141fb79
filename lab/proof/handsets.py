"""Which handset or mailbox an address is, however it is written.

Its own small rule, not the sender's: what the sender takes for two numbers may ring in one pocket.
"""

import re
from functools import cache
from typing import Final

_PREFIX: Final = re.compile(r"^(whatsapp|tel|sms|mailto):", re.IGNORECASE)
_ONE_MOBILE: Final = (
    # Mexico wrote a 1 after 52 before mobile numbers until 2019; many lists still have it.
    (re.compile(r"521(\d{10})"), r"52\1"),
    # Argentina writes a 9 after 54 before mobile numbers called from abroad.
    (re.compile(r"549(\d{10})"), r"54\1"),
    # Brazil put a 9 before all mobile numbers by 2016; these began with 6 to 9 before.
    (re.compile(r"55(\d{2})9([6-9]\d{7})"), r"55\1\2"),
)
"""Spellings of which both reach one telephone, and the one that is kept."""


@cache
def handset(address: str) -> str:
    """One name for all spellings of an address: a number's digits, or a mailbox in small letters.

    Numbers must be in international form (``+`` or ``00``); others are kept as they are written.
    """
    bare = _PREFIX.sub("", address.strip())
    if "@" in bare:
        return bare.casefold()
    digits = re.sub(r"\D", "", bare.replace("(0)", ""))
    digits = digits.removeprefix("00") if not bare.startswith("+") else digits
    for spelling, kept in _ONE_MOBILE:
        if spelling.fullmatch(digits):
            return spelling.sub(kept, digits)
    return digits or bare.casefold()
