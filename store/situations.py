"""Reading, in one round trip, everything that planning looks at."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import asyncpg

from domain.channels import Channel
from domain.contacts.manual import ManualContact, with_people
from domain.law.request import OF_THE_PERSON
from domain.ledger import circuit
from domain.situation import Situation
from store.bulk.covering import SILENCES, covers
from store.database import Connection
from store.law_events import GIVES_LEAVE, STOPS_MEDIUM, WRITTEN_FROM_ADDRESS

MEMORY: Final = timedelta(days=400)
"""No rule of law or strategy looks further back than this."""

_OF_THE_PERSON: Final = ", ".join(f"'{kind}'" for kind in sorted(OF_THE_PERSON))

# Whatever is read here has been recorded by now: a later instant of recording is another machine's
# clock that is fast, and is cut to now.
#
# One address is one address, whoever's record it stands in: what went there, and what was said from
# there, is read by its key. `shared` are the other records of this customer's addresses.
#
# One person is one person, under whatever id: `person` are the ids that an account has shown to be
# this customer's, those of them `surely` so by name and address, too. What they said is this
# customer's own. What gives leave is taken from the sure ones alone.
#
# What was said of the account stays with the account, whoever holds it: a dispute, an attorney, a
# stop. Not what an earlier holder said of themselves.
_ME: Final = "SELECT * FROM accounts WHERE creditor = $1 AND account_id = $2"


def schedule_of(account: str) -> str:
    """What fell due when of an account, with what has come since; of most nothing is told."""
    return f"""SELECT json_build_object('as_of', d.as_of, 'instalments', d.instalments,
        'paid', coalesce(sum(y.amount), 0)::text, 'paid_before',
        coalesce(sum(y.amount) FILTER (WHERE y.paid_at <= {account}.balance_as_of), 0)::text)
        FROM due_schedules d LEFT JOIN payments y ON y.creditor = d.creditor
            AND y.account_id = d.account_id AND y.paid_at > d.as_of
        WHERE d.creditor = {account}.creditor AND d.account_id = {account}.account_id
        GROUP BY d.creditor, d.account_id"""  # noqa: S608 - what is put in is a name


def plans_of(account: str) -> str:
    """All payment plans of an account, with what has been paid since each was agreed."""
    return f"""SELECT coalesce(json_agg(json_build_object(
        'plan_id', p.plan_id, 'agreed_at', p.agreed_at, 'instalments', p.instalments,
        'grace_days', p.grace_days, 'broken_after', p.broken_after,
        'reaged_after', p.reaged_after, 'state', p.state, 'paid', (
            SELECT coalesce(sum(y.amount), 0)::text FROM payments y
            WHERE y.creditor = p.creditor AND y.account_id = p.account_id
                AND y.paid_at >= p.agreed_at)) ORDER BY p.agreed_at, p.plan_id), '[]')
        FROM payment_plans p
        WHERE p.creditor = {account}.creditor
            AND p.account_id = {account}.account_id"""  # noqa: S608 - what is put in is a name


SELECT_SITUATION: Final = f"""
WITH me AS (
    {_ME}
), parties AS MATERIALIZED (
    SELECT p.customer_id, p.role, p.since, p.until FROM me JOIN account_parties p
        ON p.creditor = me.creditor AND p.account_id = ANY (me.account_id || me.formerly)
), person AS MATERIALIZED (
    SELECT array_agg(s.customer_id) AS ids,
        array_agg(s.customer_id) FILTER (WHERE s.surely) AS surely
    FROM me, same_person(me.customer_id) AS s
), beside AS (
    SELECT o.* FROM accounts o JOIN me USING (customer_id, creditor)
    WHERE o.account_id <> me.account_id
), numbers AS (
    -- A debt that was renumbered is one debt, in whichever direction, and is read by what it is
    -- called here. Also one beside this, of which a message may speak.
    SELECT DISTINCT ON (name) name, me.creditor || '/' || name AS key,
        me.creditor || '/' || each.account_id AS now, whose = 1 AS own
    FROM me, LATERAL (
        SELECT 1 AS whose, me.account_id, unnest(me.account_id || me.formerly || ARRAY(
            SELECT o.account_id FROM beside o WHERE me.account_id = ANY (o.formerly))) AS name
        UNION ALL
        SELECT 2, o.account_id, unnest(o.account_id || o.formerly) FROM beside o
        WHERE o.status = 'open'
    ) AS each
    ORDER BY name, whose
), called AS (
    SELECT array_agg(name) FILTER (WHERE own) AS names,
        array_agg(key) FILTER (WHERE own) AS keys,
        bool_or(key <> now) AS renamed
    FROM numbers
), mine AS (
    SELECT p.* FROM contact_points p JOIN me USING (customer_id) WHERE p.current
), shared AS (
    SELECT DISTINCT ON (o.contact_point_id) o.contact_point_id, o.suppressed, o.suppressed_at,
        o.channel, o.address_key, o.customer_id, m.contact_point_id AS own
    FROM mine m JOIN contact_points o USING (address_key)
    WHERE o.contact_point_id NOT IN (SELECT contact_point_id FROM mine)
    ORDER BY o.contact_point_id, o.channel <> m.channel, m.contact_point_id
), blocked AS (
    -- The first reason stays, in whoever's record and spelling it was found.
    SELECT DISTINCT ON (address_key, channel) address_key, channel, suppressed
    FROM (
        SELECT address_key, channel, suppressed, suppressed_at, contact_point_id FROM mine
        UNION ALL
        SELECT address_key, channel, suppressed, suppressed_at, contact_point_id FROM shared
    ) AS records
    WHERE suppressed IS NOT NULL
    ORDER BY address_key, channel, suppressed_at, contact_point_id
)
SELECT
    json_build_object(
        'creditor', me.creditor, 'account_id', me.account_id, 'customer_id', me.customer_id,
        'currency', me.currency, 'balance', me.balance::text,
        'oldest_due_date', me.oldest_due_date, 'status', me.status,
        'close_reason', me.close_reason, 'closed_at', me.closed_at, 'hold_until', me.hold_until,
        'hold_reason', me.hold_reason, 'strategy', me.strategy, 'since', me.since,
        'segment', me.segment, 'chosen_by', me.chosen_by, 'pinned', me.pinned,
        'arms', me.arms, 'policy', me.policy,
        'balance_as_of', me.balance_as_of, 'asked_in', me.asked_in,
        'asked_at', me.asked_at, 'score', me.score::text,
        'score_as_of', me.score_as_of) AS account,
    CASE WHEN c.customer_id IS NULL THEN NULL ELSE json_build_object(
        'customer_id', c.customer_id, 'locale', c.locale, 'country', c.country,
        'region', c.region, 'regions_of_address', c.regions_of_address,
        'regions_of_phones', c.regions_of_phones, 'zones', c.zones,
        'preferred_channel', c.preferred_channel,
        'points', (
            SELECT coalesce(json_agg(json_build_object(
                'contact_point_id', p.contact_point_id, 'channel', p.channel, 'kind', p.kind,
                'address_id', md5(p.address_key),
                -- What the person says of the very address is a consent, whatever a file lists.
                'consented', p.consented OR EXISTS (
                    SELECT FROM law_events e
                    WHERE e.customer_id = ANY ((SELECT surely FROM person)::text[])
                        AND e.kind = 'opt_in' AND e.event_id NOT LIKE 'intake:%'
                        AND coalesce(e.channel, p.channel) = p.channel
                        AND (e.account IS NULL
                            OR e.account = ANY ((SELECT keys FROM called)::text[]))
                        AND (e.address_key = p.address_key
                            OR e.detail->>'contact_point_id' = p.contact_point_id)),
                'suppressed', b.suppressed)
                ORDER BY p.contact_point_id), '[]')
            FROM mine p LEFT JOIN blocked b USING (address_key, channel))
    ) END AS customer,
    (SELECT sum(o.facts) FROM customers o
        -- A contact with whoever is part of the account rests on what is known of all of them.
        WHERE o.customer_id = ANY ((SELECT ids FROM person)::text[] || ARRAY(
            SELECT s.customer_id FROM parties p, same_person(p.customer_id) s))) AS facts,
    (SELECT coalesce(json_agg(json_build_object(
        'customer_id', p.customer_id, 'role', p.role, 'since', p.since, 'until', p.until)
        ORDER BY p.role DESC, p.customer_id), '[]')
        FROM parties p WHERE p.role <> 'authorized') AS standings,
    (SELECT coalesce(json_agg(json_build_object(
        'attempt_id', t.attempt_id, 'account', coalesce(
            (SELECT n.now FROM numbers n WHERE n.key = t.creditor || '/' || t.account_id),
            t.creditor || '/' || t.account_id),
        'covers', CASE WHEN (SELECT renamed FROM called) THEN (
            SELECT coalesce(json_agg(DISTINCT coalesce(n.now, said.key)), '[]')
            FROM unnest(t.covers) AS said (key) LEFT JOIN numbers n USING (key))
            ELSE to_json(t.covers) END,
        'step', t.step, 'touch', t.touch, 'phase', t.phase,
        'purpose', t.purpose, 'channel', t.channel,
        'contact_point_id', coalesce(s.own, t.contact_point_id),
        -- Nearly always one that has just been read.
        'address_id', md5(coalesce(s.address_key,
            (SELECT m.address_key FROM mine m WHERE m.contact_point_id = t.contact_point_id),
            (SELECT p.address_key FROM contact_points p
                WHERE p.contact_point_id = t.contact_point_id))),
        'elsewhere', t.customer_id <> ALL ((SELECT ids FROM person)::text[])
            AND s.own IS NOT NULL AND NOT t.covers && (SELECT keys FROM called),
        'provider', t.provider, 'state', t.state, 'outcome', t.outcome, 'refusal', t.refusal,
        'at', coalesce(t.dispatched_at, t.reserved_at),
        'reconcile_at', t.reconcile_at) ORDER BY coalesce(t.dispatched_at, t.reserved_at), t.step),
        '[]')
        FROM attempts t LEFT JOIN shared s USING (contact_point_id)
        -- Each of these conditions has an index of its own; PostgreSQL puts together what they find
        -- and reads each attempt once. Joined to a list of ids, it reads every attempt there is.
        WHERE t.reserved_at > $3 AND (t.customer_id = ANY ((SELECT ids FROM person)::text[])
            OR t.creditor = me.creditor AND t.account_id = ANY ((SELECT names FROM called)::text[])
            OR t.covers && (SELECT keys FROM called)
            OR t.contact_point_id = ANY (ARRAY(SELECT contact_point_id FROM shared))
            -- What was said of an account beside this to one who stands for it: a message may speak
            -- of that account, too.
            OR t.customer_id = ANY (ARRAY(
                    SELECT p.customer_id FROM beside b JOIN account_parties p
                        ON p.creditor = b.creditor AND p.account_id = b.account_id))
                AND t.creditor = me.creditor
                AND t.account_id = ANY (ARRAY(SELECT account_id FROM beside)))
    ) AS contacts,
    (SELECT coalesce(json_agg(json_build_object(
        'contact_id', t.contact_id, 'account', coalesce(
            (SELECT n.now FROM numbers n WHERE n.key = t.creditor || '/' || t.account_id),
            t.creditor || '/' || t.account_id),
        'covers', ARRAY(
            SELECT DISTINCT coalesce(n.now, said.key)
            FROM unnest(t.covers) AS said (key) LEFT JOIN numbers n USING (key)),
        'channel', t.channel, 'direction', t.direction,
        'contact_point_id', coalesce((
            SELECT m.contact_point_id FROM mine m WHERE m.address_key = t.address_key
            ORDER BY m.contact_point_id IS DISTINCT FROM t.contact_point_id,
                m.channel <> t.channel, m.contact_point_id LIMIT 1), t.contact_point_id),
        'address_id', coalesce(md5(t.address_key), ''),
        'elsewhere', t.customer_id <> ALL ((SELECT ids FROM person)::text[])
            AND NOT t.covers && (SELECT keys FROM called),
        'heard', t.customer_id = ANY ((SELECT surely FROM person)::text[]),
        'state', t.state, 'outcome', t.outcome, 'at', t.began_at)), '[]')
        FROM manual_contacts t
        -- Each by its own index, also in a plan that was made while the table was empty.
        WHERE t.began_at > $3 AND t.contact_id = ANY (ARRAY(
            SELECT o.contact_id FROM manual_contacts o
            WHERE o.customer_id = ANY ((SELECT ids FROM person)::text[]) AND o.began_at > $3
            UNION
            SELECT o.contact_id FROM manual_contacts o
            WHERE o.creditor = me.creditor
                AND o.account_id = ANY ((SELECT names FROM called)::text[])
            UNION
            SELECT o.contact_id FROM manual_contacts o WHERE o.covers && (SELECT keys FROM called)
            UNION
            SELECT o.contact_id FROM manual_contacts o
            WHERE o.address_key = ANY (ARRAY(SELECT address_key FROM mine))))
    ) AS by_people,
    (SELECT coalesce(json_agg(json_build_object(
        'at', i.at, 'channel', i.channel, 'message', i.provider || '/' || i.inbound_id,
        'contact_point_id', coalesce(s.own, i.contact_point_id, (
            SELECT m.contact_point_id FROM mine m
            WHERE m.address_key = address_key(i.channel, i.address)
            ORDER BY m.channel <> i.channel, m.contact_point_id LIMIT 1)))), '[]')
        FROM inbound i LEFT JOIN shared s USING (contact_point_id)
        -- From an address that several have or had, all of them may have written it. What it says
        -- of stopping is on record for each of them.
        -- What a program wrote, or nobody is proved to have written, is no reply
        -- (domain/conversation/standing.py).
        WHERE i.at > $3 AND i.intent NOT IN ('automatic', 'unproven') AND (
            i.customer_id = ANY ((SELECT surely FROM person)::text[])
            OR i.customer_id IS NULL AND i.intent NOT IN ('opt_out', 'opt_in', 'wrong_person')
                AND address_key(i.channel, i.address) = ANY (ARRAY(
                SELECT address_key FROM mine)))) AS replies,
    (SELECT coalesce(json_agg(p.paid_at), '[]')
        FROM payments p JOIN accounts a USING (creditor, account_id)
        WHERE a.customer_id = me.customer_id AND p.paid_at > $3) AS payments,
    (SELECT coalesce(json_agg(json_build_object(
        'payment_id', p.payment_id, 'amount', p.amount::text, 'paid_at', p.paid_at)
        ORDER BY p.paid_at, p.payment_id), '[]')
        FROM payments p WHERE p.creditor = me.creditor AND p.account_id = me.account_id
            AND p.paid_at > $3) AS own_payments,
    (SELECT coalesce(json_agg(json_build_object(
        'promise_id', p.promise_id, 'amount', p.amount::text, 'due_on', p.due_on,
        'parts', coalesce(p.parts, '[]'), 'settled_at', p.settled_at,
        'made_at', p.made_at, 'state', p.state, 'paid', (
            SELECT coalesce(sum(y.amount), 0)::text FROM payments y
            WHERE y.creditor = p.creditor AND y.account_id = p.account_id
                AND y.paid_at >= p.made_at))), '[]')
        FROM promises p
        WHERE p.creditor = me.creditor AND p.account_id = me.account_id) AS promises,
    ({plans_of("me")}) AS plans,
    (SELECT json_build_object('dispute_id', d.dispute_id, 'reason', d.reason,
        'opened_at', d.opened_at, 'answer_due', d.answer_due, 'state', d.state, 'asked', d.asked)
        FROM disputes d WHERE d.creditor = me.creditor AND d.account_id = me.account_id
            AND d.state IN ('open', 'resolved_for')) AS dispute,
    (SELECT json_build_object('hardship_id', h.hardship_id, 'reason', h.reason,
        'began_at', h.began_at, 'review_date', h.review_date, 'state', h.state,
        'review_asked', h.review_asked, 'person_asked', h.person_asked)
        FROM hardships h WHERE h.creditor = me.creditor AND h.account_id = me.account_id
            AND h.state = 'active') AS hardship,
    EXISTS (SELECT FROM persons_only v WHERE v.customer_id = ANY ((SELECT ids FROM person)::text[])
        AND v.ended_at IS NULL) AS persons_only,
    (SELECT max(v.asked_at) FROM persons_only v
        WHERE v.customer_id = ANY ((SELECT ids FROM person)::text[])
            AND v.ended_at IS NULL) AS person_asked_at,
    (SELECT coalesce(json_agg(json_build_object(
        'offer_id', p.offer_id, 'balance', p.balance::text, 'amount', p.amount::text,
        'offered_at', p.offered_at, 'offered_by', p.offered_by, 'offered_as', p.offered_as,
        'authorized', p.authorized::text, 'approved_by', p.approved_by,
        'approved_as', p.approved_as, 'approved_at', p.approved_at, 'expires_on', p.expires_on,
        'pay_within_days', p.pay_within_days, 'grace_days', p.grace_days,
        'accepted_at', p.accepted_at, 'accepted_how', p.accepted_how, 'due_on', p.due_on,
        'state', p.state, 'paid', (
            SELECT coalesce(sum(y.amount), 0)::text FROM payments y
            WHERE y.creditor = p.creditor AND y.account_id = p.account_id
                AND y.paid_at >= p.accepted_at)) ORDER BY p.offered_at, p.offer_id), '[]')
        FROM settlement_offers p
        WHERE p.creditor = me.creditor AND p.account_id = me.account_id) AS offers,
    ({schedule_of("me")}) AS schedule,
    (SELECT coalesce(jsonb_agg(e.detail || jsonb_build_object(
        'kind', e.kind, 'at', e.at, 'channel', e.channel,
        'account_id', coalesce(
            (SELECT n.now FROM numbers n WHERE n.key = e.account), e.account),
        -- Of an address that stands here under another id or spelling, it is said of this one.
        'contact_point_id', coalesce(
            (SELECT s.own FROM shared s WHERE s.contact_point_id = e.detail->>'contact_point_id'),
            e.detail->>'contact_point_id'),
        'recorded_at', CASE WHEN e.recorded_at > $4 THEN $4 ELSE e.recorded_at END)
        ORDER BY e.at), '[]')
        FROM law_events e
        WHERE (e.customer_id = ANY ((SELECT surely FROM person)::text[])
                OR e.customer_id = ANY ((SELECT ids FROM person)::text[]) AND NOT {GIVES_LEAVE}
                OR e.account = ANY ((SELECT keys FROM called)::text[])
                    -- What was kept for the account before it was known is its holder's.
                    AND (e.kind NOT IN ({_OF_THE_PERSON}) OR e.customer_id IS NULL)
                    -- What one who stands for it says is theirs.
                    AND coalesce(e.customer_id <> ALL (ARRAY(SELECT customer_id FROM parties)),
                        true))
            -- A consent that a file lists is not heard beside a stop, whichever is the later: only
            -- what the person says is.
            AND NOT (e.kind = 'opt_in' AND e.event_id LIKE 'intake:%' AND EXISTS (
                SELECT FROM law_events o
                WHERE (o.customer_id = ANY ((SELECT ids FROM person)::text[])
                        AND (o.account IS NULL
                            OR o.account = ANY ((SELECT keys FROM called)::text[]))
                    OR o.account = ANY ((SELECT keys FROM called)::text[]))
                    AND o.kind IN ('opt_out', 'cease')
                    AND {STOPS_MEDIUM.format(stop="o", channel="e.channel")}))) AS law_events,
    (SELECT coalesce(json_agg(json_build_object(
        'contact_point_id', p.contact_point_id, 'stops', e.kind <> 'opt_in',
        -- What lifts a stop was said after it, not only told after it, nor dated after it.
        'at', least(e.at, e.recorded_at, $4), 'since', CASE WHEN e.kind = 'opt_in' THEN e.at END,
        'channel', CASE WHEN e.kind IN ('wrong_number', 'cease') THEN NULL ELSE e.channel END)),
        '[]')
        FROM mine p CROSS JOIN LATERAL (
            -- This customer's own stops are among the events: what lifts them is decided there. One
            -- of another, also of this person under another id, is lifted by what this person says
            -- of the address, and by what is written from it; not by what anybody else has had
            -- recorded.
            SELECT e.kind, e.at, e.recorded_at, e.channel FROM law_events e
            WHERE e.address_key = p.address_key AND CASE e.kind
                WHEN 'wrong_number' THEN true
                WHEN 'opt_out' THEN e.customer_id IS DISTINCT FROM me.customer_id
                WHEN 'opt_in' THEN e.customer_id = ANY ((SELECT surely FROM person)::text[])
                    OR {WRITTEN_FROM_ADDRESS}
                ELSE false END
            UNION ALL
            -- A stop that names no address was said for all that the person has or had.
            SELECT e.kind, e.at, e.recorded_at, e.channel FROM law_events e
            WHERE e.customer_id IN (
                    SELECT o.customer_id FROM shared s, same_person(s.customer_id) o
                    WHERE s.address_key = p.address_key
                    EXCEPT SELECT unnest(ids) FROM person)
                AND e.account IS NULL
                AND (e.kind = 'cease' OR e.kind = 'opt_out' AND e.address_key IS NULL
                    AND e.detail->>'contact_point_id' IS NULL)
        ) AS e) AS address_facts,
    (SELECT coalesce(json_agg(json_build_object(
        'account', o.creditor || '/' || o.account_id, 'balance', o.balance::text,
        'currency', o.currency, 'due', o.oldest_due_date,
        'schedule', ({schedule_of("o")}),
        'said_by_others', (SELECT coalesce(jsonb_agg(e.detail || jsonb_build_object(
            'kind', e.kind, 'at', e.at, 'channel', e.channel,
            'account_id', o.creditor || '/' || o.account_id,
            'recorded_at', CASE WHEN e.recorded_at > $4 THEN $4 ELSE e.recorded_at END)), '[]')
            FROM law_events e JOIN unnest(o.account_id || o.formerly) AS name
                ON e.account = o.creditor || '/' || name
            WHERE e.customer_id <> ALL ((SELECT ids FROM person)::text[])
                AND e.kind NOT IN ({_OF_THE_PERSON})),
        'silent', coalesce(o.hold_until > $4, false) OR EXISTS (
            SELECT FROM promises p WHERE p.creditor = o.creditor AND p.account_id = o.account_id
                AND p.state = 'open') OR EXISTS (
            SELECT FROM payment_plans p WHERE p.creditor = o.creditor
                AND p.account_id = o.account_id AND p.state = 'active') OR EXISTS (
            SELECT FROM disputes d WHERE d.creditor = o.creditor AND d.account_id = o.account_id
                AND d.state IN ('open', 'resolved_for')) OR EXISTS (
            SELECT FROM hardships h WHERE h.creditor = o.creditor
                AND h.account_id = o.account_id AND h.state = 'active') OR EXISTS (
            SELECT FROM settlement_offers p WHERE p.creditor = o.creditor
                AND p.account_id = o.account_id AND p.state = 'accepted') OR EXISTS (
            SELECT FROM bulk_orders b WHERE {SILENCES.format(now="$4")}
                AND (b.phases IS NULL OR o.phase = ANY (b.phases))
                AND {covers("o", "c")}))), '[]')
        FROM beside o WHERE o.status = 'open'
            AND o.account_id <> ALL ((SELECT names FROM called)::text[])) AS siblings,
    (SELECT coalesce(json_agg(json_build_object(
        'channel', h.channel, 'provider', h.provider, 'at', h.at, 'sign', h.sign)), '[]')
        FROM unnest($5::text[], $6::text[]) AS served (channel, provider), LATERAL (
            (SELECT * FROM provider_health s
            WHERE s.channel = served.channel AND s.provider = served.provider
                AND s.at <= $4 AND s.at > $7
            ORDER BY s.at DESC LIMIT $8)
            UNION ALL
            -- Where time is skipped, an account whose clock is ahead may have taken the probe of
            -- this present already: else both would plan, and be refused, the same one for ever.
            (SELECT s.channel, s.provider, s.due, s.sign, s.attempt_id, s.due, s.recorded_at
            FROM provider_health s
            WHERE s.channel = served.channel AND s.provider = served.provider
                AND s.at > $4 AND s.due <= $4 AND s.due > $7
            ORDER BY s.due DESC LIMIT $8)) h) AS health,
    (SELECT coalesce(json_agg(json_build_object(
        'work_id', w.work_id, 'reason', w.reason, 'opened_at', w.opened_at,
        'contact_point_id', w.contact_point_id, 'lacking', w.lacking,
        'due_at', CASE WHEN w.reason = 'callback' THEN w.due_at END)
        ORDER BY w.work_id),
        '[]')
        FROM work_items w
        WHERE w.customer_id = ANY ((SELECT ids FROM person)::text[]) AND w.done_at IS NULL) AS work,
    (SELECT coalesce(json_agg(json_build_object(
        'preference_id', w.preference_id, 'said_at', w.said_at, 'preference', w.preference)
        ORDER BY w.said_at, w.preference_id), '[]')
        FROM preferences w
        WHERE w.customer_id = ANY ((SELECT surely FROM person)::text[])) AS preferences,
    (SELECT coalesce(json_agg(json_build_object(
        'message_id', m.message_id, 'channel', m.channel, 'contact_point_id', m.contact_point_id,
        'template', m.template, 'at', m.at) ORDER BY m.at, m.message_id), '[]')
        FROM person_messages m
        -- Older ones have not left in their time, and never will.
        WHERE m.at > $4 - interval '1 day' AND m.refused_at IS NULL
            AND m.message_id = ANY (ARRAY(
                SELECT o.message_id FROM person_messages o
                WHERE o.creditor = me.creditor
                    AND o.account_id = ANY ((SELECT names FROM called)::text[])))
            AND (m.attempt_id IS NULL OR m.attempt_id = ANY (ARRAY(
                SELECT t.attempt_id FROM attempts t
                WHERE t.attempt_id = m.attempt_id AND t.state = 'released')))) AS to_send,
    -- One that is collected again may have its first attempts in the history.
    (SELECT coalesce(greatest(
        (SELECT max(t.step) FROM attempts t
            WHERE t.creditor = me.creditor AND t.account_id = me.account_id),
        (SELECT max(k.step) FROM attempt_keys k
            WHERE k.creditor = me.creditor AND k.account_id = me.account_id)), 0) + 1) AS next_step,
    (SELECT halted_why FROM ledger_mark) AS halted,
    -- Those that have ended for a day, too: whoever comes back does so in the rest of a window. In
    -- no order, so that they are found by their end, and not by going through all there ever were.
    (SELECT coalesce(json_agg(json_build_object(
        'order_id', b.order_id, 'kind', b.kind, 'reason', b.reason, 'starts_at', b.starts_at,
        'until', b.until, 'lifted_at', b.lifted_at, 'phases', b.phases,
        'spread', b.accounts / b.rate,
        'stale', coalesce(me.planned_at < coalesce(b.starts_at, b.ordered_at), false))), '[]')
        FROM bulk_orders b WHERE b.over_at > $4 - interval '1 day'
            AND {covers("me", "c")}) AS orders
