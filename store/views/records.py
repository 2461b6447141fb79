"""What people and reports read: never written through, always whole."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, Final

from store.database import Pool
from store.history.kept import ATTEMPTS, INBOUND, MESSAGES, PLAN_CHANGES
from store.intake.spelling import customers_spelt, one_spelling
from store.law_events import now_called

EXPORT: Final = f"""
SELECT attempt_id, creditor, account_id, customer_id, covers, step, touch, phase, purpose, channel,
    provider, state, outcome, refusal, code, jurisdictions, zones, not_before, not_after,
    reserved_at, dispatched_at, settled_at, provider_message_id, rule, cite, trace_id,
    segments, decided_by, segment, policy, probability, chosen_from,
    (SELECT w.message_id FROM person_messages w
        WHERE w.attempt_id = attempts.attempt_id) AS message_id
FROM {ATTEMPTS} AS attempts
WHERE ($1::timestamptz IS NULL OR reserved_at >= $1) AND ($2::text IS NULL OR creditor = $2)
ORDER BY reserved_at, attempt_id
"""  # noqa: S608 - what is put in are tables of ours

DECIDER: Final = """
SELECT digest, kind, name, version, first_used, content FROM deciders WHERE digest = $1
"""

SHOW: Final = """
SELECT a.creditor, a.account_id, a.customer_id, a.currency, a.balance, a.oldest_due_date, a.status,
    a.close_reason, a.hold_until, a.hold_reason, a.phase, a.state, a.next_kind, a.next_at,
    a.next_summary, a.strategy, a.segment, a.pinned, c.country, c.region, c.zones, c.locale,
    c.preferred_channel
FROM accounts a LEFT JOIN customers c USING (customer_id)
WHERE ($1::text IS NULL OR a.creditor = $1) AND a.account_id = $2
ORDER BY a.creditor, a.account_id
"""

SHOW_SPELT: Final = SHOW.replace(
    "($1::text IS NULL OR a.creditor = $1) AND a.account_id = $2",
    f"($1::text IS NULL OR {one_spelling('a.creditor', '$1')})"
    f" AND {one_spelling('a.account_id', '$2')}",
)

# Of a mailbox the first and last letter, of a name of two letters none. Where that shows two alike,
# two figures of a digest tell them apart; after a name of two letters they always stand, since many
# people's would be shown alike.
POINTS: Final = """
WITH masked AS (
    SELECT *, channel = 'email' AND strpos(address, '@') <= 3 AS bare,
        CASE WHEN channel <> 'email' THEN left(address, 3) || '…' || right(address, 4)
        WHEN strpos(address, '@') <= 3 THEN '…' || substr(address, strpos(address, '@'))
        ELSE left(address, 1) || '…' || substr(address, strpos(address, '@') - 1) END AS mask
    FROM contact_points WHERE customer_id = $1
)
SELECT contact_point_id, channel, kind, current,
    mask || CASE WHEN bare OR count(*) OVER (PARTITION BY channel, mask) > 1
        THEN ' #' || left(md5(address), 2) ELSE '' END AS address
