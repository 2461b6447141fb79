"""The contacts that people make. What counts of them is read with everything else
(``store/situations.py``); whom a write concerns, a trigger raises (migration 0023)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from domain.agreements.parts import Instalment, total
from domain.channels import Channel
from domain.contacts.manual import ContactState
from domain.entry.party import PartyRole
from domain.law.terms import ContactOutcome, Direction
from domain.model import Instant, Model
from store.database import Connection, Pool

_COLUMNS: Final = """contact_id, customer_id, creditor, account_id, covers, action, channel,
    direction, contact_point_id, address_key, began_at, state, result, outcome, callback_at,
    promised_amount, promised_for, coalesce(promised_parts, '[]') AS promised_parts, note, ended_at,
    by_whom, against, against_rule"""

SELECT_CONTACT: Final = f"SELECT {_COLUMNS} FROM manual_contacts WHERE contact_id = $1"  # noqa: S608

SELECT_BEGUN: Final = f"""
SELECT {_COLUMNS} FROM manual_contacts WHERE state = 'begun' ORDER BY began_at, contact_id LIMIT $1
"""  # noqa: S608 - what is put in is a list of columns

COUNT_BEGUN: Final = """
SELECT count(*) FROM manual_contacts WHERE state = 'begun' AND began_at <= $1
"""

INSERT_BEGUN: Final = """
INSERT INTO manual_contacts (contact_id, customer_id, creditor, account_id, covers, action, channel,
    direction, contact_point_id, address_key, began_at, state, by_whom, against, against_rule,
    recorded_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'begun', $12, $13, $14, $15)
ON CONFLICT DO NOTHING RETURNING contact_id
"""

END: Final = """
UPDATE manual_contacts SET state = 'ended', result = $2, outcome = $3, callback_at = $4,
    promised_amount = $5, promised_for = $6, promised_parts = $7, note = $8, ended_at = $9
WHERE contact_id = $1 AND state = 'begun' RETURNING contact_id
"""

PROMISE_OTHERWISE: Final = """
UPDATE manual_contacts SET promised_amount = $2, promised_for = $3, promised_parts = $4
WHERE contact_id = $1
"""

SELECT_PROMISED: Final = """
SELECT EXISTS (SELECT FROM promises WHERE creditor = $1 AND promise_id = $2)
"""

# Of the person, under whatever id; a place is one on all channels that use it.
SELECT_PLACES: Final = """
SELECT p.contact_point_id, p.channel, p.address_key, p.current
FROM same_person($1) s JOIN contact_points p USING (customer_id)
WHERE p.contact_point_id = $2 OR $2::text IS NULL AND p.channel = $3
    AND ($4::text IS NULL OR p.address_key = address_key($3, $4)) AND p.current
ORDER BY p.contact_point_id
"""

SELECT_ADDRESS_KEY: Final = "SELECT address_key($1, $2)"

SELECT_STANDS: Final = """
SELECT p.role FROM accounts a JOIN account_parties p ON p.creditor = a.creditor
    AND p.account_id = ANY (a.account_id || a.formerly)
