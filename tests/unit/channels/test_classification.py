"""What the providers' codes and events mean: every one we know, and those we do not."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.channels.answers import ErrorForm, RawAnswer, Said, own_word, unsuccessful
from activities.channels.base import Meaning, Report, Unknown
from activities.channels.codes import infobip, resend, sendgrid, twilio
from activities.channels.codes.meanings import OTHER
from activities.channels.infobip_sms import outcome as infobip_outcome
from activities.channels.resend_email import outcome as resend_outcome
from activities.channels.sendgrid_email import message_name, outcome
from activities.channels.twilio_api import STATUSES, kind_of
from domain.ledger.attempt import AttemptState, RefusalKind

K = RefusalKind

CLASSES = {
    K.CONFIGURATION: "20003 20404 21212 21603 21606 21910 35118 90007 63007 63013 30034 30002 "
    "63001 63020 63022 21205 21210 21213 21215 21216 13227 21408 30032 63051 10001 20422",
    K.TEMPLATE: "63027 63028 63029 63016 63005 63021 63030 63040 63041 63042 21655 21656 21617",
    K.RECIPIENT: "21211 21217 21214 21614 21635 30005 30006 63003 63024 13223 13224 13225 21265",
    K.CONSENT: "21610 63033 63014",
    K.CONTENT: "30004 30007 30019 30038 63026",
    K.TEMPORARY: "30003 30001 21611 30017 30410 30500 30036 63010 63012 63032 63049 30450 30022",
    K.RATE: "20429 63018 63038 10004 63017",
    K.OTHER: "30008 21612",
}
EVERY = [(int(code), kind) for kind, codes in CLASSES.items() for code in codes.split()]
TABLES: dict[str, dict[Any, Meaning]] = {
    "twilio at the door": dict(twilio.AT_THE_DOOR),
    "twilio later": dict(twilio.LATER),
    "infobip at the door": dict(infobip.AT_THE_DOOR),
    "infobip rejected": dict(infobip.REJECTED),
    "infobip errors": dict(infobip.ERRORS),
    "sendgrid at the door": dict(sendgrid.AT_THE_DOOR),
    "sendgrid drops": dict(sendgrid.DROPS),
    "resend at the door": dict(resend.AT_THE_DOOR),
    "resend bounces": dict(resend.BOUNCES),
}
ALL = [(table, code, meaning) for table, found in TABLES.items() for code, meaning in found.items()]
FORMS: list[ErrorForm] = [twilio.error, infobip.error, sendgrid.error, resend.error]


@pytest.mark.parametrize(("code", "kind"), EVERY)
def test_codes_of_twilio_have_their_class(code: int, kind: RefusalKind) -> None:
    assert kind_of(code) is kind


@pytest.mark.parametrize("code", [20409, 20500, 20503, 21204, 21619])
def test_ambiguous_codes_are_in_no_table(code: int) -> None:
    assert code not in twilio.AT_THE_DOOR
    assert code not in twilio.LATER


def test_no_code_is_both_a_refusal_at_the_door_and_of_a_message_that_exists() -> None:
    assert not twilio.AT_THE_DOOR.keys() & twilio.LATER.keys()


@pytest.mark.parametrize("code", [None, 0, 12345])
def test_an_unknown_code_is_other(code: int | None) -> None:
    assert twilio.meaning_of(code) == OTHER


@pytest.mark.parametrize(("table", "code", "meaning"), ALL)
def test_consent_and_bad_addresses_hold_for_all_who_have_the_address(
    table: str, code: object, meaning: Meaning
) -> None:
    of_address = meaning.kind in (K.CONSENT, K.RECIPIENT)
    of_us = meaning.kind in (K.CONFIGURATION, K.TEMPLATE, K.RATE, K.OTHER)
    assert meaning.about_address or not of_address, (table, code)
    assert not (meaning.about_address and of_us), (table, code)


FIELDS = [
    *("code", "message", "more_info", "status", "type", "title", "errors", "field", "help"),
    *("errorCode", "description", "action", "violations", "resources", "statusCode", "name"),
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(FIELDS),
            inner,
            max_size=6,
        )
    ),
    max_leaves=12,
)


@given(body=JSON, status=st.integers(100, 599), form=st.sampled_from(FORMS))
def test_no_json_at_all_brings_a_form_down_or_makes_up_a_refusal(
    body: object, status: int, form: ErrorForm
) -> None:
    raw = RawAnswer(status, "application/json", json.dumps(body).encode())
    said = own_word(raw, form)
    sent = unsuccessful("x", raw, form)
    if said is None or said.meaning is None:
        assert isinstance(sent, Unknown)
    else:
        assert isinstance(body, dict)
        assert 400 <= status < 500


@given(body=st.binary(max_size=60), status=st.integers(100, 599), form=st.sampled_from(FORMS))
def test_no_bytes_at_all_are_a_refusal(body: bytes, status: int, form: ErrorForm) -> None:
    raw = RawAnswer(status, "application/json", body)
    assert isinstance(unsuccessful("x", raw, form), Unknown)


@pytest.mark.parametrize("name", ["invalid_idempotent_request", "concurrent_idempotent_requests"])
def test_a_key_that_was_used_before_says_nothing_of_what_became_of_it(name: str) -> None:
    assert resend.error(409, {"statusCode": 409, "name": name, "message": "x"}) == Said(name, None)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("email.complained", Report(None, K.CONSENT, "complained", about_address=True)),
        (
            "email.suppressed",
            Report(AttemptState.UNDELIVERED, K.RECIPIENT, "suppressed", about_address=True),
        ),
        ("email.failed", Report(AttemptState.UNDELIVERED, K.OTHER, "failed")),
    ],
)
def test_events_of_resend_say_whether_the_address_is_meant(event: str, expected: Report) -> None:
    assert resend_outcome({"type": event}) == expected


@pytest.mark.parametrize(
    ("error", "kind", "about_address"),
    [
        (603, K.CONSENT, True),  # blocked by the person's STOP
        (573, K.CONSENT, True),
        (3041, K.RECIPIENT, True),
        (4103, K.CONTENT, True),  # too many messages to this number
        (607, K.CONTENT, False),
        (27, K.TEMPORARY, True),
        (541, K.TEMPORARY, False),
        (564, K.CONFIGURATION, False),
    ],
)
def test_errors_of_infobip_say_whether_the_address_is_meant(
    error: int, kind: RefusalKind, *, about_address: bool
) -> None:
    said = {"status": {"groupName": "UNDELIVERABLE", "id": 9}, "error": {"id": error}}
    assert infobip_outcome(said) == Report(
        AttemptState.UNDELIVERED, kind, f"error {error}", about_address
    )


def test_every_final_state_of_twilio_settles() -> None:
    states = (
        "queued sending sent failed delivered undelivered accepted scheduled read "
        "partially_delivered canceled"
    )
    assert set(STATUSES) == set(states.split())
    final = {word for word, state in STATUSES.items() if state is AttemptState.UNDELIVERED}
    assert final == {"failed", "undelivered", "canceled"}


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"event": "processed"}, Report(AttemptState.ACCEPTED)),
        ({"event": "delivered"}, Report(AttemptState.DELIVERED)),
        ({"event": "deferred"}, Report(None)),
        ({"event": "open"}, Report(None)),
        ({"event": "click"}, Report(None)),
        ({"event": "group_resubscribe"}, Report(None)),
        ({"event": "spamreport"}, Report(None, K.CONSENT, "spamreport", True)),
        ({"event": "unsubscribe"}, Report(None, K.CONSENT, "unsubscribe", True)),
        ({"event": "group_unsubscribe"}, Report(None, K.CONSENT, "group_unsubscribe", True)),
        (
            {"event": "bounce", "type": "bounce", "status": "5.1.1"},
            Report(AttemptState.UNDELIVERED, K.RECIPIENT, "bounce 5.1.1", True),
        ),
        (
            {"event": "bounce", "type": "bounce", "bounce_classification": "Invalid Address"},
            Report(AttemptState.UNDELIVERED, K.RECIPIENT, "bounce", True),
        ),
        (
            {"event": "bounce", "type": "blocked", "status": "4.7.0"},
            Report(AttemptState.UNDELIVERED, K.TEMPORARY, "blocked 4.7.0"),
        ),
        (
            {"event": "bounce", "type": "bounce", "bounce_classification": "Content"},
            Report(AttemptState.UNDELIVERED, K.CONTENT, "bounce"),
        ),
        (
            {"event": "bounce", "type": "blocked", "bounce_classification": "Reputation"},
            Report(AttemptState.UNDELIVERED, K.CONTENT, "blocked"),
        ),
    ],
)
def test_every_event_of_sendgrid_has_its_meaning(event: dict[str, str], expected: Report) -> None:
    assert outcome(event) == expected


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("Bounced Address", K.RECIPIENT),
        ("Invalid", K.RECIPIENT),
        ("Unsubscribed Address", K.CONSENT),
        ("Spam Reporting Address", K.CONSENT),
        ("Spam Content (if Spam Checker app enabled)", K.CONTENT),
        ("Invalid SMTPAPI header", K.CONFIGURATION),
        ("Recipient List over Package Quota", K.CONFIGURATION),
        ("something new", K.OTHER),
        ("", K.OTHER),
    ],
)
def test_every_reason_to_drop_has_its_class(reason: str, kind: RefusalKind) -> None:
    found = outcome({"event": "dropped", "reason": reason})
    of_address = kind in (K.RECIPIENT, K.CONSENT)
    assert found == Report(AttemptState.UNDELIVERED, kind, "dropped", of_address)


def test_what_the_receiving_server_says_stays_out_of_the_code() -> None:
    said = {"event": "bounce", "status": "550 ana@example.test unknown", "reason": "ana@x"}
    assert outcome(said).code == "bounce"


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("Zb1", "Zb1"),
        ("Zb1.recvd-7c4-1.0", "Zb1"),
        ("14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0", "14c5d75ce93.dfd.64b469"),
    ],
)
def test_an_event_names_its_message(given: str, name: str) -> None:
    assert message_name(given) == name
