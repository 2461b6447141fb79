"""A call from answering to hanging up, by signed HTTP: what is said, and what is then on record."""

from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from domain.names import TWILIO_CALL, TWILIO_CALL_INBOUND, TWILIO_CALL_STATUS
from lab.sandbox.persons.telephone import read
from tests.integration.gateway.calls.held import MESSAGE, NUMBER, SECRETS, SID, Call, a_call
from tests.integration.gateway.conftest import Edge


async def test_whoever_answers_hears_who_calls_for_whom_and_nothing_of_a_debt(call: Call) -> None:
    heard = await call.answered()
    assert "Harbour Services" in heard
    assert "If you are Ana Rojas, press 1" in heard
    assert not [secret for secret in SECRETS if secret.lower() in heard.lower()]
    assert (await call.edge.row(call.attempt))["outcome"] is None


async def test_the_customer_hears_the_message_and_it_is_a_conversation(call: Call) -> None:
    await call.answered()
    heard = await call.press("1")
    assert heard.startswith(MESSAGE)
    assert "To pay, press 1" in heard
    row = await call.edge.row(call.attempt)
    assert row["outcome"] == "conversation"
    assert call.edge.workflows.signals == [
        (
            "account/acme/A-1",
            "message_received",
            {"id": f"twilio:{SID}:conversation", "channel": "voice", "intent": "other"},
        )
    ]


async def test_a_call_that_is_over_stays_the_conversation_it_was(call: Call) -> None:
    await call.answered()
    await call.press("1")
    row = await call.status("completed", ("AnsweredBy", "human"))
    assert (row["state"], row["outcome"]) == ("delivered", "conversation")


async def test_hanging_up_before_saying_who_one_is_is_a_dropped_call(call: Call) -> None:
    await call.answered()
    row = await call.status("completed", ("AnsweredBy", "human"))
    assert (row["state"], row["outcome"]) == ("delivered", "dropped")


async def test_hanging_up_in_the_middle_of_the_menu_changes_nothing_more(call: Call) -> None:
    await call.answered()
    await call.press("1")
    await call.press("2")
    await call.status("completed")
    assert call.edge.workflows.asked == []
    assert await call.edge.rows("SELECT FROM law_events") == []


@pytest.mark.parametrize("by", ["machine_end_beep", "machine_end_silence", "machine_start"])
async def test_a_machine_hears_limited_content_alone(call: Call, by: str) -> None:
    heard = await call.answered(by)
    assert "Laura Gil from Harbour Services" in heard
    assert "1 2 1 2 5 5 5 0 1 0 0" in heard
    assert "Ana" not in heard
    assert not [secret for secret in SECRETS if secret.lower() in heard.lower()]
    assert call.script.action is None
    row = await call.status("completed", ("AnsweredBy", by))
    assert (row["state"], row["outcome"]) == ("delivered", "voicemail")


async def test_a_fax_hears_nothing(call: Call) -> None:
    assert await call.answered("fax") == ""
    assert call.script.action is None


async def test_without_a_key_the_question_is_put_three_times(call: Call) -> None:
    await call.answered()
    assert "press 1" in await call.press("")
    assert "press 1" in await call.press("7")
    assert "Goodbye" in await call.press("")
    assert call.script.action is None
    assert (await call.edge.row(call.attempt))["outcome"] is None


@pytest.mark.parametrize("known", [False, True])
async def test_a_stop_is_on_record_before_the_goodbye(call: Call, *, known: bool) -> None:
    await call.answered()
    if known:
        await call.press("1")
    assert "We will not call you again" in await call.press("9")
    events = await call.edge.rows("SELECT customer_id, kind, channel FROM law_events")
    assert events == [{"customer_id": "c-1", "kind": "opt_out", "channel": "voice"}]
    assert call.edge.workflows.signals[-1][2]["intent"] == "opt_out"


async def test_a_stop_survives_a_temporal_that_is_away(call: Call) -> None:
    await call.answered()
    call.edge.workflows.down = True
    assert await call.press("9") == ""
    assert call.script.redirect is not None
    # Recorded even so; and the key is not asked for again, for it is in the address.
    assert len(await call.edge.rows("SELECT FROM law_events WHERE kind = 'opt_out'")) == 1
    call.edge.workflows.down = False
    again = urlsplit(call.script.redirect)
    assert dict(parse_qsl(again.query))["pressed"] == "9"
    heard = await call._post(again.query, [], SID)
    assert "We will not call you again" in heard
    assert len(await call.edge.rows("SELECT FROM law_events WHERE kind = 'opt_out'")) == 1


async def test_a_gateway_that_stays_cut_off_gives_up(call: Call) -> None:
    await call.answered()
    call.edge.workflows.down = True
    await call.press("9")
    for _ in range(20):
        if call.script.redirect is None:
            break
        await call._post(urlsplit(call.script.redirect).query, [], SID)
    assert call.script.redirect is None
    assert "A person will see to it" in call.heard
    kept = await call.edge.rows("SELECT intent FROM inbound ORDER BY intent")
    assert [row["intent"] for row in kept] == ["help", "opt_out"]


