"""Whether the audit stands as it was written: every chain from its beginning, and its end.

The digests are reckoned here, not by the functions of the database, which whoever changes rows may
change as well.
"""

import hashlib
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from domain.model import Instant, Model
from store.database import Connection, Pool

LANES: Final = 16

HEADS: Final = "SELECT lane, place, digest FROM audit_lanes ORDER BY lane"

# The text as `audit_chain` in migrations/versions/0046_audit.py has it.
ENTRIES: Final = """
SELECT lane, place, digest, reason IS NOT NULL AS has_reason, jsonb_build_array(lane, place,
    to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), act, actor, what, stage, person,
    account, message, reason, told)::text AS text
FROM audit ORDER BY lane, place
"""

WORDS: Final = """
SELECT lane, place, e.reason, e.digest IS NULL AS of_none, w.salt, w.words, EXISTS (
    SELECT FROM audit f WHERE f.person = e.person AND f.stage = 'forgot') AS forgotten
FROM (SELECT * FROM audit WHERE reason IS NOT NULL) AS e FULL JOIN audit_words w USING (lane, place)
ORDER BY lane, place
"""

KEYS: Final = """
SELECT DISTINCT ON (person) lane, place FROM audit e
WHERE person IS NOT NULL AND NOT EXISTS (SELECT FROM audit_persons p WHERE p.person = e.person)
    AND NOT EXISTS (SELECT FROM audit f WHERE f.person = e.person AND f.stage = 'forgot')
ORDER BY person, at, lane, place
"""

GUARDS: Final = """
SELECT wanted.name || ' on ' || wanted.of AS name
FROM (VALUES ('audit_chain', 'audit'), ('audit_refuse', 'audit'), ('audit_refuse', 'audit_words'),
    ('audit_refuse', 'audit_persons'), ('audit_refuse', 'audit_lanes')) AS wanted (name, of)
WHERE NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgname = wanted.name
    AND t.tgrelid = wanted.of::regclass AND t.tgenabled IN ('O', 'A'))
ORDER BY 1
"""


class Wrong(NamedTuple):
    """One thing that is not as it was written."""

    lane: int | None
    place: int | None
    what: str

    @property
    def row(self) -> str:
        """Which entry."""
        return "" if self.lane is None else f"{self.lane}:{self.place}"


class Head(NamedTuple):
    """The last entry of a chain."""

    place: int
    digest: str


class Anchor(Model):
    """How far every chain had come: kept where whoever changes the database cannot change it."""

    at: Instant
    lanes: Mapping[int, Head]


class Verdict(NamedTuple):
    """What was looked through, and what is wrong."""

    entries: int
    anchors: int
    wrong: Sequence[Wrong]


async def anchor(pool: Pool, at: datetime) -> Anchor:
    """How far every chain has come by now."""
    found = await pool.fetch(HEADS)
    return Anchor(at=at, lanes={row["lane"]: _head(row) for row in found})


