"""What is asked of accounts over HTTP: by whom, of whose accounts, with which fields, once."""

from typing import Any

import pytest

from domain.failures import BadInput, NotFound
from tests.integration.api.conftest import Desk
from tests.integration.api.test_openapi import ASKED
from workers.accounts import Unanswered

THERE = "/v1/customers/C2"


def body(path: str, **other: Any) -> dict[str, Any]:
    """A good request but for these; None: left away."""
    told = {"id": "r1", "account": "bank/A2", **ASKED[path], **other}
    return {name: value for name, value in told.items() if value is not None}


@pytest.mark.parametrize("path", ASKED)
async def test_a_request_is_the_update_of_the_account_and_who_asks_is_the_tokens(
    desk: Desk, path: str
) -> None:
    answer = await desk.post(f"{THERE}/{path}", "sofia", json=body(path))
    assert (answer.status_code, answer.json()["new"]) == (201, True), answer.text
    [(workflow, _, payload)] = desk.accounts.asked.values()
    assert (workflow, payload["id"]) == ("account/bank/A2", "r1")
    by_authority = {"by": "sofia", "role": "supervisor"}
    asked = {name: value for name, value in payload.items() if name in by_authority}
    decides = ("settlements", "settlements/approve", "settlements/decline")
    assert asked == (by_authority if path in decides else {})
    assert "account" not in payload


MAY = {
    **{path: {"ana": 201, "sofia": 201, "eva": 403, "otto": 403} for path in ASKED},
    **{
        f"settlements/{what}": {"ana": 403, "sofia": 201, "eva": 403, "otto": 403}
        for what in ("approve", "decline")
    },
}


@pytest.mark.parametrize("path", MAY)
async def test_only_who_has_the_right_may_ask(desk: Desk, path: str) -> None:
    for who, status in MAY[path].items():
        answer = await desk.post(f"{THERE}/{path}", who, json=body(path, id=f"r-{who}"))
        assert answer.status_code == status, (who, answer.text)
    assert (await desk.post(f"{THERE}/{path}", None, json=body(path))).status_code == 401
    allowed = [who for who, status in MAY[path].items() if status == 201]
    assert len(desk.accounts.asked) == len(allowed)


@pytest.mark.parametrize(
    ("path", "other", "field"),
    [
        *((path, {"by": "luis"}, "by") for path in ASKED),
        *((path, {"id": None}, "id") for path in ASKED),
        *((path, {"id": "with a blank"}, "id") for path in ASKED),
        *((path, {"account": "bank/A1"}, "account") for path in ASKED),
        *((path, {"account": "a\x00"}, "account") for path in ASKED),
        ("settlements", {"approved_by": "sofia"}, "approved_by"),
        ("settlements", {"role": "manager"}, "role"),
        ("settlements", {"amount": "5"}, ""),
        ("settlements", {"discount": None}, ""),
        ("settlements", {"discount": "100"}, "discount"),
        ("settlements", {"discount": 20.5}, "discount"),
        ("settlements", {"expires": 1_764_547_200}, "expires"),
        ("settlements/accept", {"how": "fax"}, "how"),
        ("promises", {"parts": [{"amount": "1", "date": "2026-12-04"}] * 2}, ""),
        ("promises", {"date": None}, ""),
        ("promises", {"amount": "1.000,00"}, "amount"),
        ("promises", {"date": "04/12/2026"}, "date"),
        (
            "promises",
            {"amount": None, "date": None, "parts": [{"amount": "1", "date": "2026-12-04"}]},
            "parts",
        ),
        ("disputes", {"documents": ["ana@example.com"]}, "documents.0"),
        ("disputes", {"reason": "bored"}, "reason"),
        ("disputes/resolve", {"outcome": None}, "outcome"),
        ("hardships/extend", {"review_date": "2026-02-30"}, "review_date"),
    ],
)
async def test_what_cannot_be_asked_is_refused_by_its_field(
    desk: Desk, path: str, other: dict[str, Any], field: str
) -> None:
    answer = await desk.post(f"{THERE}/{path}", "sofia", json=body(path, **other))
    told = answer.json()
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
    assert [one["field"] for one in told["errors"]] == [field], told
    assert desk.accounts.asked == {}


