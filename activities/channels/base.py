"""What every provider of a channel can do, and the three certain answers it gives.

No provider offers an idempotency key for a send, so the whole promise "never twice" hangs on the
honesty of one answer: ``Refused`` only where it is certain that nothing was accepted, ``Unknown``
for everything else that is not a readable acceptance.
"""

import hashlib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple, Protocol, TypeAlias, runtime_checkable
from urllib.parse import urlsplit

from domain.channels import Channel
from domain.failures import Misconfigured
from domain.ledger.attempt import AttemptState, RefusalKind
from domain.message_content import ApprovedTemplate

SLACK: Final = timedelta(minutes=5)
"""How far a provider's clock may lie behind ours when an attempt is looked up by time."""

UNREACHABLE: Final = "unreachable"
"""Code of a refusal where no connection came about, so that no byte of the message left us."""


@dataclass(frozen=True, repr=False)
class Attachment:
    """A file that goes with a message, checked. It has no repr: what it holds is personal."""

    name: str
    """What the customer sees it called."""
    media_type: str
    size: int
    """Octets."""
    sha256: str
    content: bytes | None = None
    """The file itself, where it travels with the message."""
    url: str | None = None
    """Where the provider fetches it, where it does."""


@dataclass(frozen=True, repr=False)
class Outbound:
    """One message on its way to one address. It has no repr: what it holds is personal."""

    attempt_id: str
    account: str
    """Key ``<creditor>/<account_id>`` of the account that leads."""
    channel: Channel
    to: str
    text: str
    callback_url: str
    """Of this attempt alone: it tells which attempt was accepted even if the answer is lost."""
    validity_seconds: int
    """How long the provider may keep it queued, or a telephone ring; never beyond the window."""
    subject: str | None = None
    html: str | None = None
    unsubscribe_url: str | None = None
    """E-mail: where one click withdraws consent (RFC 8058)."""
    in_reply_to: str | None = None
    """E-mail: the Message-ID of theirs that it answers, so that it stands in one thread with it."""
    template: ApprovedTemplate | None = None
    """WhatsApp: sent in place of the text, which says the same."""
    answer_url: str | None = None
    """Calls: where the provider asks what to say once somebody answers."""
    attachments: tuple[Attachment, ...] = ()
    """Files that go along; the words are complete without them."""

    @property
    def thread(self) -> dict[str, str]:
        """The headers by which a mail program knows what is answered (RFC 5322, 3.6.4)."""
        if self.in_reply_to is None:
            return {}
        return {"In-Reply-To": self.in_reply_to, "References": self.in_reply_to}

    @property
    def media(self) -> dict[str, list[str]]:
        """Twilio's parameter for those that it fetches itself."""
        apart = {one.url for one in self.recordings}
        found = [one.url for one in self.attachments if one.url is not None]
        beside = [url for url in found if url not in apart]
        return {"media_url": beside} if beside else {}

    @property
    def recordings(self) -> tuple[Attachment, ...]:
        """Those that follow the words by themselves: WhatsApp takes none beside them."""
        if self.channel is not Channel.WHATSAPP:
            return ()
        return tuple(one for one in self.attachments if one.media_type.startswith("audio/"))


@dataclass(frozen=True)
class Accepted:
    """The provider has taken the message; it says nothing about delivery."""

    provider_message_id: str


@dataclass(frozen=True)
class Meaning:
    """What a provider's code means for what comes next."""

    kind: RefusalKind
    about_address: bool = False
    """The address is meant, not our account or words: so it holds for all who have it."""


@dataclass(frozen=True)
class Refused:
    """Certainly nothing was accepted. ``detail`` is in our own words, never the provider's."""

    code: str
    kind: RefusalKind
    detail: str
    about_address: bool = False
    """As in ``Meaning``."""


@dataclass(frozen=True)
class Unknown:
    """It may have been accepted: never sent again, only asked about."""

    detail: str


Sent: TypeAlias = Accepted | Refused | Unknown


class NotAskedError(Exception):
    """The provider could not be asked now: what it knows it may tell later."""


class Looked(NamedTuple):
    """What a provider says of our account, asked without sending anything."""

    said: str
    refused: bool = False
    """With these credentials nothing can be sent."""
    todo: str = ""


@runtime_checkable
class TellsOfAccount(Protocol):
    """A provider that can be asked about our account."""

    def look(self) -> Looked:
        """One reading request. Raises NotAskedError where there was no readable answer."""
        ...


class Report(NamedTuple):
    """What a callback says: a new state of the attempt, or a withdrawal of consent, or neither."""

    status: AttemptState | None
    kind: RefusalKind | None = None
    code: str | None = None
    about_address: bool = False
    """As in ``Meaning``."""

    @classmethod
    def of(cls, status: AttemptState | None, meaning: Meaning, code: str) -> "Report":
        """The report whose code has this meaning."""
        return cls(status, meaning.kind, code, meaning.about_address)


@dataclass(frozen=True, repr=False)
class Sought:
    """An attempt in doubt, to be recognised among what a provider has taken. It has no repr."""

    attempt_id: str
    to: str
    content_digest: str
    since: datetime
    """When the attempt was dispatched: nothing older is it."""
    provider_message_id: str | None = None


class Provider(Protocol):
    """One provider of one channel. Methods block: call them in a thread. Safe for many threads."""

    @property
    def name(self) -> str:
        """Short name, as the ledger and the callbacks know it."""
        ...

    @property
    def channel(self) -> Channel:
        """The channel it serves."""
        ...

    @property
    def status_path(self) -> str:
        """Path of the gateway, below the public URL, that takes this provider's status callbacks.

        The callback URL of an attempt is made of it; a provider that takes no URL with each
        message ignores it.
        """
        ...

    def send(self, message: Outbound) -> Sent:
        """Send exactly once, without any retry. Raises only for our own mistakes."""
        ...

    def find(self, sought: Sought) -> Accepted | None:
        """Whether the message of an attempt was accepted.

        None is "not seen", also where the account may not read the lists; it proves nothing.
        Raises NotAskedError where there was no readable answer.
        """
        ...

    def check(self) -> None:
        """Look at the configuration, without asking the provider.

        Raises Misconfigured naming the variable.
        """
        ...


def digest(text: str) -> str:
    """Digest by which the ledger and a provider's lists recognise the same words.

    Blanks do not count: providers trim and re-wrap.
    """
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()


def checked_url(variable: str, url: str) -> str:
    """The base address in ``variable`` without a slash at its end.

    Raises Misconfigured if it is no http(s) address.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise Misconfigured(f"{variable} must be an http(s) address without a query")
    return url.rstrip("/")


def causes(error: BaseException) -> Iterator[BaseException]:
    """The error and everything it wraps, the way urllib, urllib3 and requests wrap."""
    seen: set[int] = set()
    queue: list[object] = [error]
    while queue:
        one = queue.pop(0)
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        queue += [getattr(one, "reason", None), one.__cause__, one.__context__, *one.args]


def untrusted(error: BaseException) -> bool:
    """Whether the handshake failed over the certificate: then nothing of ours was sent."""
    return any(isinstance(one, ssl.SSLCertVerificationError) for one in causes(error))


def certificate_refused(name: str) -> Refused:
    """The refusal that follows from ``untrusted``."""
    return Refused(
        "untrusted",
        RefusalKind.CONFIGURATION,
        f"the certificate of {name} is not trusted: look at the base URL and the CA bundle",
    )
