"""What crosses the border of Temporal is encrypted, where keys are set.

The form is that of Temporal's own samples, so that upstream systems in other languages need no code
of ours: AES-256-GCM over the whole payload, encoding ``binary/encrypted``, and the name of the key
in ``encryption-key-id``. A payload that is not encrypted is taken as it is: a key can be introduced
while workflows run, and whoever starts an account need not have one.

Ids, workflow and activity types and search attributes stay readable; nothing personal is in them.
"""

import base64
import binascii
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from google.protobuf.json_format import MessageToJson, Parse, ParseError
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import (
    DataConverter,
    DefaultFailureConverterWithEncodedAttributes,
    PayloadCodec,
)

from domain.failures import Misconfigured
from workers.gateway.health import Health

ENCODING: Final = b"binary/encrypted"
KEY_ID: Final = "encryption-key-id"
NONCE: Final = 12
"""Octets; drawn anew for each payload."""
KEY: Final = 32
"""Octets of AES-256."""


class UnreadablePayload(Exception):
    """A payload that none of our keys opens; says which key is missing or that it was changed."""


class PayloadCipher(PayloadCodec):
    """Encrypts with the first key, decrypts with whichever a payload names."""

    def __init__(self, keys: Mapping[str, SecretStr]) -> None:
        """``keys``: name -> 32 octets in base64. Raises Misconfigured naming a wrong one."""
        if not keys:
            raise Misconfigured("CONTRAPUNTO_PAYLOAD_KEYS names no key")
        self.ciphers = {name: AESGCM(_octets(name, key)) for name, key in keys.items()}
        self.current = next(iter(keys))

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Encrypt."""
        return [self._sealed(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Decrypt what is encrypted. Raises UnreadablePayload."""
        return [self._opened(payload) for payload in payloads]

    def _sealed(self, payload: Payload) -> Payload:
        nonce = os.urandom(NONCE)
        sealed = self.ciphers[self.current].encrypt(nonce, payload.SerializeToString(), None)
        return Payload(
            metadata={"encoding": ENCODING, KEY_ID: self.current.encode()}, data=nonce + sealed
        )

    def _opened(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") != ENCODING:
            return payload
        name = payload.metadata.get(KEY_ID, b"").decode(errors="replace")
        cipher = self.ciphers.get(name)
        if cipher is None:
            raise UnreadablePayload(
                f"a payload is encrypted with the key {name!r}, which CONTRAPUNTO_PAYLOAD_KEYS "
                "does not have: add it (after the first), the workflow goes on by itself"
            )
        try:
            opened = cipher.decrypt(payload.data[:NONCE], payload.data[NONCE:], None)
        except InvalidTag:
            raise UnreadablePayload(
                f"a payload does not open with the key {name!r}: it was changed on its way, or "
                "CONTRAPUNTO_PAYLOAD_KEYS has another key under this name"
            ) from None
        return Payload.FromString(opened)


def _octets(name: str, key: SecretStr) -> bytes:
    try:
        octets = base64.b64decode(key.get_secret_value(), validate=True)
    except binascii.Error:
        octets = b""
    if len(octets) != KEY:
        raise Misconfigured(
            f"CONTRAPUNTO_PAYLOAD_KEYS: the key {name!r} must be {KEY} octets in base64 "
            f"(openssl rand -base64 {KEY})"
        )
    return octets


def data_converter(keys: Mapping[str, SecretStr]) -> DataConverter:
    """How payloads are written and read: JSON by pydantic; with keys, encrypted, failures too."""
    if not keys:
        return pydantic_data_converter
    return replace(
        pydantic_data_converter,
        payload_codec=PayloadCipher(keys),
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )


# --- for the web UI and the `temporal` command ---------------------------------------------------


def codec_app(keys: Mapping[str, SecretStr], origins: Iterable[str]) -> Starlette:
    """The codec server that Temporal's UI and CLI ask: POST /encode and /decode with Payloads.

    It shows in clear what the keys protect: for the operators' network only, never the gateway's.
    ``origins`` are the addresses of the UI that browsers may call it from.
    """
    cipher = PayloadCipher(keys)

    async def convert(request: Request) -> Response:
        work = cipher.decode if request.url.path.endswith("/decode") else cipher.encode
        try:
            asked = Parse((await request.body()).decode(), Payloads())
            done = Payloads(payloads=await work(list(asked.payloads)))
        except (ParseError, UnicodeDecodeError):
            return PlainTextResponse("the body must be Payloads as JSON\n", 400)
        except UnreadablePayload as error:
            return PlainTextResponse(f"{error}\n", 422)
        return Response(MessageToJson(done, indent=None), media_type="application/json")

    return Starlette(
        routes=[
            Route("/encode", convert, methods=["POST"]),
            Route("/decode", convert, methods=["POST"]),
            *Health({}).routes(),
        ],
        middleware=[
            Middleware(
                CORSMiddleware,
                allow_origins=list(origins),
                allow_methods=["POST"],
                allow_headers=["content-type", "x-namespace", "authorization"],
            )
        ],
    )
