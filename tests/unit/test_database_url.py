"""One reading of the database's address; what is wrong with one is said without its password."""

from typing import Any
from urllib.parse import quote

import asyncpg
import pytest
from asyncpg import connect_utils
from hypothesis import given
from hypothesis import strategies as st

from config.database_url import read_address
from config.settings import Settings
from domain.failures import Misconfigured

SECRET = "s3cr3t-word"


def driver(text: str) -> tuple[Any, Any]:
    """Hosts with ports, and the parameters, as asyncpg takes the address."""
    address = read_address(text)
    said: dict[str, Any] = {
        "host": None,
        "port": None,
        "user": None,
        "password": None,
        "passfile": None,
        "database": None,
        "ssl": None,
        "service": None,
        "servicefile": None,
        "direct_tls": None,
        "target_session_attrs": None,
        "krbsrvname": None,
        "gsslib": None,
        "dsn": address.dsn,
        "server_settings": address.server_settings,
    }
    parse = vars(connect_utils)["_parse_connect_dsn_and_args"]
    found: tuple[Any, Any] = parse(**said)
    return found


@pytest.mark.parametrize(
    ("text", "hosts", "user", "password", "database"),
    [
        ("postgresql://u:p@h:5433/d", [("h", 5433)], "u", "p", "d"),
        ("postgres://u:p@h/d", [("h", 5432)], "u", "p", "d"),
        ("postgresql+asyncpg://u:p@h/d", [("h", 5432)], "u", "p", "d"),
        (" postgresql://u:p@h/d\n", [("h", 5432)], "u", "p", "d"),
        ("'postgresql://u:p@h/d'", [("h", 5432)], "u", "p", "d"),
        ("postgresql://u:p@h1:1,h2:2/d", [("h1", 1), ("h2", 2)], "u", "p", "d"),
        ("postgresql://u:p@[::1]:5433/d", [("::1", 5433)], "u", "p", "d"),
        ("postgresql://u:p#s@h/d", [("h", 5432)], "u", "p#s", "d"),
        ("postgresql://u:p@s@h/d", [("h", 5432)], "u", "p@s", "d"),
        ("postgresql://u:p/s@h/d", [("h", 5432)], "u", "p/s", "d"),
        ("postgresql://u:p[s@h/d", [("h", 5432)], "u", "p[s", "d"),
        ("postgresql://u:p:s@h/d", [("h", 5432)], "u", "p:s", "d"),
        ("postgresql://u:p%23s%3F@h/d", [("h", 5432)], "u", "p#s?", "d"),
        ("postgresql:///d?host=h&user=u&password=p%2Bq+r", [("h", 5432)], "u", "p+q+r", "d"),
    ],
)
def test_what_people_write_is_read(
    text: str, hosts: list[tuple[str, int]], user: str, password: str, database: str
) -> None:
    found, parameters = driver(text)
    assert found == hosts
    assert (parameters.user, parameters.password, parameters.database) == (user, password, database)


def test_what_only_libpq_knows_reaches_the_driver_or_nobody() -> None:
    address = read_address(
        "postgres://u@h/d?connect_timeout=7&application_name=a%20b&options=-c%20x.y%3D1"
        "&channel_binding=prefer&keepalives=1&sslmode=disable&gssencmode=disable"
    )
    assert address.timeout == 7
    assert address.server_settings == {"application_name": "a b", "options": "-c x.y=1"}
    assert address.dsn == "postgresql://u@h/d?sslmode=disable"
    assert read_address("postgres://u@h/d?connect_timeout=0").timeout is None
    assert "timeout" not in read_address("postgres://u@h/d").arguments()


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (f"mysql://u:{SECRET}@h/d", "must begin with postgresql://"),
        ("", "must begin with postgresql://"),
        (f"u:{SECRET}@h/d", "must begin with postgresql://"),
        (f"postgresql://u:{SECRET} x@h/d", "without blanks"),
        (f"postgresql://u:{SECRET}\n@h/d", "without blanks"),
        (f"postgresql://u:{SECRET}@h:port/d", "has a port that is no number"),
        (f"postgresql://u:{SECRET}@h:99999/d", "has a port that is no number"),
        (f"postgresql://u:{SECRET}?x@h/d", "has a port that is no number"),
        (f"postgresql://u:{SECRET}@h1,,h2/d", "a comma too many"),
        (f"postgresql://u:{SECRET}@h/d?foo=bar", "has a parameter after the ?"),
        (f"postgresql://u:{SECRET}@h/d?sslmod=require", "did you mean sslmode?"),
        (f"postgresql://u:p@ss?{SECRET}@h/d", "a ? in the password"),
        (f"postgresql://u:1234?{SECRET}@h:5432/d", "a ? in the password"),
        (f"postgresql://u:p@ss?x=1&{SECRET}@h/d", "a ? in the password"),
        (f"postgresql://u:{SECRET}@h/d?connect_timeout=soon", "connect_timeout"),
        (f"postgresql://u:{SECRET}@h/d?channel_binding=require", "sslmode=verify-full"),
        (f"postgresql://u:{SECRET}@h/d?channel_binding=x", "none of disable, prefer, require"),
    ],
)
def test_what_is_wrong_is_said_with_the_variable_and_without_the_password(
    text: str, rule: str
) -> None:
    with pytest.raises(Misconfigured) as refused:
        Settings(database_url=text).database()
    said = str(refused.value)
    assert said.startswith("CONTRAPUNTO_DATABASE_URL ")
    assert rule in said
    assert SECRET not in said


@given(st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF), min_size=1, max_size=20))
def test_any_password_written_as_marks_demand_is_the_drivers(password: str) -> None:
    _, parameters = driver(f"postgresql://u:{quote(password, safe='')}@h/d")
    assert parameters.password == password


@given(st.text(max_size=60))
def test_no_text_at_all_ends_in_another_error(text: str) -> None:
    for address in (text, f"postgresql://{text}", f"postgresql://u:{text}@h/d?{text}"):
        try:
            driver(address)
        except (Misconfigured, asyncpg.ClientConfigurationError):
            continue
        except ValueError as error:  # what asyncpg says of hosts, as its own kind of ValueError
            pytest.fail(f"{address!r}: {error!r}")
