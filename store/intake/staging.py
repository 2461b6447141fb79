"""The whole file in temporary tables of one session, before anything else is touched."""

import json
from collections.abc import Iterable, Sequence
from typing import Final, Generic, NamedTuple, TypeVar

from domain.entry.intake import IntakeRow, PersonRow
from domain.names import contact_point_id
from domain.segments.rows import Told
from store.database import Connection

LONG: Final = 3600.0
"""Seconds for the few statements that see the whole file."""

DROP_STAGE: Final = """
DROP TABLE IF EXISTS intake_rows, intake_people, intake_points, intake_refused, intake_customers,
    intake_wanted, intake_holders, intake_gone, intake_new, intake_renumbered, intake_recalled,
    intake_parties, intake_told
"""

CREATE_STAGE: Final = """
CREATE TEMPORARY TABLE intake_rows (
    line bigint NOT NULL, creditor text, account_id text, customer_id text NOT NULL,
    currency text NOT NULL, balance numeric NOT NULL, oldest_due_date date NOT NULL, due text,
    score numeric, PRIMARY KEY (creditor, account_id)
);
CREATE TEMPORARY TABLE intake_people (
    line bigint NOT NULL, customer_id text NOT NULL, name text, locale text, country text,
    region text, postal_code text, preferred_channel text, zones_stated text[], zones text[],
    regions_of_address text[], regions_of_phones text[]
);
CREATE TEMPORARY TABLE intake_points (
    line bigint NOT NULL, customer_id text NOT NULL, contact_point_id text NOT NULL, channel text,
    kind text, address text, consented boolean,
    address_key text GENERATED ALWAYS AS (address_key(channel, address)) STORED
);
CREATE TEMPORARY TABLE intake_refused (creditor text, account_id text);
CREATE TEMPORARY TABLE intake_holders (address_key text NOT NULL, customer_id text NOT NULL);
CREATE TEMPORARY TABLE intake_gone (
    creditor text NOT NULL, account_id text NOT NULL, customer_id text NOT NULL, currency text,
    balance numeric, oldest_due_date date, formerly text[]
);
CREATE TEMPORARY TABLE intake_new (LIKE intake_rows);
CREATE TEMPORARY TABLE intake_recalled (
    creditor text, account_id text, customer_id text, batch bigint
);
CREATE TEMPORARY TABLE intake_renumbered (
    creditor text, former text, account_id text, line bigint, customer_id text,
    former_customer text, joined boolean NOT NULL DEFAULT false
);
CREATE TEMPORARY TABLE intake_parties (
    line bigint NOT NULL, creditor text, account_id text, customer_id text, role text NOT NULL,
    proof text, since date, until date, PRIMARY KEY (creditor, account_id, customer_id)
);
CREATE TEMPORARY TABLE intake_told (
    line bigint PRIMARY KEY, pins boolean NOT NULL, pin text, attributes text
)
"""

STAGE_ROWS: Final = """
INSERT INTO intake_rows
SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::numeric[],
    $7::date[], $8::text[], $9::numeric[])
ON CONFLICT DO NOTHING RETURNING line
"""

SELECT_FIRST_LINES: Final = """
SELECT d.line, r.line AS first FROM unnest($1::bigint[], $2::text[], $3::text[])
    AS d (line, creditor, account_id) JOIN intake_rows r USING (creditor, account_id)
"""

PEOPLE: Final = (
    *("line", "customer_id", "name", "locale", "country", "region", "postal_code"),
    *("preferred_channel", "zones_stated", "zones", "regions_of_address", "regions_of_phones"),
)
POINTS: Final = (
    *("line", "customer_id", "contact_point_id", "channel", "kind", "address", "consented"),
)
TOLD: Final = ("line", "pins", "pin", "attributes")

STAGE_REFUSED: Final = "INSERT INTO intake_refused SELECT * FROM unnest($1::text[], $2::text[])"

DROP_LINES: Final = """
WITH people AS (DELETE FROM intake_people WHERE line = ANY($1)),
    parties AS (DELETE FROM intake_parties WHERE line = ANY($1)),
    points AS (DELETE FROM intake_points WHERE line = ANY($1)),
    accounts AS (
        DELETE FROM intake_rows WHERE line = ANY($1) RETURNING creditor, account_id)
INSERT INTO intake_refused SELECT * FROM accounts
"""

