"""What the person wrote themselves in an answer by mail, and whether a person wrote it at all.

A reply carries what it answers, and our own mails say how to stop ("reply with the word STOP").
Whoever reads the quoted text unsubscribes everybody who answers, so intents are read from the
person's own words alone.

Why own code. The libraries were tried on replies in Spanish and Portuguese (November 2026):
mail-parser-reply 1.36 does not cut Gmail's Spanish line (its pattern holds a stray blank and can
never match) and knows no Portuguese; email-reply-parser 0.5.12 and quotequail 0.5.4 leave that line
in both, quotequail the English one, too; none cuts Outlook's "De: / Enviada em:". None knows the
texts that we sent, which is the surest way to tell them from an answer.

What is cut, in this order:

1. what we sent (``ours``), wherever it stands and however a mail program has wrapped it;
2. everything below our marker line;
3. the line above a quote ("El ... escribió:"), and the quote: lines with ``>`` where it has them,
   so that answers between and below stay; else all that follows;
4. blocks of "De: / Enviado: / Para: / Asunto:" and all that follows; forwarded mails likewise;
5. signatures after "-- ", "Enviado desde mi iPhone", notices of confidentiality.

Where nothing is left although something was cut, the answer may stand below a quote that has no
marks: then nobody can tell whose words are whose, and the caller hands the mail to a person.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from domain.conversation.email_html import shown

MOST_TEXT: Final = 100_000
"""Characters of a text that are read; what stands behind them is quoted history, if anything."""
MARKERS: Final = (
    "responda encima de esta línea",
    "responda acima desta linha",
    "please reply above this line",
)
"""The words of a line that may stand above our text, between dashes, one for each language."""

# --- the words of mail programs -------------------------------------------------------------------

_WROTE: Final = r"(?:escribi[oó]|ha escrito|wrote|escreveu|a [eé]crit)"
_OPENS_LINE: Final = re.compile(
    r"[\s*_]{0,4}(?:(?:el|en|em|on|no dia|a las|às|op|am|le|il|\d{4}-\d\d-\d\d)\b"
    r"|[^\s<>]{1,60}\s[^<>]{0,60}<[^<>\s]{3,200}>)",
    re.IGNORECASE,
)
_ENDS_LINE: Final = re.compile(
    rf"(?:\b{_WROTE}|\b{_WROTE}\s(?:el|em|on|en|no dia)\s[^:]{{4,80}}(?::\d\d){{0,3}}[^:]{{0,20}})"
    r"\s?:[\s*_]{0,4}$",
    re.IGNORECASE,
)
_OLD_GMAIL: Final = re.compile(r"\d{4}-\d\d-\d\d \d\d?:\d\d (?:GMT|UTC)[^<]{0,80}<[^<>\s]+>\s?:$")
_DATED: Final = re.compile(r"\b(?:19|20)\d\d\b|\b\d\d?[:h.]\d\d\b|@")
"""Without a year, an hour or a mailbox "El viernes mi hermano les escribió:" is the person's."""
_WRAPPED: Final = 4
"""Lines over which a mail program may wrap the line above a quote."""

_LABELS: Final = {
    "from": r"de|from|von|da",
    "sent": r"enviado(?: el| em)?|enviada(?: em)?|sent|date|fecha|data",
    "to": r"para|to|a|an",
    "subject": r"asunto|assunto|subject|tema|re",
}
_LABEL: Final = re.compile(
    r"[\s*_>]{0,6}(?:" + "|".join(f"(?P<{kind}>{words})" for kind, words in _LABELS.items()) + r")"
    r"\s?[*_]{0,2}\s?:[*_]{0,2}(?:\s|$)",
    re.IGNORECASE,
)
_IN_ONE_LINE: Final = re.compile(
    r"[\s*]{0,4}(?:de|from)\s?:[^\n]{3,200}?\b(?:enviado|enviada|sent|fecha|data|date)\b[^:\n]{0,8}:"
    r"[^\n]{3,200}?\b(?:para|to)\s?:",
    re.IGNORECASE,
)
_BLOCK: Final = 9
"""Lines within which the labels of such a block stand, wrapped ones counted."""
_BLOCK_KINDS: Final = 3

