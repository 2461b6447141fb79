"""Twilio's Calls, its WhatsApp, and people on the telephone, as the official SDK sees them."""

import time
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException

from lab.sandbox.persons.people import Person, Persona, zone_of
from lab.sandbox.persons.telephone import Fate, Listener, fate_of, key_for, read
from tests.integration.sandbox.conftest import Start
from tests.integration.sandbox.harness import ANN, OURS, Sandbox, wait_for

BODY = "Aviso de {{1}} Hola, {{2}}. Gracias."
CONTENT = "HX" + "7" * 32


def call(sandbox: Sandbox, to: str = ANN, attempt: str = "a1", **more: Any) -> Any:
    base = f"{sandbox.receiver.url}/twilio"
    query = f"attempt={attempt}&account=acme%2F7"
    told = {
        "from_": OURS,
        "url": f"{base}/call?{query}",
        "status_callback": f"{base}/status?{query}",
        "machine_detection": "DetectMessageEnd",
        "timeout": 25,
        **more,
    }
    return sandbox.twilio.calls.create(to=to, **told)


def told(sandbox: Sandbox) -> list[str]:
    return [form["CallStatus"] for form in sandbox.receiver.statuses]


@pytest.mark.parametrize(
    ("fate", "states", "rang"),
    [
        ("human", ["initiated", "ringing", "in-progress", "completed"], True),
        ("machine", ["initiated", "ringing", "in-progress", "completed"], True),
        ("no-answer", ["initiated", "ringing", "no-answer"], True),
        ("busy", ["initiated", "ringing", "busy"], False),
        ("failed", ["initiated", "ringing", "failed"], False),
    ],
)
def test_a_call_ends_as_it_must_and_is_told(
    start: Start, fate: str, states: list[str], *, rang: bool
) -> None:
    sandbox = start(fixed_calls={ANN: fate})
    sid = call(sandbox).sid
    assert sid.startswith("CA")
    assert len(sid) == 34
    sandbox.settle()
    assert told(sandbox) == states
    assert {form["CallSid"] for form in sandbox.receiver.statuses} == {sid}
    assert sandbox.receiver.refused == []
    assert [line["channel"] for line in sandbox.received()] == (["voice"] if rang else [])
    (listed,) = sandbox.twilio.calls.list(to=ANN, from_=OURS)
    assert (listed.sid, str(listed.status)) == (sid, states[-1])
    assert sandbox.twilio.messages.list(to=ANN) == []


def test_who_answers_hears_and_presses(start: Start) -> None:
    sandbox = start(fixed_calls={ANN: "human"}, fixed_personas={ANN: "answerer"})
    check = "Hello. If you are Ann, press 1. If this is the wrong number, press 2."
    menu = "To pay, press 4. To talk to a person, press 6."
    sandbox.receiver.twiml = [gather(check), gather(menu), "<Response><Say>Bye.</Say></Response>"]
    call(sandbox)
    sandbox.settle()
    assert [form.get("Digits") for form in sandbox.receiver.voice] == [None, "1", "6"]
    assert {form["AnsweredBy"] for form in sandbox.receiver.voice} == {"human"}
    (kept,) = sandbox.get("/_sandbox/messages")["messages"]
    assert kept["text"] == f"{check} [1] {menu} [6] Bye."
    assert (kept["pressed"], kept["heard"]) == (["person"], 1)


def test_a_key_whose_answer_is_lost_was_pressed_and_perhaps_not_heard(start: Start) -> None:
    sandbox = start(fixed_calls={ANN: "human"}, fixed_personas={ANN: "opt_outer"})
    check, menu = "If you are Ann, press 1.", "To receive no more calls, press 9."
    sandbox.receiver.twiml = [gather(check), gather(menu), "no TwiML"]
    call(sandbox)
    sandbox.settle()
    (kept,) = sandbox.get("/_sandbox/messages")["messages"]
    assert (kept["pressed"], kept["heard"]) == (["stop"], 0)


def test_a_pause_is_waited_for_where_it_is_told_to(start: Start) -> None:
    sandbox = start(fixed_calls={ANN: "human"}, pauses=0.2)
    url = f"{sandbox.receiver.url}/twilio/call"
    waits = f"<Response><Pause length='2'/><Redirect>{url}</Redirect></Response>"
    sandbox.receiver.twiml = [waits, "<Response><Say>Bye.</Say></Response>"]
    began = time.monotonic()
    call(sandbox)
    sandbox.settle()
    assert time.monotonic() - began >= 0.4
    assert len(sandbox.receiver.voice) == 2


