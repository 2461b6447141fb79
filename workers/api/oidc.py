"""Bearer tokens of an identity provider (OpenID Connect): JWTs signed with one of its keys.

RS256 and ES256 alone. What is signed with a secret (HS256), or with nothing (``none``), is refused
before a key is looked for, so that no public key can be taken for a secret.
"""

import asyncio
import logging
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.utils import base64url_decode

from config.settings import PREFIX, Settings
from domain.entry.json_text import read_json
from domain.failures import Fault, Misconfigured, Unavailable
from workers.api.people import Person, fault_of_name, roles_of

ALGORITHMS: Final = ("RS256", "ES256")
LEEWAY: Final = 30.0
"""Seconds that the provider's clock may differ from ours."""
AGAIN: Final = 60.0
"""Seconds between two readings of the keys, however many unknown ones are named."""
KEPT: Final = 600.0
"""Seconds after which keys are read again, so that one that was withdrawn is used no more."""
_TIMEOUT: Final = 5.0
_MOST: Final = 262_144
"""Octets of a key set."""
_LONGEST: Final = 16_384
"""Characters of a token."""
_WEAKEST_RSA: Final = 2048
_JWT: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})

log = logging.getLogger(__name__)


class Refused(Exception):
    """A token that is not taken: why, in words that may be told to whoever sent it."""


class Key(NamedTuple):
    """One public key of the provider."""

    algorithm: str
    key: RSAPublicKey | EllipticCurvePublicKey


Keys = Mapping[str, Key]
"""By ``kid``."""


def read_keys(where: str) -> Keys:
    """The keys of a JWK set, in a file or at an address.

    Raises Misconfigured for what is no such set, Unavailable where the address does not answer.
    """
    return _keys(_fetched(where) if "://" in where else _from_file(where))


def _from_file(where: str) -> bytes:
    try:
        return Path(where).read_bytes()[: _MOST + 1]
    except OSError as error:
        raise _wrong(f"names {where}, which cannot be read ({error.strerror})") from None


def _fetched(where: str) -> bytes:
    try:
        with requests.get(where, timeout=_TIMEOUT, allow_redirects=False, stream=True) as answer:
            if answer.status_code != requests.codes.ok:
                raise Unavailable(f"the keys at {where} are answered with {answer.status_code}")
            return answer.raw.read(_MOST + 1, decode_content=True) or b""
    except requests.RequestException as error:
        raise Unavailable(f"{where} does not answer ({type(error).__name__})") from error
    except OSError as error:
        raise Unavailable(f"{where} does not answer ({type(error).__name__})") from error


def _keys(text: bytes) -> Keys:
    try:
        found = read_json(text) if len(text) <= _MOST else None
    except ValueError:
        found = None
    listed = found.get("keys") if isinstance(found, dict) else None
    if not isinstance(listed, list):
        raise _wrong("must lead to a JWK set: an object with a list of keys")
    keys: dict[str, Key] = {}
    for one in listed:
        if isinstance(one, dict) and isinstance(kid := one.get("kid"), str):
            if "d" in one or "k" in one:
                raise _wrong("must hold public keys alone: one of them is a secret one")
            if (key := _key(one)) is not None:
                keys[kid] = key
    if not keys:
        raise _wrong(
            f"has no key that can be used: {' or '.join(ALGORITHMS)}, with a kid, RSA with at "
            f"least {_WEAKEST_RSA} bits"
        )
    return keys


def _key(told: Mapping[str, Any]) -> Key | None:
    """A key for signatures of ours; None: it is for something else, or cannot be read."""
    algorithm = {"RSA": "RS256", "EC": "ES256"}.get(str(told.get("kty")))
    if algorithm is None or told.get("use", "sig") != "sig":
        return None
    if told.get("alg", algorithm) != algorithm:
        return None
    try:
        key = jwt.PyJWK.from_dict(dict(told), algorithm).key
    except (jwt.PyJWTError, ValueError, TypeError, KeyError, ArithmeticError):
        return None
    if isinstance(key, RSAPublicKey) and key.key_size >= _WEAKEST_RSA:
        return Key(algorithm, key)
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return Key(algorithm, key)
    return None


def _wrong(rule: str) -> Misconfigured:
    return Misconfigured.of([Fault(f"{PREFIX}API_OIDC_JWKS", "", rule)])


