"""What reports found, over HTTP: as the command has it, for whoever sees the whole house."""

from datetime import date

from domain.report.findings import Finding, FindingKind
from domain.report.period import Period
from store.report.findings import Findings
from tests.integration.api.conftest import Desk, token

FELL = Finding(
    kind=FindingKind.DELIVERY_FELL,
    subject="sms/twilio",
    what="sms/twilio: delivery fell to 80.0 %.",
    why="Not by chance.",
    todo="Look the code up.",
    figures={"points": 0.13},
)
WEEK = Period(first=date(2026, 11, 4), last=date(2026, 11, 10))


def as_whom(name: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token(name)}"}


async def test_findings_are_listed_and_done_by_whom_the_token_says(desk: Desk) -> None:
    await Findings(desk.pool).keep([FELL], WEEK, desk.now)
    (one,) = (await desk.client.get("/v1/findings", headers=as_whom("otto"))).json()["items"]
    assert (one["kind"], one["subject"], one["done_by"]) == ("delivery_fell", "sms/twilio", None)
    done = f"/v1/findings/{one['finding_id']}/done"
    answer = await desk.client.post(done, json={"note": "an outage"}, headers=as_whom("ana"))
    assert answer.status_code == 200, answer.text
    assert (answer.json()["done_by"], answer.json()["note"]) == ("ana", "an outage")
    again = await desk.client.post(done, headers=as_whom("luis"))
    assert again.status_code == 409
    assert "ana has looked" in again.json()["detail"]
    assert (await desk.client.get("/v1/findings", headers=as_whom("ana"))).json() == {"items": []}
    listed = await desk.client.get("/v1/findings?done=true", headers=as_whom("ana"))
    assert len(listed.json()["items"]) == 1


async def test_whoever_sees_some_creditors_only_sees_no_finding(desk: Desk) -> None:
    answer = await desk.client.get("/v1/findings", headers=as_whom("bea"))
    assert answer.status_code == 403
    answer = await desk.client.post("/v1/findings/1/done", headers=as_whom("bea"))
    assert answer.status_code == 403


async def test_who_may_only_look_does_nothing(desk: Desk) -> None:
    for name in ("otto", "eva"):
        answer = await desk.client.post("/v1/findings/1/done", headers=as_whom(name))
        assert answer.status_code == 403


async def test_a_finding_that_there_is_not_is_not_found(desk: Desk) -> None:
    answer = await desk.client.post("/v1/findings/999/done", headers=as_whom("ana"))
    assert answer.status_code == 404
