"""Everything that is on record of one customer. Addresses stay here; words are personal."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from store.conversation.preferences import SELECT_PREFERENCES
from store.database import Pool
from store.history.kept import ATTEMPTS, INBOUND, MESSAGES
from store.situations import schedule_of

ABOUT: Final = """
SELECT c.customer_id, c.country, c.region, c.zones, c.locale, c.preferred_channel,
    ARRAY(SELECT s.customer_id FROM same_person(c.customer_id) AS s
        WHERE s.customer_id <> c.customer_id ORDER BY 1) AS other_ids
FROM customers c WHERE c.customer_id = $1
"""

# The consent is the latest that a file or the person has given for the address, or for its channel;
# from under another id it counts as in store/situations.py.
CONSENTS: Final = """
SELECT p.contact_point_id, p.consented, p.suppressed, p.suppressed_at, e.at AS consent_at,
    e.recorded_at AS consent_recorded_at, e.recorded_by AS consent_recorded_by
FROM contact_points p LEFT JOIN LATERAL (
    SELECT o.* FROM law_events o
    WHERE o.customer_id = ANY (ARRAY(
            SELECT s.customer_id FROM same_person(p.customer_id) AS s WHERE s.surely))
        AND o.kind = 'opt_in' AND coalesce(o.channel, p.channel) = p.channel
        AND (o.address_key = p.address_key OR o.detail->>'contact_point_id' = p.contact_point_id
            OR o.address_key IS NULL AND o.detail->>'contact_point_id' IS NULL)
    ORDER BY o.at DESC, o.event_id LIMIT 1) AS e ON true
WHERE p.customer_id = $1
"""

ACCOUNTS: Final = """
SELECT creditor || '/' || account_id AS account, creditor, account_id, formerly, status,
    close_reason, closed_at, since, currency, balance, balance_as_of, oldest_due_date, strategy,
    segment, chosen_by, (SELECT c.reason FROM strategy_choices c WHERE c.creditor = a.creditor
        AND c.account_id = a.account_id ORDER BY c.choice DESC LIMIT 1) AS chosen_because,
    policy, pinned, attributes,
    phase, state AS standing, hold_until, hold_reason, next_kind, next_at, next_summary, planned_at
FROM accounts a WHERE customer_id = $1 ORDER BY status = 'closed', creditor, account_id
"""

# Of the accounts of theirs, who stands for them beside.
PARTIES: Final = """
SELECT a.creditor || '/' || a.account_id AS account, p.customer_id, p.role, p.since, p.until,
    p.proof
FROM accounts a JOIN account_parties p
    ON p.creditor = a.creditor AND p.account_id = ANY (a.account_id || a.formerly)
WHERE a.customer_id = $1 ORDER BY account, p.role, p.customer_id
"""

STANDS_FOR: Final = """
SELECT p.creditor || '/' || now_called(p.creditor, p.account_id) AS account, p.role, p.since,
    p.until, p.proof, a.customer_id AS debtor, a.status
FROM account_parties p JOIN accounts a ON a.creditor = p.creditor
    AND a.account_id = now_called(p.creditor, p.account_id)
WHERE p.customer_id = $1 ORDER BY account
"""

SCHEDULES: Final = f"""
SELECT a.creditor || '/' || a.account_id AS account, s.schedule
FROM accounts a, LATERAL ({schedule_of("a")}) AS s (schedule)
WHERE a.customer_id = $1
"""  # noqa: S608 - what is put in is a query of ours

PROMISES: Final = """
SELECT p.creditor || '/' || p.account_id AS account, p.promise_id, p.amount, a.currency, p.due_on,
    coalesce(p.parts, '[]') AS parts, p.made_at, p.recorded_by, p.state, p.settled_at, (
        SELECT coalesce(sum(y.amount), 0)::numeric(18, 2) FROM payments y
        WHERE y.creditor = p.creditor AND y.account_id = p.account_id AND y.paid_at >= p.made_at
            AND y.paid_at <= coalesce(p.settled_at, 'infinity')) AS paid
