"""Who asked to be left alone, as the sandbox itself keeps it: the witness for "contacted after"."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lab.sandbox.persons.people import Heard, Person, Persona
from lab.sandbox.persons.wordings import STOPS, WRONG_PERSON
from lab.sandbox.record import Stop
from tests.integration.sandbox.conftest import Start
from tests.integration.sandbox.harness import ACCOUNT, ANN, BOB, MAIL, OURS, Sandbox

SPANISH = "Hola Ana, su cuenta tiene un saldo vencido de $ 1.250.000. Responda BASTA."


def stops(sandbox: Sandbox) -> list[dict[str, Any]]:
    kept: list[dict[str, Any]] = sandbox.get("/_sandbox/stops")
    return kept


def until_asked(sandbox: Sandbox, **told: str) -> dict[str, Any]:
    """The first stop of a person who is written to again and again."""
    for _ in range(4):
        sandbox.sms(body=SPANISH, **told)
        sandbox.settle()
        sandbox.perform_all()
        if kept := stops(sandbox):
            return kept[0]
    raise AssertionError("nobody asked for anything")


def test_a_stop_is_kept_with_its_instant_its_address_and_its_words(start: Start) -> None:
    sandbox = start(fixed_personas={ANN: "opt_outer"})
    kept = until_asked(sandbox)
    inbound = sandbox.receiver.inbound[0]
    assert (kept["kind"], kept["person"], kept["channel"]) == ("stop", ANN, "sms")
    assert (kept["provider"], kept["account"]) == ("twilio", ACCOUNT)
    assert kept["words"] == inbound["Body"]
    assert kept["words"] in STOPS["es"]
    messages = {m["id"]: m for m in sandbox.get("/_sandbox/messages")["messages"]}
    assert messages[kept["message"]]["direction"] == "out"
    sent_at = datetime.fromisoformat(messages[kept["message"]]["at"])
    assert sent_at <= datetime.fromisoformat(kept["at"]) <= datetime.fromisoformat(kept["told_at"])


def test_somebody_else_is_kept_in_the_same_way(start: Start) -> None:
    heard = Heard("sms", ACCOUNT, SPANISH, datetime(2026, 3, 2, 17, tzinfo=UTC), 2)
    people = (Person(ANN, Persona.ANSWERER, n, ZoneInfo("America/Bogota")) for n in range(99))
    stranger = next(p for p in people if "asks" in p.hears(heard)[0].details)
    sandbox = start(seed=stranger.seed, fixed_personas={ANN: "answerer"})
    kept = until_asked(sandbox)
    assert kept["kind"] == "wrong_person"
    assert kept["words"] in WRONG_PERSON["es"]


@pytest.mark.parametrize("persona", [Persona.PAYER, Persona.PROMISER, Persona.IGNORER])
def test_who_asks_for_nothing_is_not_kept(start: Start, persona: Persona) -> None:
    sandbox = start(fixed_personas={ANN: persona.value})
    for _ in range(3):
        sandbox.sms(body=SPANISH)
    sandbox.perform_all()
    assert stops(sandbox) == []


def test_leaving_a_mailing_is_a_stop(start: Start) -> None:
    sandbox = start(fixed_personas={MAIL: "opt_outer"})
    for _ in range(3):
        sandbox.mail(text=SPANISH)
    sandbox.settle()
    sandbox.perform_all()
    kept = stops(sandbox)[0]
    assert (kept["kind"], kept["person"], kept["channel"]) == ("stop", MAIL, "email")
    assert kept["words"] in ("unsubscribe", "spamreport")
    assert kept["told_at"]


def test_a_key_for_no_more_calls_is_a_stop(start: Start) -> None:
    sandbox = start(fixed_calls={ANN: "human"}, fixed_personas={ANN: "opt_outer"})
    url = f"{sandbox.receiver.url}/twilio/call"
    asking = "<Response><Gather action='{}'><Say>{}</Say></Gather></Response>"
    sandbox.receiver.twiml = [
        asking.format(url, "If you are Ann, press 1."),
        asking.format(url, "To receive no more calls, press 9."),
        "<Response><Say>Bye.</Say></Response>",
    ]
    sandbox.twilio.calls.create(to=ANN, from_=OURS, url=url)
    sandbox.settle()
    [kept] = stops(sandbox)
    assert (kept["kind"], kept["person"], kept["channel"]) == ("stop", ANN, "voice")
    assert (kept["words"], kept["told_at"]) == ("stop", kept["at"])


def test_a_stop_that_nobody_takes_was_asked_for_and_not_told(start: Start) -> None:
    sandbox = start(fixed_personas={ANN: "opt_outer"}, callback_retries=0)
    for _ in range(3):
        sandbox.sms(body=SPANISH)
    sandbox.settle()
    ids = [entry["id"] for entry in sandbox.get("/_sandbox/agenda")][:1]
    sandbox.receiver.down = 1
    assert sandbox.post("/_sandbox/perform", {"ids": ids}).json()["ok"] is False
    [asked] = stops(sandbox)
    assert asked["told_at"] is None
    assert sandbox.post("/_sandbox/perform", {"ids": ids}).json()["ok"] is True
    [told] = stops(sandbox)
    assert told["told_at"] is not None
    assert told | {"told_at": None} == asked  # the second saying moves nothing


def test_where_nobody_listens_a_stop_is_never_told(start: Start) -> None:
    sandbox = start(fixed_personas={ANN: "opt_outer"}, inbound_sms_url=None)
    kept = until_asked(sandbox)
    assert kept["told_at"] is None


def test_what_a_conductor_has_somebody_say_is_kept_too(sandbox: Sandbox) -> None:
    first, second, third = (str(sandbox.sms(to=to).sid) for to in (ANN, BOB, "+573005550177"))
    sandbox.post("/_sandbox/say", {"message": first, "text": "BASTA"})
    said = {"message": second, "text": "arrêtez, s'il vous plaît", "asks": "stop"}
    sandbox.post("/_sandbox/say", said)
    sandbox.post("/_sandbox/say", {"message": third, "text": "¿Quién es?"})
    assert [(s["kind"], s["person"]) for s in stops(sandbox)] == [("stop", ANN), ("stop", BOB)]
    wrong = sandbox.post("/_sandbox/say", {"message": first, "text": "x", "asks": "silence"})
    assert wrong.status_code == 400
    assert "asks" in wrong.json()["error"]


def test_a_restart_forgets_no_stop(start: Start) -> None:
    first = start(fixed_personas={ANN: "opt_outer"})
    until_asked(first)
    kept = stops(first)
    assert [Stop.model_validate(stop).model_dump(mode="json") for stop in kept] == kept
    assert stops(start()) == kept


def test_a_stop_on_whatsapp_names_the_bare_number(start: Start) -> None:
    sid = "HX" + "1" * 32
    sandbox = start(fixed_personas={ANN: "opt_outer"}, content={sid: SPANISH})
    for _ in range(3):
        sandbox.sms(to=f"whatsapp:{ANN}", from_="whatsapp:+12025550100", body=None, content_sid=sid)
    sandbox.settle()
    sandbox.perform_all()
    kept = stops(sandbox)[0]
    assert (kept["person"], kept["channel"]) == (ANN, "whatsapp")
