"""The one door for facts with legal weight: a cease, an attorney, an opt-out, a death.

Each keeps two instants, the one it is dated with and the one at which it went on file (on the clock
of the account where there is one), and the door it came in by. What takes leave away holds from the
earlier of them, what gives leave from the later: a wrong date or a fast clock silences no stop.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Final, NamedTuple

from domain.channels import Channel
from domain.entry.addresses import Address
from domain.law.request import LawEvent
from domain.ledger import stops
from domain.ledger.consequences import Consequence
from store.database import Connection, Pool
from store.intake.spelling import (
    LOOSELY,
    SpeltAccount,
    accounts_spelt,
    loose_key,
    parts,
    perhaps_one,
)

INTO: Final = """
law_events (event_id, customer_id, kind, at, channel, account, detail, recorded_at, recorded_by)"""
"""Where facts go, for those who record many in one statement (``store/intake/merging.py``); stated
here alone, so that nobody forgets what a fact has to say of itself."""

STOPS_MEDIUM: Final = (
    "({stop}.kind <> 'opt_out' OR coalesce({stop}.channel, {channel}) = {channel})"
)
"""Whether a stop is about a channel, as ``LawEvent.medium`` says it: only an opt-out names one. Of
a cease it says how that came: who asks us by letter to cease ends more than letters."""

GIVES_LEAVE: Final = """
(e.kind IN ('opt_in', 'consent_call', 'number_check', 'notice_mailed', 'dispute_verified',
        'dispute_withdrawn')
    OR e.kind = 'authorized_hours' AND e.detail->'windows' IS DISTINCT FROM '[]'
    OR e.kind = 'inconvenient_time' AND e.detail->'windows' = '[]')
""".strip()
"""Of the event ``e``, as ``LawEvent.gives_leave`` says it."""

AS_SAID: Final = ":as said"
"""Ends the id of a line that has been recorded for somebody of another spelling already."""

STATED: Final = "stated"
STOPPED: Final = "stopped"
ON_PAGE: Final = {STATED: False, STOPPED: True}
"""What the preference page brings, as provider_events names it, and whether it is said of all
addresses that the customer has: a wish is theirs alone, a stop holds for whoever shares one."""

WRITTEN_FROM_ADDRESS: Final = """
(e.customer_id IS NULL OR EXISTS (SELECT FROM inbound i
    WHERE i.provider = split_part(e.event_id, '/', 1) AND i.inbound_id = substr(
        left(e.event_id, -length('/' || e.customer_id)), strpos(e.event_id, '/') + 1)))
""".strip()
"""Whether the event ``e`` is what an inbound message said: its id is made of the message's
(``store/provider_events.py``)."""

INSERT: Final = f"""
INSERT INTO {INTO}
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING RETURNING event_id
"""  # noqa: S608 - what is put in is a list of columns

SUPPRESS: Final = """
UPDATE contact_points SET suppressed = $2, suppressed_at = $3
WHERE contact_point_id = $1 AND suppressed IS NULL
"""

INSERT_AT_ADDRESS: Final = """
INSERT INTO law_events (event_id, customer_id, kind, at, channel, address_key, recorded_at,
    recorded_by)
VALUES ($1, NULL, $2, $3, $4, address_key($5, $6), $7, $8) ON CONFLICT DO NOTHING
"""

INSERT_KEPT: Final = """
INSERT INTO law_events (event_id, customer_id, kind, at, channel, account, detail, recorded_at,
    recorded_by, address_key)
