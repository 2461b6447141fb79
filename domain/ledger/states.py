"""The states of everything that has any, and every move between them.

``make docs`` publishes them (docs/reference/states.md). PostgreSQL holds the same moves in the
table ``state_moves``, of attempts in ``attempt_moves``, and refuses whatever is none of them.
"""

from typing import Final, NamedTuple

from domain.ledger.attempt import TRANSITIONS, AttemptState

BEGINS: Final = ""
"""The state before the first."""


class Move(NamedTuple):
    """From one state to another."""

    old: str
    new: str
    by: str
    """What does it, in words."""


class Machine(NamedTuple):
    """The life of one kind of thing."""

    name: str
    table: str
    """Where it stands in PostgreSQL."""
    about: str
    states: dict[str, str]
    """Each with its meaning."""
    moves: tuple[Move, ...]
    held: bool = True
    """Whether PostgreSQL refuses other moves; False: there are none, each state may follow each."""

    @property
    def pairs(self) -> frozenset[tuple[str, str]]:
        """The moves alone."""
        return frozenset((one.old, one.new) for one in self.moves)


_CARRIED: Final = "the debt has another number: as it stood under the former one"

ACCOUNT: Final = Machine(
    "account",
    "accounts.status, close_reason",
    "Whether a debt is collected, and how it ended. The first end stays. A debt that gets another "
    "number stands under it as it stood before, whatever that number was.",
    {
        "open": "It is collected, or silent for a time.",
        "cured": "Nothing is owed any more.",
        "closed": "Closed on request.",
        "recalled": "The creditor took it back, or a snapshot does not list it.",
        "handed_off": "It is past the last phase.",
    },
    (
        Move(BEGINS, "open", "intake, or a start with figures"),
        Move(BEGINS, "cured", "intake: paid since the file was written"),
        Move(BEGINS, "closed", _CARRIED),
        Move(BEGINS, "recalled", _CARRIED),
        Move(BEGINS, "handed_off", _CARRIED),
        Move("open", "cured", "`payment_received`, `account_updated` or intake: nothing is owed"),
        Move("open", "closed", "the update `close`"),
        Move("open", "recalled", "the update `close` with `recalled`, or a snapshot"),
        Move("open", "handed_off", "the day after the last phase, outside of any silence"),
        Move("cured", "open", "newer figures: something is owed again"),
        Move("closed", "open", "newer figures: a later instalment has fallen due"),
        Move("recalled", "open", "newer figures: it is listed again"),
        Move("handed_off", "open", "newer figures: a later instalment has fallen due"),
    ),
)

HOLD: Final = Machine(
    "hold",
    "accounts.hold_until",
    "Silence on request, until an instant. A hold upon a hold is the later one.",
    {"none": "Nobody has asked for silence.", "held": "Silent until the instant."},
    (
        Move(BEGINS, "none", "the account begins"),
        Move(BEGINS, "held", _CARRIED),
        Move("none", "held", "the update `hold`"),
        Move("held", "none", "the update `resume`"),
    ),
    held=False,
)

PROMISE: Final = Machine(
    "promise",
    "promises.state",
    "A promise to pay an amount by a day, or parts by several. Until it is settled the account is "
    "silent. Its parts are due, late (within grace), missed or paid, as a plan's instalments are.",
    {
        "open": "No day, with the strategy's grace, is over without what was promised by then.",
        "kept": "All of it has come.",
        "broken": "A day and its grace are over, and what was promised by then has not come.",
        "replaced": "A payment plan took its place.",
    },
    (
        Move(BEGINS, "open", "the update `record_promise`, or a message that is read back"),
        Move("open", "kept", "payments since it was made come to all of it"),
        Move("open", "broken", "the grace of a day is over"),
        Move("open", "replaced", "the update `agree_plan`"),
        Move(BEGINS, "kept", _CARRIED),
        Move(BEGINS, "broken", _CARRIED),
        Move(BEGINS, "replaced", _CARRIED),
    ),
)