FROM promises p JOIN accounts a USING (creditor, account_id)
WHERE a.customer_id = $1 ORDER BY p.made_at, p.promise_id
"""

PLANS: Final = """
SELECT p.creditor || '/' || p.account_id AS account, p.plan_id, a.currency, p.agreed_at,
    p.instalments, p.grace_days, p.broken_after, p.reaged_after, p.state, p.ended_at, p.ended_why, (
        SELECT coalesce(sum(y.amount), 0)::numeric(18, 2) FROM payments y
        WHERE y.creditor = p.creditor AND y.account_id = p.account_id
            AND y.paid_at >= p.agreed_at AND y.paid_at <= coalesce(p.ended_at, 'infinity')) AS paid
FROM payment_plans p JOIN accounts a USING (creditor, account_id)
WHERE a.customer_id = $1 ORDER BY p.agreed_at, p.plan_id
"""

DISPUTES: Final = """
SELECT d.creditor || '/' || d.account_id AS account, d.dispute_id, d.reason, d.documents, d.note,
    d.opened_at, d.answer_due, d.state, d.resolved_at, d.resolved_why, d.corrected_at
FROM disputes d JOIN accounts a USING (creditor, account_id)
WHERE a.customer_id = $1 ORDER BY d.opened_at, d.dispute_id
"""

HARDSHIPS: Final = """
SELECT h.creditor || '/' || h.account_id AS account, h.hardship_id, h.reason, h.began_at,
    h.review_date, h.state, h.ended_at, h.ended_why
FROM hardships h JOIN accounts a USING (creditor, account_id)
WHERE a.customer_id = $1 ORDER BY h.began_at, h.hardship_id
"""

# Of the person, under whatever id.
VULNERABLE: Final = """
SELECT EXISTS (SELECT FROM persons_only v WHERE v.ended_at IS NULL AND v.customer_id = ANY (ARRAY(
    SELECT s.customer_id FROM same_person($1) s)))
"""

OFFERS: Final = """
SELECT p.creditor || '/' || p.account_id AS account, p.offer_id, a.currency, p.balance, p.amount,
    p.offered_at, p.offered_by, p.offered_as, p.authorized, p.approved_by, p.approved_as,
    p.approved_at, p.expires_on, p.pay_within_days, p.grace_days, p.accepted_at, p.accepted_how,
    p.due_on, p.state, p.ended_at, p.ended_why, (
        SELECT coalesce(sum(y.amount), 0)::numeric(18, 2) FROM payments y
        WHERE y.creditor = p.creditor AND y.account_id = p.account_id
            AND y.paid_at >= p.accepted_at
            AND y.paid_at <= coalesce(p.ended_at, 'infinity')) AS paid
FROM settlement_offers p JOIN accounts a USING (creditor, account_id)
WHERE a.customer_id = $1 ORDER BY p.offered_at, p.offer_id
"""

PAYMENTS: Final = """
SELECT p.creditor || '/' || p.account_id AS account, p.payment_id, p.amount, a.currency, p.paid_at
FROM payments p JOIN accounts a USING (creditor, account_id)
WHERE a.customer_id = $1 AND ($2::timestamptz IS NULL OR p.paid_at >= $2)
ORDER BY p.paid_at, p.payment_id
"""

HOLDS: Final = f"""
SELECT m.creditor || '/' || m.account_id AS account, m.at, m.kind, m.message_id,
    (m.body->>'until')::timestamptz AS until, m.body->>'reason' AS reason
FROM {MESSAGES} AS m JOIN accounts a USING (creditor, account_id)
WHERE a.customer_id = $1 AND m.kind IN ('hold', 'resume') AND m.refused IS NULL
    AND ($2::timestamptz IS NULL OR m.at >= $2)
ORDER BY m.at, m.message_id
"""  # noqa: S608 - what is put in are tables of ours

# What holds for a customer: what the person said under any id, what was said of their accounts, and
# the stops that somebody else has said of an address. Another person's words are not shown.
ON_FILE: Final = """
WITH person AS MATERIALIZED (
    SELECT array_agg(s.customer_id) AS ids FROM same_person($1) AS s
), called AS MATERIALIZED (
    SELECT array_agg(a.creditor || '/' || name) AS keys
    FROM accounts a, unnest(a.account_id || a.formerly) AS name WHERE a.customer_id = $1
), own AS MATERIALIZED (
    SELECT contact_point_id, address_key, channel FROM contact_points WHERE customer_id = $1
)
SELECT e.event_id, e.kind, e.at, e.recorded_at, e.recorded_by, e.channel, e.account,
    whose.this_person, CASE WHEN whose.this_person THEN e.customer_id END AS said_as,
    coalesce((SELECT o.contact_point_id FROM own o
            WHERE o.contact_point_id = e.detail->>'contact_point_id'),
        (SELECT o.contact_point_id FROM own o WHERE o.address_key = e.address_key
            ORDER BY o.channel IS DISTINCT FROM e.channel, o.contact_point_id LIMIT 1)
    ) AS contact_point_id,
    CASE WHEN whose.this_person THEN e.detail->>'text' END AS text,
    e.detail - 'text' - 'contact_point_id' AS detail
