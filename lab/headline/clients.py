"""Real card clients: what their file tells of who pays, and nothing else is taken from it.

The file says how many months each client was past due, what was owed, and who defaulted in the next
month. Sex, age, marriage and education are not read.
"""

import csv
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from domain.failures import BadInput
from people.draws import u
from people.worlds import World

_MONTHS: Final = ("PAY_6", "PAY_5", "PAY_4", "PAY_3", "PAY_2", "PAY_0")
_BILLS: Final = tuple(f"BILL_AMT{number}" for number in range(1, 7))
_DEFAULTED: Final = "DEFAULT_NEXT_MONTH"
_LEAST: Final = 500
"""NT$: nobody is collected from for less."""
_OF_EACH: Final = 0.5
"""How much of a class's distance (in log-odds) lies in whether they can pay, and how much in
whether they do by themselves: the file does not say, so half of it in each."""
CLASSES: Final[Mapping[str, range]] = {
    "once": range(1, 2),
    "some": range(2, 4),
    "often": range(4, 7),
}
"""By how many of six months they were past due."""


class Client(NamedTuple):
    """One client who was past due at least once."""

    number: str
    risk: str
    """One of ``CLASSES``."""
    owed: float
    """NT$."""


class Clients(NamedTuple):
    """All of them, and what the file tells of their classes."""

    all: tuple[Client, ...]
    pays: Mapping[str, float]
    """Of those past due in the last month, by class, the share that did not default in the next:
    under whatever that bank did to collect."""
    behind: Mapping[str, int]
    """How many clients each share is of."""

    def chosen(self, seed: int, number: int) -> tuple[Client, ...]:
        """So many, the same for the same seed; who is asked for more than there are gets all."""
        return tuple(sorted(self.all, key=lambda one: u(seed, one.number, "chosen"))[:number])


def read_clients(file: Path) -> Clients:
    """Read the file. Raises BadInput with what is wrong with it."""
    if not file.is_file():
        raise BadInput(
            f"{file}: there is no such file. `make headline` needs the UCI data set 350, Default "
            "of Credit Card Clients (doi:10.24432/C55S3H), as CSV with the columns PAY_0, PAY_2 to "
            "PAY_6, BILL_AMT1 to 6 and DEFAULT_NEXT_MONTH: CLIENTS=file.csv"
        )
    found: list[Client] = []
    paid, behind = dict.fromkeys(CLASSES, 0), dict.fromkeys(CLASSES, 0)
    with file.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        wanted = {"ID", _DEFAULTED, *_MONTHS, *_BILLS}
        if missing := sorted(wanted - {*(reader.fieldnames or ())}):
            raise BadInput(f"{file}: lacks the columns {', '.join(missing)}")
        for row in reader:
            months = [float(row[name]) for name in _MONTHS]
            late = sum(month >= 1 for month in months)
            if not late:
                continue
            risk = next(name for name, some in CLASSES.items() if late in some)
            bill = float(row[_BILLS[0]])
            owed = bill if bill >= _LEAST else max(float(row[name]) for name in _BILLS)
            found.append(Client(row["ID"], risk, max(owed, _LEAST)))
            if months[-1] >= 1:
                behind[risk] += 1
                paid[risk] += row[_DEFAULTED].strip() == "0"
    if not all(0 < paid[name] < behind[name] for name in CLASSES):
        raise BadInput(f"{file}: too few clients past due to tell who pays")
    pays = {name: paid[name] / behind[name] for name in CLASSES}
    return Clients(tuple(found), pays, behind)


def classes_of(world: World, clients: Sequence[Client], told: Clients) -> Mapping[str, World]:
    """The world as each class of clients lives in it: as far apart as the file has them, and as a
    whole what the world says."""
    number = len(clients)
    share = {name: sum(one.risk == name for one in clients) / number for name in CLASSES}
    apart = {name: _logit(told.pays[name]) for name in CLASSES}
    middle = sum(share[name] * apart[name] for name in CLASSES)
    off = {name: _OF_EACH * (apart[name] - middle) for name in CLASSES}
    can = _spread(world.values["self_cure"], off, share)
    cannot = _spread(
        world.values["cannot_pay"], {name: -value for name, value in off.items()}, share
    )
    return {
        name: world.but(f"{world.name} {name}", self_cure=can[name], cannot_pay=cannot[name])
        for name in CLASSES
    }


def _spread(
    value: float, off: Mapping[str, float], share: Mapping[str, float]
) -> Mapping[str, float]:
    """A value for each class, so far apart, whose mean over all is the one given."""
    if not 0 < value < 1:
        return dict.fromkeys(off, value)
    low, high = -20.0, 20.0
    for _ in range(60):
        at = (low + high) / 2
        mean = sum(share[name] * _expit(at + off[name]) for name in off)
        low, high = (at, high) if mean < value else (low, at)
    return {name: _expit(low + off[name]) for name in off}


def _logit(share: float) -> float:
    return math.log(share / (1 - share))


def _expit(odds: float) -> float:
    return 1 / (1 + math.exp(-odds))