async def test_a_role_that_is_not_theirs_is_none_to_offer_by(desk: Desk) -> None:
    there = f"{THERE}/settlements"
    answer = await desk.post(there, json=body("settlements", role="supervisor"))
    assert (answer.status_code, desk.accounts.asked) == (403, {})
    answer = await desk.post(there, "sofia", json=body("settlements", role="agent"))
    assert answer.status_code == 403, "a supervisor is no agent unless the token says so"
    assert (await desk.post(there, json=body("settlements", role="agent"))).status_code == 201


async def test_whose_token_names_creditors_asks_of_their_accounts_alone(desk: Desk) -> None:
    for path in ASKED:
        who = "rita" if path.endswith(("approve", "decline")) else "gil"
        theirs = body(path, account="garage/G2")
        assert (await desk.post(f"{THERE}/{path}", who, json=theirs)).status_code == 201
        answer = await desk.post(f"{THERE}/{path}", who, json=body(path))
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "account")
        stranger = f"/v1/customers/C1/{path}"
        answer = await desk.post(stranger, who, json=body(path, account="bank/A1"))
        assert answer.status_code == 404
    assert {workflow for workflow, _, _ in desk.accounts.asked.values()} == {"account/garage/G2"}


async def test_the_same_request_has_one_name_in_temporal_and_another_has_its_own(
    desk: Desk,
) -> None:
    for path, other in [
        ("promises", {}),
        ("promises", {}),
        ("promises", {"amount": "60000"}),
        ("disputes", {}),
    ]:
        await desk.post(f"{THERE}/{path}", json=body(path, **other))
    assert len(desk.accounts.asked) == 3


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        (BadInput("offer: s1 has lapsed"), 409, "offer: s1 has lapsed"),
        (NotFound("x"), 409, "account bank/A2 has no running workflow"),
        (Unanswered("x"), 503, "no worker answers; it may still be carried out"),
    ],
)
async def test_what_the_account_does_not_take_is_told_as_a_problem(
    desk: Desk, answer: Exception, status: int, words: str
) -> None:
    desk.accounts.answers = answer
    told = await desk.post(f"{THERE}/settlements/accept", json=body("settlements/accept"))
    assert told.status_code == status
    assert told.json()["detail"].startswith(words)


async def test_who_is_vulnerable_is_on_record_with_who_said_so_and_once(desk: Desk) -> None:
    there = f"{THERE}/vulnerability"
    first = await desk.post(there, json={"vulnerable": True})
    assert first.json() == {"customer_id": "C2", "vulnerable": True, "new": True, "plan_anew": 2}
    again = await desk.post(there, "luis", json={"vulnerable": True})
    assert (again.status_code, again.json()["new"]) == (200, False)
    rows = await desk.pool.fetch("SELECT told_by, ended_by FROM persons_only")
    assert [tuple(row) for row in rows] == [("ana", None)]
    told = {one for one, _ in desk.accounts.told}
    assert told == {"account/bank/A2", "account/garage/G2"}
    over = await desk.post(there, "gil", json={"vulnerable": False})
    assert (over.json()["new"], over.json()["plan_anew"]) == (True, None)
    assert await desk.pool.fetchval("SELECT ended_by FROM persons_only") == "gil"


@pytest.mark.parametrize("told", [{}, {"vulnerable": "yes"}, {"vulnerable": 1}, {"over": True}])
async def test_what_says_nothing_of_being_vulnerable_is_refused(desk: Desk, told: Any) -> None:
    assert (await desk.post(f"{THERE}/vulnerability", json=told)).status_code == 422
    assert (await desk.post(f"{THERE}/vulnerability", "eva", json=told)).status_code == 403
    assert (await desk.post("/v1/customers/C9/vulnerability", json={"vulnerable": True})).json()[
        "status"
    ] == 404
    assert await desk.pool.fetchval("SELECT count(*) FROM persons_only") == 0
