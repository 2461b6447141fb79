"""docs/reference/events.md."""

from typing import Final

from domain.law.request import LawEvent
from domain.law.terms import EventKind
from lab.reference.schemas import fields, schema_of
from lab.reference.text import GENERATED, prose, table
from workers.intake.event_lines import Whose

KINDS: Final = {
    EventKind.CEASE: "The customer asks that contact end altogether.",
    EventKind.ATTORNEY: "An attorney represents the customer, `contact_known` to us or not.",
    EventKind.OPT_OUT: "A stop, on a `channel` or on all.",
    EventKind.OPT_IN: "Consent to a `channel`.",
    EventKind.CONSENT_CALL: "Consent given in a conversation; whether `in_writing`.",
    EventKind.INCONVENIENT_TIME: "Hours (`windows`) called inconvenient; none: taken back.",
    EventKind.AUTHORIZED_HOURS: "Hours (`windows`) allowed, by an `instrument`; none: taken back.",
    EventKind.WORKPLACE_PROHIBITED: "The employer forbids contact at work.",
    EventKind.WRONG_NUMBER: "The `address` is not the customer's.",
    EventKind.NOTICE_MAILED: "A notice that a law asks for was mailed (`sent_at`).",
    EventKind.NUMBER_CHECK: "The number was checked against reassignment.",
    EventKind.DISPUTE: "The customer disputes the debt; whether `in_writing`.",
    EventKind.DISPUTE_VERIFIED: "The dispute was answered with proof.",
    EventKind.DISPUTE_WITHDRAWN: "The customer takes the dispute back.",
    EventKind.BANKRUPTCY: "A bankruptcy was opened.",
    EventKind.DEATH: "The customer has died.",
    EventKind.BREATHING_SPACE: "A moratorium (`type`) was registered; `ends_at` or `days`.",
}

_ABOUT = """# Events

What the law gives weight to and none of our channels tells: one JSON object a line for
`contrapunto events FILE` ([schema](schemas/event.schema.json)), or the field `event` of the signal
[`law_event`](messages.md#law_event). How they are taken: [Intake](../guide/intake.md#events).
"""


def page() -> str:
    """Kinds, and the fields of a line."""
    whose, event = schema_of(Whose), schema_of(LawEvent)
    head = ("Field", "Needed", "Form", "Meaning")
    return "\n".join(
        [
            GENERATED,
            _ABOUT,
            "## Kinds",
            "",
            *table(("Kind", "Meaning"), ((f"`{kind}`", KINDS[kind]) for kind in EventKind)),
            "",
            "## Whose it is, in a file",
            "",
            *table(head, fields(whose)),
            "",
            "## The event",
            "",
            prose(LawEvent.__doc__),
            "",
            *table(head, fields(event)),
            "",
        ]
    )