FROM masked ORDER BY channel, masked.address
"""

# Of what is of one instant, what the customer wrote comes first, and what was planned of it last.
# From an address that several have, any of them may have written: it stands with each.
TIMELINE: Final = f"""
SELECT at, kind, account, what FROM (
    SELECT coalesce(t.dispatched_at, t.reserved_at) AS at, 'contact' AS kind,
        t.creditor || '/' || t.account_id AS account,
        t.channel || ' ' || replace(t.purpose, '_', ' ') || ' (' || t.phase || '), '
        || coalesce(replace(t.outcome, '_', ' '), t.state)
        || coalesce(' ' || t.code, '')
        || coalesce(', ' || t.segments
            || CASE t.segments WHEN 1 THEN ' segment' ELSE ' segments' END, '')
        || coalesce('; ' || t.cite, '')
        || coalesce('; written by ' || w.by_whom, '') AS what
    FROM {ATTEMPTS} AS t LEFT JOIN person_messages w USING (attempt_id) WHERE t.customer_id = $1
    UNION ALL
    SELECT w.at, 'not sent', w.creditor || '/' || w.account_id,
        w.channel || ' written by ' || w.by_whom || ': ' || w.why
        || coalesce('; ' || w.cite, '')
    FROM person_messages w WHERE w.customer_id = $1 AND w.refused_at IS NOT NULL
    UNION ALL
    -- What was said of their accounts to those who stand for them.
    SELECT coalesce(t.dispatched_at, t.reserved_at), 'party',
        t.creditor || '/' || t.account_id,
        t.channel || ' to ' || p.role || ' ' || p.customer_id || ', '
        || coalesce(replace(t.outcome, '_', ' '), t.state)
    FROM accounts a JOIN account_parties p
        ON p.creditor = a.creditor AND p.account_id = ANY (a.account_id || a.formerly)
    JOIN {ATTEMPTS} AS t ON t.creditor = a.creditor AND t.account_id = a.account_id
        AND t.customer_id = p.customer_id
    WHERE a.customer_id = $1
    UNION ALL
    SELECT m.began_at, 'person', m.creditor || '/' || m.account_id,
        replace(m.action, '_', ' ') || ' by ' || m.by_whom || ', '
        || coalesce(replace(m.result, '_', ' '), 'begun')
        || coalesce('; should not have been made: ' || m.against, '')
    FROM manual_contacts m WHERE m.customer_id = $1
    UNION ALL
    SELECT i.at, 'wrote', NULL, i.channel || ': ' || CASE
        -- What was done for it, or else all that was read in it.
        WHEN i.intent IN ('other', 'promise', 'help') THEN coalesce((
            SELECT string_agg(replace(said, '_', ' '), ', ')
            FROM (SELECT r.reading FROM readings r
                WHERE r.provider = i.provider AND r.inbound_id = i.inbound_id
                ORDER BY r.read_at DESC LIMIT 1) AS last,
            jsonb_array_elements_text(last.reading->'intents') AS said), i.intent)
        ELSE i.intent END
        || CASE WHEN i.customer_id IS NULL THEN ', from an address that several have' ELSE '' END
    FROM {INBOUND} AS i WHERE i.customer_id = $1
        OR i.customer_id IS NULL AND address_key(i.channel, i.address) = ANY (ARRAY(
            SELECT p.address_key FROM contact_points p WHERE p.customer_id = $1))
    UNION ALL
    SELECT w.said_at, 'prefers', NULL, concat_ws(', ',
        CASE WHEN w.preference ? 'channel'
            THEN 'by ' || coalesce(w.preference->>'channel', 'any channel') END,
        CASE WHEN w.preference ? 'windows' THEN coalesce((
            SELECT string_agg(DISTINCT (h->>'from') || '-' || (h->>'to'), ' and ')
            FROM jsonb_array_elements(w.preference->'windows') AS h), 'at any hour') END,
        CASE WHEN w.preference ? 'locale'
            THEN 'in ' || coalesce(w.preference->>'locale', 'any language') END)
        || '; recorded by ' || w.recorded_by
    FROM preferences w WHERE w.customer_id = $1
    UNION ALL
    SELECT w.opened_at, 'asked', NULL, 'work ' || w.work_id || ': ' || replace(w.reason, '_', ' ')
    FROM work_items w WHERE w.customer_id = $1
    UNION ALL
    SELECT w.done_at, 'done', NULL, 'work ' || w.work_id || ', ' || replace(w.reason, '_', ' ')
        || ': ' || replace(w.outcome, '_', ' ') || ', says ' || w.done_by
        || coalesce(': ' || w.note, '')
    FROM work_items w WHERE w.customer_id = $1 AND w.done_at IS NOT NULL
    UNION ALL
    SELECT e.at, e.kind, e.account, coalesce(e.channel, 'all channels')
    FROM law_events e WHERE e.customer_id = $1
    UNION ALL
    SELECT p.paid_at, 'paid', p.creditor || '/' || p.account_id, p.amount || ' ' || a.currency
    FROM payments p JOIN accounts a USING (creditor, account_id) WHERE a.customer_id = $1
    UNION ALL
    SELECT p.made_at, 'promised', p.creditor || '/' || p.account_id,
        coalesce((
            SELECT string_agg(x.one->>'amount' || ' ' || a.currency || ' by '
                || (x.one->>'due_on'), ', ' ORDER BY x.place)
            FROM jsonb_array_elements(p.parts) WITH ORDINALITY AS x (one, place)),
            p.amount || ' ' || a.currency || ' by ' || p.due_on)
        || ', ' || p.state || coalesce(', recorded by ' || p.recorded_by, '')
    FROM promises p JOIN accounts a USING (creditor, account_id) WHERE a.customer_id = $1
    UNION ALL
    SELECT p.agreed_at, 'agreed a plan', p.creditor || '/' || p.account_id,
        jsonb_array_length(p.instalments) || ' instalments, the last by '
        || (p.instalments->-1->>'due_on') || ', ' || p.state
    FROM payment_plans p JOIN accounts a USING (creditor, account_id) WHERE a.customer_id = $1
    UNION ALL
    SELECT p.ended_at, 'plan ' || p.state, p.creditor || '/' || p.account_id,
        coalesce(p.ended_why, p.plan_id)
    FROM payment_plans p JOIN accounts a USING (creditor, account_id)
    WHERE a.customer_id = $1 AND p.ended_at IS NOT NULL
    UNION ALL
    SELECT d.opened_at, 'disputed', d.creditor || '/' || d.account_id,
        replace(d.reason, '_', ' ') || ', to be answered by ' || d.answer_due || ', '
        || replace(d.state, '_', ' ')
    FROM disputes d JOIN accounts a USING (creditor, account_id) WHERE a.customer_id = $1
    UNION ALL
    SELECT d.resolved_at, 'dispute over', d.creditor || '/' || d.account_id,
        replace(CASE d.state WHEN 'corrected' THEN 'resolved_for' ELSE d.state END, '_', ' ')
        || coalesce(': ' || d.resolved_why, '')
    FROM disputes d JOIN accounts a USING (creditor, account_id)
    WHERE a.customer_id = $1 AND d.resolved_at IS NOT NULL
    UNION ALL
    SELECT d.corrected_at, 'dispute over', d.creditor || '/' || d.account_id, 'corrected'
    FROM disputes d JOIN accounts a USING (creditor, account_id)
    WHERE a.customer_id = $1 AND d.corrected_at IS NOT NULL
    UNION ALL
    SELECT h.began_at, 'in hardship', h.creditor || '/' || h.account_id,
        replace(h.reason, '_', ' ') || ', looked at again on ' || h.review_date || ', ' || h.state
    FROM hardships h JOIN accounts a USING (creditor, account_id) WHERE a.customer_id = $1
    UNION ALL
    SELECT h.ended_at, 'hardship over', h.creditor || '/' || h.account_id, h.ended_why
    FROM hardships h JOIN accounts a USING (creditor, account_id)
    WHERE a.customer_id = $1 AND h.ended_at IS NOT NULL
    UNION ALL
    SELECT p.offered_at, 'offered a settlement', p.creditor || '/' || p.account_id,
        p.amount || ' ' || a.currency || ' for ' || p.balance || ', until ' || p.expires_on
        || ', by ' || p.offered_by || ' (' || p.offered_as || '), ' || p.state
    FROM settlement_offers p JOIN accounts a USING (creditor, account_id) WHERE a.customer_id = $1
    UNION ALL
    SELECT p.approved_at, 'settlement approved', p.creditor || '/' || p.account_id,
        p.offer_id || ', by ' || p.approved_by || ' (' || p.approved_as || ')'
    FROM settlement_offers p JOIN accounts a USING (creditor, account_id)
    WHERE a.customer_id = $1 AND p.approved_at IS NOT NULL
    UNION ALL
    SELECT p.accepted_at, 'settlement accepted', p.creditor || '/' || p.account_id,
        p.offer_id || ', by ' || replace(p.accepted_how, '_', ' ') || ', to be paid by ' || p.due_on
    FROM settlement_offers p JOIN accounts a USING (creditor, account_id)
    WHERE a.customer_id = $1 AND p.accepted_at IS NOT NULL
    UNION ALL
    SELECT p.ended_at, 'settlement ' || p.state, p.creditor || '/' || p.account_id,
        p.offer_id || coalesce(': ' || p.ended_why, '')
    FROM settlement_offers p JOIN accounts a USING (creditor, account_id)
    WHERE a.customer_id = $1 AND p.ended_at IS NOT NULL
    UNION ALL
    SELECT m.at, replace(m.kind, '_', ' '), m.creditor || '/' || m.account_id,
        coalesce('refused: ' || m.refused, 'recorded')
    FROM {MESSAGES} AS m JOIN accounts a USING (creditor, account_id)
    WHERE a.customer_id = $1 AND (m.refused IS NOT NULL
        OR m.kind IN ('hold', 'resume', 'close', 'account_opened'))
    UNION ALL
    SELECT c.at, 'planned', c.creditor || '/' || c.account_id, c.summary
    FROM {PLAN_CHANGES} AS c JOIN accounts a USING (creditor, account_id) WHERE a.customer_id = $1
    UNION ALL
    SELECT c.at, 'strategy_chosen', c.creditor || '/' || c.account_id,
        c.strategy || ', ' || c.reason
        || CASE WHEN c.before IS DISTINCT FROM c.strategy THEN '; it was ' || c.before ELSE '' END
    FROM strategy_choices c JOIN accounts a USING (creditor, account_id) WHERE a.customer_id = $1
    UNION ALL
    SELECT s.settled_at, 'settled', t.creditor || '/' || t.account_id,
        t.channel || ' was ' || s.outcome || ', says ' || s.settled_by || ': ' || s.note
    FROM settlements s JOIN {ATTEMPTS} AS t USING (attempt_id) WHERE t.customer_id = $1
    UNION ALL
    SELECT a.closed_at, 'ended', a.creditor || '/' || a.account_id, a.close_reason
    FROM accounts a WHERE a.customer_id = $1 AND a.closed_at IS NOT NULL
) AS everything
ORDER BY at, CASE kind WHEN 'wrote' THEN 0 WHEN 'planned' THEN 2 ELSE 1 END, kind, account, what
"""  # noqa: S608 - what is put in are tables of ours

CUSTOMER_ZONES: Final = "SELECT zones FROM customers WHERE customer_id = $1"

ACCOUNTS: Final = """
SELECT a.creditor, a.account_id, a.customer_id, a.currency, a.status, a.close_reason, a.since,
    a.closed_at, a.oldest_due_date, a.balance, c.country, c.zones,
    a.balance + coalesce((SELECT sum(p.amount) FROM payments p
        WHERE p.creditor = a.creditor AND p.account_id = a.account_id), 0) AS opened_balance