def test_a_machine_takes_the_message_and_presses_nothing(start: Start) -> None:
    sandbox = start(fixed_calls={ANN: "machine"})
    sandbox.receiver.twiml = ["<Response><Say>Please call back.</Say><Hangup/></Response>"]
    call(sandbox)
    sandbox.settle()
    assert sandbox.receiver.voice[0]["AnsweredBy"] == "machine_end_beep"
    assert len(sandbox.receiver.voice) == 1


def test_a_redirect_is_followed_and_a_circle_is_noticed(start: Start) -> None:
    sandbox = start(fixed_calls={ANN: "human"})
    url = f"{sandbox.receiver.url}/twilio/call?again=1"
    sandbox.receiver.twiml = [f"<Response><Pause length='1'/><Redirect>{url}</Redirect></Response>"]
    call(sandbox)
    sandbox.settle()
    assert len(sandbox.receiver.voice) == 40
    assert "call: it went in circles" in sandbox.get("/_sandbox/state")["failed_webhooks"]


def test_somebody_who_finds_a_voicemail_may_call_back(start: Start, receiver_url: str) -> None:
    sandbox = start(fixed_calls={ANN: "machine"}, inbound_call_url=f"{receiver_url}/twilio/call")
    sandbox.receiver.twiml = ["<Response><Say>Hello.</Say></Response>"]
    for n in range(8):
        call(sandbox, attempt=f"a{n}")
    sandbox.settle()
    before = len(sandbox.receiver.voice)
    kinds = {entry["kind"] for entry in sandbox.get("/_sandbox/agenda")}
    assert kinds == {"call"}
    assert all(result["ok"] for result in sandbox.perform_all())
    back = sandbox.receiver.voice[before:]
    assert back
    assert {(form["From"], form["To"], form["Direction"]) for form in back} == {
        (ANN, OURS, "inbound")
    }


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"to": "+1"}, 21211),
        ({"from_": "Acme"}, 21212),
        ({"url": "nowhere"}, 21205),
        ({"timeout": 900}, 21218),
    ],
)
def test_a_wrong_call_is_refused(sandbox: Sandbox, wrong: dict[str, Any], code: int) -> None:
    with pytest.raises(TwilioRestException) as refused:
        call(sandbox, **wrong)
    assert refused.value.code == code
    sandbox.settle()
    assert told(sandbox) == []


def test_a_call_whose_answer_was_lost_still_rings(start: Start) -> None:
    sandbox = start(fixed_calls={ANN: "no-answer"})
    sandbox.fault("5xx_after", channel="voice")
    with pytest.raises(TwilioRestException):
        call(sandbox)
    sandbox.settle()
    assert told(sandbox)[-1] == "no-answer"
    assert len(sandbox.twilio.calls.list(to=ANN)) == 1


def test_faults_of_callbacks_strike_calls_too(start: Start) -> None:
    sandbox = start(fixed_calls={ANN: "busy"})
    sandbox.fault("callback_double")
    call(sandbox)
    sandbox.settle()
    assert told(sandbox) == ["initiated", "initiated", "ringing", "ringing", "busy", "busy"]
    sandbox.receiver.forget()
    sandbox.fault("callback_forged")
    call(sandbox, attempt="a2")
    sandbox.settle()
    assert sandbox.receiver.refused == ["/twilio/status"]


# --- people ---------------------------------------------------------------------------------------


def person(persona: Persona, address: str = ANN) -> Person:
    return Person(address, persona, 1, zone_of(address, "America/Bogota"))


def test_every_kind_of_call_comes_up() -> None:
    found = {fate_of(person(Persona.IGNORER), nth) for nth in range(200)}
    assert found == set(Fate)
    assert {fate_of(person(Persona.UNREACHABLE), nth) for nth in range(9)} == {Fate.FAILED}


@pytest.mark.parametrize(
    ("wish", "words", "key"),
    [
        ("me", "Le llama X. Si usted es Ana, marque 1. Si no, marque 2.", "1"),
        ("stop", "Para pagar, marque 1. Para no recibir más llamadas, marque 9.", "9"),
        ("person", "Para falar com uma pessoa, tecle 3.", "3"),
        ("when", "To pay, press 1. To tell me when you will pay, press 2.", "2"),
        ("pay", "To tell me when you will pay, press 2. To pay, press 8.", "8"),
        ("yes", "Nothing of the kind.", None),
    ],
)
def test_people_listen_for_what_they_want(wish: str, words: str, key: str | None) -> None:
    assert key_for(wish, words) == key


