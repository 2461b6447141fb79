"""Rightly signed, and hostile all the same: no input is our error, and the good of it is done."""

import base64
import json
from typing import Any, Final
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from activities.channels.infobip_sms import token
from activities.channels.unsubscribe import attempt_of
from domain.names import CUSTOM_ARG_ACCOUNT, CUSTOM_ARG_ATTEMPT
from tests.integration.gateway.conftest import INFOBIP_SECRET, Edge
from tests.integration.gateway.test_resend_events import post as post_resend

NUMBER, MAILBOX = "+573000000001", "ana@example.test"
FUZZ: Final = settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

ODD: Final = st.sampled_from(
    [
        "",
        " ",
        "\x00",
        "\ud800",
        "STOP\x00\udfff",
        "x" * 3000,
        "9" * 5000,
        "-1",
        "1e999",
        "NaN",
        "٣",
        "whatsapp:",
        "whatsapp:+5215512345678",
        "delivered",
        "undelivered",
        "bounce",
        "completed",
        "<Say>&amp;",
        "🛑" * 400,
    ]
)
TEXT: Final = ODD | st.text(st.characters(), max_size=40)
JSON: Final = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**4200, -(10**4200), float("nan"), float("inf"), 1e308])
    | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


def fields(*names: str) -> st.SearchStrategy[dict[str, Any]]:
    """Objects that have some of these, with anything in them, and what nobody knows."""
    known = st.fixed_dictionaries({}, optional=dict.fromkeys(names, JSON))
    return st.builds(
        lambda one, two: {**two, **one}, known, st.dictionaries(TEXT, JSON, max_size=2)
    )


FIELDS: Final = (
    *("MessageSid", "SmsSid", "CallSid", "From", "WaId", "Body", "ButtonText", "ButtonPayload"),
    *("ListId", "OptOutType", "MessageStatus", "CallStatus", "ErrorCode", "SipResponseCode"),
    *("AnsweredBy", "Digits"),
)
FORM: Final = st.lists(st.tuples(st.sampled_from(FIELDS), TEXT), max_size=8)
PARAMETERS: Final = ("attempt", "account", "step", "asked", "amount", "day", "pressed", "again")
QUERY: Final = st.dictionaries(st.sampled_from(PARAMETERS), TEXT)


def encodable(text: str) -> str:
    """A form holds no half of a surrogate pair."""
    return text.encode("utf-8", "replace").decode()


def fair(answer: httpx.Response) -> None:
    """Done, or told what is wrong."""
    assert answer.status_code in (200, 400), (answer.status_code, answer.text[:500])
    if answer.status_code == httpx.codes.BAD_REQUEST:
        assert answer.json()["error"]


@pytest.fixture
async def sent(edge: Edge) -> str:
    await edge.customer("c-1", sms=NUMBER, email=MAILBOX, voice=NUMBER)
    await edge.account("c-1")
    return await edge.attempt("c-1", "dispatching", "accepted")


@pytest.mark.parametrize("path", ["status", "inbound", "call", "call/status", "call/inbound"])
@FUZZ
@given(form=FORM, query=QUERY, ours=st.booleans())
async def test_any_form_of_twilio(
    edge: Edge, sent: str, path: str, form: list[tuple[str, str]], query: dict[str, str], ours: bool
) -> None:
    said = {name: encodable(value) for name, value in query.items()}
    said |= {"attempt": sent} if ours else {}
    signed = [(name, encodable(value)) for name, value in form]
    fair(await edge.twilio(f"/webhooks/twilio/{path}", signed, query=urlencode(said)))


SENDGRID: Final = fields(
    *("event", "sg_event_id", "sg_message_id", "type", "status", "reason", "bounce_classification"),
    *(CUSTOM_ARG_ATTEMPT, CUSTOM_ARG_ACCOUNT),
)


@FUZZ
@given(batch=st.lists(JSON | SENDGRID, max_size=4), place=st.integers(0, 4), salt=st.uuids())
async def test_any_batch_of_sendgrid_and_the_good_event_in_it(
    edge: Edge, sent: str, batch: list[Any], place: int, salt: object
) -> None:
    good = {"event": "deferred", "sg_event_id": f"good-{salt}", CUSTOM_ARG_ATTEMPT: sent}
    batch.insert(place, good)
    fair(await edge.events(batch))
    assert await edge.rows("SELECT FROM provider_events WHERE event_id = $1", f"good-{salt}")


