"""What an answer means that is no success: refused only where the provider itself says so.

Between us and a provider stand proxies, API gateways, firewalls and captive portals. Any of them
may answer a request that the provider has already taken, and its 401, 403 or 413 looks like a
refusal. So a refusal is certain only where three things come together:

1. the answer has the provider's own form: its content type, its JSON, its fields;
2. it bears a code of the provider's;
3. the documents say that this code comes before anything is taken (``codes/``).

Everything else may have been accepted.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, TypeAlias

from activities.channels.base import Meaning, Refused, Unknown
from domain.entry.json_text import read_json

GIVEN_UP: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, 499})
"""4xx of who stopped waiting: what became of the request it does not know."""
_JSON: Final = frozenset({"application/json", "application/problem+json"})


@dataclass(frozen=True, repr=False)
class RawAnswer:
    """An answer as it came, before an SDK made something of it. No repr: it may be personal."""

    status: int
    content_type: str
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether its status is a success."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    def json(self) -> dict[str, Any] | None:
        """Its JSON object; None where it does not say that it is JSON, or is none."""
        if self.content_type.partition(";")[0].strip().lower() not in _JSON:
            return None
        try:
            body = read_json(self.body)
        except ValueError:
            return None
        return body if isinstance(body, dict) else None


@dataclass(frozen=True)
class Said:
    """A provider's own word on a request that failed."""

    code: str
    meaning: Meaning | None
    """None where the documents do not say that it comes before anything is taken."""
    page: str = ""
    """Where the code is explained."""


ErrorForm: TypeAlias = Callable[[int, Mapping[str, Any]], Said | None]
"""Reads the error document of one provider: HTTP status and JSON object -> what it says; None where
it is not that provider's."""


def own_word(raw: RawAnswer, form: ErrorForm) -> Said | None:
    """What the provider itself says in a 4xx; None where it is somebody else's, or says nothing."""
    client_error = HTTPStatus.BAD_REQUEST <= raw.status < HTTPStatus.INTERNAL_SERVER_ERROR
    body = raw.json() if client_error and raw.status not in GIVEN_UP else None
    return None if body is None else form(raw.status, body)


def unsuccessful(name: str, raw: RawAnswer, form: ErrorForm) -> Refused | Unknown:
    """What became of a send whose answer is no success."""
    said = own_word(raw, form)
    if said is None:
        return Unknown(f"{name}: HTTP {raw.status}, not in a form of its own")
    return judged(name, said)


def judged(name: str, said: Said) -> Refused | Unknown:
    """Refused where the code is known to come before acceptance; else in doubt."""
    if said.meaning is None:
        return Unknown(f"{name}: {said.code}, which may come after acceptance")
    kind = said.meaning.kind
    page = f": {said.page}" if said.page else ""
    detail = f"{name} refused it with {said.code} ({kind}){page}"
    return Refused(said.code, kind, detail, said.meaning.about_address)
