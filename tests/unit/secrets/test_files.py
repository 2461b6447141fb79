"""A secret may stand in a file, for every setting that is one."""

from pathlib import Path

import pytest

from config.checks import misspelt
from config.secrets.variables import LONGEST, file_names, is_secret
from config.settings import PREFIX, Settings, load
from domain.failures import Misconfigured

SECRETS = sorted(name for name, field in Settings.model_fields.items() if is_secret(field))
VALUES = {
    "database_url": "postgresql://u@localhost/x",
    "payload_keys": '{"k": "c2VjcmV0"}',
}
DEFAULT = "a-secret-0123456789"


def test_the_secrets_are_known() -> None:
    assert {"database_url", "twilio_auth_token", "payload_keys", "unsubscribe_key"} <= set(SECRETS)
    assert not {"twilio_account_sid", "public_url", "api_tokens"} & set(SECRETS)
    assert len(SECRETS) >= 17


@pytest.mark.parametrize("name", SECRETS)
def test_each_is_read_from_a_file(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "secret"
    file.write_text(VALUES.get(name, DEFAULT) + "\n", "utf-8")
    monkeypatch.setenv(f"{PREFIX}{name.upper()}_FILE", str(file))
    found = getattr(load(), name)
    text = found["k"] if isinstance(found, dict) else found
    wanted = "c2VjcmV0" if isinstance(found, dict) else VALUES.get(name, DEFAULT)
    assert text.get_secret_value() == wanted


def test_the_providers_own_names_have_files_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "token"
    file.write_text("the-token", "utf-8")
    monkeypatch.setenv("TWILIO_AUTH_TOKEN_FILE", str(file))
    token = load().twilio_auth_token
    assert token is not None and token.get_secret_value() == "the-token"
    assert "TWILIO_AUTH_TOKEN_FILE" in set(file_names(PREFIX, Settings))


def refused(monkeypatch: pytest.MonkeyPatch, **given: str) -> str:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Misconfigured) as error:
        load()
    return str(error.value)


def test_one_of_both_is_refused_since_nobody_knows_which(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "key"
    file.write_text(DEFAULT, "utf-8")
    name = f"{PREFIX}UNSUBSCRIBE_KEY"
    said = refused(monkeypatch, **{name: "other", f"{name}_FILE": str(file)})
    assert f"{name}_FILE: stands beside {name}" in said


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (None, "cannot be read"),
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b"x" * (LONGEST + 1), "too long"),
        (b"\xff\xfe", "no text in UTF-8"),
    ],
)
def test_a_file_that_is_none_is_told_by_its_variable_and_not_quoted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None, rule: str
) -> None:
    file = tmp_path / "key"
    if content is not None:
        file.write_bytes(content)
    said = refused(monkeypatch, **{f"{PREFIX}UNSUBSCRIBE_KEY_FILE": str(file)})
    assert f"{PREFIX}UNSUBSCRIBE_KEY_FILE: names a file that" in said and rule in said
    assert "xxxx" not in said


def test_the_variables_of_files_are_settings_and_those_of_no_secret_are_none() -> None:
    told = [one.where for one in misspelt({f"{PREFIX}DATABASE_URL_FILE": "x"})]
    assert told == []
    [one] = misspelt({f"{PREFIX}PUBLIC_URL_FILE": "x"})
    assert "is no setting" in str(one)
