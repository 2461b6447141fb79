"""A mail that somebody wrote to us, as one message of a customer, whichever provider brings it.

Whose it is. The mailbox is that of the header From: it is what the person shows, and where we wrote
to. The sender of the envelope is another one wherever a mail was forwarded (SendGrid then reports
the forwarder's), and none at all in a bounce; it counts only where From names nobody.

Whether it is theirs. Anybody can write any From. It is proved where a signature (DKIM) or the
network (SPF) of the mailbox's own domain, or of one above it, passed. What is not proved may change
nothing: it is kept as ``unproven``, and opens the way to a person. Except a stop: that is honoured
as if it were proved. A forged one costs a silence, which the customer lifts with a word; one that
is theirs and goes unheard breaks the law. "Wrong person", which ends every use of the mailbox,
counts then as a stop of mails.
"""

import codecs
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header
from email.utils import parsedate_to_datetime
from typing import Final

from domain.channels import Channel
from domain.conversation.email_reply import is_automatic, is_bounce, own_words
from domain.conversation.keywords import Intent, Keywords, intents_of
from domain.conversation.standing import Standing
from domain.entry.addresses import canonical
from domain.failures import BadInput
from workers.gateway.facts import CustomerMessage, customer_message
from workers.gateway.multipart import Attachment
from workers.gateway.requests import MAX_ID, bounded, clean

MOST_WORDS: Final = 16_384
"""Characters of a message that are kept: the beginning and, since a stop may be the last word, the
end."""
_READ_AT_ONCE: Final = 4_000
"""Characters; what reads intents reads no more of one text."""
_SHOWN_FILES: Final = 20
_BY_PROGRAM: Final = frozenset({"unsubscribe", "list-unsubscribe"})
"""Subjects of the mail that a mail program writes when its button is pressed (RFC 2369, 3.2; the
``mailto`` of List-Unsubscribe). A program wrote it, and the person asked it to."""
_UNPROVEN: Final = "nothing proves who sent this mail (SPF, DKIM): nothing was done for it"
_UNTOLD: Final = "of this mail nobody can tell which words are the customer's and which are quoted"

_ANSWERS: Final = re.compile(
    r"\s*(?:(?:re|rv|fw|fwd|res|enc|r|i|aw|sv|tr)\s?(?:\[\d+\])?\s?:)", re.IGNORECASE
)
_LAST_ANGLED: Final = re.compile(r"<\s*([^<>\s]{3,320})\s*>[^<>]*$")
_NO_CHARSETS: Final = frozenset(
    {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"}
)
"""Codecs of Python that make characters of octets and are no charsets: some read escapes."""


@dataclass(frozen=True)
class Mail:
    """What a provider tells of one mail. Personal."""

    provider: str
    name: str | None
    """The provider's own id of it, where it has one."""
    headers: tuple[tuple[str, str], ...]
    sender: str
    """The header From as it is written."""
    envelope_from: str | None
    """The sender of the envelope; empty for a bounce, None where it is not told."""
    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...]
    proved_domains: frozenset[str]
    """Domains in whose name the mail was signed, or whose network it came from."""

    @property
    def mailbox(self) -> str:
        """Whose it is, canonical. Raises BadInput if nobody is named."""
        for given in (self.sender, self.envelope_from or ""):
            angled = _LAST_ANGLED.search(given[-2_000:])
            found = canonical(Channel.EMAIL, clean(angled[1] if angled else given[:320]))
            if "@" in found and not re.search(r"\s", found):
                return bounded(found, "from")
        raise BadInput("from: names no mailbox")

    @property
    def is_proved(self) -> bool:
        """Whether a domain that may speak for the mailbox's has signed or sent it."""
        own = self.mailbox.rpartition("@")[2]
        return any(
            own == one or ("." in one and own.endswith(f".{one}")) for one in self.proved_domains
        )

    def header(self, name: str) -> str:
        """The first header of a name (lower case); empty if there is none."""
        return next((value for own, value in self.headers if own == name), "")

    @property
    def id(self) -> str:
        """The same at every delivery: the Message-ID, else the provider's, else what it says."""
        given = clean(self.header("message-id") or self.name or "").strip("<> \t\r\n")
        if not given:
            said = (self.sender, self.subject, self.header("date"), self.text, self.html)
            given = (
                "unnamed:"
                + hashlib.sha256("\x1f".join(said).encode("utf-8", "replace")).hexdigest()
            )
        if len(given) <= MAX_ID - len(":person"):
            return given
        return f"long:{hashlib.sha256(given.encode()).hexdigest()}"