VALUES ($1, NULL, $2, $3, $4, NULL, $5, $6, $7, address_key($8, $9))
ON CONFLICT DO NOTHING RETURNING event_id
"""

SELECT_RECORDED: Final = """
SELECT customer_id, kind, at, channel, account, detail FROM law_events WHERE event_id = $1
"""

SELECT_KEPT: Final = """
SELECT at, kind, channel, address_key IS NOT DISTINCT FROM address_key($2, $3) AS here
FROM law_events WHERE event_id = $1
"""

# Whoever brings an account holds this, shared, until that is committed; whoever keeps a fact for
# one that nobody knows waits for them, and then looks again. So no fact is kept unseen by both.
LOCK_BROUGHT: Final = "SELECT pg_advisory_xact_lock_shared(hashtextextended('accounts brought', 0))"
LOCK_KEPT: Final = "SELECT pg_advisory_xact_lock(hashtextextended('accounts brought', 0))"

# Written anew, so that what rests on it is raised (the trigger of 0013). By an array, as it is read
# in store/situations.py: joined to a list, PostgreSQL reads all events there are.
#
# What was told to an account of another spelling is heard, too, and stays: it may be another's yet.
GIVE_KEPT: Final = f"""
WITH brought AS MATERIALIZED (
    SELECT k.key, a.customer_id, {loose_key("k.key")} AS loose
    FROM unnest($1::text[]) AS k (key) JOIN accounts a ON a.creditor = split_part(k.key, '/', 1)
        AND a.account_id = substr(k.key, strpos(k.key, '/') + 1)
), kept AS (
    DELETE FROM law_events e WHERE e.customer_id IS NULL AND e.account = ANY ($1) RETURNING e.*
), alike AS (
    SELECT e.*, {loose_key("e.account")} AS loose FROM law_events e
    WHERE e.customer_id IS NULL AND e.account IS NOT NULL AND e.account <> ALL ($1)
        AND {loose_key("e.account")} = ANY (ARRAY(SELECT loose FROM brought))
)
INSERT INTO {INTO}
SELECT k.event_id, b.customer_id, k.kind, k.at, k.channel, k.detail->>'account_id',
    k.detail - 'account_id', k.recorded_at, k.recorded_by
FROM kept k JOIN brought b ON b.key = k.account
UNION ALL
SELECT k.event_id || ' for ' || b.key, b.customer_id, k.kind, k.at, k.channel,
    CASE WHEN k.detail->>'account_id' = k.account THEN b.key ELSE k.detail->>'account_id' END,
    k.detail - 'account_id', k.recorded_at, k.recorded_by
FROM alike k JOIN brought b USING (loose)
WHERE {perhaps_one(parts("k.account")[1], parts("b.key")[1])}
ON CONFLICT DO NOTHING
"""  # noqa: S608 - what is put in is a list of columns, and expressions

# What was said of whoever is not known yet holds for who comes under another spelling. It becomes
# theirs, since nobody else can come by its id any more; where marks differ, too, somebody can, and
# it stays for them, too. An account that is none as it was spelt makes it hold for all of theirs.
HEAR_KEPT: Final = f"""
WITH heard AS MATERIALIZED (
    SELECT e.*, s.customer_id AS whose, spelt(e.customer_id) = spelt(s.customer_id) AS plainly
    FROM unnest($1::text[]) AS s (customer_id) JOIN law_events e
        ON {perhaps_one("e.customer_id", "s.customer_id")}
    WHERE e.event_id LIKE 'file:%' AND e.event_id NOT LIKE '%{AS_SAID}%'
        AND {LOOSELY.format("e.customer_id")} = ANY (ARRAY(
            SELECT {LOOSELY.format("one")} FROM unnest($1::text[]) AS one))
        AND NOT {GIVES_LEAVE}
        AND NOT EXISTS (SELECT FROM customers k WHERE k.customer_id = e.customer_id)
), moved AS (
    DELETE FROM law_events e USING heard h WHERE e.event_id = h.event_id AND h.plainly
    RETURNING h.*
), theirs AS (
    SELECT event_id AS name, * FROM moved
    UNION ALL
    SELECT event_id || ' for ' || whose, * FROM heard WHERE NOT plainly
)
INSERT INTO {INTO}
SELECT t.name, t.whose, t.kind, t.at, t.channel,
    (SELECT a.creditor || '/' || a.account_id FROM accounts a
        WHERE a.creditor = split_part(t.account, '/', 1)
            AND a.account_id = substr(t.account, strpos(t.account, '/') + 1)),
    t.detail, t.recorded_at, t.recorded_by
FROM theirs t
ON CONFLICT DO NOTHING
"""  # noqa: S608 - what is put in is a list of columns, and expressions

# A telephone has one key on all channels that use it.
SELECT_POINTS_WITH: Final = """
SELECT contact_point_id FROM contact_points
WHERE customer_id = $1 AND (lower(address) = lower($2)
    OR channel IN ('sms', 'whatsapp', 'voice', 'email') AND address_key = address_key($3, $4))
