"""What the Temporal UI shows of an account: typed search attributes and details in markdown."""

from typing import Any, Final

from temporalio.common import SearchAttributeKey, SearchAttributeUpdate, TypedSearchAttributes

from domain.planning.step import Step, View

PHASE: Final = SearchAttributeKey.for_keyword("Phase")
STANDING: Final = SearchAttributeKey.for_keyword("Standing")
JURISDICTION: Final = SearchAttributeKey.for_keyword("Jurisdiction")
CREDITOR: Final = SearchAttributeKey.for_keyword("Creditor")
DAYS_PAST_DUE: Final = SearchAttributeKey.for_keyword("DaysPastDue")
NEXT_CONTACT_AT: Final = SearchAttributeKey.for_datetime("NextContactAt")
SEGMENT: Final = SearchAttributeKey.for_keyword("Segment")

KEYS: Final[tuple[SearchAttributeKey[Any], ...]] = (
    PHASE,
    STANDING,
    JURISDICTION,
    CREDITOR,
    DAYS_PAST_DUE,
    NEXT_CONTACT_AT,
    SEGMENT,
)

SHOWN: Final = tuple(name for name in View.model_fields if name not in ("shown_as", "orders"))
"""What of a view is for people; the rest is how it is shown."""

STATUS: Final = SearchAttributeKey.for_keyword("Status")
"""What Standing was called: kept for the accounts that began with it."""


def changed(
    current: TypedSearchAttributes, creditor: str, step: Step
) -> list[SearchAttributeUpdate[Any]]:
    """The attributes that differ from what is set; each upsert is an event and an action."""
    view = step.view
    wanted: tuple[tuple[SearchAttributeKey[Any], Any], ...] = (
        (PHASE, view.phase),
        (STANDING if _began(current, step) else STATUS, view.status.value),
        (JURISDICTION, view.jurisdiction),
        (CREDITOR, creditor),
        (DAYS_PAST_DUE, view.bucket),
        (NEXT_CONTACT_AT, view.next_contact_at),
        # Of accounts that began before there were segments it is as unset as it was.
        (SEGMENT, view.segment),
    )
    updates: list[SearchAttributeUpdate[Any]] = []
    for key, value in wanted:
        if current.get(key) == value:
            continue
        updates.append(key.value_unset() if value is None else key.value_set(value))
    # Of an account that ran before, never by itself: its history has no command for it.
    if updates and current.get(STANDING) != view.status.value and not _began(current, step):
        updates.append(STANDING.value_set(view.status.value))
    return updates


def _began(current: TypedSearchAttributes, step: Step) -> bool:
    """Whether the account began with Standing. By what is recorded alone: a replay must agree."""
    return current.get(STATUS) is None and (
        current.get(STANDING) is not None or step.view.shown_as == "standing"
    )


def details(step: Step) -> str:
    """The account at a glance, for the workflow's page."""
    view, offer = step.view, step.view.settlement
    standing = [f"- **Segment:** {view.segment}"] if view.segment else []
    if offer is not None:
        by = "to be paid by" if offer.state == "accepted" else "until"
        sums = f"{offer.amount} {view.currency}, {by} {offer.until}"
        standing += [f"- **Settlement:** {offer.state.value}, {sums} ({offer.offer})"]
    return "\n".join(
        (
            f"- **Status:** {view.status.value.replace('_', ' ')}",
            f"- **Phase:** {view.phase}, day {view.days_past_due} past due",
            f"- **Balance:** {view.balance} {view.currency}",
            *standing,
            f"- **Next step:** {step.summary}",
            f"- **Last contact:** {view.last_contact or 'none yet'}",
            f"- **Jurisdiction:** {view.jurisdiction}",
        )
    )