async def test_a_wrong_number_is_used_no_more_on_any_channel(call: Call) -> None:
    await call.answered()
    assert "sorry" in await call.press("2")
    points = await call.edge.rows("SELECT channel, suppressed FROM contact_points ORDER BY 1")
    assert points == [
        {"channel": "sms", "suppressed": "not the customer's address"},
        {"channel": "voice", "suppressed": "not the customer's address"},
    ]
    events = await call.edge.rows("SELECT kind, channel, detail FROM law_events")
    assert {event["kind"] for event in events} == {"wrong_number"}
    assert all(event["detail"]["contact_point_id"] for event in events)
    assert call.edge.workflows.signals[-1][0] == "account/acme/A-1"


async def test_asking_for_a_person_is_a_fact(call: Call) -> None:
    await call.answered()
    await call.press("1")
    assert "A person will call you back" in await call.press("3")
    rows = await call.edge.rows("SELECT channel, intent, customer_id FROM inbound")
    assert rows == [{"channel": "voice", "intent": "help", "customer_id": "c-1"}]
    assert call.edge.workflows.signals[-1][2]["intent"] == "help"


async def test_paying_is_explained_and_the_menu_comes_back(call: Call) -> None:
    await call.answered()
    await call.press("1")
    heard = await call.press("1")
    assert "pay.example.com" in heard
    assert "To talk to a person, press 3" in heard
    assert "press 3" in await call.press("5")
    assert (await call.press("0")).startswith(MESSAGE)


async def promise(call: Call, days: str = "5", amount: str | None = None) -> str:
    await call.answered()
    await call.press("1")
    assert "450 US dollars" in await call.press("2")
    if amount is None:
        await call.press("1")
    else:
        await call.press("2")
        await call.press(amount)
    return await call.press(days)


async def test_a_promise_is_asked_for_as_any_other(call: Call) -> None:
    heard = await promise(call)
    assert "You will pay 450 US dollars by" in heard
    assert "I have noted 450 US dollars" in await call.press("1")
    [(workflow, name, payload)] = call.edge.workflows.asked
    assert (workflow, name) == ("account/acme/A-1", "record_promise")
    due = date.fromisoformat(payload["date"])
    assert timedelta(days=4) <= due - datetime.now(UTC).date() <= timedelta(days=5)
    assert payload["amount"] == "450.00"
    assert payload["id"] == f"call:{SID}:450.00:{due}"


async def test_another_amount_can_be_keyed_in(call: Call) -> None:
    heard = await promise(call, "10", "120")
    assert "You will pay 120 US dollars" in heard
    await call.press("1")
    assert call.edge.workflows.asked[0][2]["amount"] == "120"


async def test_a_repeated_request_is_the_same_promise(call: Call) -> None:
    await promise(call)
    action = call.script.action
    await call.press("1")
    call.script.action = action
    await call.press("1")
    ids = {payload["id"] for _, _, payload in call.edge.workflows.asked}
    assert len(ids) == 1


async def test_a_refused_promise_is_refused_politely(call: Call) -> None:
    call.edge.workflows.refuses = "date: at most 60 days ahead"
    await promise(call, "99")
    heard = await call.press("1")
    assert heard.startswith("I am sorry, I cannot note that")
    assert "To talk to a person, press 3" in heard
    assert "60 days" not in heard


async def test_a_promise_can_be_changed_before_it_is_made(call: Call) -> None:
    await promise(call)
    assert "press 2" in await call.press("2")
    assert call.edge.workflows.asked == []


@pytest.mark.parametrize("days", ["", "#", "999999999", "9" * 5000])
async def test_days_beyond_all_calendars_are_asked_again(call: Call, days: str) -> None:
    heard = await promise(call, days)
    assert "in how many days" in heard.lower()
    assert call.edge.workflows.asked == []


@pytest.mark.parametrize("nonsense", ["", "0", "*", "٣", "9" * 5000])
async def test_nonsense_for_an_amount_is_asked_again(call: Call, nonsense: str) -> None:
    await call.answered()
    await call.press("1")
    await call.press("2")
    await call.press("2")
    assert "key in the amount" in await call.press(nonsense)