ORDER BY contact_point_id
"""

SELECT_NOW_CALLED: Final = "SELECT now_called($1, $2)"

# Whose count of facts the triggers of 0006, 0013 and 0017 raise, as far as it changes what
# ``store/situations.py`` reads: of an address, for whoever has it now. By arrays, as in 0017:
# joined to a list, PostgreSQL reads all addresses there are.
SELECT_CONCERNED: Final = """
WITH who AS MATERIALIZED (
    SELECT persons($1::text[]) AS ids
), held AS MATERIALIZED (
    SELECT ARRAY(
        SELECT p.address_key FROM contact_points p
        WHERE p.contact_point_id = ANY ($3::text[])
            AND ($8::timestamptz IS NULL OR p.suppressed_at = $8)
        UNION ALL
        SELECT address_key(s.channel, s.address)
        FROM unnest($4::text[], $5::text[]) AS s (channel, address)
        UNION ALL
        SELECT p.address_key FROM contact_points p
        WHERE $7 AND p.customer_id = ANY ((SELECT ids FROM who)::text[])) AS keys
)
SELECT a.creditor || '/' || a.account_id AS account FROM accounts a
WHERE a.status = 'open' AND a.customer_id = ANY (ARRAY(
    SELECT unnest(ids) FROM who
    UNION ALL
    SELECT p.customer_id FROM contact_points p
    WHERE p.address_key = ANY ((SELECT keys FROM held)::text[]) AND p.current
        AND coalesce($6::text, p.channel) = p.channel))
UNION
-- Who stands for an account is planned for with it.
SELECT a.creditor || '/' || a.account_id
FROM account_parties t JOIN accounts a ON a.creditor = t.creditor
    AND a.account_id = now_called(t.creditor, t.account_id)
WHERE a.status = 'open' AND t.customer_id = ANY (ARRAY(
    SELECT unnest(ids) FROM who
    UNION ALL
    SELECT p.customer_id FROM contact_points p
    WHERE p.address_key = ANY ((SELECT keys FROM held)::text[]) AND p.current
        AND coalesce($6::text, p.channel) = p.channel))
UNION
SELECT a.creditor || '/' || a.account_id
FROM unnest($2::text[]) AS k (key) JOIN accounts a ON a.creditor = split_part(k.key, '/', 1)
    AND a.account_id = now_called(
        split_part(k.key, '/', 1), substr(k.key, strpos(k.key, '/') + 1))
WHERE a.status = 'open'
ORDER BY account
"""

SELECT_POINT: Final = """
SELECT customer_id, address FROM contact_points WHERE contact_point_id = $1
"""

SELECT_OWNER: Final = "SELECT customer_id FROM accounts WHERE creditor = $1 AND account_id = $2"

# What the person has under another id is theirs, too: they speak of it, and it hears them.
SELECT_CUSTOMER: Final = """
SELECT
    ARRAY(SELECT DISTINCT a.creditor || '/' || called
        FROM same_person(c.customer_id) JOIN accounts a USING (customer_id),
            unnest(a.account_id || a.formerly) AS called ORDER BY 1) AS accounts,
    ARRAY(SELECT a.creditor || '/' || a.account_id
        FROM same_person(c.customer_id) JOIN accounts a USING (customer_id)
        WHERE a.status = 'open' ORDER BY 1) AS open,
    c.country, c.zones
