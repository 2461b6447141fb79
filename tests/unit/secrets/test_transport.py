"""Nothing leaves this machine in clear unless a setting says that it may."""

from typing import Any

import pytest

from config.checks import public_address
from config.settings import Settings
from config.transport import demand_of_temporal, is_here
from domain.failures import Misconfigured


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("[::1]", True),
        ("localhost", True),
        ("LOCALHOST.", True),
        ("db.localhost", True),
        ("/var/run/postgresql", True),
        ("", True),
        (None, True),
        ("10.0.0.1", False),
        ("db.example.com", False),
        ("localhost.example.com", False),
        ("127.0.0.1.example.com", False),
        ("8.8.8.8", False),
        ("::ffff:10.0.0.1", False),
    ],
)
def test_what_is_this_machine(host: str | None, *, here: bool) -> None:
    assert is_here(host) is here


ELSEWHERE = "names a server elsewhere without TLS"


@pytest.mark.parametrize(
    ("address", "clear"),
    [
        ("u:p@127.0.0.1:5432/x", False),
        ("u:p@[::1]:5432/x", False),
        ("u:p@/x?host=/var/run/postgresql", False),
        ("u:p@db.example.com/x?sslmode=require", False),
        ("u:p@db.example.com/x?sslmode=verify-ca", False),
        ("u:p@db.example.com/x?sslmode=verify-full", False),
        ("u:p@db.example.com/x", True),
        ("u:p@db.example.com:5432/x?sslmode=prefer", True),
        ("u:p@db.example.com/x?sslmode=disable", True),
        ("u:p@127.0.0.1:5432,db.example.com:5432/x", True),
        ("u:p@/x?host=db.example.com", True),
        ("u:127.0.0.1@db.example.com/x", True),
    ],
)
@pytest.mark.parametrize("name", ["database_url", "report_database_url"])
def test_a_database_elsewhere_needs_tls(
    name: str, address: str, *, clear: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PGSSLMODE", raising=False)
    given: dict[str, Any] = {name: f"postgresql://{address}"}

    def read(settings: Settings) -> str:
        return settings.database() if name == "database_url" else settings.report_database()

    if clear:
        with pytest.raises(Misconfigured, match=ELSEWHERE) as error:
            read(Settings(**given))
        assert name.upper() in str(error.value) and "db.example" not in str(error.value)
    assert read(Settings(**given, allow_plaintext="database")) if clear else read(Settings(**given))


def test_the_drivers_own_variable_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(database_url="postgresql://u@db.example.com/x")
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    assert settings.database()
    monkeypatch.setenv("PGSSLMODE", "prefer")
    with pytest.raises(Misconfigured, match=ELSEWHERE):
        settings.database()


@pytest.mark.parametrize(
    "address", ["temporal:7233", "10.1.2.3:7233", "https://t.example.com:7233"]
)
def test_a_temporal_elsewhere_needs_tls(address: str) -> None:
    with pytest.raises(Misconfigured, match="elsewhere and without TLS"):
        demand_of_temporal(address, tls=False, allowed=("database", "public"))
    demand_of_temporal(address, tls=True, allowed=())
    demand_of_temporal(address, tls=False, allowed=("temporal",))


@pytest.mark.parametrize("address", ["127.0.0.1:7233", "localhost:7233", "[::1]:7233"])
def test_a_temporal_on_this_machine_needs_none(address: str) -> None:
    demand_of_temporal(address, tls=False, allowed=())


@pytest.mark.parametrize(
    ("url", "faulty"),
    [
        ("https://hooks.example.com", False),
        ("http://127.0.0.1:8080", False),
        ("http://localhost:8080", False),
        ("http://hooks.example.com", True),
        ("http://10.0.0.1:8080/edge", True),
    ],
)
def test_the_public_address_is_https_unless_it_is_this_machine(url: str, *, faulty: bool) -> None:
    found = [str(one) for one in public_address(Settings(public_url=url))]
    assert bool(found) is faulty
    assert not faulty or "must be https" in found[0]
    assert not [*public_address(Settings(public_url=url, allow_plaintext="public"))]


def test_what_may_do_without_is_named_and_nothing_else() -> None:
    with pytest.raises(ValueError, match="there are database, temporal, public"):
        Settings(allow_plaintext="everything")
