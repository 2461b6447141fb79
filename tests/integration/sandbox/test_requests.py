"""Who asked to be left alone, as the sandbox has it; and where the owners of addresses live."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.integration.sandbox.conftest import Start
from tests.integration.sandbox.harness import ACCOUNT, ANN, MAIL, OURS, Sandbox, wait_for

SPANISH = "Hola Ana, su cuenta tiene un saldo vencido. Responda BASTA para no recibir más."


def stops(folder: Path) -> list[dict[str, Any]]:
    path = folder / "stops.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def annoyed(start: Start, address: str, **told: Any) -> Sandbox:
    """Somebody who asks to be left alone after three messages at most."""
    return start(fixed_personas={address: "opt_outer"}, **told)


def test_who_answers_to_be_left_alone_is_on_record_in_their_own_words(
    start: Start, tmp_path: Path
) -> None:
    sandbox = annoyed(start, ANN)
    for number in range(3):
        sandbox.sms(body=SPANISH, attempt=f"a{number}")
    sandbox.settle()
    assert stops(tmp_path) == []  # they have not said it yet
    sandbox.perform_all()
    said = {form["Body"] for form in sandbox.receiver.inbound}
    found = stops(tmp_path)
    assert {(s["kind"], s["address"], s["channel"], s["account"]) for s in found} == {
        ("stop", ANN, "sms", ACCOUNT)
    }
    assert {stop["words"] for stop in found} == said
    assert all(stop["said_at"] <= stop["at"] for stop in found)
    assert found == sandbox.get("/_sandbox/stops")


def test_what_was_not_told_to_us_is_not_on_record_yet(start: Start, tmp_path: Path) -> None:
    sandbox = annoyed(start, ANN, callback_retries=0)
    for _ in range(3):
        sandbox.sms(body=SPANISH)
    sandbox.settle()
    sandbox.receiver.down = 99
    assert not any(done["ok"] for done in sandbox.perform_all())
    assert stops(tmp_path) == []
    sandbox.receiver.down = 0
    assert all(done["ok"] for done in sandbox.perform_all())
    assert {stop["kind"] for stop in stops(tmp_path)} == {"stop"}


def test_a_mail_that_is_unsubscribed_from_or_reported(start: Start, tmp_path: Path) -> None:
    sandbox = annoyed(start, MAIL)
    for _ in range(3):
        sandbox.mail(text=SPANISH)
    sandbox.settle()
    sandbox.perform_all()
    (kind,) = {(stop["kind"], stop["address"], stop["channel"]) for stop in stops(tmp_path)}
    assert kind == ("stop", MAIL, "email")


CALL = (
    '<Response><Gather action="{url}"><Say>If you are Ann, press 1. If this is the wrong number, '
    "press 2.</Say></Gather></Response>",
    '<Response><Gather action="{url}"><Say>To receive no more calls, press 9.</Say></Gather>'
    "</Response>",
    "<Response><Hangup/></Response>",
)


@pytest.mark.parametrize(
    ("persona", "key", "kind"), [("opt_outer", 9, "stop"), ("ignorer", 2, "wrong_person")]
)
def test_keys_in_a_call(start: Start, tmp_path: Path, persona: str, key: int, kind: str) -> None:
    """Of many who do not care, some are somebody else."""
    numbers = [f"+1312555{n:04}" for n in range(100, 160)]
    everybody = dict.fromkeys(numbers, persona)
    sandbox = start(fixed_personas=everybody, fixed_calls=dict.fromkeys(numbers, "human"))
    query = "attempt=a1&account=acme%2F7"
    base = f"{sandbox.receiver.url}/twilio"
    for number in numbers:
        sandbox.receiver.twiml = list(CALL)
        sandbox.twilio.calls.create(
            to=number,
            from_=OURS,
            url=f"{base}/call?{query}",
            status_callback=f"{base}/status?{query}",
        )
        sandbox.settle()
        if stops(tmp_path):
            break
    (stop,) = stops(tmp_path)
    assert (stop["kind"], stop["channel"], stop["address"]) == (kind, "voice", number)
    assert key in {int(form["Digits"]) for form in sandbox.receiver.voice if "Digits" in form}


def test_somebody_says_by_hand_what_they_mean(sandbox: Sandbox, tmp_path: Path) -> None:
    sid = str(sandbox.sms().sid)

    def say(text: str, **asks: str) -> int:
        return sandbox.post("/_sandbox/say", {"message": sid, "text": text, **asks}).status_code

    assert say("¿Quién es?") == 200
    assert say("no soy Roberto", asks="wrong_person") == 200
    assert say("START") == 200
    assert say("x", asks="quiet") == 400
    assert [(s["kind"], s["words"]) for s in stops(tmp_path)] == [
        ("wrong_person", "no soy Roberto"),
        ("start", "START"),
    ]


def test_a_restart_neither_forgets_nor_repeats_a_request(start: Start, tmp_path: Path) -> None:
    first = start()
    sid = str(first.sms().sid)
    first.post("/_sandbox/say", {"message": sid, "text": "ya no más", "asks": "stop"})
    second = start()
    assert second.get("/_sandbox/stops") == stops(tmp_path)
    assert len(stops(tmp_path)) == 1


# --- where they live ------------------------------------------------------------------------------


def shown(sandbox: Sandbox) -> dict[str, str]:
    return {m["person"]: m["zone"] for m in sandbox.get("/_sandbox/messages")["messages"]}


def test_a_mailbox_shows_the_time_of_its_owner_once_somebody_says_where_they_live(
    start: Start,
) -> None:
    sandbox = start(zones={"told@example.com": "America/Lima"})
    for address in (MAIL, "told@example.com", "nobody@example.com"):
        sandbox.mail(to=address)
    sandbox.sms()
    answer = sandbox.post("/_sandbox/zones", {MAIL: "America/Chicago", ANN: "America/Caracas"})
    assert answer.json() == {"zones": 2}
    assert shown(sandbox) == {
        MAIL: "America/Chicago",
        "told@example.com": "America/Lima",
        "nobody@example.com": "UTC",
        ANN: "America/Caracas",
    }
    wait_for(lambda: bool(shown(start())))  # a restart does not forget
    assert shown(start())[MAIL] == "America/Chicago"


def test_a_zone_that_is_none_is_refused(sandbox: Sandbox) -> None:
    answer = sandbox.post("/_sandbox/zones", {MAIL: "Bogota"})
    assert answer.status_code == 400
    assert "'Bogota' is no IANA time zone" in answer.json()["error"]
