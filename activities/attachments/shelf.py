"""Where the operator keeps files: a folder, or a host of theirs.

What is read is the file that was listed, to the octet, or nothing: a file that was changed since
may be another customer's.
"""

import hashlib
import time
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import SplitResult, urlsplit

import requests

from activities.channels.http import session
from config.settings import Settings
from domain.documents.document import MOST_BYTES, is_what_it_says

_CHUNK: Final = 65_536
_PATIENCE: Final = 10.0
"""Seconds for one file in all: a contact has two minutes."""
_now = time.monotonic


class NotHadError(Exception):
    """The file cannot be had. Its text says why, in words that name nobody."""


class Where(Protocol):
    """What of a listed file has to be known to read it."""

    @property
    def url(self) -> str | None:
        """On the operator's host; or"""

    @property
    def file(self) -> str | None:
        """within the folder."""

    @property
    def media_type(self) -> str:
        """What it is said to be."""

    @property
    def bytes(self) -> int:
        """How long it was when it was listed."""

    @property
    def sha256(self) -> str:
        """Its digest then."""


class Shelf:
    """Reads files. Methods block: call them in a thread. Safe for many threads."""

    def __init__(self, settings: Settings) -> None:
        self._folder, self._host = settings.documents_folder, settings.documents_url
        self._session = session(settings.max_concurrent_contacts)
        self._timeout = settings.provider_timeout

    def content(self, where: Where) -> bytes:
        """The file itself. Raises NotHadError where it cannot be had, or is not what was listed."""
        if where.bytes > MOST_BYTES:
            raise NotHadError("is too long")
        read = self._fetched(where) if where.url else self.local(where.file or "")
        if len(read) != where.bytes or hashlib.sha256(read).hexdigest() != where.sha256:
            raise NotHadError("is not the file that was listed: its length or SHA-256 differs")
        if not is_what_it_says(read, where.media_type):
            raise NotHadError(f"is no {where.media_type}")
        return read

    def local(self, file: str) -> bytes:
        """A file of the folder. Raises NotHadError."""
        path = self._path(file)
        try:
            with path.open("rb") as opened:
                read = opened.read(MOST_BYTES + 1)
        except OSError as error:
            raise NotHadError(f"cannot be read ({error.strerror})") from None
        if len(read) > MOST_BYTES:
            raise NotHadError(f"is longer than {MOST_BYTES} bytes")
        return read

    def check_url(self, url: str) -> None:
        """Raises NotHadError for an address that is not on the operator's host: nothing else is
        ever asked, whoever has written a list."""
        if not self._host:
            raise NotHadError("needs CONTRAPUNTO_DOCUMENTS_URL, the address that files lie below")
        base, asked = urlsplit(self._host), urlsplit(url)
        below = base.path.rstrip("/") + "/"
        inside = asked.path.startswith(below) and not {"..", "."} & set(asked.path.split("/"))
        if _origin(base) != _origin(asked) or not inside or "%" in asked.path:
            raise NotHadError("does not lie below CONTRAPUNTO_DOCUMENTS_URL")

    def _path(self, file: str) -> Path:
        if self._folder is None:
            raise NotHadError("needs CONTRAPUNTO_DOCUMENTS_FOLDER, the folder that files lie in")
        folder = self._folder.resolve()
        path = (folder / file).resolve()  # also where a link leads
        if not path.is_relative_to(folder):
            raise NotHadError("does not lie in CONTRAPUNTO_DOCUMENTS_FOLDER")
        if not path.is_file():
            raise NotHadError("is not there")
        return path

    def _fetched(self, where: Where) -> bytes:
        url = where.url or ""
        self.check_url(url)
        until, read = _now() + _PATIENCE, bytearray()
        try:
            with self._session.get(
                url, timeout=self._timeout, stream=True, allow_redirects=False
            ) as answer:
                if answer.status_code != requests.codes.ok:
                    raise NotHadError(f"is not to be had (HTTP {answer.status_code})")
                for chunk in answer.iter_content(_CHUNK):
                    read += chunk
                    if len(read) > where.bytes:
                        break  # it is another file
                    if _now() > until:
                        raise NotHadError("took too long")
        except requests.RequestException as error:
            raise NotHadError(f"is not to be had ({type(error).__name__})") from None
        return bytes(read)


def _origin(url: SplitResult) -> tuple[str, str | None, int | None]:
    return url.scheme, url.hostname, url.port
