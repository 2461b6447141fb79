"""A file that may go with a message, as an operator lists it: where it is, never what is in it."""

import re
from datetime import datetime
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Annotated, Final, Self

from pydantic import Field, field_validator, model_validator

from domain.entry.ids import Identity
from domain.facts import MessageId
from domain.model import Instant, Model, Strict

MOST_BYTES: Final = 16 * 1024 * 1024
"""No channel takes a larger file."""

_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_LOCAL: Final = re.compile(r"[A-Za-z0-9._/-]{1,300}")
_SECURE: Final = re.compile(
    r"(https://|http://(127\.0\.0\.1|localhost)[:/])[^\s<>\"'\\@?#]{1,1000}"
)
"""Without TLS only on the machine itself."""


class DocumentKind(StrEnum):
    """What a file is to the customer. A strategy names files by it."""

    STATEMENT = "statement"
    """What is owed, and since when."""
    PAYMENT_SLIP = "payment_slip"
    """What a bank or shop takes the payment by: a boleto, a cupon, a ficha."""
    QR = "qr"
    """A code to pay by: an image. In e-mails the Pix code of the message is drawn where none is
    listed."""
    VOICE_NOTE = "voice_note"
    """A message spoken aloud."""
    IMAGE = "image"
    """Any other picture."""


_IMAGES: Final = ("image/jpeg", "image/png")
_PAPERS: Final = ("application/pdf", *_IMAGES)

MEDIA_TYPES: Final[dict[DocumentKind, tuple[str, ...]]] = {
    DocumentKind.STATEMENT: _PAPERS,
    DocumentKind.PAYMENT_SLIP: _PAPERS,
    DocumentKind.QR: _IMAGES,
    DocumentKind.VOICE_NOTE: ("audio/ogg", "audio/mpeg", "audio/amr", "audio/aac", "audio/mp4"),
    DocumentKind.IMAGE: _IMAGES,
}
"""What a file of each kind may be: no program, and nothing that holds one."""

_SUFFIXES: Final = {
    "application/pdf": "pdf",
    "image/jpeg": "jpg",
    "image/png": "png",
    "audio/ogg": "ogg",
    "audio/mpeg": "mp3",
    "audio/amr": "amr",
    "audio/aac": "aac",
    "audio/mp4": "m4a",
}
_BEGINNINGS: Final[dict[str, re.Pattern[bytes]]] = {
    "application/pdf": re.compile(rb"%PDF-"),
    "image/jpeg": re.compile(rb"\xff\xd8\xff"),
    "image/png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "audio/ogg": re.compile(rb"OggS"),
    "audio/mpeg": re.compile(rb"ID3|\xff[\xe0-\xff]"),
    "audio/amr": re.compile(rb"#!AMR"),
    "audio/aac": re.compile(rb"\xff[\xf0\xf1\xf8\xf9]|ADIF"),
    "audio/mp4": re.compile(rb".{4}ftyp", re.DOTALL),
}


def fault_of_place(url: str) -> str | None:
    """Which rule the address of a file breaks; None: none."""
    if _SECURE.fullmatch(url):
        return None
    return "must be one https address, without user, query, spaces or quotes"


def is_what_it_says(content: bytes, media_type: str) -> bool:
    """Whether a file begins as one of its media type does."""
    begins = _BEGINNINGS.get(media_type)
    return begins is not None and begins.match(content) is not None


class _Place(Strict):
    id: MessageId
    """The sender's own name for the file: told again under it, nothing is recorded twice."""


class Withdrawal(_Place):
    """A line that takes a file back: it goes with no message any more."""

    withdrawn: Annotated[bool, Field(strict=True)]
    """`true`."""

    @field_validator("withdrawn")
    @classmethod
    def _is_meant(cls, value: bool) -> bool:
        if not value:
            raise ValueError("must be true, or left away")
        return value


class DocumentLine(_Place):
    """A line that lists a file."""

    creditor: Identity
    """Whose debt it is about: it goes with no other creditor's messages."""
    account_id: Identity | None = None
    """The account it is about; or"""
    customer_id: Identity | None = None
    """the customer, where it is about all that they owe this creditor."""
    kind: DocumentKind
    """What it is."""
    url: str | None = None
    """Where it is, on the host of `CONTRAPUNTO_DOCUMENTS_URL`; or"""
    file: str | None = None
    """where it is within the folder `CONTRAPUNTO_DOCUMENTS_FOLDER`."""
    media_type: str
    """What the file is technically, such as `application/pdf`."""
    name: str | None = None
    """What customers see it called; without it, by its kind."""
    bytes: Annotated[int, Field(ge=1, le=MOST_BYTES)] | None = None
    """How long it is. Needed of a `url`; a `file` is measured."""
    sha256: str | None = None
    """Its digest. Needed of a `url`; a `file` is measured."""
    valid_from: Instant | None = None
    """It goes with no message before; and of several the latest is taken."""
    valid_until: Instant | None = None
    """It goes with no message from then on."""

    @field_validator("sha256")
    @classmethod
    def _hexadecimal(cls, value: str | None) -> str | None:
        value = None if value is None else value.lower()
        if value is not None and not _SHA256.fullmatch(value):
            raise ValueError("must be 64 hexadecimal digits")
        return value

    @field_validator("name")
    @classmethod
    def _named(cls, value: str | None) -> str | None:
        if value is not None and not _NAME.fullmatch(value):
            raise ValueError("must be up to 64 letters, digits, '.', '_' and '-'")
        return value

    @field_validator("url")
    @classmethod
    def _secure(cls, value: str | None) -> str | None:
        if value is not None and (rule := fault_of_place(value)) is not None:
            raise ValueError(rule)
        return value

    @field_validator("file")
    @classmethod
    def _inside(cls, value: str | None) -> str | None:
        if value is None:
            return None
        path = PurePosixPath(value)
        if not _LOCAL.fullmatch(value) or path.is_absolute() or ".." in path.parts:
            raise ValueError("must be a path within the folder, of letters, digits, . _ - and /")
        return value

    @model_validator(mode="after")
    def _one_of_each(self) -> Self:
        if (self.account_id is None) == (self.customer_id is None):
            raise ValueError("give either account_id or customer_id")
        if (self.url is None) == (self.file is None):
            raise ValueError("give either url or file")
        if self.url is not None and (self.bytes is None or self.sha256 is None):
            raise ValueError("a url needs bytes and sha256: by them what is there is known again")
        known = MEDIA_TYPES[self.kind]
        if self.media_type not in known:
            raise ValueError(f"media_type of a {self.kind} must be one of {', '.join(known)}")
        if self.valid_from and self.valid_until and self.valid_until <= self.valid_from:
            raise ValueError("valid_until must come after valid_from")
        return self

    @property
    def called(self) -> str:
        """What customers see it called."""
        return self.name or f"{self.kind.value}.{_SUFFIXES[self.media_type]}"


class Document(Model):
    """A file on record."""

    document_id: str
    account_id: str | None
    """The account it is about; None: all that the customer owes the creditor."""
    kind: DocumentKind
    url: str | None
    file: str | None
    media_type: str
    name: str
    bytes: int
    sha256: str
    valid_until: datetime | None