_SEPARATOR: Final = re.compile(
    r"[\s*]{0,4}(?:-{2,}\s?(?:mensaje (?:original|reenviado)|mensagem (?:original|encaminhada|"
    r"reencaminhada)|(?:original|forwarded) message)\s?-{2,}|(?:inicio del mensaje reenviado|"
    r"in[ií]cio da mensagem (?:encaminhada|reencaminhada)|begin forwarded message)\s?:)\s{0,4}$",
    re.IGNORECASE,
)
_UNDERLINE: Final = re.compile(r"\s{0,4}_{20,}\s{0,4}$")
_MARKER: Final = re.compile(
    r"\s{0,4}[-=#*_~\s]{2,80}(?:" + "|".join(map(re.escape, MARKERS)) + r")\.?[-=#*_~\s]{2,80}$",
    re.IGNORECASE,
)

_DEVICES: Final = (
    r"iphone|ipad|ipod|android|samsung|galaxy|huawei|xiaomi|redmi|poco|motorola|moto|nokia|oppo|"
    r"realme|honor|tecno|blackberry|celular|m[oó]vil|tel[eé]fono|telefone|smartphone|dispositivo|"
    r"tablet|mobile|outlook|yahoo|gmail|hotmail|correo|correio|e-?mail|mail|windows|proton|aol|bol|"
    r"aqua|spark|my phone"
)
_SENT_FROM: Final = re.compile(
    r"[\s*_(\[]{0,6}(?:(?:enviad[oa]|enviei|escrito)\s(?:desde|d[oea]|con|com|via|por|pel[oa]|a"
    r" partir d[eoa]|mediante)|sent (?:from|via|with)|get|obtener|obt[eé]n|obtenga|obter|obtenha|"
    r"baixe|descarga(?:r)?)\s(?:(?:mi|meu|minha|my|el|la|o|a|un|uma?)\s){0,2}"
    rf"(?:[\w.®™-]{{1,20}}\s){{0,3}}(?:{_DEVICES})"
    r"(?:[\s.-]{1,3}(?:para|for|con|no|on|en|do|da|de|desde|from|smartphone|phone|iphone|ipad|"
    r"android|ios|mac|windows|mail|galaxy|pro|max|plus|mini|5g|lte|note|ultra|lite|app|m[oó]vil|"
    r"celular|tablet|device|claro|tim|vivo|movistar|outlook|[a-z]{0,2}\d{1,4}[a-z+]{0,3})\b){0,8}"
    r"[\s.,*_)\]-]{0,6}(?:<[^>\n]{0,200}>|\(?https?://\S{1,200})?[\s.)*_]{0,6}$",
    re.IGNORECASE,
)
"""To the end of the line nothing else: "enviado desde mi celular, no me llamen" is said."""
_ADVERTISED: Final = re.compile(
    r"\s{0,4}(?:libre de virus|livre de v[ií]rus|virus-free)\b.{0,120}$", re.IGNORECASE
)
_NOTICE: Final = re.compile(
    r"[\s*_]{0,4}(?:aviso (?:legal|de (?:confidencialidad|privacidad|privacidade)|de "
    r"confidencialidade)|confidencialidade?\s?:|confidentiality notice|legal notice|disclaimer\s?:|"
    r"(?:este (?:mensaje|correo|e-?mail)|esta mensagem|this (?:message|e-?mail))[^.\n]{0,60}"
    r"(?:contiene|cont[eé]m|confiden|adjuntos|anexos|attachments|intended|dirigid))",
    re.IGNORECASE,
)
_DASHES: Final = "-- "
"""The blank belongs to the mark (RFC 3676, 4.3): a bare "--" is drawn by people."""
_SIGNATURE: Final = 12
"""Lines that a signature may have; what goes on for longer is no signature."""

_UNSEEN: Final = re.compile(
    "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
)
_WIDTH: Final = range(60, 81)
"""Columns at which mail programs break lines."""


@dataclass(frozen=True)
class OwnWords:
    """What the person wrote. Personal."""

    text: str
    """Without what was cut, lines that a program had wrapped in one; never longer than the mail."""
    cut: bool
    """Whether anything was taken away that somebody else may have written. With an empty ``text``
    that is a mail in which nobody can tell whose words are whose."""


