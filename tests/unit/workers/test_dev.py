"""What the local stack looks at before it starts: where it tells its addresses, and its ports."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from domain.failures import BadInput
from lab.local.dev import remembered_ports
from lab.local.stack import Stack
from workers.cli.main import app


@pytest.mark.parametrize(
    "path", ["/nonexistent/dir/r.json", "/proc/r.json", "/dev/null/r.json", "."]
)
def test_a_place_for_the_addresses_is_looked_at_before_anything_starts(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def start(_: Stack) -> None:
        pytest.fail("servers are started")

    monkeypatch.setattr(Stack, "start", start)
    words = ["dev", "--data", str(tmp_path / "dev"), "--ready-file", path]
    done = CliRunner().invoke(app, words)
    assert isinstance(done.exception, BadInput), done.exception
    assert f"--ready-file: {path} cannot be written" in str(done.exception)


def test_ports_are_remembered_unless_all_is_fresh(tmp_path: Path) -> None:
    assert remembered_ports(tmp_path) == {}
    (tmp_path / "ports.json").write_text(json.dumps({"ui": 8233}), "utf-8")
    assert remembered_ports(tmp_path) == {"ui": 8233}
    assert remembered_ports(tmp_path, fresh=True) == {}


@pytest.mark.parametrize(
    "held", [b"", b'{"ui": 82', b"[8233]", b'{"ui": "a"}', b'{"ui": 0}', b"\xff", b"null"]
)
def test_a_file_that_holds_no_ports_counts_as_none(tmp_path: Path, held: bytes) -> None:
    (tmp_path / "ports.json").write_bytes(held)
    assert remembered_ports(tmp_path) == {}


def test_a_file_of_ports_that_cannot_be_read_counts_as_none(tmp_path: Path) -> None:
    (tmp_path / "ports.json").mkdir()
    assert remembered_ports(tmp_path) == {}
