"""Who is let in, by which token, and as whom: everything else is 401, with the challenge."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from config.settings import Settings
from domain.conversation.work_words import WorkReason
from domain.failures import Misconfigured, Unavailable
from lab.sandbox.server import in_thread
from store.database import Pool
from tests.integration.api.conftest import (
    AUDIENCE,
    EC,
    ISSUER,
    OTHER_RSA,
    PEOPLE,
    RSA,
    Desk,
    claims,
    jwk,
    keys_file,
    serving,
    signed,
    token,
    tokens_file,
    unsigned,
)
from tests.support.rows import add_account, add_customer
from workers.api.oidc import AGAIN, KEPT, Keys, KeySet, Oidc, read_keys
from workers.api.people import Right, Role

LIST = "/v1/work-items"


def refused(answer: httpx.Response) -> str:
    """401 with its challenge; what was wrong."""
    assert answer.status_code == 401, answer.text
    assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="contrapunto"')
    told = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (told["type"], told["status"]) == ("urn:contrapunto:problem:unauthorized", 401)
    detail: str = told["detail"]
    return detail


# --- tokens of the operator's own ---------------------------------------------------------------


async def test_each_token_of_the_file_lets_its_person_in(desk: Desk) -> None:
    for name, said in PEOPLE.items():
        theirs = 403 if {"upstream", "follower", "bulk"} & set(said["roles"]) else 200
        expected = 401 if name == "old" else theirs
        assert (await desk.get(LIST, name)).status_code == expected, name


HEADERS = [
    "",
    "Bearer",
    "Bearer ",
    "Basic YW5hOmFuYQ==",
    f"Token {token('ana')}",
    f"Bearer {token('ana')}x",
    f"Bearer {token('ana')[:-1]}",
    f"Bearer {token('nobody')}",
    f"Bearer {token('old')}",
    f"Bearer x{token('ana')} {token('ana')}",
    "Bearer ana",
    "Bearer " + "9" * 20_000,
    "Bearer ñ\xff" + "x" * 40,
    "Bearer a.b.c",
    "Bearer " + "A" * 20_000 + ".b.c",
]


async def test_every_other_header_lets_nobody_in(desk: Desk) -> None:
    for header in HEADERS:
        raw = {"Authorization": header.encode("latin-1")}
        refused(await desk.client.get(LIST, headers=raw))  # type: ignore[arg-type]


async def test_without_a_header_the_challenge_says_nothing_of_an_invalid_token(desk: Desk) -> None:
    answer = await desk.get(LIST, None)
    assert "there is no token" in refused(answer)
    assert "error=" not in answer.headers["WWW-Authenticate"]
    assert 'error="invalid_token"' in (await desk.get(LIST, "old")).headers["WWW-Authenticate"]


async def test_a_token_that_is_taken_out_of_the_file_lets_nobody_in_from_then_on(
    desk: Desk,
) -> None:
    left = {name: told for name, told in PEOPLE.items() if name != "ana"}
    tokens_file(desk.tokens, left | {"new": {"roles": ["agent"]}})
    refused(await desk.get(LIST, "ana"))
    assert (await desk.get(LIST, "new")).status_code == 200
    desk.tokens.write_text("tokens: [", encoding="utf-8")
    refused(await desk.get(LIST, "luis"))
    tokens_file(desk.tokens)
    assert (await desk.get(LIST, "ana")).status_code == 200
    desk.tokens.unlink()
    refused(await desk.get(LIST, "ana"))


async def test_a_short_token_lets_nobody_in_though_its_digest_is_on_file(desk: Desk) -> None:
    digest = hashlib.sha256(b"1234").hexdigest()
    text = f"tokens: [{{name: weak, sha256: '{digest}', roles: [agent]}}]"
    desk.tokens.write_text(text, encoding="utf-8")
    refused(await desk.get(LIST, bearer="1234"))


# --- tokens of the identity provider ------------------------------------------------------------


async def test_a_token_of_the_provider_lets_in(desk: Desk) -> None:
    for given in (
        signed(),
        signed(EC, "ec-1", "ES256"),
        signed(aud=["other", AUDIENCE]),
        signed(roles=["desk-agents", "nothing of ours"]),
        signed(roles="audit ops"),
        signed(nbf=int(datetime.now(UTC).timestamp()) - 5),
    ):
        assert (await desk.get(LIST, bearer=given)).status_code == 200, given


def hmac_with_public_key() -> str:
    """The old trick: the public key, which everybody knows, as the secret."""
    pem = RSA.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    head = {"alg": "HS256", "typ": "JWT", "kid": "rsa-1"}
    whole = unsigned(head, claims()).rpartition(".")[0]
    digest = hmac.new(pem, whole.encode(), "sha256").digest()
    return f"{whole}.{jwt.utils.base64url_encode(digest).decode()}"


def cut(given: str) -> str:
    return given[:-6]


def with_other_body(given: str) -> str:
    head, _, signature = given.split(".")
    return ".".join([head, unsigned({}, claims(sub="boss")).split(".")[1], signature])


def rs256_by(key: rsa.RSAPrivateKey, head: Mapping[str, Any], body: Mapping[str, Any]) -> str:
    whole = unsigned(head, body).rpartition(".")[0]
    made = key.sign(whole.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{whole}.{jwt.utils.base64url_encode(made).decode()}"


DAY = 86_400
WEAK = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - on purpose
NOW = int(datetime.now(UTC).timestamp())
DEEP: Any = json.loads("[" * 150 + "]" * 150)
HEAD = {"alg": "RS256", "typ": "JWT", "kid": "rsa-1"}


REFUSED = [
    (unsigned({"alg": "none"}, claims()), "algorithm"),
    (unsigned({"alg": "none", "kid": "rsa-1"}, claims()), "algorithm"),
    (unsigned({"alg": "NONE", "kid": "rsa-1"}, claims()), "algorithm"),
    (hmac_with_public_key(), "algorithm"),
    (signed("s" * 64, "rsa-1", "HS256"), "algorithm"),
    (signed(alg="RS512"), "algorithm"),
    (signed(alg="PS256"), "algorithm"),
    (signed(EC, "rsa-1", "ES256"), "algorithm is not that of its key"),
    (signed(RSA, "ec-1"), "algorithm is not that of its key"),
    (signed(OTHER_RSA), "signature"),
    (signed(kid="unknown"), "does not name"),
    (signed(kid=None), "kid"),
    (cut(signed()), "signature"),
    (with_other_body(signed()), "signature"),
    (unsigned(HEAD, claims()), "signature"),
    (signed(aud="another"), "audience"),
    (signed(aud=None), "lacks"),
    (signed(aud=[]), "lacks"),
    (signed(aud=f"{AUDIENCE}-2"), "audience"),
    (signed(iss="https://evil.example"), "issuer"),
    (signed(iss=f"{ISSUER}/"), "issuer"),
    (signed(iss=None), "lacks"),
    (signed(exp=NOW - DAY), "expired"),
    (signed(exp=None), "lacks"),
    (signed(nbf=NOW + DAY), "not valid yet"),
    (signed(iat=NOW + DAY), "not valid yet"),
    (signed(sub=None), "sub is no name"),
    (signed(sub="contrapunto"), "sub is no name"),
    (signed(sub=" ana"), "sub is no name"),
    (signed(sub="a\nb"), "sub is no name"),
    (signed(sub="x" * 101), "sub is no name"),
    (rs256_by(RSA, HEAD, claims(sub=["ana"])), "not valid"),
    (rs256_by(RSA, HEAD, claims(exp="soon")), "not valid"),
    (rs256_by(RSA, HEAD, claims(exp=float("inf"))), "not valid"),
    (rs256_by(RSA, HEAD | {"crit": ["x"]}, claims()), "crit"),
    (rs256_by(RSA, HEAD | {"kid": 7}, claims()), ""),
    (rs256_by(RSA, HEAD | {"b64": False}, claims()), ""),
    (rs256_by(RSA, HEAD, {"deep": DEEP * 200}), ""),
    (unsigned(HEAD | {"x": json.loads("[" * 300 + "]" * 300)}, claims()), "cannot be read"),
    (f"{'W' * 12_000}.{'W' * 300}.x", "cannot be read"),
    (f"{jwt.utils.base64url_encode(b'[' * 9000).decode()}.e30.x", "cannot be read"),
    (f"{jwt.utils.base64url_encode(b'[]').decode()}.e30.x", "cannot be read"),
    (f"{jwt.utils.base64url_encode(bytes(range(200, 255))).decode()}.e30.x", "cannot be read"),
]


async def test_every_other_token_of_that_form_lets_nobody_in(desk: Desk) -> None:
    for given, why in REFUSED:
        assert why in refused(await desk.get(LIST, bearer=given)), given


async def test_who_has_no_role_is_known_and_may_nothing(desk: Desk) -> None:
    for roles in ([], ["others"], None, 5, {"agent": True}, "agent"):
        answer = await desk.get(LIST, bearer=signed(roles=roles))
        assert (answer.status_code, "has no role here" in answer.text) == (403, True)


async def test_names_and_roles_come_from_the_claims_that_settings_name(
    pool: Pool, tmp_path: Path, now: datetime
) -> None:
    chosen = {
        "api_oidc_name_claim": "preferred_username",
        "api_oidc_roles_claim": "realm_access.roles",
        "api_oidc_creditors_claim": "creditors",
    }
    async with serving(pool, tmp_path, now, **chosen) as desk:
        await add_customer(pool)
        await add_account(pool, due=now.date())
        [item] = await desk.work(WorkReason.DISPUTE)

        def given(creditors: object, role: str = "desk-agents") -> str:
            roles = {"roles": [role]}
            return signed(preferred_username="mara", realm_access=roles, creditors=creditors)

        there = f"/v1/work-items/{item.work_id}/claim"
        assert (await desk.post(there, bearer=given(["garage"]))).status_code == 404
        assert (await desk.post(there, bearer=given(None))).status_code == 404
        assert (await desk.post(there, bearer=given(["bank"], "audit"))).status_code == 403
        for creditors in (["bank", "garage"], "bank", "*"):
            answer = await desk.post(there, bearer=given(creditors))
            assert (answer.status_code, answer.json()["holder"]) == (200, "mara")


# --- the provider's keys ------------------------------------------------------------------------


class Provider:
    """Keys that change, and how often they were read."""

    def __init__(self, *keys: dict[str, Any]) -> None:
        self.keys, self.reads, self.seconds, self.down = list(keys), 0, 0.0, False

    def read(self, _: str) -> Keys:
        self.reads += 1
        if self.down:
            raise Unavailable("the identity provider does not answer: test")
        return read_keys(self._file())

    def _file(self) -> str:
        return str(keys_file(self.folder / "keys.json", *self.keys))

    folder: Path


@pytest.fixture
def provider(tmp_path: Path) -> Provider:
    made = Provider(jwk(RSA, "rsa-1"))
    made.folder = tmp_path
    return made


async def test_an_unknown_key_is_looked_for_at_most_once_a_minute(provider: Provider) -> None:
    keys = KeySet("", provider.read, lambda: provider.seconds)
    assert await keys.get("rsa-1") is not None
    for _ in range(20):
        assert await keys.get("unknown") is None
    assert provider.reads == 1
    provider.seconds = AGAIN - 1
    await asyncio.gather(*(keys.get(f"k{n}") for n in range(20)))
    assert provider.reads == 1
    provider.keys.append(jwk(EC, "ec-2"))
    provider.seconds = AGAIN
    found = await asyncio.gather(*(keys.get("ec-2") for _ in range(20)))
    assert all(found)
    assert provider.reads == 2


async def test_a_key_that_was_withdrawn_is_used_no_more_after_a_while(provider: Provider) -> None:
    keys = KeySet("", provider.read, lambda: provider.seconds)
    assert await keys.get("rsa-1") is not None
    provider.keys = [jwk(EC, "ec-2")]
    provider.seconds = KEPT - 1
    assert await keys.get("rsa-1") is not None
    provider.seconds = KEPT
    assert await keys.get("rsa-1") is None


async def test_while_the_provider_is_away_known_keys_are_used_and_without_any_it_is_said(
    provider: Provider,
) -> None:
    keys = KeySet("", provider.read, lambda: provider.seconds)
    provider.down = True
    with pytest.raises(Unavailable, match="identity provider"):
        await keys.get("rsa-1")
    provider.down, provider.seconds = False, AGAIN
    assert await keys.get("rsa-1") is not None
    provider.down, provider.seconds = True, AGAIN + KEPT
    assert await keys.get("rsa-1") is not None
    assert provider.reads == 3


async def test_without_keys_a_token_of_the_provider_is_answered_with_503_and_ours_let_in(
    pool: Pool, tmp_path: Path, now: datetime
) -> None:
    nobody = {"api_oidc_jwks": "http://127.0.0.1:9/keys"}
    async with serving(pool, tmp_path, now, **nobody) as desk:
        answer = await desk.get(LIST, bearer=signed())
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert (await desk.get(LIST, "ana")).status_code == 200


async def test_keys_are_read_from_an_address(pool: Pool, tmp_path: Path, now: datetime) -> None:
    async def keys(_: Request) -> Response:
        return JSONResponse({"keys": [jwk(RSA, "rsa-1")]})

    async def elsewhere(_: Request) -> Response:
        return RedirectResponse("/keys")

    async def endless(_: Request) -> Response:
        return Response(b" " * 300_000)

    app = Starlette(
        routes=[Route("/keys", keys), Route("/moved", elsewhere), Route("/much", endless)]
    )
    with in_thread(app) as url:
        async with serving(pool, tmp_path, now, api_oidc_jwks=f"{url}/keys") as desk:
            assert (await desk.get(LIST, bearer=signed())).status_code == 200
            refused(await desk.get(LIST, bearer=signed(EC, "ec-1", "ES256")))
        with pytest.raises(Unavailable, match="307"):
            await asyncio.to_thread(read_keys, f"{url}/moved")
        with pytest.raises(Misconfigured, match="JWK set"):
            await asyncio.to_thread(read_keys, f"{url}/much")


@pytest.mark.parametrize(
    ("keys", "rule"),
    [
        ([], "no key that can be used"),
        ([jwk(RSA, "r", use="enc")], "no key that can be used"),
        ([jwk(RSA, "r", alg="RS512")], "no key that can be used"),
        ([jwk(ec.generate_private_key(ec.SECP384R1()), "e")], "no key that can be used"),
        (
            [jwk(WEAK, "w")],
            "no key that can be used",
        ),
        ([{"kty": "RSA", "kid": "r", "n": "!", "e": "AQAB"}], "no key that can be used"),
        ([{"kty": "oct", "kid": "s", "k": "c2VjcmV0"}], "public keys alone"),
        ([jwk(RSA, "r", d="AQAB")], "public keys alone"),
        ([5, "x", None, {}], "no key that can be used"),
    ],
)
def test_keys_that_cannot_be_used_are_none(tmp_path: Path, keys: Any, rule: str) -> None:
    file = tmp_path / "keys.json"
    file.write_text(json.dumps({"keys": keys}), encoding="utf-8")
    with pytest.raises(Misconfigured, match=rule):
        read_keys(str(file))


# --- what a role may ----------------------------------------------------------------------------

ASKED = {
    "GET /v1/work-items": Right.LIST,
    "GET /v1/work-items/{}": Right.LIST,
    "GET /v1/work-items/{}?words=true": Right.WORDS,
    "POST /v1/work-items/next": Right.DO,
    "POST /v1/work-items/{}/claim": Right.DO,
    "POST /v1/work-items/{}/release": Right.DO,
    "POST /v1/work-items/{}/done": Right.DO,
    "GET /v1/customers/C1": Right.READ,
    "GET /v1/customers/C1?words=true": Right.WORDS,
    "GET /v1/customers/C1/messages": Right.READ,
    "GET /v1/customers/C1/messages?words=true": Right.WORDS,
    "POST /v1/customers/C1/preferences": Right.DO,
    "POST /v1/customers/C1/messages": Right.DO,
    "POST /v1/messages/twilio/S1/corrections": Right.DO,
    "POST /v1/customers/C1/vulnerability": Right.DO,
    "POST /v1/customers/C1/promises": Right.DO,
    "POST /v1/customers/C1/settlements": Right.OFFER,
    "POST /v1/customers/C1/settlements/approve": Right.APPROVE,
}
MAY = {
    "ana": {Right.LIST, Right.READ, Right.WORDS, Right.DO, Right.OFFER},
    "sofia": {Right.LIST, Right.READ, Right.WORDS, Right.DO, Right.OFFER, Right.APPROVE},
    "eva": {Right.LIST, Right.READ, Right.WORDS},
    "otto": {Right.LIST},
}


@pytest.mark.parametrize("who", MAY)
async def test_each_role_may_what_it_may_and_nothing_else(desk: Desk, who: str) -> None:
    [item] = await desk.work(WorkReason.DISPUTE)
    for asked, right in ASKED.items():
        method, _, path = asked.partition(" ")
        path = path.replace("{}", str(item.work_id))
        answer = await desk.ask(method, path, who)
        if right in MAY[who]:
            assert answer.status_code not in (401, 403), asked
        else:
            assert answer.status_code == 403, asked
            assert "this needs one of the roles" in answer.json()["detail"]


async def test_an_operator_sees_no_note(desk: Desk) -> None:
    [item] = await desk.work(WorkReason.DISPUTE)
    done = {"outcome": "handled", "note": "her mother answered"}
    await desk.post(f"/v1/work-items/{item.work_id}/done", json=done)
    for who, seen in (("eva", True), ("otto", False)):
        for path in (f"/v1/work-items/{item.work_id}", "/v1/work-items?done=true"):
            answer = await desk.get(path, who)
            assert ("mother" in answer.text, answer.status_code) == (seen, 200)


def test_the_roles_of_settings_are_those_there_are() -> None:
    Settings(api_oidc_roles={role.value: role.value for role in Role})
    with pytest.raises(ValueError, match="api_oidc_roles"):
        Settings.model_validate({"api_oidc_roles": {"x": "boss"}})


async def test_a_clock_within_the_leeway_is_no_reason(desk: Desk) -> None:
    soon = int((datetime.now(UTC) + timedelta(seconds=10)).timestamp())
    assert (await desk.get(LIST, bearer=signed(nbf=soon))).status_code == 200


def test_a_token_of_the_file_is_no_jwt() -> None:
    oidc = Oidc(Settings(), KeySet(""))
    assert [oidc.is_one(one) for one in (signed(), token("ana"), "a.b", "a.b.c.d")] == [
        *(True, False, False, False)
    ]