def own_words(text: str, html: str | None, ours: Sequence[str] = ()) -> OwnWords:
    """The person's own words in a mail of ``text``, or, where it has none, of ``html``.

    ``ours``: what we sent, whole or sentence by sentence; an entry that begins with ``http`` is the
    beginning of an address that only we write. Pure; never raises, its time grows with the length.
    """
    plain = _seen(text[:MOST_TEXT])
    if not html:
        return _stripped(plain, ours)
    if plain.strip():
        found = _stripped(plain, ours)
        if found.cut or ("<blockquote" not in html and "_quote" not in html):
            return found
    # There is no text, or one in which a quote lost its marks: the HTML knows where it is.
    seen = shown(html, [one for one in ours if one.startswith("http")])
    if plain.strip() and not seen.cut:
        return _stripped(plain, ours)
    found = _stripped(_seen(seen.text[:MOST_TEXT]), ours)
    return OwnWords(found.text, found.cut or seen.cut)


def _seen(text: str) -> str:
    """One kind of line end, and nothing that no eye sees."""
    return _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n"))


def _stripped(text: str, ours: Sequence[str]) -> OwnWords:
    left = _without_ours(text, ours)
    lines = left.split("\n")
    kept, cut = _without_quotes(lines)
    own = [line for line in _without_signature(kept) if not _is_program(line)]
    return OwnWords(_reflowed(_without_notices(own)), cut or left != text)


# --- quotes ---------------------------------------------------------------------------------------


def _without_quotes(lines: Sequence[str]) -> tuple[list[str], bool]:
    """The lines that nobody quoted, and whether there were others."""
    kept, cut, written, at = list[str](), False, False, 0
    while at < len(lines):
        line = lines[at]
        if line.lstrip().startswith(">"):
            cut, at = True, at + 1
            continue
        if _MARKER.match(line):
            return kept, True
        behind = _header_ends(lines, at, written=written)
        if behind is None:
            kept.append(line)
            written = written or bool(line.strip())
            at += 1
            continue
        cut = True
        if not _is_marked(lines, behind):
            return kept, True
        at = behind
    return kept, cut


def _is_marked(lines: Sequence[str], at: int) -> bool:
    """Whether the quote that begins here has marks: then what has none is the person's."""
    after = next((line for line in lines[at : at + 6] if line.strip()), "")
    return after.lstrip().startswith(">")


def _header_ends(lines: Sequence[str], at: int, *, written: bool) -> int | None:
    """Behind which line the header of a quote ends that begins here; None if none does.

    ``written``: whether the person's words stand above. Below an underline they never begin.
    """
    line = lines[at]
    if not line.strip():
        return None
    if _SEPARATOR.match(line):
        return at + 1
    if _UNDERLINE.match(line):
        below = next((n for n in range(at + 1, min(at + 4, len(lines))) if lines[n].strip()), at)
        return at + 1 if written or _is_block(lines, below) else None
    if _is_block(lines, at):
        return at + 1
    return _attribution_ends(lines, at)


def _is_block(lines: Sequence[str], at: int) -> bool:
    """Whether Outlook's "De: / Enviado: / Para: / Asunto:" begins here, each in its line or not."""
    first = _LABEL.match(lines[at])
    if first is None or first.lastgroup != "from":
        return False
    if _IN_ONE_LINE.match(lines[at][:800]):
        return True
    kinds = set[str]()
    for line in lines[at : at + _BLOCK]:
        if not line.strip() and len(kinds) > 1:
            break
        if found := _LABEL.match(line):
            kinds.add(found.lastgroup or "")
    return len(kinds) >= _BLOCK_KINDS


def _attribution_ends(lines: Sequence[str], at: int) -> int | None:
    """Behind which line "El ... escribió:" ends, which may be wrapped."""
    if not _OPENS_LINE.match(lines[at][:400]):
        return None
    joined = ""
    for number in range(at, min(at + _WRAPPED, len(lines))):
        if not lines[number].strip():
            return None
        joined = f"{joined} {lines[number].strip()}"[-1_000:]
        if _DATED.search(joined) and (
            _ENDS_LINE.search(joined[-160:]) or _OLD_GMAIL.match(joined.strip())
        ):
            return number + 1
    return None


