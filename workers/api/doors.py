"""Who is let in: by a token of the file, or by one of the identity provider."""

from collections.abc import Callable, Iterator

from config.settings import PREFIX, Settings
from domain.failures import Fault, Misconfigured
from workers.api.oidc import KeySet, Oidc, Refused, is_safe_address, read_keys
from workers.api.people import Person
from workers.api.problems import Kind, Refusal, unauthorized
from workers.api.tokens import StaticTokens, read_tokens
from workers.clock import Clock

_NEEDED = ("api_oidc_issuer", "api_oidc_audience", "api_oidc_jwks", "api_oidc_roles")


class Door:
    """Both ways in."""

    def __init__(self, tokens: StaticTokens | None, oidc: Oidc | None) -> None:
        self._tokens, self._oidc = tokens, oidc

    async def person(self, authorization: str | None) -> Person:
        """Who asks, by the header ``Authorization``.

        Raises Refusal with 401 for who is not known and with 403 for who has no role here,
        Unavailable while the identity provider's keys are not there.
        """
        if authorization is None:
            raise unauthorized("there is no token: send Authorization: Bearer ...", given=False)
        scheme, _, given = authorization.partition(" ")
        if scheme.lower() != "bearer" or not (given := given.strip()):
            raise unauthorized("the header Authorization must be: Bearer <token>", given=False)
        person = await self._known(given)
        if not person.roles:
            why = f"{person.name} has no role here: the operator names which value of which claim"
            raise Refusal(403, Kind.FORBIDDEN, f"{why} stands for one")
        return person

    async def _known(self, given: str) -> Person:
        if self._tokens is not None and (found := await self._tokens.person(given)) is not None:
            return found
        if self._oidc is not None and self._oidc.is_one(given):
            try:
                return await self._oidc.person(given)
            except Refused as error:
                raise unauthorized(str(error), given=True) from None
        raise unauthorized("the token is not known, or has expired", given=True)


def door(settings: Settings, clock: Clock) -> Door:
    """The ways in that are configured. Raises Misconfigured."""
    if faults := [*faults_of(settings), *closed(settings)]:
        raise Misconfigured.of(faults)
    tokens = StaticTokens(settings.api_tokens, clock) if settings.api_tokens else None
    keys = settings.api_oidc_jwks
    return Door(tokens, Oidc(settings, KeySet(keys)) if keys is not None else None)


def faults_of(settings: Settings) -> Iterator[Fault]:
    """What is wrong with the ways in that are configured, if any are. No address is asked."""
    if settings.api_tokens is not None:
        file = settings.api_tokens
        yield from _faults(lambda: read_tokens(file))
    given = [name for name in _NEEDED if getattr(settings, name)]
    if given:
        for name in _NEEDED:
            if name not in given:
                beside = f"{PREFIX}{given[0].upper()}"
                yield Fault(f"{PREFIX}{name.upper()}", "", f"is missing beside {beside}")
    where = settings.api_oidc_jwks
    if where is not None and "://" in where:
        if not is_safe_address(where):
            rule = "must be an https address, or a file"
            yield Fault(f"{PREFIX}API_OIDC_JWKS", "", rule)
    elif where is not None:
        yield from _faults(lambda: read_keys(where))


def _faults(read: Callable[[], object]) -> Iterator[Fault]:
    try:
        read()
    except Misconfigured as error:
        yield from error.faults


def closed(settings: Settings) -> Iterator[Fault]:
    """Whether nobody would be let in."""
    if settings.api_tokens is None and not settings.api_oidc_issuer:
        todo = f"set {PREFIX}API_TOKENS or {PREFIX}API_OIDC_ISSUER"
        yield Fault("API", "", "nobody would be let in", todo)
