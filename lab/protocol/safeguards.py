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
}
"""What each one's absence means, in words."""


NEEDS_FACTS: Final = {"events_once": 2, "facts_compared": 1, "stops_by_address": 1}
"""How much the customer has to say for the absence to be felt; the others need two faults."""

SEEN_IN: Final = {"by_address": "handset", "stops_by_address": "handset"}
"""In which setting the absence is felt, unless it is that of two accounts of one customer."""


def without(name: str) -> Safeguards:
    """All but one."""
    return Safeguards(**{name: False})