def message_of(mail: Mail, keywords: Keywords, ours: Sequence[str]) -> CustomerMessage:
    """The mail as a message: the person's own words, and what they ask for.

    ``ours``: as ``own_words`` has it. The subject is read where there are no other words, and where
    it asks for a stop, unless it is that of an answer: then it is ours. Raises BadInput.
    """
    headers = [*mail.headers, ("from", mail.sender), ("subject", mail.subject)]
    if mail.envelope_from is not None:
        headers.append(("return-path", f"<{mail.envelope_from}>"))
    pressed = mail.subject.strip().lower() in _BY_PROGRAM and not is_bounce(headers)
    automatic = is_automatic(headers) and not pressed
    own = own_words(mail.text, mail.html or None, ours)
    words = _bounded(clean(own.text))
    subject = "" if _ANSWERS.match(mail.subject) else _one_line(mail.subject)
    said = [subject] if subject and (not words or _asks_to_stop(subject, keywords)) else []
    message = customer_message(
        mail.provider,
        mail.id,
        Channel.EMAIL,
        mail.mailbox,
        [*said, *_pieces(words)],
        keywords,
        said_at=_instant(mail.header("date")),
    )
    notes = list(_noted(mail.attachments))
    untold = own.cut and not words and not said
    change: dict[str, object] = {"text": "\n".join(filter(None, [*said, words, *notes]))}
    if automatic:
        change |= {"standing": Standing.AUTOMATIC, "intent": Intent.OTHER}
    elif message.intent in (Intent.OPT_OUT, Intent.WRONG_PERSON):
        if not mail.is_proved:
            change |= {"intent": Intent.OPT_OUT}
    elif not mail.is_proved:
        change |= {"standing": Standing.UNPROVEN, "intent": Intent.OTHER, "for_person": _UNPROVEN}
    elif untold:
        change |= {"for_person": _UNTOLD}
    if untold and not automatic:
        change |= {"whole": _bounded(clean(mail.text or mail.html))}
    return message.model_copy(update=change)


def _asks_to_stop(subject: str, keywords: Keywords) -> bool:
    return subject.lower() in _BY_PROGRAM or Intent.OPT_OUT in intents_of([subject], keywords)


def _bounded(words: str) -> str:
    if len(words) <= MOST_WORDS:
        return words
    return f"{words[: MOST_WORDS - _READ_AT_ONCE]}\n…\n{words[-_READ_AT_ONCE + 3 :]}"


def _pieces(words: str) -> Iterator[str]:
    """The words in pieces that are each read to their end, broken between lines."""
    piece = ""
    for line in words.split("\n"):
        if piece and len(piece) + len(line) >= _READ_AT_ONCE:
            yield piece
            piece = ""
        piece = f"{piece}\n{line}" if piece else line
        while len(piece) > _READ_AT_ONCE:
            yield piece[:_READ_AT_ONCE]
            piece = piece[_READ_AT_ONCE:]
    yield piece


def _noted(files: Sequence[Attachment]) -> Iterator[str]:
    """A line for each file; none of them is read for what is asked."""
    for one in files[:_SHOWN_FILES]:
        yield f"[attachment: {one.name or 'unnamed'}, {one.kind or 'unknown'}, {one.size} octets]"
    if len(files) > _SHOWN_FILES:
        yield f"[and {len(files) - _SHOWN_FILES} more attachments]"


def _one_line(text: str) -> str:
    return " ".join(clean(text[:1_000]).split())


def _instant(date: str) -> datetime | None:
    """When the mail says that it was written; None if that is no date."""
    try:
        read = parsedate_to_datetime(date[:100])
        return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


# --- headers and charsets ---------------------------------------------------------------------


def headers_of(raw: str) -> tuple[tuple[str, str], ...]:
    """Name (lower case) and value of each header, folded lines in one."""
    found = list[tuple[str, str]]()
    for line in raw[:500_000].replace("\r\n", "\n").split("\n"):
        if line[:1] in (" ", "\t") and found:
            name, value = found[-1]
            if len(value) < 20_000:
                found[-1] = (name, f"{value} {line.strip()}")
            continue
        name, colon, value = line.partition(":")
        if colon and re.fullmatch(r"[!-9;-~]{1,100}", name):
            found.append((name.lower(), value.strip()))
    return tuple(found)


def unencoded(value: str) -> str:
    """A header without RFC 2047's encoded words; as it is where they cannot be read."""
    try:
        parts = decode_header(value[:20_000])
    except (HeaderParseError, ValueError, IndexError):
        return value
    return "".join(
        part if isinstance(part, str) else decoded(part, charset or "") for part, charset in parts
    )


def decoded(raw: bytes, charset: str) -> str:
    """Octets as the charset that was named says; else as UTF-8, else as Windows wrote in the West.

    Never raises: what names a charset is a stranger's, and Python knows some that are none.
    """
    for name in (charset, "utf-8"):
        try:
            codec = codecs.lookup(name.strip().lower()[:40])
            if codec.name in _NO_CHARSETS or not codec._is_text_encoding:
                continue
            return raw.decode(codec.name)
        except (LookupError, ValueError):
            continue
    return raw.decode("cp1252", "replace")


def passed(results: str, servers: Iterable[str]) -> frozenset[str]:
    """The domains that an Authentication-Results header (RFC 8601) says are proved.

    Only of a header that one of ``servers`` has written: any other may be the sender's own.
    """
    bare = re.sub(r"\([^()]*\)", " ", results[:10_000])
    server, _, methods = bare.partition(";")
    if server.strip().split(" ")[0].lower() not in {one.lower() for one in servers}:
        return frozenset()
    found = set[str]()
    for method in methods.split(";"):
        if re.match(r"\s*(?:dkim|dmarc|spf)\s*=\s*pass\b", method, re.IGNORECASE):
            named = re.findall(
                r"\b(?:header\.[di]|header\.from|smtp\.mailfrom|envelope-from)\s*=\s*([^\s;]+)",
                method,
                re.IGNORECASE,
            )
            found.update(one.rpartition("@")[2].strip('<>".,').lower() for one in named)
    return frozenset(filter(None, found))


def texts(fields: Mapping[str, object], *names: str) -> list[str]:
    """Each of these fields as a text; empty where it is none."""
    return [value if isinstance(value := fields.get(name), str) else "" for name in names]
