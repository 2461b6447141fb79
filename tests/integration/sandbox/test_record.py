"""The record: one line for each acceptance that reached a person, and nothing forgotten."""

import asyncio
import json
import socket
from pathlib import Path

import httpx
import pytest
from twilio.base.exceptions import TwilioRestException

from domain.failures import NotFound
from lab.report.stated import expect_receivers_record
from lab.sandbox.app import create_app
from lab.sandbox.persons.people import Persona
from lab.sandbox.record import Lines, State
from lab.sandbox.server import SandboxError, in_thread, serve
from lab.sandbox.settings import Settings
from tests.integration.sandbox.conftest import Start
from tests.integration.sandbox.harness import ANN, MAIL, Receiver, Sandbox


def test_a_double_is_two_lines(sandbox: Sandbox) -> None:
    sandbox.sms(attempt="a1")
    sandbox.sms(attempt="a1")
    first, second = sandbox.received()
    assert first["attempt"] == second["attempt"]
    assert first["provider_message_id"] != second["provider_message_id"]


def test_both_records_are_there_before_anything_happens(start: Start, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"received\.jsonl is not there"):
        expect_receivers_record(tmp_path)
    start()
    expect_receivers_record(tmp_path)
    empty = [(tmp_path / f"{name}.jsonl").read_bytes() for name in ("received", "stops")]
    assert empty == [b"", b""]


def test_a_line_has_the_promised_fields(sandbox: Sandbox) -> None:
    sandbox.mail()
    (line,) = sandbox.received()
    assert set(line) == {
        "attempt",
        "account",
        "channel",
        "provider",
        "to",
        "at",
        "from",
        "subject",
        "text",
        "status",
        "provider_message_id",
        "clock",
    }


def test_a_restart_forgets_nothing(start: Start, tmp_path: Path) -> None:
    told = {"fixed_personas": {"+573005550177": "answerer"}}
    first = start(**told)
    sid = str(first.sms().sid)
    first.post("/_sandbox/say", {"message": sid, "text": "STOP"})
    first.fault("undelivered", to=MAIL)
    first.mail()
    first.sms(to="+573005550177", body="Hola, su saldo")
    first.sms(to="+573005550177", body="Hola, su saldo")
    first.cast_one("+573005550188", "opt_outer")
    first.settle()
    agenda = first.get("/_sandbox/agenda")
    assert agenda

    second = start(**told)
    assert str(second.twilio.messages(sid).fetch().status) == "delivered"
    with pytest.raises(TwilioRestException) as refused:
        second.sms()
    assert refused.value.code == 21610
    second.mail(attempt="a2")
    second.settle()
    assert second.receiver.events[-1]["event"] == "dropped"
    assert second.get("/_sandbox/agenda") == agenda
    assert second.world.person("+573005550188").persona is Persona.OPT_OUTER
    assert len(second.received()) == 3
    new = second.sms(to="+573005550166").sid
    assert new not in {line["provider_message_id"] for line in first.received()[:3]}


def test_a_torn_line_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    path.write_bytes(b'{"a":1}\n{"a":2')
    lines = Lines(path)
    assert list(lines.read()) == [{"a": 1}]
    lines.append({"a": 3})
    lines.close()
    assert [json.loads(line) for line in path.read_text().splitlines()] == [{"a": 1}, {"a": 3}]


def test_a_broken_file_says_where(tmp_path: Path) -> None:
    path = tmp_path / "state.jsonl"
    path.write_bytes(b'{"a":1}\nnonsense\n')
    with pytest.raises(ValueError, match="line 2 of 2"):
        list(Lines(path).read())


def test_the_last_value_of_a_key_counts(tmp_path: Path) -> None:
    path = tmp_path / "state.jsonl"
    state = State(path)
    state.put("t", "a", 1)
    state.put("t", "a", 2)
    state.put("t", "b", 3)
    state.put("t", "b", None)
    state.close()
    assert State(path).tables["t"] == {"a": 2}


def test_a_received_line_lost_in_a_crash_is_written_again(
    start: Start, receiver: Receiver, tmp_path: Path
) -> None:
    first = start()
    first.sms()
    first.sms(to="+573005550177")
    first.settle()
    path = tmp_path / "received.jsonl"
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0] + b'{"attempt":"a')
    with in_thread(create_app(first.settings)):
        pass
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["to"] for line in lines] == [ANN, "+573005550177"]


def test_messages_come_by_revision(sandbox: Sandbox) -> None:
    for n in range(5):
        sandbox.sms(body=str(n))
    sandbox.settle()
    seen: dict[str, str] = {}
    revision, more = 0, True
    while more:
        page = sandbox.get("/_sandbox/messages", since=str(revision), limit="3")
        seen |= {message["id"]: message["status"] for message in page["messages"]}
        revision, more = page["revision"], page["more"]
    assert len(seen) == 5
    assert set(seen.values()) == {"delivered"}
    assert sandbox.get("/_sandbox/messages", since=str(revision))["messages"] == []


def test_the_page_is_one_file_without_foreign_parts(sandbox: Sandbox) -> None:
    answer = httpx.get(sandbox.url)
    assert answer.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "prefers-color-scheme: dark" in answer.text
    for foreign in ("src=", "href=", "@import", "url("):
        assert foreign not in answer.text
    assert "innerHTML" not in answer.text  # what people write is text, never markup


async def test_a_sandbox_in_a_loop_of_its_starter_stops_when_told() -> None:
    stop = asyncio.Event()
    told: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    running = asyncio.create_task(serve(Settings(port=0), ready=told.set_result, stop=stop))
    url = await asyncio.wait_for(told, 20)
    async with httpx.AsyncClient() as client:
        assert (await client.get(f"{url}/_sandbox/quiet")).json() is True
    stop.set()
    await asyncio.wait_for(running, 20)


async def test_a_port_in_use_is_said_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SandboxError, match=f"cannot listen on 127.0.0.1:{port}"):
            await serve(Settings(port=port))
