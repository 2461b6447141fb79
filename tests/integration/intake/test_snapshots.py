"""A file that lists every open account: what it does not list is recalled."""

import asyncio
import hashlib
from dataclasses import replace

import pytest

from lab.builders.intake_files import AS_OF, row, rows, write_csv, write_jsonl
from tests.integration.intake.desk import DAY, Desk
from workers.intake.limits import Limits


@pytest.mark.parametrize("newer_first", [True, False])
async def test_two_snapshots_at_once_end_as_one_after_the_other(
    desk: Desk, *, newer_first: bool
) -> None:
    await desk.take(rows(6))
    older = write_csv(desk.folder / "older.csv", rows(4))
    newer = write_csv(desk.folder / "newer.csv", [r | {"balance": "7.00"} for r in rows(2)])
    taking = [
        desk.take(older, as_of=AS_OF + DAY, snapshot=True),
        desk.take(newer, as_of=AS_OF + 2 * DAY, snapshot=True),
    ]
    await asyncio.gather(*(reversed(taking) if newer_first else taking))
    assert set(desk.starter.said("recall")) == {"A2", "A3", "A4", "A5"}
    assert {str((await desk.account(a))["balance"]) for a in ("A0", "A1")} == {"7.00"}
    assert await desk.count("intake_pending") == 0


async def test_a_snapshot_recalls_what_is_gone(desk: Desk) -> None:
    other = row(account_id="Z", customer_id="Z", creditor="crediamigo")
    await desk.take([*rows(4), other])
    desk.starter.running.discard(("banco-andino", "A3"))
    kept = await desk.take(rows(2), as_of=AS_OF + DAY)
    assert kept.recalled == 0
    report = await desk.take(rows(2), as_of=AS_OF + 2 * DAY, snapshot=True)
    assert report.recalled == 2
    assert sorted(desk.starter.said("recall")) == ["A2", "A3"]
    # Both at once, whether a workflow runs that could close its account or not.
    for gone in ("A2", "A3"):
        account = await desk.account(gone)
        assert (account["status"], account["close_reason"]) == ("closed", "recalled")
    assert (await desk.account("Z"))["status"] == "open"
    await desk.take(rows(4), as_of=AS_OF + DAY)
    assert (await desk.account("A3"))["status"] == "closed"


async def test_a_snapshot_spares_accounts_of_refused_rows(desk: Desk) -> None:
    await desk.take(rows(3))
    content = rows(2)
    content[1]["balance"] = "-1"
    report = await desk.take(content, as_of=AS_OF + DAY, snapshot=True)
    assert (report.recalled, report.exit_code) == (1, 3)
    assert desk.starter.said("recall") == ["A2"]


async def test_a_snapshot_with_an_unreadable_account_recalls_nothing(desk: Desk) -> None:
    await desk.take(rows(3))
    content = rows(2)
    content[1]["account_id"] = ""
    report = await desk.take(content, as_of=AS_OF + DAY, snapshot=True)
    assert report.recall_refused is not None
    assert (report.recalled, report.exit_code, desk.starter.said("recall")) == (0, 3, [])


async def test_a_snapshot_without_good_rows_recalls_nothing(desk: Desk) -> None:
    await desk.take(rows(3))
    for content in ([cells | {"balance": "x"} for cells in rows(1)], []):
        report = await desk.take(content, as_of=AS_OF + DAY, snapshot=True)
        assert (report.recalled, report.exit_code) == (0, 3)
        assert report.recall_refused is not None


async def test_a_workflow_may_refuse_a_recall(desk: Desk) -> None:
    await desk.take(rows(2))
    desk.starter.refusing.add("A1")
    report = await desk.take(rows(1), as_of=AS_OF + DAY, snapshot=True)
    assert report.refusals == ["banco-andino/A1: a person works on it"]
    assert report.exit_code == 3
    assert await desk.count("intake_pending") == 0


STRICT = Limits(recall_share=0.2)


async def test_a_snapshot_cut_short_recalls_nothing(desk: Desk) -> None:
    await desk.take(rows(20))
    report = await desk.take(rows(5), as_of=AS_OF + DAY, snapshot=True, limits=STRICT)
    assert (report.recalled, report.exit_code, desk.starter.said("recall")) == (0, 3, [])
    why = report.recall_refused
    assert why is not None
    assert why.startswith("15 of the 20 open accounts of banco-andino are not in the file, more")
    assert why.endswith("--accept-recalls 15")


