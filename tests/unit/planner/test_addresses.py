"""An address from which everything comes back is left alone."""

from datetime import timedelta

import pytest

from domain.channels import Channel
from domain.ledger.attempt import AttemptState, RefusalKind
from domain.planning.planner import plan
from domain.planning.step import Status, StepKind
from lab.builders.situations import EMAIL, NOW, SMS, rules, situation
from tests.unit.planner.support import contact

BACK, REACHED, RATE = AttemptState.UNDELIVERED, AttemptState.DELIVERED, AttemptState.REFUSED


@pytest.mark.parametrize(
    ("states", "channel"),
    [
        ((BACK, BACK), Channel.EMAIL),
        ((BACK, BACK, BACK), Channel.SMS),
        ((BACK, BACK, BACK, REACHED), Channel.EMAIL),
        ((REACHED, BACK, BACK, BACK), Channel.SMS),
        ((BACK, BACK, RATE), Channel.EMAIL),
    ],
)
def test_three_messages_in_a_row_that_came_back_rest_an_address(
    states: tuple[AttemptState, ...], channel: Channel
) -> None:
    past = tuple(
        contact(
            NOW - timedelta(days=60 - 7 * place),
            step=place + 1,
            phase="preventive",
            channel=Channel.EMAIL,
            contact_point_id=EMAIL.contact_point_id,
            state=state,
            refusal=RefusalKind.RATE if state is RATE else None,
        )
        for place, state in enumerate(states)
    )
    step = plan(
        situation(preferred=Channel.EMAIL, points=(EMAIL, SMS), contacts=past, next_step=9),
        NOW,
        rules("CO"),
    )
    assert (step.kind, step.channel) == (StepKind.CONTACT, channel)


def test_with_no_other_address_the_account_is_silenced_and_says_why() -> None:
    past = tuple(
        contact(
            NOW - timedelta(days=60 - 7 * place),
            step=place + 1,
            phase="preventive",
            channel=Channel.EMAIL,
            contact_point_id=EMAIL.contact_point_id,
            state=BACK,
        )
        for place in range(3)
    )
    step = plan(situation(points=(EMAIL,), contacts=past, next_step=4), NOW, rules("CO"))
    assert step.view.status is Status.SILENCED
    assert "the last 3 messages came back" in step.summary
