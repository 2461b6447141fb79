"""People whom a model plays, on the wire: what the model says of them is what a provider sees."""

from decimal import Decimal
from typing import Any

from lab.sandbox.persons.bank import PiggyBank
from lab.sandbox.persons.players import Introductions, Player, Players
from lab.sandbox.persons.wordings import STOPS
from people.worlds import WORLDS, World
from tests.integration.sandbox.conftest import Start
from tests.integration.sandbox.harness import ACCOUNT, ANN, MAIL, Sandbox
from tests.integration.sandbox.test_calls import call, gather

_NEVER = ("dead_address", "stranger", "disputes", "writes", "states_wish", "opt_out", "backfires")
_ALWAYS = ("sees_sms", "sees_email", "other_channel", "other_hours", "takes_call", "machine_call")
_SURE = {
    **dict.fromkeys((*_NEVER, "cannot_pay", "cannot_pay_later"), 0.0),
    **dict.fromkeys((*_ALWAYS, "repeat"), 1.0),
}
CERTAIN = World("certain", {**WORLDS["published"].values, **_SURE})
"""Everybody reads everything, and nothing comes of it."""
TOLD = {
    "began": "2026-03-02T15:00:00Z",
    "customers": [
        {
            "customer": "C1",
            "country": "CO",
            "zone": "America/Bogota",
            "places": [
                {"channel": "sms", "address": ANN, "name": "one"},
                {"channel": "email", "address": MAIL, "name": "other"},
            ],
            "owes": [
                {"account": ACCOUNT, "due": "2026-02-20", "amount": "850000", "currency": "COP"}
            ],
        }
    ],
}
TEXT = "Hola Ana, su saldo de $ 850.000 está vencido, por favor pague."


def playing(start: Start, world: World, **more: Any) -> Sandbox:
    sandbox = start(people="published", **more)
    sandbox.world.players = Players(sandbox.world.state, world, 1)
    sandbox.post("/_sandbox/introductions", TOLD).raise_for_status()
    return sandbox


def kinds(sandbox: Sandbox) -> list[str]:
    return [entry["kind"] for entry in sandbox.get("/_sandbox/agenda")]


def test_who_stops_says_so_in_their_language_and_it_is_on_record(start: Start) -> None:
    sandbox = playing(start, CERTAIN.but("stops", opt_out=0.999))
    sandbox.sms(body=TEXT)
    assert sorted(kinds(sandbox)) == ["pay", "reply"]
    sandbox.perform_all()
    [said] = sandbox.receiver.inbound
    assert said["Body"] in STOPS["es"]
    [stop] = sandbox.get("/_sandbox/stops")
    assert (stop["kind"], stop["address"], stop["account"]) == ("stop", ANN, ACCOUNT)


def test_who_only_answers_asks_for_no_stop_whatever_persona_the_address_had(start: Start) -> None:
    sandbox = playing(start, CERTAIN.but("asks", writes=0.999), fixed_personas={ANN: "opt_outer"})
    sandbox.sms(body=TEXT)
    sandbox.perform_all()
    assert len(sandbox.receiver.inbound) == 1
    assert sandbox.get("/_sandbox/stops") == []


def test_a_stop_by_mail_is_told_by_the_provider(start: Start) -> None:
    sandbox = playing(start, CERTAIN.but("stops", opt_out=0.999, complains=0.0))
    sandbox.mail(text=TEXT)
    assert sorted(kinds(sandbox)) == ["pay", "unsubscribe"]
    sandbox.perform_all()
    assert "unsubscribe" in {event["event"] for event in sandbox.receiver.events}


def test_a_dead_address_reaches_nobody(start: Start) -> None:
    sandbox = playing(start, CERTAIN.but("dead", dead_address=0.999))
    sandbox.sms(body=TEXT)
    sandbox.settle()
    assert sandbox.receiver.statuses[-1]["MessageStatus"] == "undelivered"
    assert kinds(sandbox) == ["pay"], "what they would do anyway"


def test_they_pay_what_they_owe_by_themselves_and_then_no_more(start: Start) -> None:
    bank = PiggyBank()
    sandbox = playing(start, CERTAIN.but("whole", pays_part=0.0, first_effect=0.999), bank=bank)
    sandbox.sms(body=TEXT)
    assert len(kinds(sandbox)) >= 2, "by themselves, and because they were moved"
    sandbox.perform_all()
    assert [Decimal(payment["amount"]) for _, payment in bank.payments] == [Decimal(850000)]


def test_who_promises_on_a_call_presses_the_day(start: Start) -> None:
    world = CERTAIN.but("calls", first_effect=0.999, promises=0.999, promise_kept=0.999)
    sandbox = playing(start, world)
    check, menu = "If you are Ann, press 1.", "To tell us when you will pay, press 3."
    days, all_of_it = "In how many days? Key them in.", "To promise all of it, press 1."
    confirm = "To confirm, press 1."
    scenes = [gather(words) for words in (check, menu, days, all_of_it, confirm)]
    sandbox.receiver.twiml = [*scenes, "<Response><Say>Bye.</Say></Response>"]
    sid = call(sandbox).sid
    sandbox.settle()
    twin = Player(Introductions.model_validate(TOLD).customers[0], world, 1)
    twin.begins(Introductions.model_validate(TOLD).began)
    placed = sandbox.world.record.messages[sid]
    [on] = [act.on for act in twin.hears(placed).acts if act.on is not None]
    pressed = [form.get("Digits") for form in sandbox.receiver.voice]
    assert pressed[:3] == [None, "1", "3"]
    today = placed.at.astimezone(twin.person.zone).date()
    assert pressed[3] == str((on - today).days)
    assert pressed[4:] == ["1", "1"]
    assert kinds(sandbox) == ["pay", "pay"], "by themselves, and as they promised"


def test_a_call_that_the_model_has_nobody_take_is_taken_by_nobody(start: Start) -> None:
    sandbox = playing(start, CERTAIN.but("away", takes_call=0.0, voicemail=0.0, busy=0.0))
    call(sandbox)
    sandbox.settle()
    assert sandbox.receiver.statuses[-1]["CallStatus"] == "no-answer"
