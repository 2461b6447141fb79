"""What the whole file shows and no row alone: one id for two people, two ids for one, one address
for many. Asked of the staged rows, before anything else is touched."""

from collections.abc import Collection, Iterable
from typing import Final, NamedTuple

from domain.entry.ids import one_person
from domain.entry.intake import Problem
from store.database import Connection
from store.intake.spelling import LOOSELY, SAME_ACCOUNT, one_spelling
from store.intake.staging import LONG

ANALYZE_STAGE: Final = "ANALYZE intake_rows, intake_people, intake_points"

SELECT_UNLIKE: Final = """
SELECT array_agg(DISTINCT name) AS names, count(DISTINCT country) AS countries,
    array_agg(line ORDER BY line) AS lines
FROM intake_people GROUP BY customer_id
HAVING count(DISTINCT name) > 1 OR count(DISTINCT country) > 1
"""

# Each with an order, so that it is looked up: PostgreSQL takes a creditor for one that nearly every
# account has, and would read all accounts to find none of a new one.
_KNOWN_CREDITOR: Final = (
    "(SELECT min(k.account_id) FROM accounts k WHERE k.creditor = {0}.creditor) IS NOT NULL"
)

SELECT_ALIKE: Final = f"""
WITH creditors AS MATERIALIZED (
    SELECT creditor, min(line) AS line FROM intake_rows GROUP BY creditor
), two_spellings AS MATERIALIZED (
    SELECT r.creditor, min(o.line) AS other
    FROM creditors r JOIN creditors o ON o.creditor <> r.creditor
        AND spelt(o.creditor) = spelt(r.creditor)
    WHERE NOT ({_KNOWN_CREDITOR.format("r")}) AND NOT ({_KNOWN_CREDITOR.format("o")})
    GROUP BY r.creditor
)
SELECT r.line, 'account_id' AS field, min(o.line) AS other
FROM intake_rows r JOIN intake_rows o ON o.creditor = r.creditor
    AND spelt(o.account_id) = spelt(r.account_id) AND o.account_id <> r.account_id
GROUP BY r.line
UNION ALL
SELECT r.line, 'customer_id', min(o.line)
FROM intake_rows r JOIN intake_rows o
    ON spelt(o.customer_id) = spelt(r.customer_id) AND o.customer_id <> r.customer_id
GROUP BY r.line
UNION ALL
SELECT r.line, 'creditor', o.other FROM two_spellings o JOIN intake_rows r USING (creditor)
"""  # noqa: S608 - what is put in is conditions

# Who stands there in both spellings, since a version before has taken both, goes on.
SELECT_ALIKE_ON_RECORD: Final = f"""
SELECT r.line, 'account_id' AS field, min(a.account_id) AS known
FROM intake_rows r JOIN accounts a ON a.creditor = r.creditor AND a.account_id <> r.account_id
    AND {SAME_ACCOUNT}
WHERE NOT EXISTS (SELECT FROM accounts b
    WHERE b.creditor = r.creditor AND b.account_id = r.account_id)
GROUP BY r.line
UNION ALL
SELECT r.line, 'customer_id', min(c.customer_id)
FROM intake_rows r JOIN customers c ON c.customer_id <> r.customer_id
    AND {one_spelling("c.customer_id", "r.customer_id")}
WHERE NOT EXISTS (SELECT FROM customers b WHERE b.customer_id = r.customer_id)
GROUP BY r.line
UNION ALL
SELECT r.line, 'creditor', n.known
FROM (
    SELECT creditor, (SELECT a.creditor FROM accounts a
        WHERE {one_spelling("a.creditor", "c.creditor")}
        ORDER BY {LOOSELY.format("a.account_id")} LIMIT 1) AS known
    FROM (SELECT DISTINCT creditor FROM intake_rows) c
    WHERE NOT ({_KNOWN_CREDITOR.format("c")})
) n JOIN intake_rows r USING (creditor) WHERE n.known IS NOT NULL
"""  # noqa: S608 - what is put in is conditions

# Of people who were erased nothing is taken in, by their id or by an account of theirs.
SELECT_ERASED: Final = """
SELECT p.line, 'customer_id' AS field, e.erased_at
FROM intake_people p JOIN erasures e ON spelt(e.customer_id) = spelt(p.customer_id)
UNION
SELECT r.line, 'account_id', e.erased_at
FROM erasures e JOIN accounts a USING (customer_id)
JOIN intake_rows r ON r.creditor = a.creditor AND r.account_id = a.account_id
WHERE spelt(e.customer_id) <> spelt(r.customer_id)
"""
ANY_ERASED: Final = "SELECT EXISTS (SELECT FROM erasures)"