FROM law_events e CROSS JOIN LATERAL (
    SELECT coalesce(e.customer_id = ANY ((SELECT ids FROM person)::text[]), false) AS this_person
) AS whose
WHERE e.customer_id = ANY ((SELECT ids FROM person)::text[])
    OR e.account = ANY ((SELECT keys FROM called)::text[])
    OR e.address_key = ANY (ARRAY(SELECT address_key FROM own))
        AND e.kind IN ('opt_out', 'cease', 'wrong_number')
ORDER BY e.at, e.event_id
"""

# From an address that several have, any of them may have written: it is shown with each.
HEARD: Final = f"""
SELECT i.provider || '/' || i.inbound_id AS id, i.at, i.channel, i.customer_id IS NULL AS shared,
    coalesce((SELECT p.contact_point_id FROM contact_points p
            WHERE p.contact_point_id = i.contact_point_id AND p.customer_id = $1),
        (SELECT p.contact_point_id FROM contact_points p
            WHERE p.customer_id = $1 AND p.address_key = address_key(i.channel, i.address)
            ORDER BY p.channel <> i.channel, p.contact_point_id LIMIT 1)) AS contact_point_id,
    i.intent AS recorded_as, i.text, coalesce(i.media, '[]') AS media,
    (SELECT r.reading || jsonb_build_object('version', r.version) FROM readings r
        WHERE r.provider = i.provider AND r.inbound_id = i.inbound_id
        ORDER BY r.read_at DESC LIMIT 1) AS reading,
    (SELECT x.expected FROM reading_corrections x
        WHERE x.provider = i.provider AND x.inbound_id = i.inbound_id
        ORDER BY x.corrected_at DESC LIMIT 1) AS corrected
FROM {INBOUND} AS i
WHERE ($2::timestamptz IS NULL OR i.at >= $2) AND (i.customer_id = $1
    OR i.customer_id IS NULL AND address_key(i.channel, i.address) = ANY (ARRAY(
        SELECT p.address_key FROM contact_points p WHERE p.customer_id = $1)))
ORDER BY i.at, i.provider, i.inbound_id
"""  # noqa: S608 - what is put in are tables of ours

# Of what was sent no words are kept, but those that a call has for whoever is the customer, and a
# person's own.
SENT: Final = f"""
SELECT t.attempt_id AS id, coalesce(t.dispatched_at, t.reserved_at) AS at, t.channel,
    t.contact_point_id, t.creditor || '/' || t.account_id AS account, t.covers, t.purpose, t.phase,
    t.provider, t.state, t.outcome, t.refusal, t.code, t.segments, t.rule, t.cite,
    t.policy, t.probability,
    t.reserved_at, t.dispatched_at, t.settled_at, c.script->>'message' AS script,
    (SELECT jsonb_agg(jsonb_build_object(
            'kind', f.kind, 'document_id', f.document_id, 'left_away', f.left_away)
            ORDER BY f.place)
        FROM attached f WHERE f.attempt_id = t.attempt_id) AS attached,
    (SELECT jsonb_agg(jsonb_build_object('digest', b.digest, 'kind', d.kind, 'name', d.name,
            'version', d.version) ORDER BY b.place)
        FROM unnest(t.decided_by) WITH ORDINALITY AS b (digest, place)
            LEFT JOIN deciders d USING (digest)) AS decided_by, t.segment,
    w.by_whom, w.words AS own_words
FROM {ATTEMPTS} AS t LEFT JOIN calls c USING (attempt_id)
    LEFT JOIN person_messages w USING (attempt_id)
WHERE t.customer_id = $1
    AND ($2::timestamptz IS NULL OR coalesce(t.dispatched_at, t.reserved_at) >= $2)