def test_a_promiser_keys_in_a_whole_promise() -> None:
    listener = Listener(person(Persona.PROMISER), "acme/7", 1)
    said = [
        "If you are Ann, press 1.",
        "To pay, press 1. To tell me when you will pay, press 2.",
        "To promise 1,069.87 US dollars, press 1. For another amount, press 2.",
        "In how many days will you pay?",
        "You will pay. To confirm, press 1. To change it, press 2.",
    ]
    keys = [listener.presses(words) for words in said]
    assert keys[:3] == ["1", "2", "1"]
    assert keys[3] is not None
    assert 2 <= int(keys[3]) <= 7
    assert keys[4] == "1"
    assert listener.promised
    assert listener.presses(said[1]) is None


@pytest.mark.parametrize("bad", ["", "<html/>", "<Response><Play>x</Play></Response>", "{"])
def test_what_is_no_twiml_is_noticed(bad: str) -> None:
    with pytest.raises(ValueError, match=r"TwiML|played"):
        read(bad)


# --- WhatsApp -------------------------------------------------------------------------------------


def whatsapp(sandbox: Sandbox, **more: Any) -> Any:
    to, ours = f"whatsapp:{ANN}", f"whatsapp:{OURS}"
    return sandbox.sms(to=to, from_=ours, **more)


def test_a_template_reads_as_it_was_approved_and_is_read(start: Start) -> None:
    sandbox = start(content={CONTENT: BODY})
    for n in range(6):
        whatsapp(
            sandbox,
            body=None,
            attempt=f"a{n}",
            content_sid=CONTENT,
            content_variables='{"1": "Banco.", "2": "Ana"}',
        )
    sandbox.settle()
    assert {line["text"] for line in sandbox.received()} == {"Aviso de Banco. Hola, Ana. Gracias."}
    states = [form["MessageStatus"] for form in sandbox.receiver.statuses]
    assert states.count("delivered") == 6
    assert 0 < states.count("read") <= 6


@pytest.mark.parametrize(
    ("sid", "variables", "code"),
    [
        ("HX" + "8" * 32, '{"1": "a", "2": "b"}', 21655),
        (CONTENT, '{"1": "a"}', 21656),
        (CONTENT, '{"1": "a", "2": ""}', 21656),
        (CONTENT, "nonsense", 21656),
    ],
)
def test_what_was_not_approved_is_refused(
    start: Start, sid: str, variables: str, code: int
) -> None:
    sandbox = start(content={CONTENT: BODY})
    with pytest.raises(TwilioRestException) as refused:
        whatsapp(sandbox, body=None, content_sid=sid, content_variables=variables)
    assert refused.value.code == code


def test_free_text_needs_the_persons_own_message(start: Start) -> None:
    sandbox = start(content={CONTENT: BODY})
    whatsapp(sandbox, body="Hello")
    sandbox.settle()
    assert sandbox.receiver.statuses[-1]["ErrorCode"] == "63016"
    assert sandbox.received() == []
    sid = whatsapp(
        sandbox,
        body=None,
        attempt="a2",
        content_sid=CONTENT,
        content_variables='{"1": "Banco.", "2": "Ana"}',
    ).sid
    sandbox.post("/_sandbox/say", {"message": sid, "text": "Hola"}).raise_for_status()
    wait_for(lambda: bool(sandbox.receiver.inbound))
    assert sandbox.receiver.inbound[0]["From"] == f"whatsapp:{ANN}"
    whatsapp(sandbox, body="Hello again", attempt="a3")
    sandbox.settle()
    assert sandbox.received()[-1]["text"] == "Hello again"


def gather(words: str) -> str:
    return (
        '<Response><Gather action="{url}" actionOnEmptyResult="true" numDigits="1">'
        f"<Say>{words}</Say></Gather></Response>"
    )


PARTY_MENU = (
    "To talk to a person, press 3. If you do not stand for any obligation, press 2. "
    "To receive no more calls, press 9."
)
DEBTORS_MENU = "To pay, press 1. To talk to a person, press 3. To receive no more calls, press 9."


@pytest.mark.parametrize(
    ("persona", "keys"),
    [
        (Persona.PAYER, {"2", "3"}),
        (Persona.PROMISER, {"2", "3"}),
        (Persona.ANSWERER, {"3"}),
        (Persona.OPT_OUTER, {"9"}),
    ],
)
def test_who_is_named_as_guarantor_presses_what_there_is_for_them(
    persona: Persona, keys: set[str]
) -> None:
    pressed = {Listener(person(persona), f"acme/{n}", 1).presses(PARTY_MENU) for n in range(40)}
    assert pressed == keys


def test_a_debtors_menu_is_heard_as_before() -> None:
    paid = Listener(person(Persona.PAYER), "acme/7", 1)
    assert [paid.presses(DEBTORS_MENU), paid.presses(DEBTORS_MENU)] == ["1", None]