@FUZZ
@given(body=JSON | st.lists(SENDGRID), cut=st.integers(0, 3))
async def test_any_body_of_sendgrid(edge: Edge, sent: str, body: Any, cut: int) -> None:
    whole = json.dumps(body).encode()
    fair(await edge.events(whole[: len(whole) - cut]))


RESEND: Final = st.fixed_dictionaries(
    {"data": JSON | fields("email_id", "bounce", "tags")}, optional={"type": JSON}
)
TAGS: Final = st.lists(fields("name", "value") | JSON, max_size=3)


@FUZZ
@given(body=JSON | RESEND, tags=TAGS, ours=st.booleans())
async def test_any_event_of_resend(
    edge: Edge, sent: str, body: Any, tags: list[Any], ours: bool
) -> None:
    if isinstance(body, dict) and isinstance(body.get("data"), dict):
        own = [{"name": CUSTOM_ARG_ATTEMPT, "value": sent}] if ours else []
        body["data"].setdefault("tags", tags + own)
    fair(await post_resend(edge, body))


REPORT: Final = st.fixed_dictionaries(
    {"status": JSON | fields("id", "groupName"), "error": JSON | fields("id")},
    optional={"messageId": JSON},
)


@FUZZ
@given(results=JSON | st.lists(REPORT, max_size=3), ours=st.booleans())
async def test_any_report_of_infobip(edge: Edge, sent: str, results: Any, ours: bool) -> None:
    for one in results if ours and isinstance(results, list) else ():
        if isinstance(one, dict):
            one["messageId"] = sent
    query = urlencode({"attempt": sent, "token": token(INFOBIP_SECRET, sent)})
    body = json.dumps({"results": results}).encode()
    fair(await infobip(edge, f"/webhooks/infobip/status?{query}", body))


PART: Final = fields("type", "text", "payload", "title", "id", "description")
MESSAGE: Final = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("messageId", "from", "sender", "text", "keyword", "channel"), JSON),
        "message": PART | JSON,
        "content": st.lists(PART | JSON, max_size=3) | JSON,
    },
)


@FUZZ
@given(results=st.lists(MESSAGE | JSON, max_size=3), place=st.integers(0, 3), salt=st.uuids())
async def test_any_messages_of_infobip_and_the_stop_among_them(
    edge: Edge, sent: str, results: list[Any], place: int, salt: object
) -> None:
    results.insert(place, {"messageId": f"good-{salt}", "from": NUMBER[1:], "text": "STOP"})
    body = json.dumps({"results": results}).encode()
    fair(await infobip(edge, "/webhooks/infobip/inbound", body))
    kept = await edge.rows("SELECT intent FROM inbound WHERE inbound_id = $1", f"good-{salt}")
    assert kept == [{"intent": "opt_out"}]


@FUZZ
@given(form=st.dictionaries(st.sampled_from(["token", "confirm"]), TEXT))
async def test_any_form_of_the_unsubscribe_page(
    edge: Edge, sent: str, form: dict[str, str]
) -> None:
    said = {key: encodable(value) for key, value in form.items()}
    answer = await edge.client.post("/unsubscribe", data=said)
    assert answer.status_code in (400, 404)


CHARSET: Final = st.sampled_from(
    [
        *("utf-8", "unicode_escape", "raw_unicode_escape", "utf-7", "utf-16", "utf-16-le", "idna"),
        *("punycode", "undefined", "rot13", "zlib", "cp037", "none such", "\x00", "", "x" * 300),
    ]
)
OCTETS: Final = TEXT.map(lambda text: text.encode("utf-8", "surrogatepass")) | st.sampled_from(
    [rb"\ud800.\ud800", rb"\x00", rb"\N{nothing}", b"+2AA-.x", b"\x00\xd8", b"xn--\xff", b"\xff"]
)


@FUZZ
@example(charset="unicode_escape", token=rb"\ud800.\ud800", confirm=b"yes", one_click=False)
@example(charset="unicode_escape", token=b"", confirm=rb"\8", one_click=False)
@given(charset=CHARSET, token=OCTETS, confirm=OCTETS | st.just(b"yes"), one_click=st.booleans())
async def test_any_charset_of_the_unsubscribe_form(
    edge: Edge, sent: str, charset: str, token: bytes, confirm: bytes, one_click: bool
) -> None:
    parts = [(b"token", token), (b"confirm", confirm), (token, confirm)]
    body = b"".join(
        b'--x\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n' % part for part in parts
    )
    answer = await edge.client.post(
        "/u/none" if one_click else "/unsubscribe",
        content=body + b"--x--\r\n",
        headers={"Content-Type": f"multipart/form-data; boundary=x; charset={charset}"},
    )
    assert answer.status_code in (400, 404)