async def verify(pool: Pool, anchors: Sequence[Anchor] = ()) -> Verdict:
    """Look through all of it, as it stands at one moment."""
    async with (
        pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        wrong = [
            Wrong(
                None,
                None,
                f"the trigger {name} is missing or disabled, so that rows can be changed",
            )
            for name in await _column(connection, GUARDS)
        ]
        heads = {row["lane"]: _head(row) for row in await connection.fetch(HEADS)}
        chains = _Chains(
            {(lane, head.place) for one in anchors for lane, head in one.lanes.items()}
        )
        async for row in _rows(connection):
            chains.take(row)
        wrong += [*chains.wrong, *_ends(chains, heads), *_anchored(chains, anchors)]
        for row in await connection.fetch(WORDS):
            if (what := _of_words(row)) is not None:
                wrong.append(Wrong(row["lane"], row["place"], what))
        for row in await connection.fetch(KEYS):
            what = "the key of its person is gone, without an erasure"
            wrong.append(Wrong(row["lane"], row["place"], what))
    return Verdict(chains.count, len(anchors), wrong)


class _Chains:
    """All chains, read one behind the other."""

    def __init__(self, wanted: Collection[tuple[int, int]]) -> None:
        self.count, self.wrong = 0, list[Wrong]()
        self.last: dict[int, Head] = {}
        self.at: dict[tuple[int, int], str] = {}
        """Digests at the places that anchors name."""
        self._wanted, self._before = wanted, b""

    def take(self, row: Any) -> None:
        """The next row, in the order of lane and place."""
        lane, place, digest = row["lane"], row["place"], bytes(row["digest"])
        known = self.last.get(lane)
        previous = known.place if known is not None else 0
        before = bytes.fromhex(known.digest) if known is not None else b""
        self.count += 1
        if place != previous + 1:
            self._say(lane, previous + 1, _missing(previous + 1, place - 1))
        made = hashlib.sha256(before + row["text"].encode()).digest()
        if made != digest and place == previous + 1:
            self._say(
                lane, place, "was changed, or put in the place of another, or the one before it was"
            )
        self.last[lane] = Head(place, digest.hex())
        if (lane, place) in self._wanted:
            self.at[lane, place] = digest.hex()

    def _say(self, lane: int, place: int, what: str) -> None:
        self.wrong.append(Wrong(lane, place, what))


def _missing(first: int, last: int) -> str:
    return "is missing" if first >= last else f"is missing, and all up to place {last}"


def _ends(chains: _Chains, heads: Mapping[int, Head]) -> list[Wrong]:
    """Where the rows end, and where PostgreSQL has it that they do."""
    wrong = []
    for lane in range(LANES):
        head, last = heads.get(lane), chains.last.get(lane, Head(0, ""))
        if head is None and (heads or chains.count):
            wrong.append(Wrong(lane, last.place, "its chain's end is missing in audit_lanes"))
        elif head is not None and last.place < head.place:
            what = _missing(last.place + 1, head.place)
            wrong.append(Wrong(lane, last.place + 1, f"{what}: the end of its chain"))
        elif head is not None and last.place > head.place:
            what = "stands behind the end of its chain: it was put in"
            wrong.append(Wrong(lane, head.place + 1, what))
        elif head is not None and last.digest != head.digest:
            wrong.append(Wrong(lane, last.place, "is another than its chain's end: it was changed"))
    return wrong


def _anchored(chains: _Chains, anchors: Sequence[Anchor]) -> list[Wrong]:
    wrong = []
    for one in anchors:
        when = f"the anchor of {one.at:%Y-%m-%d %H:%M:%S} UTC"
        for lane, head in one.lanes.items():
            if head.place == 0:
                continue
            found = chains.at.get((lane, head.place))
            if found is None:
                last = chains.last.get(lane, Head(0, "")).place
                place = last + 1 if last < head.place else head.place
                wrong.append(Wrong(lane, place, f"is missing, and is in {when}"))
            elif found != head.digest:
                what = f"is another than in {when}: it, or one before it, was written anew"
                wrong.append(Wrong(lane, head.place, what))
    return wrong


def _of_words(row: Any) -> str | None:
    if row["of_none"]:
        return "has words in audit_words, and is no entry with a reason"
    if row["words"] is None:
        return None if row["forgotten"] else "its reason is gone, without an erasure"
    made = hashlib.sha256(bytes(row["salt"]) + row["words"].encode()).hexdigest()
    return None if made == row["reason"] else "its reason was changed"


def _head(row: Any) -> Head:
    return Head(row["place"], bytes(row["digest"]).hex())


async def _column(connection: Connection, query: str) -> list[str]:
    return [row[0] for row in await connection.fetch(query)]


async def _rows(connection: Connection) -> AsyncIterator[Any]:
    async for row in connection.cursor(ENTRIES, prefetch=2_000):
        yield row
