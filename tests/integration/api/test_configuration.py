"""What is wrong with the settings of the API is told by `contrapunto config check`."""

from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings, load
from tests.unit.workers.test_configuration import GOOD, check
from workers.api.doors import faults_of
from workers.configuration import of_api

OIDC: dict[str, Any] = {
    "api_oidc_issuer": "https://login.example.test",
    "api_oidc_audience": "contrapunto",
    "api_oidc_jwks": "https://login.example.test/keys",
    "api_oidc_roles": {"agents": "agent"},
}
DIGEST = "0" * 63


def test_config_check_tells_it_and_asks_nothing_where_there_is_no_api(tmp_path: Path) -> None:
    assert check("--json", **GOOD)[0] == 0
    gone = {"CONTRAPUNTO_API_TOKENS": str(tmp_path / "tokens.yaml")}
    status, _, report = check("--json", **GOOD | gone)
    assert status == 2
    [fault] = report["faults"]
    assert fault["where"] == gone["CONTRAPUNTO_API_TOKENS"]
    assert fault["rule"].startswith("cannot be read")


@pytest.mark.parametrize(
    ("other", "where", "rule"),
    [
        ({"api_oidc_issuer": None}, "ISSUER", "is missing beside"),
        ({"api_oidc_audience": ""}, "AUDIENCE", "is missing beside"),
        ({"api_oidc_roles": {}}, "ROLES", "is missing beside"),
        ({"api_oidc_jwks": None}, "JWKS", "is missing beside"),
        ({"api_oidc_jwks": "http://login.example.test/keys"}, "JWKS", "must be an https address"),
        ({"api_oidc_jwks": "file:///etc/keys"}, "JWKS", "must be an https address"),
        ({"api_oidc_jwks": "https://["}, "JWKS", "must be an https address"),
        ({"api_oidc_jwks": "/nonexistent/keys"}, "JWKS", "names /nonexistent/keys, which cannot"),
    ],
)
def test_what_is_wrong_with_an_identity_provider_is_told(
    other: dict[str, Any], where: str, rule: str
) -> None:
    assert list(faults_of(Settings(**OIDC))) == []
    [found] = faults_of(Settings(**OIDC | other))
    assert (found.where, found.rule[: len(rule)]) == (f"CONTRAPUNTO_API_OIDC_{where}", rule)


def test_keys_may_come_from_this_machine_without_tls() -> None:
    there = {"api_oidc_jwks": "http://127.0.0.1:8000/keys"}
    assert list(faults_of(Settings(**OIDC | there))) == []


@pytest.mark.parametrize(
    ("text", "field", "rule"),
    [
        ("[", "", "is not YAML"),
        ("\x00", "", "is not YAML"),
        ("5", "", "must be an object with fields"),
        ("tokens: []", "tokens", "at least one"),
        (
            f"tokens: [{{name: ana, sha256: '{DIGEST}', roles: [agent]}}]",
            "tokens.0.sha256",
            "match",
        ),
        (f"tokens: [{{sha256: '{DIGEST}0', roles: [agent]}}]", "tokens.0.name", "is missing"),
        (
            f"tokens: [{{name: ana, sha256: '{DIGEST}0', roles: []}}]",
            "tokens.0.roles",
            "at least one",
        ),
        (
            f"tokens: [{{name: ana, sha256: '{DIGEST}0', roles: [boss]}}]",
            "tokens.0.roles.0",
            "must be 'agent'",
        ),
        (
            f"tokens: [{{name: Contrapunto, sha256: '{DIGEST}0', roles: [agent]}}]",
            "tokens.0.name",
            "must not be contrapunto",
        ),
        (
            f"tokens: [{{name: ana, sha256: '{DIGEST}0', roles: [agent], creditors: []}}]",
            "tokens.0.creditors",
            "at least one",
        ),
        (
            f"tokens: [{{name: ana, sha256: '{DIGEST}0', roles: [agent], expires: 2027-01-01}}]",
            "tokens.0.expires",
            "",
        ),
        (
            f"tokens: [{{name: ana, sha256: '{DIGEST}0', roles: [agent], token: secret}}]",
            "tokens.0.token",
            "is not known here",
        ),
        (
            "tokens: ["
            + ",".join([f"{{name: ana, sha256: '{DIGEST}0', roles: [agent]}}"] * 2)
            + "]",
            "tokens",
            "has the same digest twice",
        ),
    ],
)
def test_what_is_wrong_with_a_file_of_tokens_is_told_without_its_values(
    tmp_path: Path, text: str, field: str, rule: str
) -> None:
    file = tmp_path / "tokens.yaml"
    file.write_text(text, encoding="utf-8")
    [found] = faults_of(Settings(api_tokens=file))
    assert (found.where, found.field) == (str(file), field)
    assert rule in found.rule
    assert "secret" not in str(found) and DIGEST not in str(found)


def test_an_api_without_anybody_to_let_in_does_not_start() -> None:
    told = of_api(load(database_url="postgresql://x@127.0.0.1:1/y")).faults
    assert [one.rule for one in told] == ["nobody would be let in"]
