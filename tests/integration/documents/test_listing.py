"""``contrapunto documents``: files are listed by reference, each line for itself."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from config.settings import Settings
from domain.documents.document import DocumentKind
from store.database import Pool
from store.documents.documents import newest
from tests.support.rows import add_account, add_customer
from workers.intake.documents import record_documents

NOW = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)
PDF = b"%PDF-1.7 a statement"
HOST = "https://files.example.com/bank/"


class At:
    """A clock that stands."""

    by_workflow = False

    def __init__(self, at: datetime) -> None:
        self.at = at

    async def now(self, workflow_id: str | None) -> datetime:
        return self.at


class Lister:
    """Lists lines, as the command does."""

    def __init__(self, pool: Pool, folder: Path) -> None:
        self.pool, self.folder = pool, folder
        self.settings = Settings(documents_folder=folder / "kept", documents_url=HOST)
        (folder / "kept").mkdir()
        (folder / "kept" / "a1.pdf").write_bytes(PDF)
        self.at = NOW

    async def takes(self, *lines: dict[str, Any], dry_run: bool = False) -> str:
        """What it said."""
        path, out = self.folder / "documents.jsonl", StringIO()
        path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        given = (path, self.pool, self.settings, At(self.at), Console(file=out, width=300))
        await record_documents(*given, dry_run=dry_run)
        return out.getvalue()

    def refused(self) -> list[tuple[str, str]]:
        """Field and rule of each refused line."""
        path = self.folder / "documents.jsonl.rejects.jsonl"
        if not path.exists():
            return []
        read = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        return [(one["field"], one["rule"]) for one in read]

    async def finds(self, *accounts: str, at: datetime | None = None) -> list[str]:
        """The ids of what would go along."""
        kinds = list(DocumentKind)
        async with self.pool.acquire() as connection:
            keys = [f"bank/{one}" for one in accounts or ("A1",)]
            about = (connection, "bank", "C1", kinds, keys, at or self.at)
            return [one.document_id for one in await newest(*about)]


@pytest.fixture
async def lister(pool: Pool, tmp_path: Path) -> Lister:
    await add_customer(pool)
    await add_account(pool, due=NOW.date() - timedelta(days=10))
    return Lister(pool, tmp_path)


def a_line(**other: Any) -> dict[str, Any]:
    line = {
        "id": "st-1",
        "creditor": "bank",
        "account_id": "A1",
        "kind": "statement",
        "file": "a1.pdf",
        "media_type": "application/pdf",
    }
    return {name: value for name, value in {**line, **other}.items() if value is not None}


def at_url(**other: Any) -> dict[str, Any]:
    digest = hashlib.sha256(PDF).hexdigest()
    here = {"file": None, "url": f"{HOST}a1.pdf", "bytes": len(PDF), "sha256": digest}
    return a_line(**{**here, **other})


async def test_a_file_of_the_folder_is_measured_and_found_again(lister: Lister) -> None:
    assert "1 listed, 0 withdrawn, 0 known already, 0 refused" in await lister.takes(a_line())
    [row] = await lister.pool.fetch("SELECT bytes, sha256, name, customer_id FROM documents")
    assert tuple(row) == (len(PDF), hashlib.sha256(PDF).hexdigest(), "statement.pdf", "C1")
    assert await lister.finds() == ["st-1"]
    assert await lister.finds("A2") == []


async def test_the_same_line_is_known_and_another_under_its_id_is_refused(lister: Lister) -> None:
    await lister.takes(a_line())
    assert "0 listed, 0 withdrawn, 1 known already, 0 refused" in await lister.takes(a_line())
    await lister.takes(a_line(name="other.pdf"))
    [(field, rule)] = lister.refused()
    assert field == "id"
    assert "another file on record" in rule


async def test_a_dry_run_says_all_and_keeps_nothing(lister: Lister) -> None:
    said = await lister.takes(a_line(), a_line(id="st-2", account_id="A9"), dry_run=True)
    assert "1 listed, 0 withdrawn, 0 known already, 1 refused; nothing is kept" in said
    assert await lister.pool.fetchval("SELECT count(*) FROM documents") == 0


@pytest.mark.parametrize(
    ("line", "field", "rule"),
    [
        (a_line(account_id="A9"), "account_id", "not on record"),
        (a_line(account_id=None, customer_id="C9"), "customer_id", "not on record"),
        (a_line(creditor="other"), "account_id", "not on record"),
        (a_line(customer_id="C1"), "row", "either account_id or customer_id"),
        (a_line(file=None), "row", "either url or file"),
        (at_url(file="a1.pdf"), "row", "either url or file"),
        (a_line(file="gone.pdf"), "file", "is not there"),
        (a_line(file="../documents.jsonl"), "file", "within the folder"),
        (a_line(file="/etc/hostname"), "file", "within the folder"),
        (a_line(media_type="image/png"), "media_type", "begins as"),
        (a_line(media_type="text/html"), "row", "must be one of application/pdf"),
        (a_line(kind="voice_note"), "row", "must be one of audio/ogg"),
        (a_line(kind="poem"), "kind", ""),
        (a_line(bytes=3), "bytes", "is not that of the file"),
        (a_line(sha256="0" * 64), "sha256", "is not that of the file"),
        (a_line(sha256="no"), "sha256", "64 hexadecimal digits"),
        (a_line(name="a\u0000b"), "name", "printable"),
        (a_line(name="../a.pdf"), "name", "letters, digits"),
        (a_line(valid_from="2026-11-02T00:00:00Z", valid_until="2026-11-01T00:00:00Z"),
            "row", "valid_until must come after"),
        (a_line(valid_from="2026-11-02"), "valid_from", ""),
        (a_line(colour="red"), "colour", ""),
        (at_url(bytes=None), "row", "a url needs bytes and sha256"),
        (at_url(bytes=17 * 1024 * 1024), "bytes", ""),
        (at_url(url="https://elsewhere.example/a1.pdf"), "url", "CONTRAPUNTO_DOCUMENTS_URL"),
        (at_url(url="https://files.example.com/a1.pdf"), "url", "CONTRAPUNTO_DOCUMENTS_URL"),
        (at_url(url=f"{HOST}../a1.pdf"), "url", "CONTRAPUNTO_DOCUMENTS_URL"),
        (at_url(url=f"{HOST}%2e%2e/a1.pdf"), "url", "CONTRAPUNTO_DOCUMENTS_URL"),
        (at_url(url="https://files.example.com@evil.example/bank/a"), "url", "https address"),
        (at_url(url="http://files.example.com/bank/a1.pdf"), "url", "https address"),
        ({"id": "st-9", "withdrawn": True}, "id", "no file is listed"),
        ({"id": "st-9", "withdrawn": False}, "withdrawn", "must be true"),
    ],
)  # fmt: skip
async def test_a_bad_line_is_refused_with_field_and_rule_and_the_others_are_taken(
    lister: Lister, line: dict[str, Any], field: str, rule: str
) -> None:
    said = await lister.takes(line, a_line(id="good"))
    assert "1 listed, 0 withdrawn, 0 known already, 1 refused" in said
    [(found, words)] = lister.refused()
    assert found == field
    assert rule in words
    assert await lister.finds() == ["good"]


async def test_a_link_that_leads_out_of_the_folder_is_refused(lister: Lister) -> None:
    (lister.folder / "secret.pdf").write_bytes(PDF)
    (lister.folder / "kept" / "link.pdf").symlink_to(lister.folder / "secret.pdf")
    await lister.takes(a_line(file="link.pdf"))
    [(field, rule)] = lister.refused()
    assert (field, "does not lie in" in rule) == ("file", True)


async def test_of_several_the_latest_that_is_valid_goes_along(lister: Lister) -> None:
    day = timedelta(days=1)
    await lister.takes(
        a_line(id="old", valid_from=(NOW - 9 * day).isoformat()),
        a_line(id="new", valid_from=(NOW - day).isoformat(), valid_until=(NOW + day).isoformat()),
        a_line(id="coming", valid_from=(NOW + 5 * day).isoformat()),
    )
    assert await lister.finds() == ["new"]
    assert await lister.finds(at=NOW + day) == ["old"]
    assert await lister.finds(at=NOW + 5 * day) == ["coming"]


async def test_what_is_withdrawn_goes_along_no_more(lister: Lister) -> None:
    await lister.takes(a_line())
    gone = {"id": "st-1", "withdrawn": True}
    assert "0 listed, 1 withdrawn" in await lister.takes(gone)
    assert "0 listed, 0 withdrawn, 1 known already" in await lister.takes(gone)
    assert await lister.finds() == []


async def test_what_was_listed_for_somebody_goes_to_nobody_else(lister: Lister) -> None:
    await lister.takes(a_line())
    await add_customer(lister.pool, "C2", points=())
    await lister.pool.execute("UPDATE accounts SET customer_id = 'C2'")
    async with lister.pool.acquire() as connection:
        about = (connection, "bank", "C2", list(DocumentKind), ("bank/A1",), NOW)
        assert await newest(*about) == []


async def test_a_renumbered_account_keeps_its_files(lister: Lister) -> None:
    await lister.takes(a_line())
    await lister.pool.execute("UPDATE accounts SET account_id = 'A7', formerly = '{A1}'")
    assert await lister.finds("A7") == ["st-1"]
    lister.at += timedelta(days=1)
    await lister.takes(a_line(id="st-2"))  # by its former number
    assert await lister.finds("A7") == ["st-2"]
