"""Every statement that changes the state of an attempt: each a compare-and-set, all of them here.

The states each may start from come from ``domain.ledger.attempt.MOVES``, so that what is explored
there is what is executed here; a trigger in PostgreSQL holds the same table once more.
"""

from typing import Final

from domain.ledger.attempt import MOVES, AttemptState, Event


def _sources(event: Event) -> str:
    """The states an event may move, as an SQL list."""
    return "(" + ", ".join(f"'{state.value}'" for state in MOVES[event]) + ")"


def _target(event: Event) -> str:
    """The one state an event leads to, as an SQL text."""
    (target,) = set(MOVES[event].values())
    return f"'{target.value}'"


_HAS_A_NAME: Final = ", ".join(
    f"'{state.value}'"
    for state in (AttemptState.ACCEPTED, AttemptState.DELIVERED, AttemptState.UNDELIVERED)
)
"""States that a callback reached before the answer did: they stay, and learn the message's name."""

# The share lock orders this against every writer of facts: either their fact is seen here and the
# attempt is not dispatched, or they wait until the dispatch is on record. The person's other ids
# count, too, and all who are part of the account, as in ``store/situations.py``. A ledger that was
# halted meanwhile contacts nobody, and an order that was given meanwhile holds already.
DISPATCH: Final = f"""
WITH person AS (
    SELECT c.facts FROM customers c WHERE c.customer_id = ANY (ARRAY(
        SELECT s.customer_id FROM attempts t, same_person(t.customer_id) s
        WHERE t.attempt_id = $1
        UNION ALL
        SELECT s.customer_id FROM attempts t JOIN accounts a USING (creditor, account_id),
            LATERAL (
                SELECT parties_of(t.creditor, t.account_id) AS customer_id
                UNION ALL
                SELECT a.customer_id WHERE a.customer_id <> t.customer_id
            ) AS involved, same_person(involved.customer_id) s
        WHERE t.attempt_id = $1))
    ORDER BY c.customer_id FOR SHARE OF c
), known AS (
    -- Asked once the locks are had: an order that was committed meanwhile is seen.
    SELECT sum(facts) AS facts, bulk_stops($1, $3) AS stopped FROM person
)
UPDATE attempts t SET state = {_target(Event.DISPATCH)}, dispatched_at = $3, content_digest = $4
FROM known
WHERE t.attempt_id = $1 AND t.state IN {_sources(Event.DISPATCH)} AND t.execution = $2
    AND known.facts = t.facts_seen
    AND NOT EXISTS (SELECT FROM ledger_mark WHERE halted_why IS NOT NULL)
    AND NOT known.stopped
RETURNING t.attempt_id
"""  # noqa: S608

RELEASE: Final = f"""
UPDATE attempts SET state = {_target(Event.RELEASE)}, settled_at = $2, detail = $3
WHERE attempt_id = $1 AND state IN {_sources(Event.RELEASE)} RETURNING attempt_id
"""  # noqa: S608

DOUBT: Final = f"""
UPDATE attempts SET state = {_target(Event.DOUBT)}, detail = $2, reconcile_at = $3
WHERE attempt_id = $1 AND state IN {_sources(Event.DOUBT)} RETURNING attempt_id
"""  # noqa: S608

ACCEPT: Final = f"""
UPDATE attempts SET
    state = CASE WHEN state IN {_sources(Event.ACCEPT)} THEN {_target(Event.ACCEPT)}
        ELSE state END,
    provider_message_id = coalesce(provider_message_id, $2),
    settled_at = coalesce(settled_at, $3), reconcile_at = NULL
WHERE attempt_id = $1 AND (state IN {_sources(Event.ACCEPT)} OR state IN ({_HAS_A_NAME}))
RETURNING state
"""  # noqa: S608

REFUSE: Final = f"""
UPDATE attempts SET state = {_target(Event.REFUSE)}, refusal = $2, code = $3, detail = $4,
    settled_at = $5, reconcile_at = NULL
WHERE attempt_id = $1 AND state IN {_sources(Event.REFUSE)}
RETURNING customer_id, channel, contact_point_id, provider
"""  # noqa: S608

CALLBACK: Final = """
UPDATE attempts SET state = $2, settled_at = $3, reconcile_at = NULL,
    provider_message_id = COALESCE(provider_message_id, $4),
    refusal = COALESCE($5, refusal), code = COALESCE($6, code)
WHERE attempt_id = $1 AND state = $7
"""
"""From the state that was read under the row's lock; which event leads where: ``contact.move``."""

SETTLE: Final = f"""
UPDATE attempts SET state = $2, settled_at = $3, reconcile_at = NULL,
    refusal = CASE WHEN $2 = {_target(Event.SETTLE_REFUSED)} THEN 'other' END
WHERE attempt_id = $1 AND state IN {_sources(Event.SETTLE_ACCEPTED)}
    AND ($2 = {_target(Event.SETTLE_ACCEPTED)} OR reconcile_at IS NULL OR reconcile_at <= $4)
RETURNING creditor, now_called(creditor, account_id) AS account_id
"""  # noqa: S608
"""A person's word; ``domain.ledger.protocol.may_settle_refused`` says when it may be "refused"."""