# --- what stands below the words ------------------------------------------------------------------


def _without_signature(lines: Sequence[str]) -> list[str]:
    """Without what follows "-- ", if it is short enough for a signature and something is above."""
    for at, line in enumerate(lines):
        if line == _DASHES and any(map(str.strip, lines[:at])):
            below = [one for one in lines[at + 1 :] if one.strip()]
            return list(lines[:at] if len(below) <= _SIGNATURE else lines)
    return list(lines)


def _is_program(line: str) -> bool:
    """Whether a mail program or a virus scanner speaks."""
    return bool(_SENT_FROM.match(line[:300]) or _ADVERTISED.match(line[:300]))


def _without_notices(lines: Iterable[str]) -> list[str]:
    """Without paragraphs in which a company's mail server speaks of confidentiality."""
    kept, inside, written = list[str](), False, False
    for line in lines:
        if not line.strip():
            inside = False
        elif written and _NOTICE.match(line[:300]):
            inside = True
        if not inside:
            kept.append(line)
            written = written or bool(line.strip())
    return kept


def _reflowed(lines: Sequence[str]) -> str:
    """Wrapped lines in one, at most one empty line in a row.

    Left as it is, the last word of a sentence can stand alone in its line and be read as if it were
    all that is said ("mi cuenta está de / baja"), and a phrase can be torn in two.
    """
    out, before = list[list[str]](), ""
    for raw in lines:
        line = raw.strip()
        if out and line and _goes_on(before, line):
            out[-1].append(line)
        elif line or before:
            out.append([line])
        before = line
    return "\n".join(" ".join(parts) for parts in out).strip()


def _goes_on(before: str, line: str) -> bool:
    """Whether a program broke the line: its first word would not have fit in the one before."""
    fits = len(before) + 1 + len(line.split(maxsplit=1)[0]) < _WIDTH.start + 8
    return len(before) in _WIDTH and not fits and before[-1] not in ".!?:;…"


# --- what we sent ---------------------------------------------------------------------------------

_WORD: Final = re.compile(r"[^\W_]+")
_SEED: Final = 6
"""Words in a row by which our text is looked for, and the fewest of a whole sentence of ours."""
_SURELY: Final = 8
"""Words in a row that nobody says by chance as we do. Fewer are a person's own: "para no recibir
más correos" is how we begin, and how one asks for a stop."""
_SAME_SEED: Final = 4


@lru_cache(maxsize=8)
def _known(ours: tuple[str, ...]) -> tuple[list[str], dict[tuple[str, ...], list[int]], set[int]]:
    """All words that we sent in a row, where each seed begins, and where entries begin and end."""
    words, edges = list[str](), {0}
    for entry in ours:
        words += [match[0].casefold() for match in _WORD.finditer(entry)]
        edges.add(len(words))
        words.append("")  # nothing goes on over the end of an entry
        edges.add(len(words))
    seeds = dict[tuple[str, ...], list[int]]()
    for at in range(len(words) - _SEED + 1):
        places = seeds.setdefault(tuple(words[at : at + _SEED]), [])
        if len(places) < _SAME_SEED:
            places.append(at)
    return words, seeds, edges


def _without_ours(text: str, ours: Sequence[str]) -> str:
    """Without the blocks that are ours, and the lines with an address of ours."""
    addresses = tuple(one for one in ours if one.startswith("http"))
    if addresses:
        text = "\n".join(_without_addresses(text.split("\n"), addresses))
    sentences = tuple(one for one in ours if not one.startswith("http"))
    if not sentences:
        return text
    kept, behind = list[str](), 0
    for start, end in _blocks(text, sentences):
        kept.append(text[behind:start])
        behind = end
    return "".join([*kept, text[behind:]])