@pytest.mark.parametrize(("accepted", "recalled"), [(15, 15), (16, 15), (14, 0)])
async def test_a_person_may_accept_as_many_as_they_have_seen(
    desk: Desk, accepted: int, recalled: int
) -> None:
    await desk.take(rows(20))
    await desk.take(rows(5), as_of=AS_OF + DAY, snapshot=True, limits=STRICT)
    limits = replace(STRICT, accept_recalls=accepted)
    report = await desk.take(rows(5), as_of=AS_OF + DAY, snapshot=True, limits=limits)
    assert report.recalled == recalled


async def test_the_share_is_each_creditors_own(desk: Desk) -> None:
    small = [
        row(
            account_id=f"Z{n}", customer_id=f"Z{n}", creditor="crediamigo", mobile=f"+5739911111{n}"
        )
        for n in range(10, 14)
    ]
    await desk.take([*rows(20), *small])
    ok = await desk.take([*rows(16), *small], as_of=AS_OF + DAY, snapshot=True, limits=STRICT)
    assert (ok.recalled, ok.recall_refused) == (4, None)
    content = [*rows(16), *small[:1]]
    report = await desk.take(content, as_of=AS_OF + 2 * DAY, snapshot=True, limits=STRICT)
    assert report.recalled == 0
    assert str(report.recall_refused).startswith("3 of the 4 open accounts of crediamigo")


@pytest.mark.parametrize("cut", ["in the last cell", "in the row", "before the line end"])
async def test_an_unfinished_last_line_is_refused_and_recalls_nothing(desk: Desk, cut: str) -> None:
    await desk.take(rows(4))
    columns = [*(name for name in row() if name != "balance"), "balance"]
    content = [cells | {"balance": "450000"} for cells in rows(3)]
    path = write_csv(desk.folder / "cut.csv", content, columns)
    text = path.read_text(encoding="utf-8").rstrip("\r\n")
    take = {"in the last cell": 3, "in the row": 30, "before the line end": 0}[cut]
    path.write_text(text[: len(text) - take], encoding="utf-8")
    report = await desk.take(path, as_of=AS_OF + DAY, snapshot=True)
    assert (report.read, report.refused, report.recalled, report.exit_code) == (3, 1, 0, 3)
    assert report.recall_refused == "the last line is not finished, so the file may be cut short"
    balances = [str((await desk.account(name))["balance"]) for name in ("A1", "A2", "A3")]
    assert balances == ["450000.00", "1250000.50", "1250000.50"]


END = {"csv": "#end,rows={}\n", "jsonl": '{{"#end": {{"rows": {}}}}}\n'}


@pytest.mark.parametrize("kind", END)
async def test_a_file_that_counts_its_rows_is_whole_or_refused(desk: Desk, kind: str) -> None:
    write = write_csv if kind == "csv" else write_jsonl
    path = write(desk.folder / f"counted.{kind}", rows(3))
    body = path.read_text(encoding="utf-8")
    path.write_text(body + END[kind].format(3), encoding="utf-8")
    report = await desk.take(path)
    assert (report.read, report.added, report.exit_code) == (3, 3, 0)
    broken = [
        (END[kind].format(4), "has 3 rows, and its end (#end) says 4: is it cut short?"),
        (END[kind].format("many").replace("many", '"many"'), "does not say how many rows"),
        (END[kind].format(3) + body.splitlines(keepends=True)[-1], "stands after the end"),
    ]
    for end, said in broken:
        path.write_text(body + end, encoding="utf-8")
        status, words = await desk.command(path, as_of=AS_OF, snapshot=True)
        assert (status, desk.starter.said("recall")) == (2, [])
        assert said in words.replace("\n", " ")


async def test_a_checksum_beside_the_file_is_used(desk: Desk) -> None:
    path = write_csv(desk.folder / "sums.csv", rows(3))
    sum_ = hashlib.sha256(path.read_bytes()).hexdigest()
    beside = path.with_name("sums.csv.sha256")
    beside.write_text(f"{sum_}  sums.csv\n", encoding="utf-8")
    assert (await desk.take(path)).exit_code == 0
    path.write_bytes(path.read_bytes()[:-150])
    status, said = await desk.command(path, snapshot=True)
    assert (status, desk.starter.said("recall")) == (2, [])
    assert "is not what sums.csv.sha256 says" in said
