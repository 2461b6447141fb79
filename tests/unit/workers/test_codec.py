"""Payloads on their way through Temporal: sealed with the first key, opened with any."""

import base64
import json
import os
import signal
import socket
import subprocess
import sys

import httpx
import pytest
from google.protobuf.json_format import MessageToJson
from pydantic import SecretStr
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.api.failure.v1 import Failure
from temporalio.exceptions import ApplicationError

from config.settings import ROOT
from domain.failures import Misconfigured
from workers.codec import PayloadCipher, UnreadablePayload, codec_app, data_converter

OLD = SecretStr(base64.b64encode(b"o" * 32).decode())
NEW = SecretStr(base64.b64encode(b"n" * 32).decode())
PLAIN = Payload(metadata={"encoding": b"json/plain"}, data=b'{"balance": "8413.77"}')


async def test_what_is_sealed_opens_and_shows_nothing() -> None:
    cipher = PayloadCipher({"old": OLD})
    (sealed,) = await cipher.encode([PLAIN])
    assert b"8413" not in sealed.SerializeToString()
    assert sealed.metadata["encryption-key-id"] == b"old"
    assert await cipher.decode([sealed]) == [PLAIN]


async def test_the_same_payload_is_never_sealed_alike() -> None:
    cipher = PayloadCipher({"old": OLD})
    one, two = await cipher.encode([PLAIN, PLAIN])
    assert one.data != two.data


@pytest.mark.parametrize(
    ("writer", "reader"),
    [
        ({"old": OLD}, {"old": OLD, "new": NEW}),  # the new key is everywhere, behind
        ({"old": OLD, "new": NEW}, {"new": NEW, "old": OLD}),  # some have moved it up
        ({"new": NEW, "old": OLD}, {"old": OLD, "new": NEW}),
        ({"new": NEW, "old": OLD}, {"new": NEW}),  # the old one is gone
    ],
)
async def test_keys_rotate_without_a_moment_in_which_something_cannot_be_read(
    writer: dict[str, SecretStr], reader: dict[str, SecretStr]
) -> None:
    sealed = await PayloadCipher(writer).encode([PLAIN])
    assert await PayloadCipher(reader).decode(sealed) == [PLAIN]


async def test_what_upstream_sent_in_clear_is_taken_as_it_is() -> None:
    assert await PayloadCipher({"old": OLD}).decode([PLAIN]) == [PLAIN]


async def test_a_missing_key_is_named() -> None:
    sealed = await PayloadCipher({"old": OLD}).encode([PLAIN])
    with pytest.raises(UnreadablePayload, match=r"'old'.*CONTRAPUNTO_PAYLOAD_KEYS"):
        await PayloadCipher({"new": NEW}).decode(sealed)


async def test_a_changed_payload_does_not_open() -> None:
    (sealed,) = await PayloadCipher({"old": OLD}).encode([PLAIN])
    sealed.data = sealed.data[:-1] + bytes([sealed.data[-1] ^ 1])
    with pytest.raises(UnreadablePayload, match="was changed"):
        await PayloadCipher({"old": OLD}).decode([sealed])


@pytest.mark.parametrize("key", ["", "not base64 at all!", base64.b64encode(b"short").decode()])
def test_a_key_that_is_none_is_named_and_not_shown(key: str) -> None:
    with pytest.raises(Misconfigured, match=r"'mine' must be 32 octets") as told:
        PayloadCipher({"mine": SecretStr(key)})
    assert not key or key not in str(told.value)


async def test_failures_are_sealed_too() -> None:
    converter = data_converter({"old": OLD})
    failure = Failure()
    await converter.encode_failure(ApplicationError("Ana Rojas was not found"), failure)
    assert b"Ana" not in failure.SerializeToString()
    assert "Ana Rojas" in str(await converter.decode_failure(failure))


async def test_the_codec_server_decrypts_for_the_ui_and_for_its_origin_alone() -> None:
    app = codec_app({"old": OLD}, ["http://127.0.0.1:8233"])
    sealed = await PayloadCipher({"old": OLD}).encode([PLAIN])
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://codec") as client:
        body = MessageToJson(Payloads(payloads=sealed))
        origin = {"origin": "http://127.0.0.1:8233"}
        told = await client.post("/decode", content=body, headers=origin)
        assert base64.b64decode(told.json()["payloads"][0]["data"]) == PLAIN.data
        assert told.headers["access-control-allow-origin"] == origin["origin"]
        elsewhere = await client.post("/decode", content=body, headers={"origin": "http://x.test"})
        assert "access-control-allow-origin" not in elsewhere.headers
        again = await client.post("/encode", content=json.dumps(told.json()))
        assert again.json()["payloads"][0]["metadata"]["encoding"] != "anNvbi9wbGFpbg=="
        assert (await client.post("/decode", content=b"{")).status_code == 400
        other = await PayloadCipher({"new": NEW}).encode([PLAIN])
        refused = await client.post("/decode", content=MessageToJson(Payloads(payloads=other)))
        assert (refused.status_code, "'new'" in refused.text) == (422, True)


def served(port: int) -> subprocess.Popen[str]:
    """The codec as a process."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    keys = json.dumps({"old": OLD.get_secret_value()})
    return subprocess.Popen(
        [sys.executable, "-m", "workers", "codec"],
        cwd=ROOT,
        env={**kept, "CONTRAPUNTO_PAYLOAD_KEYS": keys, "CONTRAPUNTO_CODEC_PORT": str(port)},
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_port_that_is_taken_is_told_with_its_setting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = served(port)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 2
    [line] = map(json.loads, said.splitlines())
    assert line["level"] == "error"
    assert line["message"].startswith(f"the codec cannot listen on 127.0.0.1:{port} (")
    assert line["message"].endswith("): set CONTRAPUNTO_CODEC_PORT to a free port")


def test_it_logs_as_the_other_processes_do_and_is_ended_as_they_are() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with served(port) as process:
        assert process.stderr is not None
        said = process.stderr.readline()
        while "startup complete" not in said and process.poll() is None:
            said += process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        said += process.communicate(timeout=60)[1]
    assert process.returncode == 0, said
    assert {json.loads(line)["level"] for line in said.splitlines()} == {"info"}
