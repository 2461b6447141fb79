"""Signatures of what was learnt: whoever can change a policy can change whom we contact how.

Ed25519: what signs stays where policies are made, and what verifies is no secret.
"""

import base64
import binascii
import json
from typing import Any, Final, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import SecretStr

from config.settings import PREFIX
from domain.failures import Fault, Misconfigured
from domain.model import Strict

SIGNING_KEY: Final = f"{PREFIX}POLICY_SIGNING_KEY"
KEYS: Final = f"{PREFIX}POLICY_KEYS"


class Signature(Strict):
    """By whose key, and the signature itself; both in base64."""

    key: str
    value: str


class Pair(NamedTuple):
    """A new pair of keys, in base64."""

    private: str
    public: str


def new_pair() -> Pair:
    """A pair of keys that nobody has yet."""
    made = Ed25519PrivateKey.generate()
    return Pair(_text(made.private_bytes_raw()), _text(made.public_key().public_bytes_raw()))


def sign(content: Any, key: SecretStr | None) -> Signature:
    """Sign what JSON can hold. Raises Misconfigured where there is no key to sign with."""
    if key is None:
        rule = "is not set: nothing can be signed, and no worker takes what is not"
        raise Misconfigured.of([Fault(SIGNING_KEY, "", rule, "`contrapunto learn key` makes one")])
    try:
        private = Ed25519PrivateKey.from_private_bytes(_octets(key.get_secret_value()))
    except ValueError:
        rule = "must be a key as `contrapunto learn key` prints it"
        raise Misconfigured.of([Fault(SIGNING_KEY, "", rule)]) from None
    public = private.public_key().public_bytes_raw()
    return Signature(key=_text(public), value=_text(private.sign(_canonical(content))))


def fault_of(
    content: Any, signature: Signature, trusted: tuple[str, ...]
) -> tuple[str, str] | None:
    """What is wrong with a signature, and what to do; None: one of the trusted keys has made it."""
    if not trusted:
        return "is signed, but no key is trusted", f"set {KEYS} to the public key of who makes it"
    if signature.key not in trusted:
        todo = f"add that key to {KEYS} if you trust who has it, or sign the file anew"
        return f"is signed by {signature.key}, which is not trusted", todo
    try:
        public = Ed25519PublicKey.from_public_bytes(_octets(signature.key))
        public.verify(_octets(signature.value), _canonical(content))
    except (InvalidSignature, ValueError):
        todo = "put back the file as it was signed, or have its author make and sign it anew"
        return "was changed after it was signed, or its signature is damaged", todo
    return None


def fault_of_keys(keys: tuple[str, ...]) -> Fault | None:
    """What is wrong with the trusted keys."""
    for key in keys:
        try:
            Ed25519PublicKey.from_public_bytes(_octets(key))
        except ValueError:
            rule = "must be public keys as `contrapunto learn key` prints them, with commas between"
            return Fault(KEYS, "", rule)
    return None


def _canonical(content: Any) -> bytes:
    """The one way of writing it, whatever the order of keys and the blanks in a file."""
    said = json.dumps(
        content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    )
    return said.encode()


def _text(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def _octets(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("no base64") from error