# A customer's rows may differ. Facts: the first row's. Zones: all of them, the one to show first;
# but where a row has only what is stated, that stands alone. Regions: all. Consent: only where
# every row that lists the address gives it.
PREPARE: Final = """
CREATE TEMPORARY TABLE intake_customers AS
WITH spread AS (
    SELECT customer_id, array_agg(zone ORDER BY place, zone) AS zones,
        array_agg(zone ORDER BY place, zone) FILTER (WHERE stated) AS zones_stated,
        array_agg(zone ORDER BY place, zone) FILTER (WHERE alone) AS zones_alone
    FROM (
        SELECT customer_id, zone, min(place) AS place, bool_or(zone = ANY (zones_stated)) AS stated,
            bool_or(zones <@ zones_stated) AS alone
        FROM intake_people, unnest(zones) WITH ORDINALITY AS listed (zone, place)
        GROUP BY customer_id, zone
    ) AS once
    GROUP BY customer_id
), places AS (
    SELECT customer_id, array_agg(DISTINCT region) FILTER (WHERE lives) AS of_address,
        array_agg(DISTINCT region) FILTER (WHERE NOT lives) AS of_phones
    FROM (
        SELECT customer_id, unnest(regions_of_address) AS region, true AS lives FROM intake_people
        UNION ALL SELECT customer_id, unnest(regions_of_phones), false FROM intake_people
    ) AS every
    GROUP BY customer_id
), firsts AS (
    SELECT DISTINCT ON (customer_id) * FROM intake_people ORDER BY customer_id, line
)
SELECT f.customer_id, f.name, f.locale, f.country, f.region, f.postal_code, f.preferred_channel,
    coalesce(s.zones_stated, '{}') AS zones_stated, coalesce(s.zones_alone, s.zones) AS zones,
    coalesce(p.of_address, '{}') AS regions_of_address,
    coalesce(p.of_phones, '{}') AS regions_of_phones,
    (row_number() OVER (ORDER BY f.customer_id) - 1) / 500 AS batch
FROM firsts f JOIN spread s USING (customer_id) LEFT JOIN places p USING (customer_id);
CREATE TEMPORARY TABLE intake_wanted AS
SELECT customer_id, contact_point_id, min(channel) AS channel, min(address) AS address,
    min(address_key) AS address_key,
    (array_agg(kind ORDER BY line))[1] AS kind, bool_and(consented) AS consented
FROM intake_points GROUP BY customer_id, contact_point_id;
CREATE INDEX ON intake_customers (batch);
CREATE INDEX ON intake_rows (customer_id);
CREATE UNIQUE INDEX ON intake_wanted (contact_point_id);
CREATE INDEX ON intake_wanted (customer_id);
ANALYZE intake_rows;
ANALYZE intake_customers;
ANALYZE intake_wanted
"""

SELECT_BATCHES: Final = "SELECT coalesce(max(batch) + 1, 0) FROM intake_customers"


R = TypeVar("R", bound=PersonRow)


class Staged(NamedTuple, Generic[R]):
    """A good row of the file with the line it stands on, and where the customer may be."""

    line: int
    row: R
    zones: tuple[str, ...]
    """Candidate zones, the one to show first."""
    regions_of_address: tuple[str, ...]
    regions_of_phones: tuple[str, ...]
    told: Told | None = None
    """Of a file of accounts: by what strategies are chosen."""


class Stage:
    """The staged rows of one run."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def add(self, rows: Sequence[Staged[IntakeRow]]) -> dict[int, int]:
        """Keep rows for the merge. Answers, for each account seen before: line -> first line."""
        kept = await self.connection.fetch(STAGE_ROWS, *columns(map(_account, rows), 9))
        lines = {record["line"] for record in kept}
        twice = [staged for staged in rows if staged.line not in lines]
        good = [staged for staged in rows if staged.line in lines] if twice else rows
        await self.add_people(good)
        told = [(one.line, one.told) for one in good if one.told is not None]
        if told:
            await self._copy("intake_told", TOLD, (_told(*one) for one in told))
        if not twice:
            return {}
        keys = [(staged.line, staged.row.creditor, staged.row.account_id) for staged in twice]
        found = await self.connection.fetch(SELECT_FIRST_LINES, *columns(keys, 3))
        return {record["line"]: record["first"] for record in found}

    async def add_people(self, rows: Sequence[Staged[R]]) -> None:
        """Keep what rows say of people, whose account they are told with."""
        points = (point for staged in rows for point in _points(staged))
        await self._copy("intake_people", PEOPLE, map(_person, rows))
        await self._copy("intake_points", POINTS, points)

    async def _copy(
        self, table: str, columns: Sequence[str], rows: Iterable[tuple[object, ...]]
    ) -> None:
        await self.connection.copy_records_to_table(table, records=rows, columns=columns)

    async def refused(self, accounts: Sequence[tuple[str, str]]) -> None:
        """Accounts whose row was refused: they are in the file, so they are not recalled."""
        if accounts:
            await self.connection.execute(STAGE_REFUSED, *columns(accounts, 2))

    async def drop(self, lines: Sequence[int]) -> None:
        """Take back rows that were staged: they are refused after all."""
        await self.connection.execute(DROP_LINES, lines, timeout=LONG)

    async def prepare(self) -> int:
        """Bring the staged rows of each customer together; the number of batches to merge."""
        await self.connection.execute(PREPARE, timeout=LONG)
        return int(await self.connection.fetchval(SELECT_BATCHES))


def columns(rows: Iterable[tuple[object, ...]], width: int) -> list[list[object]]:
    """Rows turned into the arrays that ``unnest`` takes."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    return columns or [[] for _ in range(width)]


def _told(line: int, told: Told) -> tuple[object, ...]:
    said = json.dumps(told.attributes) if told.attributes else None
    return (line, told.pins, told.strategy, said)


def _account(staged: Staged[IntakeRow]) -> tuple[object, ...]:
    row = staged.row
    facts = (row.currency, row.balance, row.oldest_due_date, _due(row), row.score)
    return (staged.line, row.creditor, row.account_id, row.customer_id, *facts)


def _due(row: IntakeRow) -> str | None:
    if row.due is None:
        return None
    parts = ({"due_on": str(one.due_on), "amount": f"{one.amount:.2f}"} for one in row.due)
    return json.dumps(list(parts))


def _person(staged: Staged[R]) -> tuple[object, ...]:
    row = staged.row
    place = (row.country, row.region, row.postal_code, row.preferred_channel)
    lists = (row.timezone, staged.zones, staged.regions_of_address, staged.regions_of_phones)
    return (staged.line, row.customer_id, row.name, row.locale, *place, *lists)


def _points(staged: Staged[R]) -> Iterable[tuple[object, ...]]:
    customer = staged.row.customer_id
    for point in staged.row.points():
        identity = contact_point_id(customer, point.channel, point.address)
        how = (point.channel, point.kind, point.address, point.consented)
        yield (staged.line, customer, identity, *how)
