"""Who is lived together: those who share an address see each other's contacts."""

from array import array
from collections import defaultdict
from collections.abc import Iterator


class Together:
    """People by their number, from 0 on, put together as it becomes known where they are reached.

    Numbers and not people, so that of a large portfolio nobody has to be held for it.
    """

    def __init__(self) -> None:
        self._leader = array("q")
        self._at: dict[str | int, int] = {}

    def comes(self) -> int:
        """The number of somebody more."""
        self._leader.append(len(self._leader))
        return len(self._leader) - 1

    def reached(self, number: int, address: str | int) -> None:
        """Somebody has an address; whoever has the same one is lived together with them."""
        other = self._at.setdefault(address, number)
        first, last = sorted((self._of(other), self._of(number)))
        self._leader[last] = first

    def groups(self) -> Iterator[list[int]]:
        """Each group, in the order in which they were first met."""
        self._at.clear()
        beside: dict[int, list[int]] = defaultdict(list)
        for number in range(len(self._leader)):
            if (leader := self._of(number)) != number:
                beside[leader].append(number)
        for number in range(len(self._leader)):
            if self._of(number) == number:
                yield [number, *beside.get(number, ())]

    def _of(self, number: int) -> int:
        leader = self._leader
        while leader[number] != number:
            leader[number] = leader[leader[number]]
            number = leader[number]
        return number
