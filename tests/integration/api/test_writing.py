"""A person writes to a customer over HTTP: by the function of the command, once by its id."""

import asyncio
from typing import Any

import pytest

from store.contacts import messages
from tests.integration.api.conftest import Desk

WORDS = "Buenos días, le llamo mañana por su convenio. Ana"
THERE = "/v1/customers/C2/messages"


def note(**other: Any) -> dict[str, Any]:
    """What somebody writes; None: left away."""
    told = {"id": "d1", "account": "bank/A2", "channel": "sms", "text": WORDS} | other
    return {name: value for name, value in told.items() if value is not None}


async def test_it_is_on_record_with_who_wrote_it_and_its_workflow_is_told(desk: Desk) -> None:
    answer = await desk.post(THERE, json=note())
    told = answer.json()
    assert (answer.status_code, told["became"], told["new"]) == (201, "waiting", True)
    assert (told["id"], told["account"], told["by"]) == ("d1", "bank/A2", "ana")
    assert "convenio" not in answer.text, "what was written is not told"
    assert desk.accounts.told == [("account/bank/A2", "message:d1")]
    found = await messages.find(desk.pool, "d1")
    assert found is not None
    assert (found.words, found.customer_id, found.by_whom) == (WORDS, "C2", "ana")


async def test_the_same_again_and_many_at_once_are_one(desk: Desk) -> None:
    answers = await asyncio.gather(*(desk.post(THERE, json=note()) for _ in range(8)))
    assert [one.status_code for one in answers] == [201] * 8
    assert sum(one.json()["new"] for one in answers) == 1
    assert await desk.pool.fetchval("SELECT count(*) FROM person_messages") == 1


async def test_other_contents_or_another_writer_under_its_id_are_refused(desk: Desk) -> None:
    await desk.post(THERE, json=note())
    others = [("ana", {"text": "otra cosa"}), ("luis", {}), ("ana", {"account": "garage/G2"})]
    for who, other in others:
        answer = await desk.post(THERE, who, json=note(**other))
        assert answer.status_code == 409, answer.text
        assert "d1 is another message's" in answer.json()["detail"]
        assert "convenio" not in answer.text


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"text": None}, "text"),
        ({"text": ""}, "text"),
        ({"text": "x" * 601}, "text"),
        ({"text": "x" * 40_001}, "text"),
        ({"text": "mire http://evil.example/x"}, "text"),
        ({"text": "a\x00b"}, "text"),
        ({"template": "reminder"}, "text"),
        ({"text": None, "template": "balance_answer"}, "template"),
        ({"subject": "Su carta"}, "subject"),
        ({"channel": "voice"}, "channel"),
        ({"channel": "email"}, "subject"),
        ({"channel": "email", "subject": "Su carta"}, "contact_point_id"),
        ({"contact_point_id": "nobody"}, "contact_point_id"),
        ({"contact_point_id": "p", "address": "+573007654321"}, "contact_point_id"),
        ({"address": "no number"}, "address"),
        ({"account": "bank/A1"}, "account"),
        ({"account": "bank"}, "account"),
        ({"account": "a\x00"}, "account"),
        ({"id": "with a blank"}, "id"),
        ({"id": "x" * 81}, "id"),
        ({"id": None}, "id"),
        ({"by": "luis"}, "by"),
    ],
)
async def test_what_cannot_be_written_is_refused_by_its_field(
    desk: Desk, other: dict[str, Any], field: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await desk.post(THERE, json=note(**other))
    told = answer.json()
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
    assert [one["field"] for one in told["errors"]] == [field], told
    assert "evil" not in answer.text
    assert "nobody" not in answer.text + caplog.text
    assert await desk.pool.fetchval("SELECT count(*) FROM person_messages") == 0


async def test_whose_token_names_creditors_writes_of_their_accounts_alone(desk: Desk) -> None:
    assert (await desk.post(THERE, "gil", json=note(account="garage/G2"))).status_code == 201
    answer = await desk.post(THERE, "gil", json=note(id="d2"))
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "account")
    there = "/v1/customers/C1/messages"
    assert (await desk.post(there, "gil", json=note(account="bank/A1"))).status_code == 404
    assert (await desk.post("/v1/customers/C9/messages", json=note())).status_code == 404


async def test_while_temporal_is_away_nothing_is_written(desk: Desk) -> None:
    desk.accounts.down = True
    answer = await desk.post(THERE, json=note())
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert await desk.pool.fetchval("SELECT count(*) FROM person_messages") == 0
    desk.accounts.down = False
    assert (await desk.post(THERE, json=note())).json()["new"]


async def test_where_temporal_goes_away_in_between_the_same_request_goes_on(desk: Desk) -> None:
    desk.accounts.deaf.add("account/bank/A2")
    answer = await desk.post(THERE, json=note())
    assert answer.status_code == 503
    assert await desk.pool.fetchval("SELECT count(*) FROM untold") == 1
    desk.accounts.deaf.clear()
    again = await desk.post(THERE, json=note())
    assert (again.status_code, again.json()["new"]) == (201, False)
    assert await desk.pool.fetchval("SELECT count(*) FROM untold") == 0