PLAN: Final = Machine(
    "plan",
    "payment_plans.state",
    "A payment plan; one active for each account. Its instalments are due, late (within grace), "
    "missed or paid, as payments since the agreement and the calendar say.",
    {
        "active": "The cadence is silent, only its instalments are spoken of.",
        "kept": "All of it is paid, or nothing is owed any more.",
        "broken": "Too many instalments are missed at a time, or the last one.",
        "cancelled": "Taken back, or another took its place.",
    },
    (
        Move(BEGINS, "active", "the update `agree_plan`"),
        Move("active", "kept", "payments since the agreement come to its sum, or the debt is paid"),
        Move("active", "broken", "the grace of one instalment too many is over"),
        Move("active", "cancelled", "`cancel_plan`, another `agree_plan`, a new delinquency"),
        Move(BEGINS, "kept", _CARRIED),
        Move(BEGINS, "broken", _CARRIED),
        Move(BEGINS, "cancelled", _CARRIED + ", or another plan goes on"),
    ),
)

DISPUTE: Final = Machine(
    "dispute",
    "disputes.state",
    "What the customer says is wrong with the debt; one stands for each account. While it does, "
    "the account is silent.",
    {
        "open": "A person looks into it; the customer is to be answered by a day.",
        "resolved_for": "The customer is right: the account is to be corrected, or closed.",
        "resolved_against": "The debt stands, and the customer has had the proof.",
        "withdrawn": "The customer takes it back.",
        "corrected": "What was wrong is put right, and the rest is collected.",
    },
    (
        Move(BEGINS, "open", "the update `open_dispute`, or work done with `dispute`"),
        Move("open", "resolved_for", "`resolve_dispute` with `for`"),
        Move("open", "resolved_against", "`resolve_dispute` with `against`"),
        Move("open", "withdrawn", "`resolve_dispute` with `withdrawn`"),
        Move("resolved_for", "corrected", "`resolve_dispute` with `corrected`"),
        Move(BEGINS, "resolved_for", _CARRIED),
        Move(BEGINS, "resolved_against", _CARRIED),
        Move(BEGINS, "withdrawn", _CARRIED + ", or another dispute stands there"),
        Move(BEGINS, "corrected", _CARRIED),
    ),
)

HARDSHIP: Final = Machine(
    "hardship",
    "hardships.state",
    "The customer cannot pay as agreed; one is active for each account. Meanwhile it is collected "
    "softly, as the strategy says.",
    {"active": "Until a person ends it; at a day a person looks again.", "ended": "It is over."},
    (
        Move(BEGINS, "active", "the update `begin_hardship`, or work done with `hardship`"),
        Move("active", "ended", "the update `end_hardship`"),
        Move(BEGINS, "ended", _CARRIED + ", or another hardship goes on there"),
    ),
)

_DONE: Final = "`contrapunto work done`, an answer that arrived, a promise or plan on record"

WORK: Final = Machine(
    "work",
    "work_items.claimed_by, done_at",
    "What a person is asked to do for a customer. A claim that has run out leaves the item to "
    "whoever claims it next.",
    {
        "open": "Nobody has taken it.",
        "claimed": "Somebody has, until an instant.",
        "done": "With an outcome; it stays so.",
    },
    (
        Move(
            BEGINS,
            "open",
            "a message that asks for it, a wish that leaves no hour, or a day of a case",
        ),
        Move("open", "claimed", "`contrapunto work claim`"),
        Move("claimed", "open", "`contrapunto work release`"),
        Move("open", "done", _DONE),
        Move("claimed", "done", _DONE),
    ),
)

_OF_ATTEMPT: Final = {
    AttemptState.RESERVED: "On record, and nothing has left.",
    AttemptState.RELEASED: "Given back before anything left.",
    AttemptState.DISPATCHING: "The request leaves.",
    AttemptState.REFUSED: "Certain that nothing was accepted.",
    AttemptState.UNKNOWN: "It may have been accepted: never sent again.",
    AttemptState.ACCEPTED: "The provider took it.",
    AttemptState.DELIVERED: "It arrived; of a call: the telephone rang.",
    AttemptState.UNDELIVERED: "It was accepted, and did not arrive.",
}

ATTEMPT: Final = Machine(
    "attempt",
    "attempts.state",
    "One try to make a touch on one channel. [How we never contact twice](../never-twice.md).",
    {state.value: _OF_ATTEMPT[state] for state in AttemptState},
    (
        Move(BEGINS, AttemptState.RESERVED.value, "reserving"),
        *(
            Move(old.value, new.value, "its sender, a callback, the provider's list or a person")
            for old, news in TRANSITIONS.items()
            for new in sorted(news)
        ),
    ),
)

MACHINES: Final = (ACCOUNT, HOLD, PROMISE, PLAN, DISPUTE, HARDSHIP, WORK, ATTEMPT)
"""All of them."""
