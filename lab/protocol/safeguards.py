"""The safeguards of the protocol, each of which can be taken out to see what it is for."""

from typing import Final, NamedTuple


class Safeguards(NamedTuple):
    """All in place, unless said otherwise."""

    dispatching_first: bool = True
    serialised: bool = True
    law_again: bool = True
    unknown_apart: bool = True
    events_once: bool = True
    facts_compared: bool = True
    own_row_not_sent: bool = True
    state_compared: bool = True
    absence_no_proof: bool = True
    deadline_first: bool = True
    leaves_fresh: bool = True
    retried: bool = True
    own_answers: bool = True
    by_address: bool = True
    stops_by_address: bool = True
    heard_at_once: bool = True
    one_item: bool = True
    claims_compared: bool = True
    done_compared: bool = True
    done_counts: bool = True
    answers_remembered: bool = True
    answers_own: bool = True
    decisions_heeded: bool = True


WITHOUT: Final = {
    "dispatching_first": "dispatching is committed only after the request",
    "serialised": "reserving does not lock the customer",
    "law_again": "the law is not asked again when reserving",
    "unknown_apart": "a lost answer is taken for a refusal",
    "events_once": "events are not de-duplicated",
    "facts_compared": "dispatching does not compare the count of facts",
    "own_row_not_sent": "a row found in dispatching is sent again",
    "state_compared": "dispatching does not compare the row's state",
    "absence_no_proof": "what is not in the provider's list counts as refused",
    "deadline_first": "a person may say 'refused' before the deadline",
    "leaves_fresh": "a request leaves however late after its dispatch",
    "retried": "an activity whose worker died is not given to another",
    "own_answers": "an answer that is not the provider's own is believed",
    "by_address": "reserving looks at the customer's contacts, not at the address's",
    "stops_by_address": "a stop binds the customer whose record was found first",
    "heard_at_once": "a message is stored before a person is asked, each by itself",
    "one_item": "a message opens an item whether or not one is open for its reason",
    "claims_compared": "taking up an item does not ask whether somebody has it",
    "done_compared": "doing an item does not ask who has it, nor whether it is done",
    "done_counts": "an item that is done is no fact of the customer's",
    "answers_remembered": "planning does not look among the contacts for what was answered",
    "answers_own": "an answer that arrives closes what was asked after it, too",
    "decisions_heeded": "planning does not ask what a person must decide first",
}
"""What each one's absence means, in words."""


NEEDS_FACTS: Final = {
    "events_once": 2,
    "facts_compared": 1,
    "stops_by_address": 1,
    "heard_at_once": 1,
    "one_item": 2,
    "claims_compared": 3,
    "done_compared": 2,
    "done_counts": 2,
    "answers_remembered": 1,
    "answers_own": 3,
    "decisions_heeded": 2,
}
"""How much the customer has to say for the absence to be felt; the others need two faults."""

SEEN_IN: Final = {
    "by_address": "handset",
    "stops_by_address": "handset",
    "heard_at_once": "again",
    "one_item": "again",
    "claims_compared": "again",
    "done_compared": "again",
    "done_counts": "again",
    "answers_remembered": "again",
    "answers_own": "again",
    "decisions_heeded": "again",
}
"""In which setting the absence is felt, unless it is that of two accounts of one customer."""


def without(name: str) -> Safeguards:
    """All but one."""
    return Safeguards(**{name: False})