# Who the file lists has the addresses that it lists, whatever is on record. One address is one
# however it is spelt, and on whichever channel it is used.
FIND_HOLDERS: Final = """
INSERT INTO intake_holders
SELECT address_key, customer_id FROM intake_points
UNION
SELECT c.address_key, c.customer_id
FROM (SELECT DISTINCT address_key FROM intake_points) p JOIN contact_points c USING (address_key)
WHERE c.current
    AND NOT EXISTS (SELECT FROM intake_people l WHERE l.customer_id = c.customer_id)
"""

SELECT_SHARED: Final = """
SELECT count(*) AS addresses, coalesce(max(holders), 0) AS most FROM (
    SELECT count(*) AS holders FROM intake_holders
    GROUP BY address_key HAVING count(*) > 1) AS shared
"""

# Whoever has the address on record already goes on: their balance must not grow old.
SELECT_CROWDED: Final = """
WITH crowded AS (
    SELECT address_key, count(*) AS holders FROM intake_holders
    GROUP BY address_key HAVING count(*) > $1
)
SELECT DISTINCT ON (p.line) p.line, holders, CASE
    WHEN p.channel IN ('email', 'whatsapp') THEN p.channel
    WHEN p.kind = 'landline' THEN p.kind ELSE 'mobile' END AS field
FROM intake_points p JOIN crowded c USING (address_key)
WHERE NOT EXISTS (SELECT FROM contact_points k
    WHERE k.customer_id = p.customer_id AND k.address_key = c.address_key AND k.current)
ORDER BY p.line, p.channel
"""

SELECT_RENAMED: Final = """
SELECT c.customer_id, c.name AS known, array_agg(DISTINCT p.name) AS names
FROM intake_people p JOIN customers c USING (customer_id)
WHERE NOT EXISTS (SELECT FROM erasures e WHERE e.customer_id = c.customer_id)
GROUP BY c.customer_id HAVING bool_and(p.name <> c.name)
"""

# Whether anything of a customer is owed now does not matter: what they said and agreed to is of the
# id, and an account that is closed may come back. An account is theirs also by a former number, and
# under a former customer id; an address also where it was theirs, however it is spelt.
SELECT_STRANGERS: Final = """
WITH known AS (
    SELECT r.customer_id FROM intake_rows r JOIN accounts a USING (customer_id, creditor)
    WHERE r.customer_id = ANY ($1)
        AND (r.account_id = a.account_id OR r.account_id = ANY (a.formerly))
    UNION
    SELECT customer_id FROM intake_rows JOIN account_holders h
        USING (customer_id, creditor, account_id)
    WHERE customer_id = ANY ($1)
    UNION
    SELECT customer_id FROM intake_points JOIN contact_points k USING (customer_id, address_key)
    WHERE customer_id = ANY ($1)
)
SELECT line FROM intake_people
WHERE customer_id = ANY ($1) AND customer_id NOT IN (SELECT customer_id FROM known)
"""

# A file of one creditor says nothing of whom another one means. Where it lists that one's accounts
# under the id, too, it is its own word that counts.
SELECT_OWING_ELSEWHERE: Final = """
SELECT min(a.creditor) AS creditor,
    (SELECT array_agg(line) FROM intake_people p WHERE p.customer_id = a.customer_id) AS lines
FROM accounts a
WHERE a.customer_id = ANY ($1) AND a.status = 'open'
    AND NOT EXISTS (SELECT FROM intake_rows r
        WHERE r.customer_id = a.customer_id AND r.creditor = a.creditor)
    AND NOT EXISTS (SELECT FROM intake_points p
        JOIN contact_points k USING (customer_id, address_key)
        WHERE p.customer_id = a.customer_id)
GROUP BY a.customer_id
"""


_SPELLING: Final = "case, blanks, zeros before it or forms of one letter alone"
_TO_DO: Final = (
    "spreadsheets and other systems change these: export the column as text. Two that are not one "
    "need ids that differ by more"
)
_ANOTHER_PERSON: Final = (
    "is on record for another person: neither the name nor an account or an address is theirs. "
    "Give another person a new id, which nobody has had; if it is the same one, give an account or "
    "an address that is on record in one of their rows, or run it again with --accept-names and "
    "this id"
)
_ERASED: Final = {
    "customer_id": "is of a person who was erased on {:%Y-%m-%d}: nothing of them is taken in. "
    "Take them out of what is sent; where they owe anew, by a contract of their own, send that "
    "under a new customer id, for which they have to consent anew",
    "account_id": "is an account of a person who was erased on {:%Y-%m-%d}: nothing of it is taken "
    "in, under whatever customer id. Take it out of what is sent",
}
_OWING_ELSEWHERE: Final = (
    "is another person's at {}, who owes there: neither the name nor an address is theirs. Give "
    "each person an id of their own, such as the creditor's code before it; if it is one person, "
    "give the name or an address that is on record, or run it again with --accept-names and this id"
)


