"""The benchmark runs whole, and what it counts (not what it times) is as it must be."""

from lab.bench import law
from lab.bench.__main__ import ONCE, measure


async def test_every_row_is_measured_and_counts_are_kept() -> None:
    rows = {row.what: row for row in await measure(ONCE)}

    kept = rows["one contact, CONTRAPUNTO_EXACT_NEXT_CONTACT=false: events / actions"]
    assert kept.ours.startswith("11 / 2,")
    assert kept.bare.startswith("11 / 2,")
    (pages,) = (row for what, row in rows.items() if what.startswith("pages read to reserve"))
    assert float(pages.ratio) <= 1.5
    for measured in ("contacts per second", "account starts per second"):
        assert rows[measured].ours
    assert any(what.startswith("contacts in the ledger a second") for what in rows)


def test_every_kind_of_verdict_is_asked() -> None:
    rows = law.measure(rounds=1, calls=30, lines=500)
    assert any("every sort, never asked before" in row.what for row in rows)
    assert all(row.ours for row in rows)
