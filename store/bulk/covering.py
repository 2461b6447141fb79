"""Which accounts an order in bulk covers, as conditions of statements; ``b`` is the order."""

from typing import Final

SILENCES: Final = """b.over_at > {now} AND b.lifted_at IS NULL
    AND b.kind <> 'replan' AND (b.starts_at IS NULL OR b.starts_at <= {now})"""
"""That it stands at an instant, and keeps silent whom it covers."""


def covers(account: str, customer: str) -> str:
    """That it covers an account and its customer, but for the phase, which is asked apart."""
    return f"""bulk_covers(b, {account}.creditor, {account}.strategy, {account}.segment,
        {account}.attributes, {customer}.country, bulk_regions({customer}.country,
            {customer}.region, {customer}.regions_of_address, {customer}.regions_of_phones))"""


def covered_by(order: str) -> str:
    """The open accounts that an order covers, as they were last planned; of whatever has the
    columns of ``bulk_orders``."""
    return f"""FROM {order} b, accounts a LEFT JOIN customers c USING (customer_id)
WHERE a.status = 'open' AND (b.phases IS NULL OR coalesce(a.phase = ANY (b.phases), false))
    AND {covers("a", "c")}"""


NOT_GIVEN: Final = "jsonb_populate_record(NULL::bulk_orders, $1::jsonb)"
"""In the place of an order, one that is not on record yet."""
