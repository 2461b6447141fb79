"""The file of endpoints: what is wrong is said, a private address is refused, no secret is told."""

import base64
from pathlib import Path

import pytest

from config.settings import ROOT
from config.webhooks.endpoints import (
    Endpoint,
    fault_of_url,
    is_public,
    load_secrets,
    load_webhooks,
)
from domain.failures import Misconfigured

SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()
ENDPOINT = """
endpoints:
  - name: core
    url: {url}
    creditors: [{creditor}]
    types: [{types}]
    secrets: ["{secret}"]
"""


def written(folder: Path, **changed: str) -> Path:
    told = {
        "url": "https://hooks.example.com/in",
        "creditor": "bank",
        "types": "'*'",
        "secret": "env:KEY",
    }
    file = folder / "webhooks.yaml"
    file.write_text(ENDPOINT.format(**(told | changed)), encoding="utf-8")
    return file


def test_the_shipped_file_names_nobody() -> None:
    shipped = load_webhooks(ROOT / "config" / "webhooks" / "webhooks.yaml")
    assert (shipped.creditors, shipped.endpoints) == ([], ())


def test_an_empty_file_names_nobody(tmp_path: Path) -> None:
    (tmp_path / "none.yaml").write_text("", encoding="utf-8")
    assert load_webhooks(tmp_path / "none.yaml").creditors == []


@pytest.mark.parametrize(
    ("url", "private", "fits"),
    [
        ("https://hooks.example.com/in", False, True),
        ("https://hooks.example.com:8443/in?tenant=1", False, True),
        ("https://8.8.8.8/in", False, True),
        ("http://hooks.example.com/in", False, False),
        ("http://hooks.example.com/in", True, False),
        ("https://10.0.0.7/in", False, False),
        ("https://10.0.0.7/in", True, True),
        ("https://169.254.169.254/latest", False, False),
        ("https://[fd00::1]/in", False, False),
        ("https://[::ffff:10.0.0.1]/in", False, False),
        ("http://127.0.0.1:9000/in", False, False),
        ("http://127.0.0.1:9000/in", True, True),
        ("http://localhost:9000/in", True, True),
        ("https://localhost/in", False, False),
        ("https://user:secret@hooks.example.com/", False, False),
        ("https://hooks.example.com/#part", False, False),
        ("ftp://hooks.example.com/", False, False),
        ("https:///in", False, False),
        ("https://[::1", False, False),
        ("https://hooks.example.com:x/", False, False),
    ],
)
def test_an_endpoint_lies_where_one_may_lie(url: str, *, private: bool, fits: bool) -> None:
    assert (fault_of_url(url, private=private) is None) is fits


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("127.0.0.1", False),
        ("0.0.0.0", False),  # noqa: S104 - an address that leads to this machine
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("::ffff:192.168.0.1", False),
        ("2002:0a00:0001::1", False),
        ("64:ff9b::0a00:0001", False),
    ],
)
def test_only_the_public_network_is_public(address: str, *, public: bool) -> None:
    assert is_public(address) is public


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"url": "http://hooks.example.com"}, "endpoints.0.url"),
        ({"creditor": "'*'"}, "endpoints.0.creditors"),
        ({"types": "contact.mode"}, "endpoints.0.types"),
        ({"types": ""}, "endpoints.0.types"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(
    tmp_path: Path, changed: dict[str, str], where: str
) -> None:
    with pytest.raises(Misconfigured) as caught:
        load_webhooks(written(tmp_path, **changed))
    assert [fault.field for fault in caught.value.faults] == [where]


def test_two_of_one_name_are_refused(tmp_path: Path) -> None:
    file = written(tmp_path)
    one = file.read_text(encoding="utf-8")
    file.write_text(one + one.replace("endpoints:\n", "").lstrip("\n"), encoding="utf-8")
    with pytest.raises(Misconfigured, match="stands twice"):
        load_webhooks(file)


def test_a_secret_comes_from_a_variable_or_a_file(tmp_path: Path) -> None:
    file = written(tmp_path)
    found = load_webhooks(file)
    assert load_secrets(file, found, {"KEY": SECRET}).of("core") == [b"s" * 32]
    (tmp_path / "key").write_text(SECRET + "\n", encoding="utf-8")
    file = written(tmp_path, secret=f"file:{tmp_path / 'key'}")
    assert load_secrets(file, load_webhooks(file), {}).of("core") == [b"s" * 32]


@pytest.mark.parametrize(
    ("reference", "environ"),
    [
        ("env:KEY", {}),
        ("env:KEY", {"KEY": "hunter2-is-no-secret"}),
        ("env:KEY", {"KEY": "whsec_" + base64.b64encode(b"short").decode()}),
        ("env:", {}),
        ("file:/nowhere/at/all", {}),
        (SECRET, {}),
    ],
)
def test_a_secret_that_cannot_be_used_is_refused_and_not_told(
    tmp_path: Path, reference: str, environ: dict[str, str]
) -> None:
    file = written(tmp_path, secret=reference)
    with pytest.raises(Misconfigured) as caught:
        load_secrets(file, load_webhooks(file), environ)
    [fault] = caught.value.faults
    assert fault.field == "endpoints.0.secrets.0"
    assert SECRET not in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_types_are_named_by_pattern() -> None:
    told = {"name": "a", "url": "https://a.example.com", "creditors": ("b",), "secrets": ("env:A",)}
    one = Endpoint.model_validate({**told, "types": ("promise.*", "plan.kept")})
    assert one.wants == (
        *("promise.made", "promise.kept", "promise.broken", "promise.replaced"),
        "plan.kept",
    )
