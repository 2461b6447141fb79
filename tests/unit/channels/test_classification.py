"""What the providers' codes and events mean: every one we know, and those we do not."""

import pytest

from activities.channels import sendgrid_email, twilio_api
from activities.channels.base import Report
from activities.channels.sendgrid_email import message_name, outcome
from activities.channels.twilio_api import AMBIGUOUS, KINDS, STATUSES, kind_of
from domain.ledger.attempt import AttemptState, RefusalKind

K = RefusalKind

CLASSES = {
    K.CONFIGURATION: "20003 20404 21212 21603 21606 21910 35118 90007 63007 63013 30034 30002 "
    "63001 63020 63022 21205 21210 21213 21215 21216 13227",
    K.TEMPLATE: "63027 63028 63029 63016 63005 63021 63030 63040 63041 63042 21655 21656",
    K.RECIPIENT: "21211 21217 21214 21614 21635 30005 30006 63003 63024 13223 13224 13225",
    K.CONSENT: "21610 63033",
    K.CONTENT: "30004 30007 30019 30038",
    K.TEMPORARY: "30003 30001 21611 30017 30410 30500 30036 63010 63012 63032 63049",
    K.RATE: "20429 63018 63038 10004",
    K.OTHER: "30008",
}
EVERY = [(int(code), kind) for kind, codes in CLASSES.items() for code in codes.split()]


@pytest.mark.parametrize(("code", "kind"), EVERY)
def test_every_code_of_twilio_has_its_class(code: int, kind: RefusalKind) -> None:
    assert kind_of(code) is kind


def test_the_table_has_no_code_that_is_not_tested() -> None:
    assert dict(EVERY) == KINDS


def test_ambiguous_codes_are_no_refusals() -> None:
    assert {20500, 20503} == AMBIGUOUS
    assert not AMBIGUOUS & KINDS.keys()


@pytest.mark.parametrize("code", [None, 0, 12345])
def test_an_unknown_code_is_other(code: int | None) -> None:
    assert kind_of(code) is K.OTHER


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
        ({"event": "spamreport"}, Report(None, K.CONSENT, "spamreport")),
        ({"event": "unsubscribe"}, Report(None, K.CONSENT, "unsubscribe")),
        ({"event": "group_unsubscribe"}, Report(None, K.CONSENT, "group_unsubscribe")),
        (
            {"event": "bounce", "type": "bounce", "status": "5.1.1"},
            Report(AttemptState.UNDELIVERED, K.RECIPIENT, "bounce 5.1.1"),
        ),
        (
            {"event": "bounce", "type": "bounce", "bounce_classification": "Invalid Address"},
            Report(AttemptState.UNDELIVERED, K.RECIPIENT, "bounce"),
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
    assert found == Report(AttemptState.UNDELIVERED, kind, "dropped")


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


def test_statuses_of_both_providers_are_in_tables() -> None:
    assert set(sendgrid_email.KINDS.values()) <= {K.CONFIGURATION, K.RATE}
    assert set(twilio_api.STATUSES.values()) == {
        AttemptState.ACCEPTED,
        AttemptState.DELIVERED,
        AttemptState.UNDELIVERED,
    }