class KeySet:
    """The provider's keys as they were last read."""

    def __init__(
        self,
        where: str,
        read: Callable[[str], Keys] = read_keys,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """``read`` and ``monotonic``: for tests, what reads keys and what counts seconds."""
        self._where, self._read, self._monotonic = where, read, monotonic
        self._lock = asyncio.Lock()
        self._keys: Keys = {}
        self._tried: float | None = None
        """When keys were last asked for, by the clock of this process."""
        self._why = ""
        """Why they could not be read."""

    async def get(self, kid: str) -> Key | None:
        """The key of this name, read again if it is not known; None: there is none.

        Raises Unavailable while no key could be read at all.
        """
        if kid not in self._keys or self._age() >= KEPT:
            async with self._lock:  # who asks meanwhile hears what the first one found
                if (kid not in self._keys or self._age() >= KEPT) and self._age() >= AGAIN:
                    await self.read()
        if not self._keys:
            raise Unavailable(f"the keys of the identity provider are not there: {self._why}")
        return self._keys.get(kid)

    async def read(self) -> None:
        """Read the keys; those of before stay where that fails."""
        self._tried = self._monotonic()
        try:
            self._keys = await asyncio.to_thread(self._read, self._where)
        except (Unavailable, Misconfigured) as error:
            self._why = str(error)
            log.warning("the keys of the identity provider are not read: %s", error)

    def _age(self) -> float:
        return float("inf") if self._tried is None else self._monotonic() - self._tried


class Oidc:
    """Whose a JWT is."""

    def __init__(self, settings: Settings, keys: KeySet) -> None:
        self._settings, self.keys = settings, keys

    def is_one(self, given: str) -> bool:
        """Whether a token has the form of a JWT."""
        return _JWT.fullmatch(given) is not None

    async def person(self, given: str) -> Person:
        """Whose token it is. Raises Refused, or Unavailable while there are no keys."""
        if len(given) > _LONGEST:
            raise Refused("the token is too long")
        algorithm, kid = _head(given)
        key = await self.keys.get(kid)
        if key is None:
            raise Refused("the token is signed with a key that the identity provider does not name")
        if key.algorithm != algorithm:
            raise Refused("the token's algorithm is not that of its key")
        return self._person(_claims(given, key, self._settings))

    def _person(self, claims: Mapping[str, Any]) -> Person:
        settings = self._settings
        name = claims.get(settings.api_oidc_name_claim)
        if not isinstance(name, str) or fault_of_name(name) is not None:
            raise Refused(f"the token's claim {settings.api_oidc_name_claim} is no name")
        values = _values(_at(claims, settings.api_oidc_roles_claim))
        creditors = None
        if (claim := settings.api_oidc_creditors_claim) is not None:
            named = _values(_at(claims, claim))
            creditors = None if "*" in named else frozenset(named)
        roles = roles_of(values, dict(settings.api_oidc_roles))
        return Person(name, roles, creditors, subject=f"oidc:{_subject(claims, name)}")


def _head(given: str) -> tuple[str, str]:
    """Algorithm and key of a token. Raises Refused."""
    head, _ = map(_part, given.split(".")[:2])
    algorithm, kid = head.get("alg"), head.get("kid")
    if algorithm not in ALGORITHMS:
        raise Refused(f"the token's algorithm must be {' or '.join(ALGORITHMS)}")
    if not isinstance(kid, str):
        raise Refused("the token does not say which key it is signed with (kid)")
    if "crit" in head:
        raise Refused("the token asks for what is not known here (crit)")
    return str(algorithm), kid


def _part(encoded: str) -> dict[str, Any]:
    """One part of a token; what is nested deeply is refused before anybody else parses it."""
    try:
        read = read_json(base64url_decode(encoded))
    except ValueError:
        read = None
    if not isinstance(read, dict):
        raise Refused("the token cannot be read")
    return read


_WHY: Final[dict[type[Exception], str]] = {
    jwt.ExpiredSignatureError: "the token has expired",
    jwt.ImmatureSignatureError: "the token is not valid yet",
    jwt.InvalidIssuerError: "the token is another issuer's",
    jwt.InvalidAudienceError: "the token is for another audience",
    jwt.InvalidSignatureError: "the token's signature is wrong",
    jwt.MissingRequiredClaimError: "the token lacks exp, iss or aud",
}


def _claims(given: str, key: Key, settings: Settings) -> Mapping[str, Any]:
    try:
        return jwt.decode(
            given,
            key.key,
            algorithms=[key.algorithm],
            audience=settings.api_oidc_audience,
            issuer=settings.api_oidc_issuer,
            leeway=LEEWAY,
            options={"require": ["exp", "iss", "aud"]},
        )
    except jwt.PyJWTError as error:
        raise Refused(_WHY.get(type(error), "the token is not valid")) from None
    except (ValueError, TypeError, ArithmeticError, RecursionError):
        raise Refused("the token is not valid") from None


def _subject(claims: Mapping[str, Any], name: str) -> str:
    """Who they are to the provider, which a name may not say for ever."""
    subject = claims.get("sub")
    known = isinstance(subject, str) and fault_of_name(subject) is None
    return f"{subject}#{name}" if known and subject != name else name


def _at(claims: Mapping[str, Any], path: str) -> Any:
    """A claim by its name, or by the names on the way to it: ``realm_access.roles``."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _values(claim: Any) -> list[str]:
    if isinstance(claim, str):
        return claim.split()
    return [one for one in claim if isinstance(one, str)] if isinstance(claim, list) else []


def is_safe_address(where: str) -> bool:
    """Whether keys may be fetched from an address: by TLS, or from this machine."""
    try:
        parts = urlsplit(where)
    except ValueError:
        return False
    if parts.scheme == "http":
        return parts.hostname in _LOOPBACK
    return parts.scheme == "https" and bool(parts.hostname)
