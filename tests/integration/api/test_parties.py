"""People's work with those who stand for an account, over HTTP."""

import pytest

from domain.conversation.work_words import WorkReason
from domain.names import contact_point_id
from store.conversation.work import open_items
from store.database import Pool
from tests.integration.api.conftest import Desk
from tests.support.rows import add_customer

BRUNO = "+573990000077"
THERE = "/v1/customers/G1/messages"
NOTE = {"id": "d1", "account": "bank/A2", "channel": "sms", "text": "Buenos días, don Bruno."}


@pytest.fixture
async def guarantor(desk: Desk) -> Pool:
    """G1 stands for bank/A2, whose debtor is C2."""
    await add_customer(desk.pool, "G1", points=(("sms", "mobile", BRUNO),))
    await desk.pool.execute(
        "INSERT INTO account_parties (creditor, account_id, customer_id, role, since, told_by, "
        "as_of) VALUES ('bank', 'A2', 'G1', 'guarantor', '2020-01-01', 'run', now())"
    )
    return desk.pool


async def test_a_message_to_a_guarantor_is_theirs_about_the_account_that_they_stand_for(
    desk: Desk, guarantor: Pool
) -> None:
    answer = await desk.post(THERE, json=NOTE)
    assert answer.status_code == 201, answer.text
    row = await guarantor.fetchrow("SELECT customer_id, contact_point_id FROM person_messages")
    assert row is not None
    assert tuple(row) == ("G1", contact_point_id("G1", "sms", BRUNO))


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"account": "bank/A1"}, "account"),
        ({"template": "reminder", "text": None}, "template"),
        ({"contact_point_id": contact_point_id("C2", "sms", BRUNO)}, "contact_point_id"),
    ],
)
async def test_another_account_a_template_or_the_debtors_address_is_refused(
    desk: Desk, guarantor: Pool, other: dict[str, str | None], field: str
) -> None:
    body = {name: value for name, value in {**NOTE, **other}.items() if value is not None}
    answer = await desk.post(THERE, json=body)
    assert answer.status_code == 422, answer.text
    assert [one["field"] for one in answer.json()["errors"]] == [field]


async def test_who_is_only_authorised_is_not_written_to(desk: Desk, guarantor: Pool) -> None:
    await guarantor.execute("UPDATE account_parties SET role = 'authorized', proof = 'power 3'")
    assert (await desk.post(THERE, json=NOTE)).status_code == 422


@pytest.mark.parametrize(("who", "sees"), [("ana", True), ("bea", True), ("gil", False)])
async def test_their_items_are_seen_with_the_account_by_who_answers_for_its_creditor(
    desk: Desk, guarantor: Pool, who: str, *, sees: bool
) -> None:
    async with guarantor.acquire() as connection:
        await open_items(connection, {"G1": None}, (WorkReason.BALANCE,), None, desk.now)
    answer = await desk.get("/v1/work-items", who)
    items = answer.json().get("items", [])
    assert [one["stands_for"] for one in items] == ([["bank/A2"]] if sees else [])
    posted = await desk.post(THERE, who, json=NOTE)
    assert posted.status_code == (201 if sees else 404)
