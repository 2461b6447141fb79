"""Many plain values in little memory: what is kept for long, or goes to another process, is packed.

Some hundred at a time, as compressed octets; they are unpacked again a lot at a time, whenever
somebody goes through them. Only what a process of the same dry run has packed is unpacked.
"""

import pickle
import zlib
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple, TypeVar

LOT: Final = 200
"""Values that are packed together: enough that handing them over costs nothing, few enough for a
bar that shows how far it is to move."""

T = TypeVar("T")


def plain(value: object) -> bytes:
    """In octets, as large as it is."""
    return pickle.dumps(value, pickle.HIGHEST_PROTOCOL)


def pack(value: object, like: bytes = b"") -> bytes:
    """In few octets; the same value by ``unpack``. ``like``: what many values are alike to."""
    if not like:
        return zlib.compress(plain(value), 1)
    alike = zlib.compressobj(1, zdict=like)
    return alike.compress(plain(value)) + alike.flush()


def unpack(octets: bytes, like: bytes = b"") -> Any:
    """What was packed."""
    one = zlib.decompressobj(zdict=like) if like else zlib.decompressobj()
    return pickle.loads(one.decompress(octets))  # noqa: S301 - by ``pack``, of the same dry run


class _Lot(NamedTuple):
    number: int
    octets: bytes


class Packed(Iterable[T]):
    """Values in the order in which they were added, all but the last few of them packed."""

    def __init__(self, values: Iterable[T] = ()) -> None:
        self._lots: list[_Lot] = []
        self._last: list[T] = []
        for value in values:
            self.append(value)

    def append(self, value: T) -> None:
        """Add one at the end."""
        self._last.append(value)
        if len(self._last) == LOT:
            self._close()

    def extend(self, other: "Packed[T]") -> None:
        """Add all of another at the end, without unpacking them."""
        if other._lots:
            self._close()
            self._lots += other._lots
        for value in other._last:
            self.append(value)

    def lots(self) -> "list[Packed[T]]":
        """Each lot by itself."""
        self._close()
        found: list[Packed[T]] = [Packed() for _ in self._lots]
        for one, lot in zip(found, self._lots, strict=True):
            one._lots.append(lot)
        return found

    def _close(self) -> None:
        if self._last:
            self._lots.append(_Lot(len(self._last), pack(self._last)))
            self._last = []

    def __len__(self) -> int:
        return sum(lot.number for lot in self._lots) + len(self._last)

    def __iter__(self) -> Iterator[T]:
        for lot in self._lots:
            yield from unpack(lot.octets)
        yield from self._last

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Packed):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]
