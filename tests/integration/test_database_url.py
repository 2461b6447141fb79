"""Every form of the address that is read reaches PostgreSQL, through each of the doors."""

import asyncio
from pathlib import Path

import pytest

from domain.failures import Misconfigured, Unavailable
from lab.local.postgres import LocalPostgres
from store.database import connect
from workers.migrate import migrate

FORMS = {
    "scheme": "postgres://postgres@{host}/postgres?sslmode=disable",
    "libpq": "postgresql://postgres@{host}/postgres?sslmode=disable&connect_timeout=5"
    "&application_name=ours&options=-c%20work_mem%3D4321kB&channel_binding=prefer",
    "line": " postgresql://postgres@{host}/postgres?sslmode=disable\n",
    "hosts": "postgresql://postgres@127.0.0.1:1,{host}/postgres?sslmode=disable",
    "password": "postgresql://postgres:a#b%3Fc/d@{host}/postgres?sslmode=disable",
}


def written(postgres: LocalPostgres, form: str) -> str:
    return FORMS[form].format(host=f"127.0.0.1:{postgres.port}")


@pytest.mark.parametrize("form", FORMS)
async def test_the_pool_and_the_migrations_take_it(postgres: LocalPostgres, form: str) -> None:
    url = written(postgres, form)
    await asyncio.to_thread(migrate, url)
    async with connect(url, 1) as pool:
        row = await pool.fetchrow(
            "SELECT current_setting('application_name'), current_setting('work_mem')"
        )
    assert row is not None
    name, limit = row
    assert (name, limit) == (("ours", "4321kB") if form == "libpq" else ("", "4MB"))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("sslmode=maybe", "CONTRAPUNTO_DATABASE_URL asks for what cannot be"),
        ("options=-c%20nonsense%3D1", "CONTRAPUNTO_DATABASE_URL asks for what cannot be"),
        ("nonsense=1", "CONTRAPUNTO_DATABASE_URL has a parameter after the ?"),
    ],
)
async def test_what_it_cannot_do_is_said_alike_at_both(
    postgres: LocalPostgres, query: str, said: str
) -> None:
    url = f"postgresql://postgres:s3cr3t@127.0.0.1:{postgres.port}/postgres?{query}"
    with pytest.raises(Misconfigured, match=said) as pooled:
        async with connect(url, 1):
            pass
    with pytest.raises(Misconfigured, match=said) as migrated:
        await asyncio.to_thread(migrate, url)
    assert str(pooled.value) == str(migrated.value)
    assert "s3cr3t" not in str(pooled.value)


@pytest.mark.parametrize("hosts", ["127.0.0.1:1", "127.0.0.1:1,127.0.0.1:2"])
async def test_nobody_at_home_is_said_alike_at_both(hosts: str) -> None:
    url = f"postgresql://x:s3cr3t@{hosts}/y"
    for door in (_pool, asyncio.to_thread(migrate, url)):
        with pytest.raises(Unavailable, match="does not answer") as missed:
            await (door(url) if callable(door) else door)
        assert "CONTRAPUNTO_DATABASE_URL" in str(missed.value)
        assert "s3cr3t" not in str(missed.value)


@pytest.mark.parametrize("given", ["sslrootcert={bad}", "sslcert={bad}&sslkey={bad}"])
async def test_a_certificate_that_is_none_is_no_outage(tmp_path: Path, given: str) -> None:
    bad = tmp_path / "bad.pem"
    bad.write_text("no certificate\n", encoding="utf-8")
    url = f"postgresql://x:s3cr3t@127.0.0.1:1/y?sslmode=require&{given.format(bad=bad)}"
    for door in (_pool, asyncio.to_thread(migrate, url)):
        with pytest.raises(Misconfigured, match="certificate files in CONTRAPUNTO_") as said:
            await (door(url) if callable(door) else door)
        assert "s3cr3t" not in str(said.value)


async def _pool(url: str) -> None:
    async with connect(url, 1):
        pass
