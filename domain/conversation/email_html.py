"""The text of a mail that came as HTML, without what it quotes.

Not ``html.parser`` of the standard library: in Python 3.11 its time grows with the square of the
input on tags that do not end (measured: 100 kB of ``<a `` take 60 seconds, and whoever writes to us
chooses the input). This reader goes through the text once, keeps no tree and cannot nest too deep.
It makes no claim to read HTML as a browser does: it is after words, and after where they end.
"""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

MOST_HTML: Final = 500_000
"""Characters that are read; mails of people have a tenth of it."""
_LONGEST_TAG: Final = 4_000
"""Characters within which a tag must end; of a longer one the rest is read as text."""

_HIDDEN: Final = frozenset(
    {"script", "style", "head", "title", "template", "noscript", "svg", "object", "textarea"}
)
_LINES: Final = frozenset(
    {"br", "p", "div", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6"}
    | {"hr", "pre", "section", "article", "header", "footer", "dt", "dd", "center", "blockquote"}
)
_VOID: Final = frozenset({"br", "hr", "img", "input", "meta", "link", "area", "base", "col", "wbr"})
_QUOTE_CLASS: Final = frozenset(
    {"gmail_quote", "gmail_quote_container", "gmail_attr", "gmail_extra", "yahoo_quoted"}
    | {"moz-cite-prefix", "moz-forward-container", "protonmail_quote", "tutanota_quote"}
    | {"zmail_extra", "ms-outlook-mobile-reference-message", "x_gmail_quote", "mail_quote"}
)
"""Of the element that holds the quoted text, or the line above it: Gmail, Yahoo, Thunderbird,
Proton, Tuta, Zoho, Outlook on telephones."""
_REST_ID: Final = frozenset(
    {"divrplyfwdmsg", "x_divrplyfwdmsg", "appendonsend", "x_appendonsend", "olk_src_body_section"}
    | {"mail-editor-reference-message-container", "reply-intro", "isforwardcontent"}
)
"""Outlook's: what is quoted stands not in this element but behind it, to the end."""

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9:-]{0,40}")
_ATTRIBUTE: Final = re.compile(
    r"""(?<![\w-])(class|id)\s{0,4}=\s{0,4}(?:"([^"]{0,400})|'([^']{0,400})|([^\s"'>]{1,400}))""",
    re.IGNORECASE,
)
_RAW: Final = {
    name: re.compile(f"</{name}", re.IGNORECASE | re.ASCII) for name in ("script", "style")
}
_BLANKS: Final = re.compile(r"[ \t\r\n\f\xa0]+")


@dataclass(frozen=True)
class Shown:
    """What an HTML mail shows."""

    text: str
    """Never longer than the HTML."""
    cut: bool
    """Whether quoted blocks were left out."""


def shown(source: str, addresses: Sequence[str] = ()) -> Shown:
    """The text of HTML without scripts, styles and quoted blocks; linear, never raises.

    ``addresses``: beginnings of addresses that only we write. What a link to one is called is left
    out: "Unsubscribe from these emails" is our word, wherever a mail program has put it.
    """
    page = _Page([*addresses, *(quote(one, safe="") for one in addresses)])
    for piece in _pieces(source[:MOST_HTML]):
        if isinstance(piece, str):
            page.text(piece)
        elif not page.tag(piece):
            break
    return Shown(page.whole(), page.cut)


@dataclass(frozen=True)
class _Tag:
    name: str
    closes: bool
    inside: str


class _Page:
    """The words so far, and the element that is being left out, if one is."""

    def __init__(self, ours: Sequence[str]) -> None:
        self.cut, self._ours = False, ours
        self._out: list[str] = []
        self._without: str | None = None
        self._depth = 0

    def text(self, raw: str) -> None:
        if self._without is None:
            self._out.append(_BLANKS.sub(" ", html.unescape(raw)))

    def tag(self, tag: _Tag) -> bool:
        """Take a tag; False where everything behind it is quoted."""
        if self._without is not None:
            if tag.name == self._without:
                self._depth += -1 if tag.closes else 1
                if self._depth == 0:
                    self._without = None
                    self._out.append("\n")
            return True
        if tag.name in _LINES:
            self._out.append("\n")
        if tag.closes or tag.name in _VOID:
            return True
        classes, name = _marks(tag.inside)
        if name in _REST_ID:
            self.cut = True
            return False
        quoted = tag.name == "blockquote" or not _QUOTE_CLASS.isdisjoint(classes)
        if tag.name == "a" and self._ours:
            inside = html.unescape(tag.inside)  # scanners of links wrap ours in theirs, encoded
            quoted = quoted or any(one in inside for one in self._ours)
        if quoted or tag.name in _HIDDEN:
            self._without, self._depth = tag.name, 1
            self.cut = self.cut or quoted
        return True

    def whole(self) -> str:
        return "\n".join(line.strip() for line in "".join(self._out).split("\n")).strip()


def _marks(inside: str) -> tuple[frozenset[str], str]:
    """Classes and id of a tag, in lower case."""
    found = {"class": "", "id": ""}
    for match in _ATTRIBUTE.finditer(inside):
        found[match[1].lower()] = match[2] or match[3] or match[4] or ""
    return frozenset(found["class"].lower().split()), found["id"].strip().lower()


def _pieces(source: str) -> Iterator[str | _Tag]:
    """Texts and tags in turn. Every search goes on from where the last one ended, or is the last of
    its kind: that makes it linear."""
    at, size = 0, len(source)
    while at < size:
        opened = source.find("<", at)
        if opened < 0:
            yield source[at:]
            return
        if opened > at:
            yield source[at:opened]
        if source.startswith("<!--", opened):
            end = source.find("-->", opened + 4)
            if end < 0:  # a browser hides all the rest, too
                return
            at = end + 3
            continue
        closes = source.startswith("/", opened + 1)
        name = _NAME.match(source, opened + 1 + closes)
        if name is None and source[opened + 1 : opened + 2] not in ("!", "?", "/"):
            yield "<"  # "importe < 100"
            at = opened + 1
            continue
        end = _end(source, opened)
        if name is not None:
            yield _Tag(name[0].lower(), closes, source[name.end() : end])
            if not closes and name[0].lower() in _RAW:
                # What looks like a tag in it is none.
                raw = _RAW[name[0].lower()].search(source, end)
                if raw is None:
                    return
                end = raw.start() - 1
        at = end + 1


def _end(source: str, opened: int) -> int:
    """Where the tag that begins here ends: the first ``>`` outside quotes, within bounds."""
    limit = min(len(source), opened + _LONGEST_TAG)
    end = source.find(">", opened, limit)
    while end >= 0:
        inside = source[opened:end]
        if inside.count('"') % 2 == 0:
            return end
        quote = source.find('"', end, limit)
        if quote < 0:
            return end
        end = source.find(">", quote, limit)
    return limit - 1