FROM customers c WHERE c.customer_id = $1
"""


class Customer(NamedTuple):
    """What an event can speak of: accounts, by key; and where the customer is."""

    accounts: list[str]
    open: list[str]
    country: str
    zones: list[str]


class Point(NamedTuple):
    """A contact point of somebody."""

    customer_id: str
    address: str


class Reach(NamedTuple):
    """How far a fact goes: by it alone is known whose planning it changes."""

    customers: Sequence[str] = ()
    """Who said it, or of whom it is told: under every id that is theirs."""
    accounts: Sequence[str] = ()
    """Those that it names, by key, whoever has them by now."""
    points: Sequence[str] = ()
    """Contact points at whose addresses it holds, for whoever has those, however spelt."""
    addresses: Sequence[Address] = ()
    """Other such addresses."""
    medium: str | None = None
    """The one channel on which it holds at an address; None: on all."""
    everywhere: bool = False
    """It names no address: it holds at all that the customers have or had."""
    since: datetime | None = None
    """Of the points, only those that are used no more since this very instant."""


class DifferentEventError(ValueError):
    """The id belongs to an event that says something else."""


async def customer_of(connection: Connection, customer_id: str) -> Customer | None:
    """The customer, if intake has brought them."""
    row = await connection.fetchrow(SELECT_CUSTOMER, customer_id)
    return None if row is None else Customer(**dict(row))


async def record(
    connection: Connection,
    event_id: str,
    customer_id: str,
    event: LawEvent,
    recorded_at: datetime,
    recorded_by: str,
) -> bool:
    """Write an event; False when it is on record already. From then on planning knows it.

    ``recorded_at``: now, which is also the date of a stop that has none. Raises DifferentEventError
    when the id is taken by another event (``stops.same``).
    """
    whose = (customer_id, event.account_id, _detail(event))
    return await _write(connection, event_id, event, whose, recorded_at, recorded_by)


async def _write(
    connection: Connection,
    event_id: str,
    event: LawEvent,
    whose: tuple[str | None, str | None, dict[str, Any]],
    recorded_at: datetime,
    recorded_by: str,
) -> bool:
    """``whose``: the customer, if they are known, the account that it is about, and its detail."""
    customer_id, account, detail = whose
    at = _when(event, recorded_at)
    row = (event_id, customer_id, event.kind, at, event.channel, account, detail)
    if await connection.fetchval(INSERT, *row, recorded_at, recorded_by) is not None:
        return True
    known = await connection.fetchrow(SELECT_RECORDED, event_id)
    anothers = known is not None and customer_id not in (None, known["customer_id"])
    if known is None or anothers or not _same(dict(known), event.known_at(recorded_at)):
        raise DifferentEventError(event_id)
    return False


def _when(event: LawEvent, recorded_at: datetime) -> datetime:
    return recorded_at if event.known_at(recorded_at).undated else event.at


def _detail(event: LawEvent, *more: str) -> dict[str, Any]:
    """What of an event has no column of its own."""
    columns = {"kind", "at", "channel", "recorded_at"} | ({"account_id"} - set(more))
    made: dict[str, Any] = event.model_dump(
        mode="json", by_alias=True, exclude=columns, exclude_none=True
    )
    return made


def _same(known: Mapping[str, Any], event: LawEvent) -> bool:
    """Whether what stands in a row is this event."""
    row = {**known["detail"], **{name: known[name] for name in ("kind", "at", "channel")}}
    if known["customer_id"] is not None:
        row["account_id"] = known["account"]
    try:
        return stops.same(LawEvent.model_validate(row), event)
    except ValueError:
        return False


async def keep_for_account(
    connection: Connection,
    event_id: str,
    event: LawEvent,
    key: str,
    recorded_at: datetime,
    recorded_by: str,
) -> bool:
    """Write what was said to an account that nobody knows yet: it holds for the account at once,
    and for whose it is when that is known (``belongs``). As ``record`` otherwise."""
    whose = (None, key, _detail(event, "account_id"))
    return await _write(connection, event_id, event, whose, recorded_at, recorded_by)


async def came_meanwhile(
    connection: Connection, creditor: str, account_id: str
) -> list[SpeltAccount]:
    """The accounts of this name, however it is spelt, that are known after all. Asked once what is
    kept for them is written: whoever brings one from now on sees that."""
    await connection.execute(LOCK_KEPT)
    return await accounts_spelt(connection, creditor, account_id)


async def belongs(connection: Connection, keys: Sequence[str]) -> None:
    """Give what was kept for accounts to whose they are, in the transaction that brings them."""
    await connection.execute(LOCK_BROUGHT)
    await connection.execute(GIVE_KEPT, keys)


async def hear_kept(connection: Connection, brought: Sequence[str]) -> None:
    """Give what a file said of people under another spelling to the customers that are brought."""
    if brought:
        await connection.execute(HEAR_KEPT, brought)


def reach_of(
    consequence: Consequence, of: tuple[str, str], channel: Channel, at: datetime
) -> Reach:
    """How far it goes what followed at ``at`` for a contact point ``of`` a customer, which has this
    channel."""
    customer_id, contact_point_id = of
    if consequence.event is None:  # the address is used no more, and nobody has said anything
        return Reach(points=(contact_point_id,), medium=channel, since=at)
    return Reach((customer_id,), points=(contact_point_id,), medium=consequence.channel)


async def concerned(connection: Connection, reach: Reach) -> list[str]:
    """The open accounts, by key, of everybody whose planning a fact changes: the one place that
    says who plans anew, by whichever door the fact came."""
    channels, texts = [one[0] for one in reach.addresses], [one[1] for one in reach.addresses]
    named = (reach.customers, reach.accounts, reach.points, channels, texts)
    rows = await connection.fetch(
        SELECT_CONCERNED, *named, reach.medium, reach.everywhere, reach.since
    )
    return [row["account"] for row in rows]


async def follow(
    connection: Connection,
    consequence: Consequence | None,
    event_id: str,
    of: tuple[str, str],
    recorded_at: datetime,
    recorded_by: str,
) -> None:
    """Do what follows for a contact point ``of`` a customer (customer_id, contact_point_id) from
    what was said just now, by them or by a provider; None: nothing does."""
    customer_id, contact_point_id = of
    if consequence is None:
        return
    if consequence.unusable:
        await connection.execute(SUPPRESS, contact_point_id, consequence.unusable, recorded_at)
    if event := consequence.said_of(contact_point_id, recorded_at):
        with suppress(DifferentEventError):  # said before, at another instant
            await record(connection, event_id, customer_id, event, recorded_at, recorded_by)


async def follow_at_address(
    connection: Connection,
    consequence: Consequence | None,
    event_id: str,
    address: tuple[Channel, str],
    recorded_at: datetime,
    recorded_by: str,
) -> None:
    """The same for an address that no customer has yet: whoever will, has said it."""
    if consequence and consequence.event:
        said = (event_id, consequence.event, recorded_at, consequence.channel)
        await connection.execute(INSERT_AT_ADDRESS, *said, *address, recorded_at, recorded_by)


async def keep_at_address(
    connection: Connection,
    event_id: str,
    event: LawEvent,
    address: tuple[Channel, str],
    recorded_at: datetime,
    recorded_by: str,
) -> bool:
    """Write what was said of an address that is nobody's, or not whose it was said to be.

    It holds for whoever has the address, by its key; False when it is on record already. Raises
    DifferentEventError when the id is taken.
    """
    at, detail = _when(event, recorded_at), {} if event.text is None else {"text": event.text}
    said = (event_id, event.kind, at, event.channel, detail, recorded_at, recorded_by, *address)
    if await connection.fetchval(INSERT_KEPT, *said) is not None:
        return True
    known = await connection.fetchrow(SELECT_KEPT, event_id, *address)
    alike = (event.kind, event.channel, True)
    if known is None or tuple(known)[1:] != alike:
        raise DifferentEventError(event_id)
    if not stops.same_date(known["at"], event.known_at(recorded_at)):
        raise DifferentEventError(event_id)
    return False


async def points_with(
    connection: Connection, customer_id: str, stated: str, address: tuple[Channel, str]
) -> list[str]:
    """The customer's contact points with an address, however it is spelt; by its key, or to the
    letter as it was ``stated``."""
    rows = await connection.fetch(SELECT_POINTS_WITH, customer_id, stated, *address)
    return [row["contact_point_id"] for row in rows]


async def point_of(connection: Connection, contact_point_id: str) -> Point | None:
    """A contact point, whoever's it is."""
    row = await connection.fetchrow(SELECT_POINT, contact_point_id)
    return None if row is None else Point(**dict(row))


async def owner_of(connection: Connection, creditor: str, account_id: str) -> str | None:
    """Whose an account is; None: it is not known yet."""
    owner: str | None = await connection.fetchval(SELECT_OWNER, creditor, account_id)
    return owner


async def now_called(connection: "Connection | Pool", creditor: str, account_id: str) -> str:
    """The id that the debt of an account has by now: its own, unless it was renumbered."""
    return str(await connection.fetchval(SELECT_NOW_CALLED, creditor, account_id))


async def is_account(connection: Connection, creditor: str, account_id: str) -> bool:
    """Whether an account is known, whoever's it is."""
    return await owner_of(connection, creditor, account_id) is not None
