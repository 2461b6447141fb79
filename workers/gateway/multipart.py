"""A form with files as it comes in, of which no more is held than is read.

A mail with photographs is tens of megabytes, and until the end of it nobody knows whether it is
genuine. So files are counted and dropped piece by piece, and texts cut at a bound; the digest that
a signature is over is taken on the way. Nothing is unpacked and nothing written to a disk.
"""

import hashlib
from collections.abc import Container
from dataclasses import dataclass, field
from typing import Any, Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.exceptions import HTTPException
from starlette.requests import Request

from domain.failures import BadInput
from workers.gateway.requests import clean

MOST_BODY: Final = 40 * 1024 * 1024
"""Octets; SendGrid takes mails of 30 MB at most, and base64 makes a third more of files."""
MOST_FIELD: Final = 1024 * 1024
"""Octets of one text that are kept; the rest is dropped, and the field marked as cut."""
MOST_PARTS: Final = 300
_LONGEST_NAME: Final = 200
_MOST_HEADER: Final = 4_096


@dataclass(frozen=True)
class Attachment:
    """A file that came along: what it calls itself and how large it is. It is not kept."""

    name: str
    kind: str
    size: int
    """Octets."""


@dataclass
class Parts:
    """What came in."""

    texts: dict[str, bytes] = field(default_factory=dict)
    """By name of the field; of one that comes twice the first."""
    cut: set[str] = field(default_factory=set)
    """Fields of which only the beginning is kept."""
    files: list[Attachment] = field(default_factory=list)
    digest: bytes = b""
    """SHA-256 of the prefix that was asked for, and the raw body."""
    fault: str | None = None
    """What is wrong with the form; what came before it is here."""


async def read_parts(request: Request, wanted: Container[str], prefix: bytes = b"") -> Parts:
    """The parts of a request, whatever a stranger has written; 413 if it is too long.

    ``wanted``: names of the texts that are kept; ``prefix``: what goes into the digest before the
    body.
    """
    made = _Reading(request.headers.get("content-type", ""), wanted)
    whole, size = hashlib.sha256(prefix), 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MOST_BODY:
            raise HTTPException(413, f"the body is longer than {MOST_BODY} bytes")
        whole.update(chunk)
        made.take(chunk)
    made.finish()
    made.parts.digest = whole.digest()
    return made.parts


class _Reading:
    """The parser's state; after a fault it only looks on."""

    def __init__(self, content_type: str, wanted: Container[str]) -> None:
        self.parts, self._wanted = Parts(), wanted
        self._headers: dict[bytes, bytes] = {}
        self._name, self._value = bytearray(), bytearray()
        self._field, self._file = "", ("", "")
        self._is_file, self._kept, self._size, self._count = False, bytearray(), 0, 0
        self._parser: Any = None
        try:
            kind, options = parse_options_header(content_type)
            boundary = options.get(b"boundary", b"")
            if kind != b"multipart/form-data" or not boundary or len(boundary) > _LONGEST_NAME:
                raise BadInput("content-type: is not multipart/form-data with a boundary")
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin,
                    "on_header_field": self._header_field,
                    "on_header_value": self._header_value,
                    "on_header_end": self._header_end,
                    "on_headers_finished": self._begun,
                    "on_part_data": self._data,
                    "on_part_end": self._end,
                },
            )
        except (FormParserError, BadInput, ValueError) as error:
            self._wrong(error)

    def take(self, chunk: bytes) -> None:
        if self._parser is not None:
            try:
                self._parser.write(chunk)
            except (FormParserError, BadInput, ValueError, IndexError) as error:
                self._wrong(error)

    def finish(self) -> None:
        if self._parser is not None:
            try:
                self._parser.finalize()
            except (FormParserError, BadInput, ValueError) as error:
                self._wrong(error)

    def _wrong(self, error: Exception) -> None:
        known = isinstance(error, BadInput)
        self.parts.fault = str(error) if known else "the body is no form of several parts"
        self._parser = None

    def _begin(self) -> None:
        self._count += 1
        if self._count > MOST_PARTS:
            raise BadInput(f"the form has more than {MOST_PARTS} parts")
        self._headers, self._kept, self._size = {}, bytearray(), 0
        self._name, self._value = bytearray(), bytearray()

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end][:_MOST_HEADER]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        if len(self._value) < _MOST_HEADER:
            self._value += data[start:end]

    def _header_end(self) -> None:
        self._headers[bytes(self._name[:_MOST_HEADER]).lower()] = bytes(self._value[:_MOST_HEADER])
        self._name, self._value = bytearray(), bytearray()

    def _begun(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._field = _text(options.get(b"name", b""))
        kind = self._headers.get(b"content-type", b"").partition(b";")[0]
        self._is_file = b"filename" in options or b"filename*" in options
        self._file = (_text(options.get(b"filename", b"")), _text(kind))

    def _data(self, data: bytes, start: int, end: int) -> None:
        self._size += end - start
        kept = not self._is_file and self._field in self._wanted
        if kept and len(self._kept) < MOST_FIELD:
            self._kept += data[start : min(end, start + MOST_FIELD - len(self._kept))]

    def _end(self) -> None:
        if self._is_file:
            self.parts.files.append(Attachment(*self._file, self._size))
        elif self._field in self._wanted and self._field not in self.parts.texts:
            self.parts.texts[self._field] = bytes(self._kept)
            if self._size > len(self._kept):
                self.parts.cut.add(self._field)


def _text(raw: bytes) -> str:
    """A short name that can be stored and shown."""
    shown = clean(raw[:_MOST_HEADER].decode("utf-8", "replace"))
    return "".join(char if char.isprintable() else " " for char in shown)[:_LONGEST_NAME].strip()
