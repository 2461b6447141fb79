"""Rule packs are checked at start-up, and a fault names file, rule and field."""

from pathlib import Path

import pytest
import yaml

from config.rule_packs import RulePackError, load_packs
from domain.law.model import Mark, RulePack
from domain.law.plan import UnknownJurisdictionError
from domain.law.readings import DEFAULTS, READINGS, checked
from tests.unit.law.support import BOOK

PACK = """
jurisdiction: ZZ
name: Test
zone: America/New_York
rules:
  - id: zz.hours
    kind: hours
    title: contact by day
    cite: Law 1
    mark: CONFIRMED
    windows:
      - {days: [mon], from: "08:00", to: "21:00"}
"""


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("mark: CONFIRMED", "mark: SURE", "zz.yaml: rule zz.hours: mark must be"),
        ('"08:00"', "10:00", "rule zz.hours: windows.0.from must be text"),
        ('"08:00"', '"8:00"', "rule zz.hours: windows.0.from must be a wall-clock time"),
        ('"21:00"', '"07:00"', "rule zz.hours: windows.0: window 08:00-07:00"),
        ("cite: Law 1", "zite: Law 1", "rule zz.hours: zite is not known here"),
        ("kind: hours", "kind: ours", "rule zz.hours: Input tag 'ours'"),
        ("America/New_York", "America/Newyork", "zone: unknown time zone 'America/Newyork'"),
        ("jurisdiction: ZZ", "jurisdiction: Narnia", "jurisdiction must match"),
        (
            "rules:",
            "readings: {co.weekly: lax}\nrules:",
            "readings: reading 'co.weekly' has no value",
        ),
        (
            "    cite: Law 1",
            "    cite: Law 1\n    by_reading: {mx.days: {}}",
            "rule zz.hours: by_reading: mx.days must say what changes under exactly all",
        ),
        (
            "    cite: Law 1",
            "    cite: Law 1\n    by_reading: {mx.dais: {}}",
            "rule zz.hours: by_reading: unknown reading 'mx.dais'",
        ),
        (
            "    cite: Law 1",
            "    cite: Law 1\n    by_reading: {mx.days: {all: {limit: 3}}}",
            "rule zz.hours: by_reading: mx.days=all: limit: is not known here",
        ),
        (
            "    cite: Law 1",
            "    cite: Law 1\n    by_reading: {mx.days: {all: {cite: Law 2}}}",
            "rule zz.hours: by_reading: mx.days=all may not change cite",
        ),
        ("rules:", "rules: [", "zz.yaml: not YAML"),
    ],
)
def test_a_fault_names_file_rule_and_field(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    (tmp_path / "zz.yaml").write_text(PACK.replace(old, new, 1))
    with pytest.raises(RulePackError) as caught:
        load_packs(tmp_path)
    assert str(caught.value).startswith("zz.yaml: ")
    assert message in str(caught.value)


def test_other_faults(tmp_path: Path) -> None:
    with pytest.raises(RulePackError, match="no rule packs"):
        load_packs(tmp_path)
    (tmp_path / "a.yaml").write_text(PACK)
    (tmp_path / "b.yaml").write_text(PACK)
    with pytest.raises(RulePackError, match=r"b\.yaml: jurisdiction: ZZ has two packs"):
        load_packs(tmp_path)
    with pytest.raises(RulePackError, match=r"readings: unknown reading 'zz\.week'"):
        load_packs(readings={"zz.week": "x"})
    (tmp_path / "a.yaml").write_text(PACK + PACK[PACK.index("  - id") :])
    with pytest.raises(RulePackError, match=r"rule zz\.hours: the id appears twice"):
        load_packs(tmp_path)
    closed = PACK.replace("kind: hours", "kind: closed_days\n    calendars: [nowhere]")
    (tmp_path / "a.yaml").write_text(closed[: closed.index("    windows")])
    with pytest.raises(RulePackError, match="no calendar 'nowhere' here"):
        load_packs(tmp_path)


def test_an_operator_chooses_readings(tmp_path: Path) -> None:
    (tmp_path / "zz.yaml").write_text(PACK)
    book = load_packs(tmp_path, {"boundary": "closed"})
    assert book.packs["ZZ"].readings == {"boundary": "closed"}


def test_the_book_opens_the_packs_asked_for_in_order() -> None:
    assert [pack.jurisdiction for pack in BOOK.packs_for(["MX", "CO"])] == ["MX", "CO"]
    with pytest.raises(UnknownJurisdictionError, match="no rule pack for jurisdiction 'ZZ'"):
        BOOK.packs_for(["US", "ZZ"])


@pytest.mark.parametrize("pack", BOOK.packs.values(), ids=lambda pack: pack.jurisdiction)
def test_every_rule_says_where_it_comes_from(pack: RulePack) -> None:
    for rule in pack.rules:
        parts = pack.jurisdiction.lower().split("-")
        assert rule.id.startswith(parts[0])
        assert rule.source or rule.mark in (Mark.MEMORY, Mark.GUARD), rule.id
        for name in rule.by_reading:
            assert name.split(".")[0] in (*parts, "boundary", "guard")


def test_a_pack_survives_its_own_form() -> None:
    for pack in BOOK.packs.values():
        text = yaml.safe_dump(pack.model_dump(mode="json", by_alias=True))
        assert RulePack.model_validate(yaml.safe_load(text)) == pack


def test_the_readings_are_those_of_the_law() -> None:
    assert len(READINGS) == 28
    assert all(reading.default == DEFAULTS[name] for name, reading in READINGS.items())
    assert checked({"co.weekly": "literal"}) == {"co.weekly": "literal"}