def test_half_a_surrogate_pair_is_no_token() -> None:
    assert attempt_of("a key", "\ud800.\ud800") is None


DEEP: Final = b"[" * 100_000
NESTED: Final = b"[" * 900 + b"]" * 900


@pytest.mark.parametrize("body", [DEEP, NESTED, b'{"results":' + NESTED + b"}", b"", b"\xff", b"{"])
async def test_json_that_no_provider_writes(edge: Edge, sent: str, body: bytes) -> None:
    query = urlencode({"attempt": sent, "token": token(INFOBIP_SECRET, sent)})
    answers = [
        await edge.events(body),
        await post_resend(edge, body),
        await infobip(edge, "/webhooks/infobip/inbound", body),
        await infobip(edge, f"/webhooks/infobip/status?{query}", body),
    ]
    assert [answer.status_code for answer in answers] == [400] * 4


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"MessageSid": "S" * 3000, "MessageStatus": "sent"}, "MessageSid"),
        ({"MessageSid": "SM1"}, "MessageStatus"),
    ],
)
async def test_the_field_and_the_rule_are_named(
    edge: Edge, form: dict[str, str], field: str
) -> None:
    answer = await edge.twilio("/webhooks/twilio/status", list(form.items()))
    assert answer.status_code == 400
    assert f"{field}: " in answer.json()["error"]


async def test_an_error_code_of_thousands_of_digits_is_some_failure(edge: Edge, sent: str) -> None:
    assert (await edge.status(sent, "undelivered", code="9" * 5000)).status_code == 200
    row = await edge.row(sent)
    assert (row["state"], row["refusal"], row["code"]) == ("undelivered", "other", "9" * 64)


async def test_a_batch_of_nothing_but_faults_is_told_in_a_few_words(edge: Edge) -> None:
    answer = await edge.events([5] * 20_000)
    assert answer.status_code == 400
    assert answer.json()["error"].endswith("and 19990 more")


@pytest.mark.parametrize(
    "form",
    [
        {"MessageSid": "S" * 300, "From": NUMBER, "Body": "STOP"},
        {"From": NUMBER, "Body": "STOP"},
        {"MessageSid": "SM1", "Body": "STOP"},
    ],
)
async def test_a_stop_that_cannot_be_stored_is_kept_for_a_person(
    edge: Edge, form: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        assert (
            await edge.twilio("/webhooks/twilio/inbound", list(form.items()))
        ).status_code == 400
    [kept] = await edge.rows("SELECT kind, provider, body, why FROM webhook_backlog")
    assert (kept["kind"], kept["provider"]) == ("unread", "twilio")
    assert "STOP" in kept["body"]["raw"]
    assert kept["why"]
    assert "kept for a person" in caplog.text
    assert await edge.flow.notify_pending() == 0


async def test_a_stop_in_a_body_that_is_no_json_is_kept_for_a_person(edge: Edge) -> None:
    await infobip(edge, "/webhooks/infobip/inbound", b'{"results": [{"text": "STOP"')
    [kept] = await edge.rows("SELECT kind, body FROM webhook_backlog")
    assert (kept["kind"], "STOP" in kept["body"]["raw"]) == ("unread", True)


async def test_what_a_provider_that_is_not_believed_says_is_not_kept(edge: Edge) -> None:
    answer = await edge.twilio("/webhooks/twilio/inbound", [("Body", "STOP")], token="stranger")
    assert answer.status_code == 403
    assert await edge.rows("SELECT FROM webhook_backlog") == []


@pytest.mark.parametrize("host", ["[", "[::1", "a b", "x" * 500, "", "é"])
async def test_a_host_that_is_none_is_no_matter(edge: Edge, host: str) -> None:
    for path, right in (("/healthz", 200), ("/webhooks/twilio/status", 405), ("/nowhere/", 404)):
        answer = await edge.client.get(path, headers=[(b"Host", host.encode())])
        assert answer.status_code == right


async def infobip(edge: Edge, path: str, body: bytes) -> httpx.Response:
    """Post with the password; reports do not look at it."""
    basic = base64.b64encode(f"infobip:{INFOBIP_SECRET}".encode()).decode()
    return await edge.client.post(path, content=body, headers={"Authorization": f"Basic {basic}"})
