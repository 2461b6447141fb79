"""The OpenAPI document is sound, is what is committed, and says what is really answered."""

import json
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from config.settings import ROOT
from domain.conversation.work_words import WorkReason
from domain.failures import BadInput
from store.outgoing.stream import Stream
from store.report.findings import Findings
from tests.integration.api.conftest import Desk
from tests.integration.api.test_customers import lived
from tests.integration.api.test_findings import FELL, WEEK
from tests.integration.outgoing.conftest import promise
from workers.api.openapi import described

DOCUMENT: dict[str, Any] = described()
URI = "urn:contrapunto:openapi"
REGISTRY: Any = Registry().with_resource(
    URI, Resource.from_contents(DOCUMENT, default_specification=DRAFT202012)
)
OPERATIONS = {
    (method, path): told for path, one in DOCUMENT["paths"].items() for method, told in one.items()
}


C2 = {"customer_id": "C2"}
ASKED: dict[str, dict[str, Any]] = {
    "promises": {"amount": "50000", "date": "2026-12-04"},
    "settlements": {"discount": "20"},
    "settlements/approve": {"offer": "s1"},
    "settlements/decline": {"offer": "s1"},
    "settlements/accept": {"offer": "s1", "how": "call"},
    "settlements/withdraw": {"offer": "s1"},
    "disputes": {"reason": "amount", "documents": ["archive:1"]},
    "disputes/resolve": {"outcome": "against"},
    "hardships": {"reason": "job_loss"},
    "hardships/extend": {"review_date": "2026-12-04"},
    "hardships/end": {},
}
"""A good request of each kind, by its address behind the customer's."""


def check(schema: dict[str, Any], value: Any) -> None:
    """The value is as the schema says; what it refers to is in the document."""
    text = json.dumps(schema).replace('"#/', f'"{URI}#/')
    Draft202012Validator(json.loads(text), registry=REGISTRY).validate(value)