FROM accounts a LEFT JOIN customers c USING (customer_id) ORDER BY a.creditor, a.account_id
"""

EVENTS: Final = """
SELECT at, account, kind, detail FROM (
    SELECT p.paid_at AS at, p.creditor || '/' || p.account_id AS account, 'payment' AS kind,
        jsonb_build_object('amount', p.amount::text, 'currency', a.currency) AS detail
    FROM payments p JOIN accounts a USING (creditor, account_id)
    UNION ALL
    SELECT p.made_at, p.creditor || '/' || p.account_id, 'promise', jsonb_build_object(
        'amount', p.amount::text, 'currency', a.currency, 'date', p.due_on, 'state', p.state)
    FROM promises p JOIN accounts a USING (creditor, account_id)
    UNION ALL
    SELECT i.at, (SELECT min(a.creditor || '/' || a.account_id) FROM accounts a
            WHERE a.customer_id = i.customer_id), 'reply', jsonb_build_object('channel', i.channel)
    FROM inbound i
    WHERE i.customer_id IS NOT NULL AND i.intent NOT IN ('automatic', 'unproven')
    UNION ALL
    SELECT e.at, (SELECT min(a.creditor || '/' || a.account_id) FROM accounts a
            WHERE a.customer_id = e.customer_id), 'opt_out',
        jsonb_build_object('channel', e.channel)
    FROM law_events e WHERE e.kind = 'opt_out'
) AS everything WHERE account IS NOT NULL ORDER BY at
"""


class Records:
    """Queries for the command line, the export and the reports."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool

    async def export(
        self, since: datetime | None = None, creditor: str | None = None
    ) -> AsyncIterator[dict[str, Any]]:
        """Every attempt, oldest first; ``account_id`` is the creditor's own id."""
        async with self.pool.acquire() as connection, connection.transaction():
            async for row in connection.cursor(EXPORT, since, creditor):
                yield dict(row)

    async def decider(self, digest: str) -> dict[str, Any] | None:
        """What decided, as it stood when it was first used."""
        row = await self.pool.fetchrow(DECIDER, digest)
        return None if row is None else dict(row)

    async def accounts(self) -> list[dict[str, Any]]:
        """Every account with where it stands."""
        return [dict(row) for row in await self.pool.fetch(ACCOUNTS)]

    async def events(self) -> list[dict[str, Any]]:
        """What customers did, over all accounts."""
        return [dict(row) for row in await self.pool.fetch(EVENTS)]

    async def show(self, account_id: str, creditor: str | None) -> list[dict[str, Any]]:
        """The accounts of this id (several creditors may use one), or else those whose ids differ
        by their spelling alone."""
        found = await self.pool.fetch(SHOW, creditor, account_id)
        found = found or await self.pool.fetch(SHOW_SPELT, creditor, account_id)
        return [dict(row) for row in found]

    async def now_called(self, creditor: str, account_id: str) -> str:
        """The id that the debt of an account has by now: its own, unless it was renumbered."""
        return await now_called(self.pool, creditor, account_id)

    async def points(self, customer_id: str) -> list[dict[str, Any]]:
        """A customer's contact points; masked addresses that still tell two of them apart."""
        return [dict(row) for row in await self.pool.fetch(POINTS, customer_id)]

    async def zones(self, customer_id: str) -> tuple[str, ...] | None:
        """The time zones a customer may be in; None when nobody has this id."""
        found = await self.pool.fetchval(CUSTOMER_ZONES, customer_id)
        return None if found is None else tuple(found)

    async def spelt(self, customer_id: str) -> list[str]:
        """The customers whose ids differ by their spelling alone from one that nobody has."""
        found = await customers_spelt(self.pool, [customer_id])
        return [one.customer_id for one in found.get(customer_id, ())]

    async def timeline(self, customer_id: str) -> list[dict[str, Any]]:
        """All that happened between us and a customer."""
        return [dict(row) for row in await self.pool.fetch(TIMELINE, customer_id)]
