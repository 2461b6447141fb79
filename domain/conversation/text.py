"""Text that strangers wrote, made harmless; and how many SMS a text is."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_MAX_NAME: Final = 60
_NAME_PUNCTUATION: Final = frozenset(" .,'’-&()/")
_SPACES: Final = re.compile(r"\s+")
# A dot, slash or colon glued to the next letter makes phones draw a link: "evil.com".
_LINK_LIKE: Final = re.compile(r"[./]+(?=\w)")


def one_line(text: str) -> str:
    """``text`` on one line: no control or invisible characters, single plain spaces."""
    if not text.isprintable():  # nearly all are, and have nothing hidden
        text = "".join(" " if _is_hidden(char) else char for char in text)
    return _SPACES.sub(" ", text).strip()


def _is_hidden(char: str) -> bool:
    # Cc control, Cf invisible and right-to-left marks, Co/Cn/Cs nothing readable, Zl/Zp line ends.
    return unicodedata.category(char) in {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}


def inert_name(name: str) -> str:
    """A person's name as letters and the few signs names have: no markup, template or link in it.

    Letters of all scripts stay. Empty when nothing of a name is left.
    """
    composed = one_line(unicodedata.normalize("NFC", name))
    kept = "".join(char if _belongs_to_name(char) else " " for char in composed)
    spaced = _LINK_LIKE.sub(lambda match: match.group() + " ", kept)
    return _shortened(_SPACES.sub(" ", spaced).strip(" ,-/&"))


def _belongs_to_name(char: str) -> bool:
    return char in _NAME_PUNCTUATION or unicodedata.category(char)[0] in "LM" or char.isdecimal()


def _shortened(name: str) -> str:
    if len(name) <= _MAX_NAME:
        return name
    cut = name[: _MAX_NAME + 1].rsplit(" ", 1)[0]
    return cut[:_MAX_NAME].rstrip(" ,-/&")


class Alphabet(StrEnum):
    """How an SMS travels: seven bits a character, or sixteen when one letter needs it."""

    GSM_7 = "gsm7"
    UCS_2 = "ucs2"


@dataclass(frozen=True)
class Segments:
    """What an SMS costs: ``count`` is what the operator bills."""

    alphabet: Alphabet
    units: int
    count: int


# GSM 03.38; note what is missing: á í ó ú ã õ â ê ô and the small ç.
_GSM_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_EXTENDED: Final = frozenset("\f^{}\\[~]|€")
_GSM: Final = _GSM_BASIC | _GSM_EXTENDED
_LENGTHS: Final = {Alphabet.GSM_7: (160, 153), Alphabet.UCS_2: (70, 67)}


def segments(text: str) -> Segments:
    """How ``text`` is cut into SMS segments."""
    alphabet = Alphabet.GSM_7 if _GSM.issuperset(text) else Alphabet.UCS_2
    single, part = _LENGTHS[alphabet]
    if alphabet is Alphabet.GSM_7 and _GSM_EXTENDED.isdisjoint(text):  # nearly every text of ours
        units = len(text)
        return Segments(alphabet, units, -(-units // part) if units > single else min(units, 1))
    widths = [_width(char, alphabet) for char in text]
    units = sum(widths)
    if units <= single:
        return Segments(alphabet, units, 1 if text else 0)
    return Segments(alphabet, units, _packed(widths, part))


def _width(char: str, alphabet: Alphabet) -> int:
    if alphabet is Alphabet.GSM_7:
        return 2 if char in _GSM_EXTENDED else 1
    return 2 if ord(char) > 0xFFFF else 1


def _packed(widths: list[int], part: int) -> int:
    """Parts filled one after the other; a character of two units is never torn apart."""
    parts, used = 1, 0
    for width in widths:
        if used + width > part:
            parts, used = parts + 1, 0
        used += width
    return parts


_LOOKALIKES: Final = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "•": "*", "ç": "c"}
)


def folded_to_gsm7(text: str) -> str:
    """``text`` without the accents GSM-7 lacks (``ñ é ü ¿ ¡`` stay).

    A text that would need UCS-2 even so, such as one with a Cyrillic name, is left as it is.
    """
    plain = text.translate(_LOOKALIKES)
    if _GSM.issuperset(plain):
        return plain
    folded = "".join(map(_folded_char, plain))
    return folded if segments(folded).alphabet is Alphabet.GSM_7 else text


def cheapest(text: str) -> str:
    """``text`` folded to GSM-7 where that saves a segment; else as it is, accents and all."""
    folded = folded_to_gsm7(text)
    return folded if segments(folded).count < segments(text).count else text


def _folded_char(char: str) -> str:
    if char in _GSM:
        return char
    return "".join(c for c in unicodedata.normalize("NFKD", char) if not unicodedata.combining(c))


def _look_alike(row: str, letters: str = "abcdefghijklmnopqrstuvwxyz") -> dict[int, str]:
    return str.maketrans(dict(zip(row, letters, strict=True)))


# NFKC knows full-width, mathematical and circled letters; of these it makes nothing.
_LOOK_ALIKES: Final = (
    _look_alike("".join(map(chr, range(0x1F150, 0x1F16A))))  # white in black circles
    | _look_alike("".join(map(chr, range(0x1F170, 0x1F18A))))  # and in black squares
    | _look_alike("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnoprstuvwyz")
    | _look_alike("АВЕЅІЈКМНОРСТУХаеоѕірсухј", "ABESIJKMHOPCTYXaeosipcyxj")
    | _look_alike("тквмн", "tkbmh")
    | _look_alike("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαβικνορτυχ", "ABEZHIKMNOPTYXabiknoptyx")
)


_AS_SEEN: Final = re.compile("[\x00-\xac\xae-\u024f\u2018-\u201d\u2026]*")
"""Latin letters and marks: all are seen, and none looks like another."""


def as_seen(text: str) -> str:
    """Without marks that nobody sees, such as a hyphen that may be, in letters that look alike."""
    if _AS_SEEN.fullmatch(text):
        return text
    seen = "".join(char for char in text if unicodedata.category(char) != "Cf")
    return seen.translate(_LOOK_ALIKES)
