"""Tokens that an operator hands out: a file with the digest of each, its name, roles and creditors.

The file holds no token, so whoever reads it cannot use one. It is read again when it has changed: a
token is taken back by taking its lines away.
"""

import hashlib
import hmac
import logging
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Annotated, Final, TypeVar

import yaml
from pydantic import AfterValidator, AwareDatetime, Field, ValidationError

from config.yaml_files import TwiceError, read_yaml
from domain.entry.broken_rule import broken_rule
from domain.failures import Fault, Misconfigured
from domain.model import Strict
from workers.api.people import Person, Right, Role, fault_of_name
from workers.clock import Clock

SHORTEST: Final = 32
"""Characters of a token. A digest without salt is as strong as what it is of."""
_SHA256: Final = r"^[0-9a-f]{64}$"
T = TypeVar("T", bound=Collection[object])

log = logging.getLogger(__name__)


def _name(value: str) -> str:
    if (rule := fault_of_name(value)) is not None:
        raise ValueError(rule)
    return value


def _some(found: T) -> T:
    if not found:
        raise ValueError("must have at least one")
    return found


class Token(Strict):
    """One token as the file has it."""

    name: Annotated[str, AfterValidator(_name)]
    """Whose it is: it stands wherever it is said who has done something."""
    sha256: Annotated[str, Field(pattern=_SHA256)]
    """The digest of the token."""
    roles: Annotated[frozenset[Role], AfterValidator(_some)]
    creditors: Annotated[frozenset[str], AfterValidator(_some)] | None = None
    """Whose accounts may be seen; without it everybody's."""
    rights: Annotated[frozenset[Right], AfterValidator(_some)] | None = None
    """Of the rights of its roles these alone, such as `[follow]`; without it all of them."""
    expires: AwareDatetime | None = None
    """From then on it is refused."""


class _File(Strict):
    """The whole file."""

    tokens: Annotated[tuple[Token, ...], AfterValidator(_some)]


def read_tokens(file: Path) -> Sequence[Token]:
    """The tokens of a file. Raises Misconfigured with each thing that is wrong."""
    try:
        found = _File.model_validate(read_yaml(file))
    except OSError as error:
        fault = Fault(str(file), "", f"cannot be read ({error.strerror})", "name a file of tokens")
        raise Misconfigured.of([fault]) from None
    except TwiceError as error:
        # Not what stands there, which may be a token that was pasted into the wrong place.
        fault = Fault(str(file), f"line {error.line}", "has a key that stands twice", "keep one")
        raise Misconfigured.of([fault]) from None
    except (UnicodeDecodeError, yaml.YAMLError):
        raise Misconfigured.of([Fault(str(file), "", "is not YAML")]) from None
    except ValidationError as error:
        raise Misconfigured.of(
            Fault(str(file), ".".join(map(str, one["loc"])), broken_rule(one))
            for one in error.errors(include_input=False, include_url=False)
        ) from None
    digests = [one.sha256 for one in found.tokens]
    if len(set(digests)) < len(digests):
        fault = Fault(str(file), "tokens", "has the same digest twice: whose it is, nobody can say")
        raise Misconfigured.of([fault])
    return found.tokens


class StaticTokens:
    """The tokens that are on file now."""

    def __init__(self, file: Path, clock: Clock) -> None:
        """Raises Misconfigured."""
        self._file, self._clock = file, clock
        self._seen = _stamp(file)
        self._tokens = read_tokens(file)

    async def person(self, given: str) -> Person | None:
        """Whose token this is; None: nobody's."""
        if len(given) < SHORTEST:
            return None
        self._look_again()
        digest = hashlib.sha256(given.encode("utf-8", "surrogatepass")).hexdigest()
        # All are compared, whichever it is: how long it takes says nothing.
        found = [one for one in self._tokens if hmac.compare_digest(one.sha256, digest)]
        if not found:
            return None
        [token] = found
        if token.expires is not None and token.expires <= await self._clock.now(None):
            return None
        subject = f"token:{token.name}#{token.sha256[:12]}"
        return Person(token.name, token.roles, token.creditors, token.rights, subject)

    def _look_again(self) -> None:
        stamp = _stamp(self._file)
        if stamp == self._seen:
            return
        self._seen = stamp
        try:
            self._tokens = read_tokens(self._file)
            log.info("the tokens were read anew: %d", len(self._tokens))
        except Misconfigured as error:
            # Whom it was to let in, and whom no more, nobody can say: so nobody is.
            self._tokens = ()
            log.error("nobody is let in by a token until this is mended: %s", error)  # noqa: TRY400


def _stamp(file: Path) -> tuple[int, ...]:
    try:
        found = file.stat()
    except OSError:
        return ()
    return (found.st_mtime_ns, found.st_size, found.st_ino)