def _without_addresses(lines: Sequence[str], addresses: Sequence[str]) -> list[str]:
    kept = list[str]()
    for line in lines:
        if not any(address in line for address in addresses):
            kept.append(line)
        elif line.lstrip("> \t<").startswith("http"):  # wrapped behind what it is called
            while kept and kept[-1].rstrip().endswith(":") and len(kept[-1]) < _WIDTH.stop:
                kept.pop()
    return kept


def _blocks(text: str, ours: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """Where blocks of ours begin and end in a text; each word is looked at a bounded number of
    times, for the search goes on behind what it found."""
    words, seeds, edges = _known(ours)
    spans = [match.span() for match in _WORD.finditer(text)]
    said = [text[start:end].casefold() for start, end in spans]
    at = 0
    while at + _SEED <= len(said):
        longest = 0
        for place in seeds.get(tuple(said[at : at + _SEED]), ()):
            size = _alike(said, at, words, place)
            whole = place in edges and place + size in edges
            if size > longest and (size >= _SURELY or whole):
                longest = size
        if longest:
            end = spans[at + longest - 1][1]
            while end < len(text) and text[end] in '.!:;)»"':
                end += 1
            yield spans[at][0], end
        at += longest or 1


def _alike(said: Sequence[str], at: int, words: Sequence[str], place: int) -> int:
    size = 0
    while at + size < len(said) and place + size < len(words):
        if said[at + size] != words[place + size]:
            break
        size += 1
    return size


# --- whether a person wrote it --------------------------------------------------------------------

_NO_PERSON: Final = frozenset(
    {"x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-response-suppress", "list-id"}
    | {"x-failed-recipients"}
)
_PRECEDENCES: Final = frozenset({"bulk", "auto_reply", "junk", "list"})
_DAEMONS: Final = re.compile(r"(?:^|[<\s])(?:mailer-daemon|postmaster|mail-daemon)@", re.IGNORECASE)
_AWAY: Final = re.compile(
    r"\s{0,4}(?:(?:respuesta|resposta) autom[aá]tica|(?:automatic|auto)[\s-]?(?:reply|response)|"
    r"autoreply|auto\s?:|fuera de (?:la )?oficina|fora do escrit[oó]rio|ausencia (?:de|temporal)|"
    r"aus[eê]ncia (?:do|tempor)|ausente\b|estoy de vacaciones|out of (?:the )?office|ooo\b|"
    r"undeliver|mail delivery (?:failed|subsystem|failure)|delivery (?:status notification|failure|"
    r"has failed)|returned mail|failure notice|no se (?:puede|pudo|ha podido) entregar|"
    r"n[aã]o (?:foi poss[ií]vel entregar|entregue)|correo (?:no entregado|devuelto)|"
    r"mensagem n[aã]o entregue|le[ií]d[oa]\s?:|lid[oa]\s?:|read\s?:)",
    re.IGNORECASE,
)


def is_automatic(headers: Iterable[tuple[str, str]]) -> bool:
    """Whether a program wrote a mail with these headers (name and value, in any order and case).

    Such a mail is never an intent and is never answered: two programs would go on for ever. By RFC
    3834 (Auto-Submitted), what bounces have (no return path, multipart/report, RFC 3464), what
    others use instead, and the subjects of absence notes in Spanish, Portuguese and English.
    """
    return any(_tells(name.strip().lower(), value.strip()) for name, value in headers)


def is_bounce(headers: Iterable[tuple[str, str]]) -> bool:
    """Whether a mail server wrote it, to tell of a mail: it has no sender to answer to."""
    return any(_is_servers(name.strip().lower(), value.strip().lower()) for name, value in headers)


def _tells(name: str, value: str) -> bool:
    low = value.lower()
    if name == "auto-submitted":
        return low.partition(";")[0].strip() not in ("", "no")
    if name == "precedence":
        return low in _PRECEDENCES
    if name == "subject":
        return bool(_AWAY.match(value[:200]))
    if name in _NO_PERSON:
        return low not in ("", "none", "no")
    return _is_servers(name, low)


def _is_servers(name: str, value: str) -> bool:
    if name == "return-path":
        return value in ("", "<>")
    if name == "content-type":
        return value.startswith("multipart/report")
    return name in ("from", "sender") and bool(_DAEMONS.search(value[:1_000]))