FROM me LEFT JOIN customers c USING (customer_id)
"""  # noqa: S608 - what is put in is conditions

# The same account, seen from one who stands for it.
SELECT_OF_PARTY: Final = SELECT_SITUATION.replace(
    _ME,
    """SELECT creditor, account_id, $9::text AS customer_id, formerly, currency, balance,
        oldest_due_date, status, close_reason, closed_at, hold_until, hold_reason, strategy, since,
        balance_as_of, asked_in, asked_at, segment, chosen_by, pinned, arms, policy, score,
        score_as_of, attributes, planned_at
    FROM accounts WHERE creditor = $1 AND account_id = $2""",
)

LOCK_PERSON: Final = "SELECT * FROM lock_person($1, $2, $3)"


async def read_situation(
    connection: Connection,
    creditor: str,
    account_id: str,
    now: datetime,
    served: Mapping[Channel, Sequence[str]],
) -> tuple[Situation, int] | None:
    """The situation and the customer's count of facts; None: account or customer is unknown.

    ``served``: the providers of each channel, whose health belongs to it.
    """
    pairs = [(channel.value, name) for channel, names in served.items() for name in names]
    asked = (
        *(creditor, account_id, now - MEMORY, now),
        *([channel for channel, _ in pairs], [name for _, name in pairs]),
        *(now - circuit.MEMORY, circuit.KEPT),
    )
    row = await connection.fetchrow(SELECT_SITUATION, *asked)
    if row is None or row["customer"] is None:
        return None
    situation = _situation(row, f"{creditor}/{account_id}")
    parties = []
    for one in situation.standings:
        seen = await connection.fetchrow(SELECT_OF_PARTY, *asked, one.customer_id)
        assert seen is not None  # noqa: S101 - the account is there, and whoever stands for one
        theirs = {"party": one.role, "siblings": (), "standings": ()}
        parties.append(_situation(seen, situation.key).model_copy(update=theirs))
    if parties:
        situation = situation.model_copy(update={"parties": tuple(parties)})
    return situation, int(row["facts"])


def _situation(row: asyncpg.Record, key: str) -> Situation:
    parts: dict[str, Any] = {name: value for name, value in row.items() if name != "facts"}
    by_people = parts.pop("by_people")
    situation = Situation(key=key, **parts)
    if by_people:
        situation = with_people(situation, map(ManualContact.model_validate, by_people))
    return situation


async def lock_customer(connection: Connection, creditor: str, account_id: str) -> bool:
    """Serialise with every other account of this customer, under whatever id, until the transaction
    ends. False: customer or account is not known."""
    return bool(await connection.fetchval(LOCK_PERSON, creditor, account_id, False))


async def lock_contact(connection: Connection, creditor: str, account_id: str) -> bool:
    """The same, and with every other customer who has one of this customer's addresses."""
    return bool(await connection.fetchval(LOCK_PERSON, creditor, account_id, True))