WHERE a.creditor = $1 AND a.account_id = $2 AND p.customer_id = $3 AND a.customer_id <> $3
"""

SELECT_SAME: Final = """
SELECT a.creditor || '/' || a.account_id FROM same_person($1) s JOIN accounts a USING (customer_id)
WHERE a.creditor || '/' || a.account_id = ANY ($2)
"""


class ContactRecord(Model):
    """One contact as it is on record. ``note`` is personal."""

    contact_id: str
    customer_id: str
    creditor: str
    account_id: str
    covers: tuple[str, ...]
    action: str
    channel: Channel
    direction: Direction
    contact_point_id: str | None
    address_key: str | None
    began_at: Instant
    state: ContactState
    result: str | None
    outcome: ContactOutcome | None
    callback_at: Instant | None
    promised_amount: Decimal | None
    promised_for: date | None
    promised_parts: tuple[Instalment, ...]
    """Where several dates were promised; then the amount is all of it, and the date the last."""
    note: str | None
    ended_at: Instant | None
    by_whom: str
    against: str | None
    against_rule: str | None

    @property
    def promised(self) -> tuple[Instalment, ...]:
        """What was promised by which date; nothing where nothing was."""
        if self.promised_amount is None or self.promised_for is None:
            return ()
        one = Instalment(due_on=self.promised_for, amount=self.promised_amount)
        return self.promised_parts or (one,)


class Place(NamedTuple):
    """Where somebody is contacted."""

    contact_point_id: str | None
    channel: str
    address_key: str | None
    current: bool


class Begun(NamedTuple):
    """A contact to be written, as it begins."""

    contact_id: str
    customer_id: str
    creditor: str
    account_id: str
    covers: tuple[str, ...]
    action: str
    channel: Channel
    direction: Direction
    place: Place
    began_at: datetime
    by_whom: str


class Said(NamedTuple):
    """What came of one."""

    result: str
    outcome: ContactOutcome
    callback_at: datetime | None
    promised: tuple[Instalment, ...]
    note: str | None


async def find(connection: "Connection | Pool", contact_id: str) -> ContactRecord | None:
    """A contact by its id."""
    row = await connection.fetchrow(SELECT_CONTACT, contact_id)
    return None if row is None else ContactRecord(**dict(row))


async def begin(
    connection: Connection, new: Begun, against: tuple[str, str] | None, now: datetime
) -> bool:
    """Write a contact that begins: it counts from then on. False: its id is taken.

    ``against``: the rule by which it should not be made, and its words.
    """
    rule, why = against or (None, None)
    written = await connection.fetchval(
        INSERT_BEGUN,
        *(new.contact_id, new.customer_id, new.creditor, new.account_id, list(new.covers)),
        *(new.action, new.channel, new.direction, new.place.contact_point_id),
        *(new.place.address_key, new.began_at, new.by_whom, why, rule, now),
    )
    return written is not None


async def end(connection: Connection, contact_id: str, said: Said, now: datetime) -> bool:
    """Say what came of a contact that was begun. False: it is told already."""
    came = (said.result, said.outcome, said.callback_at, *_figures(said.promised), said.note)
    return await connection.fetchval(END, contact_id, *came, now) is not None


async def promise_otherwise(
    connection: Connection, contact_id: str, promised: tuple[Instalment, ...]
) -> None:
    """Other figures, where the first were refused."""
    await connection.execute(PROMISE_OTHERWISE, contact_id, *_figures(promised))


def _figures(
    promised: tuple[Instalment, ...],
) -> tuple[Decimal | None, date | None, list[dict[str, Any]] | None]:
    """All of it, the last date, and the parts where there are several."""
    if not promised:
        return None, None, None
    several = [one.model_dump(mode="json") for one in promised] if len(promised) > 1 else None
    return total(promised), promised[-1].due_on, several


async def is_promised(connection: "Connection | Pool", creditor: str, promise_id: str) -> bool:
    """Whether a promise of this id is on record."""
    found: bool = await connection.fetchval(SELECT_PROMISED, creditor, promise_id)
    return found


async def places(
    connection: Connection,
    customer_id: str,
    channel: Channel,
    point: str | None,
    address: str | None,
) -> list[Place]:
    """The customer's contact point of this id; or else those they have on a channel, with an
    address or all."""
    rows = await connection.fetch(SELECT_PLACES, customer_id, point, channel, address)
    return [Place(*row) for row in rows]


async def address_key(connection: Connection, channel: Channel, address: str) -> str:
    """By what an address is compared, however it is spelt."""
    key: str = await connection.fetchval(SELECT_ADDRESS_KEY, channel, address)
    return key


async def of_same_person(
    connection: Connection, customer_id: str, accounts: tuple[str, ...]
) -> list[str]:
    """Which of these accounts, by key, are this person's."""
    rows = await connection.fetch(SELECT_SAME, customer_id, list(accounts))
    return [row[0] for row in rows]


async def stands_for(
    connection: "Connection | Pool", creditor: str, account_id: str, customer_id: str
) -> PartyRole | None:
    """As what somebody stands, or has stood, for an account that is not theirs; None: they never
    did."""
    role = await connection.fetchval(SELECT_STANDS, creditor, account_id, customer_id)
    return None if role is None else PartyRole(role)


async def begun(pool: Pool, limit: int) -> list[ContactRecord]:
    """Those of which nobody has said how they ended, the oldest first."""
    return [ContactRecord(**dict(row)) for row in await pool.fetch(SELECT_BEGUN, limit)]


async def never_ended(pool: Pool, before: datetime) -> int:
    """How many were begun by then and have no end."""
    count: int = await pool.fetchval(COUNT_BEGUN, before)
    return count
