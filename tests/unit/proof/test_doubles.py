"""Nobody hears one thing twice: each breach is planted once, and found."""

from lab.proof.verdict import prove
from tests.support.runs import attempt_row, received_row
from tests.unit.proof.support import broken


def test_one_attempt_that_reached_a_person_twice() -> None:
    row = attempt_row(jurisdictions=["US"], zones=["America/New_York"])
    proof = prove([row], [received_row(row), received_row(row)])
    assert broken(proof) == {"once"}
    assert "reached the person 2 times" in proof.double[0]


def test_two_attempts_for_one_step() -> None:
    first = attempt_row(1)
    second = attempt_row(2, step=1)
    proof = prove([first, second], [received_row(first), received_row(second)])
    assert broken(proof) == {"step"}


def test_a_touch_that_was_taken_up_although_it_had_arrived() -> None:
    zones = {"jurisdictions": ["US"], "zones": ["America/New_York"]}
    first = attempt_row(1, **zones)
    again = attempt_row(1, attempt_id="b", step=2, channel="email", provider="sendgrid", **zones)
    proof = prove([first, again], [received_row(first), received_row(again)])
    assert broken(proof) == {"touch"}


def test_a_failover_after_a_message_that_did_not_arrive__passes() -> None:
    zones = {"jurisdictions": ["US"], "zones": ["America/New_York"]}
    lost = attempt_row(1, state="undelivered", **zones)
    again = attempt_row(1, attempt_id="b", step=2, channel="email", provider="sendgrid", **zones)
    assert prove([lost, again], [received_row(again)]).holds


def test_refused_and_released_attempts_are_no_contacts() -> None:
    refused = attempt_row(1, state="refused")
    other = attempt_row(1, attempt_id="b", step=2, channel="email", provider="sendgrid")
    assert prove([refused, other], [received_row(other)]).holds


MEXICO = {
    "jurisdictions": ["MX"],
    "zones": ["America/Mexico_City"],
    "purpose": "person",
    "touch": 0,
}


def test_two_messages_of_people_on_one_day_are_two_things__passes() -> None:
    first = attempt_row(1, message_id="m1", **MEXICO)
    second = attempt_row(1, attempt_id="b", step=2, message_id="m2", **MEXICO)
    received = [received_row(first, text="Hola"), received_row(second, text="Otra cosa")]
    assert prove([first, second], received, min_days={"early": 4}).holds


def test_one_message_of_a_person_that_came_under_two_attempts() -> None:
    first = attempt_row(1, message_id="m1", **MEXICO)
    again = attempt_row(1, attempt_id="b", step=2, message_id="m1", **MEXICO)
    proof = prove([first, again], [received_row(first), received_row(again)])
    assert broken(proof) == {"touch", "repeat"}
    assert "person's message m1" in proof.double[1]
