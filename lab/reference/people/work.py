"""docs/reference/work.md: what each intent of a message asks of people, and what they may say."""

from datetime import timedelta

from domain.channels import Purpose
from domain.conversation.keywords import Meaning
from domain.conversation.reader import name_of
from domain.conversation.work import ANSWERED_BY, ASKED_BACK, ASKED_BY, RECORDS, SILENCING, URGENCY
from domain.conversation.work_words import WorkOutcome, WorkReason
from domain.ledger.consequences import DONE_AT_ONCE
from domain.planning.pauses import MEANT
from lab.reference.text import GENERATED, described, table

_ANSWERS = {
    **{reason: f"`{purpose}`" for reason, purpose in (ANSWERED_BY | ASKED_BACK).items()},
    WorkReason.PROMISE: f"`{Purpose.PROMISE_CONFIRMATION}`; `{Purpose.PROMISE_QUESTION}` where its"
    " day or amount is not said",
    WorkReason.CRISIS: f"`{Purpose.CRISIS_ANSWER}`, and the item stays open",
    WorkReason.PREFERENCE: f"`{Purpose.PREFERENCE_CONFIRMATION}`",
}
_MEANWHILE = {
    **dict.fromkeys(SILENCING, "silent until a person decides"),
    WorkReason.ALREADY_PAID: "silent for `paid_check_days`, or until it is done",
    WorkReason.CALLBACK: "silent through that day, or until it is done",
    WorkReason.WRONG_PERSON: "the address is closed until a person decides",
    WorkReason.DISPUTE_DUE: "silent until the dispute is resolved",
    WorkReason.DISPUTE_UPHELD: "silent until the account is corrected or closed",
    WorkReason.PERSON_FIRST: "silent until it is done",
    WorkReason.HARDSHIP_REVIEW: "goes on, softly",
}
_AT_ONCE = {
    **DONE_AT_ONCE,
    Meaning.PREFERENCE.value: "kept and planned around, where it says nothing else and leaves no"
    " doubt: then nobody is asked",
}


def page() -> str:
    """Intents, reasons and outcomes."""
    outcomes = described(WorkOutcome)
    return "\n".join(
        [
            GENERATED,
            "# Work",
            "",
            "What a customer's message does beside being on record, and what people are asked"
            " for. How messages are read, and how to work the queue:"
            " [What customers write](../guide/reading.md).",
            "",
            "## Intents",
            "",
            *table(
                ("Read", "Done by itself, at once", "Asks a person", "With `answers`"),
                (
                    (
                        _named(meaning),
                        _AT_ONCE.get(meaning.value, ""),
                        f"`{reason}`" if reason else "",
                        _ANSWERS.get(reason, "") if reason else "",
                    )
                    for meaning, reason in ((one, ASKED_BY[one]) for one in Meaning)
                ),
            ),
            "",
            "Of several intents all that silence are asked for, or else the most urgent. From an"
            " address that several customers have, each of them is asked about: `shared_address`,"
            " unless something silences. The last column is what a strategy may name.",
            "",
            "## Reasons",
            "",
            *table(
                ("Reason", "The customer", "Priority", "Look within", "Automation"),
                (
                    (
                        f"`{reason}`",
                        MEANT[reason],
                        str(URGENCY[reason].priority),
                        "at the time they named, or the first lawful one after it"
                        if reason is WorkReason.CALLBACK
                        else f"{URGENCY[reason].within // timedelta(hours=1)} h",
                        _MEANWHILE.get(reason, "goes on after `reply_rest_days`"),
                    )
                    for reason in WorkReason
                ),
            ),
            "",
            "## Outcomes",
            "",
            "Of `contrapunto work done`. What goes on file counts from when they wrote, for every"
            " account of the customer.",
            "",
            *table(
                ("Outcome", "Goes on file", "Meaning"),
                (
                    (f"`{one}`", f"`{event}`" if event else "nothing", outcomes.get(one.name, ""))
                    for one, event in RECORDS.items()
                ),
            ),
            "",
        ]
    )


def _named(meaning: Meaning) -> str:
    """As the reader calls it outside, and which of several it is."""
    name = name_of(meaning)
    return f"`{name}`" if name == meaning.value else f"`{name}` ({meaning.replace('_', ' ')})"