class Finding(NamedTuple):
    """Why a row that is good by itself is refused beside the others."""

    line: int
    problem: Problem
    names: str | None = None
    """What the rule names that is on record, and in no row: who may not see it is not told it."""


class Shared(NamedTuple):
    """Addresses that several customers have, and how many have the most crowded one."""

    addresses: int
    most: int


class Findings:
    """The questions, asked of one stage."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def mistaken(self, accepted: Collection[str] = ()) -> list[Finding]:
        """Rows whose ids name two people, or name one person or account in two ways.

        ``accepted``: customers of whom somebody has said that they are one person by both names.
        """
        await self.connection.execute(ANALYZE_STAGE, timeout=LONG)
        found: list[Finding] = []
        for one in await self.connection.fetch(SELECT_UNLIKE, timeout=LONG):
            found += _unlike(one["names"], one["countries"], one["lines"])
        for one in await self.connection.fetch(SELECT_ALIKE, timeout=LONG):
            rule = f"differs from that in line {one['other']} by {_SPELLING}: {_TO_DO}"
            found.append(Finding(one["line"], Problem(one["field"], rule)))
        for one in await self.connection.fetch(SELECT_ALIKE_ON_RECORD, timeout=LONG):
            rule = (
                f"is on record as {one['known']}: it differs by {_SPELLING}. Give it as it is on "
                f"record; {_TO_DO}"
            )
            found.append(Finding(one["line"], Problem(one["field"], rule), one["known"]))
        if await self.connection.fetchval(ANY_ERASED):
            for one in await self.connection.fetch(SELECT_ERASED, timeout=LONG):
                rule = _ERASED[one["field"]].format(one["erased_at"])
                found.append(Finding(one["line"], Problem(one["field"], rule)))
        return found + await self._given_again(accepted)

    async def _given_again(self, accepted: Collection[str]) -> list[Finding]:
        """Rows whose customer is another person, to another creditor or on record at all: taken in,
        that one's debt would be told to this one at once."""
        renamed = [one for one in await self.renamed() if one not in accepted]
        if not renamed:
            return []
        why: dict[int, tuple[str, str | None]] = {}
        for one in await self.connection.fetch(SELECT_STRANGERS, renamed, timeout=LONG):
            why[one["line"]] = (_ANOTHER_PERSON, None)
        for one in await self.connection.fetch(SELECT_OWING_ELSEWHERE, renamed, timeout=LONG):
            rule = _OWING_ELSEWHERE.format(one["creditor"])
            why |= dict.fromkeys(one["lines"], (rule, one["creditor"]))
        return [
            Finding(line, Problem("customer_id", rule), names)
            for line, (rule, names) in why.items()
        ]

    async def crowded(self, limit: int) -> tuple[Shared, list[Finding]]:
        """How many addresses are shared, in the file and on record; rows that make one of them
        the address of more than ``limit`` customers."""
        await self.connection.execute(FIND_HOLDERS, timeout=LONG)
        shared = await self.connection.fetchrow(SELECT_SHARED, timeout=LONG)
        assert shared is not None  # noqa: S101 - an aggregate always has a row
        crowded = await self.connection.fetch(SELECT_CROWDED, limit, timeout=LONG)
        return Shared(**dict(shared)), [
            Finding(
                one["line"],
                Problem(
                    one["field"],
                    f"is the address of {one['holders']} customers, more than {limit} "
                    "(CONTRAPUNTO_SHARED_ADDRESS_LIMIT)",
                ),
            )
            for one in crowded
        ]

    async def renamed(self) -> list[str]:
        """The customers to whom the file gives no name that can be the recorded person's."""
        found = await self.connection.fetch(SELECT_RENAMED, timeout=LONG)
        return sorted(
            one["customer_id"]
            for one in found
            if not any(one_person({one["known"], name}) for name in one["names"])
        )


def _unlike(names: list[str], countries: int, lines: list[int]) -> Iterable[Finding]:
    where = ", ".join(map(str, lines[:5])) + (", ..." if len(lines) > 5 else "")
    if countries > 1:
        rule = f"lines {where} give one customer {countries} countries"
        yield from (Finding(line, Problem("country", rule)) for line in lines)
    if not one_person(set(names)):
        rule = f"lines {where} give one customer the names of two people"
        yield from (Finding(line, Problem("customer_id", rule)) for line in lines)