ORDER BY coalesce(t.dispatched_at, t.reserved_at), t.step
"""  # noqa: S608 - what is put in are tables of ours


# A note is personal; it stands among the words.
BY_PEOPLE: Final = """
SELECT m.contact_id AS id, m.began_at AS at, m.direction, m.action, m.channel, m.contact_point_id,
    m.creditor || '/' || m.account_id AS account, m.covers, m.state, m.result, m.outcome,
    m.callback_at, m.by_whom, m.note, m.against, m.against_rule, m.ended_at
FROM manual_contacts m
WHERE m.customer_id = $1 AND ($2::timestamptz IS NULL OR m.began_at >= $2)
ORDER BY m.began_at, m.contact_id
"""


class OfCustomer:
    """The parts of one customer's record, the oldest first; ``since``: what came from then on."""

    def __init__(self, pool: Pool, customer_id: str, since: datetime | None) -> None:
        self.pool, self.customer_id, self.since = pool, customer_id, since

    async def about(self) -> dict[str, Any] | None:
        """Where they are, what they speak, and which other ids are theirs; None: nobody is this."""
        row = await self.pool.fetchrow(ABOUT, self.customer_id)
        return None if row is None else dict(row)

    async def preferences(self) -> list[dict[str, Any]]:
        """How they want to be reached, each time that they said so; by whom it was recorded."""
        return await self._all(SELECT_PREFERENCES)

    async def consents(self) -> Mapping[str, dict[str, Any]]:
        """By contact point: what is listed of it, and the latest consent that is on file."""
        rows = await self._all(CONSENTS)
        return {row.pop("contact_point_id"): row for row in rows}

    async def accounts(self) -> list[dict[str, Any]]:
        """Their accounts, the open ones first."""
        return await self._all(ACCOUNTS)

    async def schedules(self) -> dict[str, dict[str, Any]]:
        """What fell due when, of those of their accounts of which it is told."""
        return {row["account"]: row["schedule"] for row in await self._all(SCHEDULES)}

    async def parties(self) -> list[dict[str, Any]]:
        """Who stands for their accounts beside them, those who have ceased to included."""
        return await self._all(PARTIES)

    async def stands_for(self) -> list[dict[str, Any]]:
        """The accounts of others that they stand for."""
        return await self._all(STANDS_FOR)

    async def promises(self) -> list[dict[str, Any]]:
        """All promises, with what was paid until each was kept or broken."""
        return await self._all(PROMISES)

    async def plans(self) -> list[dict[str, Any]]:
        """All payment plans, with what was paid until each ended."""
        return await self._all(PLANS)

    async def disputes(self) -> list[dict[str, Any]]:
        """All disputes, and how they were resolved."""
        return await self._all(DISPUTES)

    async def hardships(self) -> list[dict[str, Any]]:
        """All hardships, those that are over included."""
        return await self._all(HARDSHIPS)

    async def vulnerable(self) -> bool:
        """Whether nobody but persons may contact them."""
        return bool(await self.pool.fetchval(VULNERABLE, self.customer_id))

    async def offers(self) -> list[dict[str, Any]]:
        """All settlement offers, with what was paid from acceptance until each ended."""
        return await self._all(OFFERS)

    async def payments(self) -> list[dict[str, Any]]:
        """Money that came."""
        return await self._lately(PAYMENTS)

    async def holds(self) -> list[dict[str, Any]]:
        """Requests to be silent, and to go on."""
        return await self._lately(HOLDS)

    async def on_file(self) -> list[dict[str, Any]]:
        """All that the law knows and that holds for them, whenever it was."""
        return await self._all(ON_FILE)

    async def heard(self) -> list[dict[str, Any]]:
        """What they wrote, and what was read in it."""
        return await self._lately(HEARD)

    async def sent(self) -> list[dict[str, Any]]:
        """Every attempt, with the law that decided when."""
        return await self._lately(SENT)

    async def by_people(self) -> list[dict[str, Any]]:
        """Every contact that a person made with them."""
        return await self._lately(BY_PEOPLE)

    async def _all(self, query: str) -> list[dict[str, Any]]:
        return [dict(row) for row in await self.pool.fetch(query, self.customer_id)]

    async def _lately(self, query: str) -> list[dict[str, Any]]:
        return [dict(row) for row in await self.pool.fetch(query, self.customer_id, self.since)]