def test_the_document_is_openapi_3_1() -> None:
    assert DOCUMENT["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(DOCUMENT).iter_errors()) == []
    for name, schema in DOCUMENT["components"]["schemas"].items():
        Draft202012Validator.check_schema(schema)
        assert schema.get("description"), name


def test_the_committed_document_is_this_one() -> None:
    file = ROOT / "docs" / "reference" / "openapi.json"
    assert json.loads(file.read_text("utf-8")) == DOCUMENT, "`make docs` writes it anew"


def test_every_field_and_parameter_says_what_it_means() -> None:
    for name, schema in DOCUMENT["components"]["schemas"].items():
        if name == "Window":
            continue  # its days and hours speak for themselves
        for field, told in schema.get("properties", {}).items():
            assert told.get("description"), f"{name}.{field}"
    for told in OPERATIONS.values():
        assert all(one["description"] for one in told["parameters"])
        assert told["description"].endswith(".")


def test_a_wish_says_that_what_is_left_away_is_not_stated() -> None:
    fields = DOCUMENT["components"]["schemas"]["Wish"]["properties"]
    assert [name for name, told in fields.items() if "default" in told] == []


async def test_it_is_served_to_whoever_wants_to_call(desk: Desk) -> None:
    answer = await desk.client.get("/openapi.json")
    assert (answer.status_code, answer.json()) == (200, DOCUMENT)


async def test_whoever_looks_at_its_health_needs_no_token(desk: Desk) -> None:
    assert (await desk.client.get("/healthz")).status_code == 200
    ready = await desk.client.get("/readyz")
    assert (ready.status_code, ready.json()) == (200, {"postgres": "ok", "temporal": "ok"})
    desk.accounts.down = True


async def test_what_is_answered_is_what_the_document_says(desk: Desk) -> None:
    await lived(desk)
    await desk.says("no debo nada")
    await desk.work(WorkReason.CRISIS, message="twilio/S1")
    items = (await desk.get("/v1/work-items")).json()["items"]
    first, other = (str(one["work_id"]) for one in items[:2])
    seen: set[tuple[str, str, int]] = set()

    async def asked(
        method: str, path: str, who: str = "ana", body: Any = None, **named: str
    ) -> httpx.Response:
        there = path.partition("?")[0]
        answer = await desk.ask(method.upper(), path.format(**named), who, json=body)
        told = OPERATIONS[method, there]["responses"][str(answer.status_code)]
        if "$ref" in told:
            told = DOCUMENT["components"]["responses"][told["$ref"].rpartition("/")[2]]
        for kind, content in told.get("content", {}).items():
            assert answer.headers["Content-Type"] == kind
            check(content["schema"], answer.json())
        seen.add((method, there, answer.status_code))
        return answer

    work = "/v1/work-items/{work_id}"
    await asked("get", "/v1/work-items?done=true&limit=2")
    await asked("get", "/v1/work-items?limit=0")
    await asked("get", f"{work}?words=true", work_id=first)
    await asked("get", work, work_id="999")
    await asked("post", "/v1/work-items/next", body={"reason": "bankruptcy"})
    await asked("post", "/v1/work-items/next", "luis")
    await asked("post", f"{work}/claim", body={}, work_id=other)
    await asked("post", f"{work}/claim", "sofia", body={}, work_id=other)
    await asked("post", f"{work}/release", body={}, work_id=other)
    await asked("post", f"{work}/done", body={"outcome": "dispute"}, work_id=other)
    await asked("post", f"{work}/done", body={"outcome": "lottery"}, work_id=other)
    await asked("post", f"{work}/done", "eva", body={"outcome": "cease"}, work_id=other)
    customer = "/v1/customers/{customer_id}"
    await asked("get", f"{customer}?words=true", customer_id="C2")
    await asked("get", customer, "gil", customer_id="C2")
    await asked("get", customer, "gil", customer_id="C1")
    await asked("get", f"{customer}/messages?words=true", customer_id="C2")
    window = {"days": ["mon"], "from": "18:00", "to": "20:00"}
    wish = {"channel": "sms", "windows": [window], "locale": "es-CO"}
    check({"$ref": "#/components/schemas/Wish"}, wish)
    await asked("post", f"{customer}/preferences", body=wish, customer_id="C2")
    note = {"id": "d1", "account": "bank/A2", "channel": "sms", "text": "Le llamo mañana. Ana"}
    check({"$ref": "#/components/schemas/NewMessage"}, note)
    await asked("post", f"{customer}/messages", body=note, customer_id="C2")
    await asked("post", f"{customer}/messages", "luis", body=note, customer_id="C2")
    await asked("post", f"{customer}/messages", body={**note, "text": ""}, customer_id="C2")
    for path, body in ASKED.items():
        there = f"{customer}/{path}"
        who = "sofia" if path.endswith(("approve", "decline")) else "ana"
        await asked("post", there, who, body={"id": path, "account": "bank/A2", **body}, **C2)
        await asked("post", there, "eva", body={"id": path, "account": "bank/A2", **body}, **C2)
    desk.accounts.answers = BadInput("offer: none stands")
    body = {"id": "w2", "account": "bank/A2"}
    await asked("post", f"{customer}/settlements/withdraw", body=body, **C2)
    await asked("post", f"{customer}/vulnerability", body={"vulnerable": True}, **C2)
    ids = {"provider": "twilio", "inbound_id": "S1"}
    there = "/v1/messages/{provider}/{inbound_id}/corrections"
    await asked("post", there, body={"intents": ["dispute"], "amount": "5"}, **ids)
    await Findings(desk.pool).keep([FELL], WEEK, desk.now)
    await Stream(desk.pool).note_for(["*"])
    await promise(desk.pool, "p1", "A2", "bank")
    await Stream(desk.pool).number([])
    assert (await asked("get", "/v1/events?after=0")).json()["items"]
    await asked("get", "/v1/events?after=99")
    found = (await asked("get", "/v1/findings")).json()["items"][0]
    looked = "/v1/findings/{finding_id}/done"
    await asked("post", looked, body={"note": "ok"}, finding_id=str(found["finding_id"]))
    orders, hold = "/v1/bulk-orders", {"kind": "hold", "creditor": "bank", "reason": "flood"}
    await asked("post", f"{orders}/plan", "boss", body={"kind": "hold", "creditor": "bank"})
    given = (await asked("post", orders, "boss", body=hold)).json()
    await asked("post", orders, "boss", body=hold)
    await asked("post", orders, "ana", body=hold)
    assert (await asked("get", orders, "boss")).json()["items"] == [given]
    one = f"{orders}/{{order_id}}"
    await asked("get", one, "owner", order_id=str(given["order_id"]))
    await asked("get", one, "boss", order_id=str(given["order_id"]))
    lift = {"order_id": str(given["order_id"])}
    await asked("post", f"{one}/lift", "boss", body={"reason": "dry"}, **lift)
    desk.accounts.down = True
    await asked("post", f"{work}/done", body={"outcome": "dispute"}, work_id=first)
    # Those of upstream systems are held to it by the fuzz (upstream/test_contract.py).
    of_people = {one for one, told in OPERATIONS.items() if told["tags"] != ["upstream"]}
    assert {(method, path) for method, path, _ in seen} == of_people
    assert {status for _, _, status in seen} == {200, 201, 204, 403, 404, 409, 410, 422, 503}


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_no_page_of_another_origin_may_call(desk: Desk, method: str) -> None:
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": method}
    answer = await desk.client.request("OPTIONS", "/v1/work-items", headers=headers)
    assert answer.status_code == 405
    assert not [name for name in answer.headers if name.startswith("access-control")]