@pytest.mark.parametrize(
    ("word", "sip", "state", "outcome", "suppressed", "woken"),
    [
        ("busy", "486", "undelivered", "busy", False, True),
        ("failed", "404", "undelivered", "not_in_service", True, True),
        ("failed", "503", "undelivered", "not_in_service", False, True),
        ("no-answer", "487", "delivered", "no_answer", False, False),
        ("canceled", "", "delivered", "no_answer", False, False),
        ("ringing", "", "accepted", None, False, False),
        ("something-new", "", "dispatching", None, False, False),
    ],
)
async def test_every_end_of_a_call(
    edge: Edge,
    word: str,
    sip: str,
    state: str,
    outcome: str | None,
    *,
    suppressed: bool,
    woken: bool,
) -> None:
    call = await a_call(edge, "dispatching")
    for _ in range(2):  # Twilio repeats itself
        row = await call.status(word, ("SipResponseCode", sip))
        assert (row["state"], row["outcome"]) == (state, outcome)
    points = await edge.rows("SELECT FROM contact_points WHERE suppressed IS NOT NULL")
    assert bool(points) is suppressed
    assert bool(edge.workflows.signals) is woken
    assert len(edge.workflows.signals) <= 1


async def test_the_end_of_a_call_may_come_first(call: Call) -> None:
    await call.status("completed", ("AnsweredBy", "human"))
    await call.status("ringing")
    row = await call.status("in-progress")
    assert (row["state"], row["outcome"]) == ("delivered", "dropped")


async def test_being_answered_settles_an_attempt_in_doubt(edge: Edge) -> None:
    call = await a_call(edge, "dispatching", "unknown")
    await call.answered()
    await call.press("1")
    row = await edge.row(call.attempt)
    assert (row["state"], row["reconcile_at"]) == ("accepted", None)


async def test_a_second_call_of_one_attempt_never_speaks(call: Call) -> None:
    await call.status("ringing")
    await call.edge.pool.execute("UPDATE attempts SET provider_message_id = $1", SID)
    assert await call.answered(sid="CA" + "2" * 32) == ""
    row = await call.status("completed", sid="CA" + "2" * 32)
    assert (row["state"], row["outcome"]) == ("accepted", None)


async def test_a_call_that_was_queued_until_the_window_closed_never_speaks(edge: Edge) -> None:
    call = await a_call(edge, ends=timedelta(seconds=-1))
    assert await call.answered() == ""
    assert call.script.action is None


async def test_a_stop_is_heard_although_the_window_closed_during_the_call(call: Call) -> None:
    await call.answered()
    await call.press("1")
    past = datetime.now(UTC) - timedelta(seconds=1)
    await call.edge.pool.execute("UPDATE attempts SET not_after = $1", past)
    assert "We will not call you again" in await call.press("9")
    assert len(await call.edge.rows("SELECT FROM law_events WHERE kind = 'opt_out'")) == 1


@pytest.mark.parametrize("moves", [("released",), ("dispatching", "refused")])
async def test_a_call_that_was_not_made_never_speaks(edge: Edge, moves: tuple[str, ...]) -> None:
    call = await a_call(edge, *moves)
    assert await call.answered() == ""


async def test_a_call_of_nobody_is_hung_up(edge: Edge) -> None:
    call = Call(edge, "ab" * 12)
    assert await call.answered() == ""


@pytest.mark.parametrize("path", [TWILIO_CALL, TWILIO_CALL_STATUS, TWILIO_CALL_INBOUND])
async def test_a_forged_request_is_refused(call: Call, path: str) -> None:
    fields = [("CallSid", SID), ("CallStatus", "busy"), ("From", NUMBER), ("Digits", "9")]
    query = f"attempt={call.attempt}&step=check"
    answer = await call.edge.twilio(path, fields, query=query, token="somebody-else")
    assert answer.status_code == 403
    assert "Response" not in answer.text
    assert (await call.edge.row(call.attempt))["outcome"] is None
    assert await call.edge.rows("SELECT FROM law_events") == []


async def test_steps_cannot_be_moved_under_a_signature(call: Call) -> None:
    """The step is in the address, and the address is signed."""
    fields = [("CallSid", SID), ("CallStatus", "in-progress"), ("Digits", "1")]
    signed = await call.edge.twilio(TWILIO_CALL, fields, query=f"attempt={call.attempt}")
    signature = signed.request.headers["X-Twilio-Signature"]
    moved = await call.edge.twilio(
        TWILIO_CALL,
        fields,
        query=f"attempt={call.attempt}&step=check",
        headers={"X-Twilio-Signature": signature},
    )
    assert moved.status_code == 403


async def test_a_customer_who_calls_us_is_a_conversation_and_gets_a_person(call: Call) -> None:
    fields = [("CallSid", SID), ("From", NUMBER), ("To", "+15005550006"), ("CallStatus", "ringing")]
    answer = await call.edge.twilio(TWILIO_CALL_INBOUND, fields)
    heard = " ".join(read(answer.text).said)
    assert "Harbour" in heard
    assert not [s for s in SECRETS if s.lower() in heard.lower().replace("call you back", "")]
    rows = await call.edge.rows("SELECT channel, customer_id FROM inbound")
    assert rows == [{"channel": "voice", "customer_id": "c-1"}]
    assert call.edge.workflows.signals[-1][1] == "message_received"
