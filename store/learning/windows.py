"""The decision windows of the ledger: read only, as a stream."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any, Final

from domain.conversation.keywords import Intent
from domain.conversation.standing import Standing
from domain.learning.windows import LASTS, Window
from domain.ledger.attempt import AttemptState
from domain.ledger.call_outcome import CallOutcome
from domain.ledger.circuit import PROVIDER_SIDE
from store.database import Pool

_NO_REPLY: Final = (
    *(Standing.AUTOMATIC.value, Standing.UNPROVEN.value),
    *(Intent.OPT_OUT.value, Intent.WRONG_PERSON.value),
)
"""A stop is harm, not an answer; nor is a stranger's word one."""

_NOT_MADE: Final = (AttemptState.RESERVED.value, AttemptState.RELEASED.value)

# One reward for each window, and windows of one person do not overlap: what came is credited to the
# last contact before it, whoever made it and whichever account it led.
WINDOWS: Final = """
WITH every AS (
    SELECT t.*, coalesce(lead(t.dispatched_at) OVER w, 'infinity') AS next_at
    FROM attempts t
    WHERE t.dispatched_at >= $1::timestamptz AND t.dispatched_at < $2::timestamptz + $4::interval
        AND t.state <> ALL ($5::text[])
    WINDOW w AS (PARTITION BY t.customer_id ORDER BY t.dispatched_at, t.step)
), touches AS (
    SELECT t.*, least(t.next_at, t.dispatched_at + $4::interval, coalesce((
            SELECT min(m.began_at) FROM manual_contacts m
            WHERE m.customer_id = t.customer_id AND m.began_at > t.dispatched_at), 'infinity')
        ) AS ends,
        ARRAY(SELECT split_part(one, '/', 2) FROM unnest(t.covers) AS one) || t.account_id AS about
    FROM every t
    WHERE t.dispatched_at < $2::timestamptz
        AND t.dispatched_at + $4::interval <= $3::timestamptz AND t.touch > 0
        AND (t.refusal IS NULL OR t.refusal <> ALL ($6::text[]))
        AND NOT coalesce(t.arms && $7::text[], false)
)
SELECT t.customer_id AS person, t.dispatched_at AS at, t.zones, coalesce(t.phase, '') AS phase,
    coalesce(c.country, '') AS country, t.segment,
    coalesce(a.currency, 'XXX') AS currency,
    coalesce(greatest(a.balance + (
        SELECT coalesce(sum(p.amount), 0) FROM payments p
        WHERE p.creditor = t.creditor AND p.account_id = t.account_id
            AND p.paid_at > t.dispatched_at), 0), 0)::float8 AS balance,
    t.channel, t.policy, t.probability, t.chosen_from,
    EXISTS (SELECT FROM payments p
        WHERE p.creditor = t.creditor AND p.account_id = ANY (t.about)
            AND p.paid_at > t.dispatched_at AND p.paid_at <= t.ends)
    OR EXISTS (SELECT FROM inbound i
        WHERE i.customer_id = t.customer_id AND i.intent <> ALL ($8::text[])
            AND i.at > t.dispatched_at AND i.at <= t.ends)
    OR EXISTS (SELECT FROM promises p
        WHERE p.creditor = t.creditor AND p.account_id = ANY (t.about)
            AND p.made_at > t.dispatched_at AND p.made_at <= t.ends)
    OR EXISTS (SELECT FROM manual_contacts m
        WHERE m.customer_id = t.customer_id AND m.direction = 'inbound'
            AND m.began_at > t.dispatched_at AND m.began_at <= t.ends)
    OR coalesce(t.outcome = $9, false) AS reward
FROM touches t LEFT JOIN customers c USING (customer_id)
    LEFT JOIN accounts a ON a.creditor = t.creditor AND a.account_id = t.account_id
ORDER BY t.dispatched_at, t.attempt_id
"""


async def read_windows(
    pool: Pool,
    since: datetime,
    until: datetime,
    now: datetime,
    without_arms: Sequence[str] = (),
) -> AsyncIterator[Window]:
    """The touches that left from ``since`` to before ``until`` and whose window is over ``now``.

    ``without_arms``: arms of experiments (``experiment:arm``) whose people nothing is learnt from.
    """
    asked = (
        *(since, until, now, LASTS, _NOT_MADE),
        *([one.value for one in PROVIDER_SIDE], list(without_arms)),
        *(_NO_REPLY, CallOutcome.CONVERSATION.value),
    )
    persons: dict[str, int] = {}
    async with pool.acquire() as connection, connection.transaction(readonly=True):
        async for row in connection.cursor(WINDOWS, *asked):
            told: dict[str, Any] = dict(row)
            told["person"] = persons.setdefault(told["person"], len(persons))
            told["zones"] = told["zones"] or ("UTC",)
            yield Window.model_validate(told)
