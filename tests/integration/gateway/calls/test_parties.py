"""A call to one who stands for a debt: what they hear, and what the keys do for them alone."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from domain.channels import Purpose
from domain.message_content import CallScript, MessageContext
from tests.integration.gateway.calls.held import CONTEXT, NUMBER, SID, Call
from tests.integration.gateway.conftest import Edge

NOTICE = "This is Agencia Cobros, for Banco Ejemplo. You are named as guarantor of an obligation."
UNHEARD = ("450", "owe", "promise", "pay by", "to pay", "Rojas")
"""What is owed, how to pay or promise it, and whose debt it is."""


@pytest.fixture
async def call(edge: Edge) -> Call:
    """To a guarantor of A-1, whose debtor is another."""
    await edge.customer("c-1", sms="+12125550199")
    await edge.account("c-1")
    await edge.customer("g-1", voice=NUMBER, sms=NUMBER)
    await edge.pool.execute(
        "INSERT INTO account_parties (creditor, account_id, customer_id, role, since, told_by, "
        "as_of) VALUES ('acme', 'A-1', 'g-1', 'guarantor', '2020-01-01', 'run', now())"
    )
    made = await edge.attempt("g-1", "dispatching", "accepted", channel="voice", address=NUMBER)
    await edge.pool.execute(
        "UPDATE attempts SET not_after = $2, zones = '{America/New_York}', "
        "purpose = 'guarantor_notice' WHERE attempt_id = $1",
        *(made, datetime.now(UTC) + timedelta(hours=2)),
    )
    told = {
        **dict(CONTEXT),
        "purpose": Purpose.GUARANTOR_NOTICE,
        "customer_name": "Bruno",
        "debts": (),
        "pay_url": None,
    }
    context = MessageContext.model_validate(told)
    script = CallScript(context=context, message=NOTICE, lead=None, max_days=60)
    await edge.pool.execute(
        "INSERT INTO calls (attempt_id, script) VALUES ($1, $2)",
        *(made, script.model_dump(mode="json")),
    )
    return Call(edge, made)


async def heard_menu(call: Call) -> str:
    await call.answered()
    return await call.press("1")


async def test_a_guarantor_hears_that_they_are_named_and_has_a_menu_of_their_own(
    call: Call,
) -> None:
    assert "Bruno" in await call.answered()
    heard = await call.press("1")
    assert heard.startswith(NOTICE)
    assert "To talk to a person, press 3" in heard
    assert not [word for word in UNHEARD if word.lower() in heard.lower()]
    row = await call.edge.row(call.attempt)
    assert (row["customer_id"], row["outcome"]) == ("g-1", "conversation")


async def test_who_stands_for_nothing_says_so_and_a_person_looks_while_they_are_left_alone(
    call: Call,
) -> None:
    await heard_menu(call)
    assert "a person will look into it" in await call.press("2")
    items = await call.edge.rows("SELECT customer_id, reason FROM work_items")
    assert items == [{"customer_id": "g-1", "reason": "dispute"}]
    said = await call.edge.rows("SELECT customer_id, text FROM inbound")
    words = "says that they do not stand for the debt"
    assert said == [{"customer_id": "g-1", "text": words}]
    assert await call.edge.rows("SELECT FROM disputes") == [], "the debtor has disputed nothing"
    assert call.edge.workflows.signals[-1][0] == "account/acme/A-1"


async def test_a_person_for_the_guarantor_is_the_guarantors_and_not_the_debtors(
    call: Call,
) -> None:
    await heard_menu(call)
    assert "A person will call you back" in await call.press("3")
    items = await call.edge.rows("SELECT customer_id, reason FROM work_items")
    assert items == [{"customer_id": "g-1", "reason": "wants_person"}]


@pytest.mark.parametrize("known", [False, True])
async def test_a_guarantors_stop_is_theirs_and_on_record_before_the_goodbye(
    call: Call, *, known: bool
) -> None:
    await (heard_menu(call) if known else call.answered())
    assert "We will not call you again" in await call.press("9")
    events = await call.edge.rows("SELECT customer_id, kind, channel FROM law_events")
    assert events == [{"customer_id": "g-1", "kind": "opt_out", "channel": "voice"}]


async def test_a_wrong_number_ends_the_guarantors_address_alone(call: Call) -> None:
    await call.answered()
    assert "sorry" in await call.press("2")
    closed = await call.edge.rows(
        "SELECT customer_id, channel FROM contact_points WHERE suppressed IS NOT NULL ORDER BY 2"
    )
    assert closed == [{"customer_id": "g-1", "channel": one} for one in ("sms", "voice")]


async def test_a_guarantor_may_choose_how_they_are_reached(call: Call) -> None:
    await heard_menu(call)
    assert "By text message, press 1" in await call.press("4")
    await call.press("1")
    assert "It is noted" in await call.press("2")
    kept = await call.edge.rows("SELECT customer_id FROM preferences")
    assert kept == [{"customer_id": "g-1"}]


@pytest.mark.parametrize("step", ["more", "amount", "other", "days", "confirm"])
@pytest.mark.parametrize("keys", ["1", "2", "30"])
async def test_no_address_of_ours_takes_a_guarantor_to_what_the_debtor_hears(
    call: Call, step: str, keys: str
) -> None:
    """Signed by nobody but us; and even so."""
    await heard_menu(call)
    assert call.script.action is not None
    query = urlsplit(call.script.action).query.replace("step=menu", f"step={step}")
    assert f"step={step}" in query
    heard = await call._post(f"{query}&amount=450&day=2026-12-04", [("Digits", keys)], SID)
    assert not [word for word in UNHEARD if word.lower() in heard.lower()]
    assert heard.startswith(NOTICE)
    assert call.edge.workflows.asked == []


async def test_the_keys_of_the_debtors_menu_mean_nothing_to_a_guarantor(call: Call) -> None:
    await heard_menu(call)
    assert "To talk to a person, press 3" in await call.press("1")
    assert "To talk to a person, press 3" in await call.press("5")
    assert call.edge.workflows.asked == []
