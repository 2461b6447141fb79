"""One stack at a time in a folder: the second is refused, and told where the first one is."""

import fcntl
import os
from pathlib import Path
from typing import Final, Self

from domain.failures import BadInput, Misconfigured

_SUFFIX: Final = ".lock"


class FolderLock:
    """Held by a process for as long as it lives; the operating system lets go of it at any death.

    The lock is a file beside the folder, so that the folder itself can be emptied. It says where
    its holder can be reached.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self._file = self.folder.with_name(f"{self.folder.name}{_SUFFIX}")
        self._held: int | None = None

    def __enter__(self) -> Self:
        """Take it; raises Misconfigured, with the holder's addresses, if somebody has it."""
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            held = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise BadInput(f"{self.folder}: cannot be used ({error.strerror})") from error
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(held)
            where = self._file.read_text(encoding="utf-8").strip() or "it is still starting"
            raise Misconfigured(
                f"{self.folder} is in use by a stack that runs ({where}): use that one, stop it, "
                "or say another folder"
            ) from None
        self._held = held
        self.tell("")
        return self

    def tell(self, where: str) -> None:
        """Leave word where the holder can be reached."""
        if self._held is not None:
            os.ftruncate(self._held, 0)
            os.pwrite(self._held, f"{where}\n".encode(), 0)

    def __exit__(self, *_: object) -> None:
        """Let go of it."""
        if self._held is not None:
            os.close(self._held)
            self._held = None
