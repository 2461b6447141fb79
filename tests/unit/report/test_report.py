"""The report is one file that needs nothing else, and shows nothing it has not escaped."""

import json
import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from config.rule_packs import load_packs
from config.strategy_files import load_strategies
from domain.failures import BadInput
from domain.law.terms import Actor
from lab.demo.run import _counted
from lab.report.data import day_kind, hours_of_day, label, lives, outcomes, phases_over_time
from lab.report.page import write_report
from lab.report.run_record import RunRecord, read_record
from lab.report.summary import STRATEGIES
from tests.support.runs import Run, attempt_row, portfolio, received_row

VOID = frozenset({"meta", "br", "img", "link", "input", "hr"})


class Page(HTMLParser):
    """Tags, attributes and the data of a page; complains about tags that do not match."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(source)
        self.close()
        assert self.open == []
        found = re.search(r'<script type="application/json" id="data">(.*?)</script>', source)
        self.data: dict[str, Any] = json.loads(found.group(1)) if found else {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def page_of(run: Run, folder: Path) -> Page:
    return Page(write_report(run.write(folder)).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def run() -> Run:
    return portfolio(40)


@pytest.fixture(scope="module")
def record(run: Run, tmp_path_factory: pytest.TempPathFactory) -> RunRecord:
    return read_record(run.write(tmp_path_factory.mktemp("run")))


@pytest.mark.parametrize("accounts", [1, 3, 120])
def test_the_page_stands_alone(accounts: int, tmp_path: Path) -> None:
    path = write_report(portfolio(accounts).write(tmp_path))
    source = path.read_text(encoding="utf-8")
    page = Page(source)
    assert path.name == "report.html"
    assert not re.search(r"https?:|//[a-z]|@import|url\((?!#)(?!`)", _without_patterns(source))
    for tag, attributes in page.tags:
        assert tag not in ("link", "img", "iframe", "base", "object")
        assert not {"src", "href", "srcset", "action"} & attributes.keys()
    assert ("meta", "default-src 'none'") in [
        (tag, (a.get("content") or "")[:18]) for tag, a in page.tags
    ]


def _without_patterns(source: str) -> str:
    """Hatching refers to a pattern of the same drawing, as ``url(#...)``."""
    return source.replace("`url(#${id})`", "")


def test_every_chart_has_a_table_and_every_table_a_caption(run: Run, tmp_path: Path) -> None:
    page = page_of(run, tmp_path)
    tags = [tag for tag, _ in page.tags]
    assert tags.count("details") >= 4
    assert tags.count("caption") == tags.count("table")
    charts = {a["data-chart"] for tag, a in page.tags if tag == "figure"}
    assert charts == {"phases", "hours", "outcomes", "ends", "promises", "money", "life"}


def test_names_are_escaped(tmp_path: Path) -> None:
    evil = "</script><script>alert(1)</script>"
    row = attempt_row(creditor=evil, covers=[f"{evil}/100"], purpose=evil, cite=evil, phase=evil)
    account = portfolio(1).accounts[0] | {
        "creditor": evil,
        "account_id": "100",
        "customer_id": "c100",
        "country": "CO",
        "zones": ["America/Bogota"],
    }
    event = {"at": row["reserved_at"], "account": f"{evil}/100", "kind": evil, "detail": evil}
    ours = len([t for t, _ in page_of(portfolio(1), tmp_path / "plain").tags if t == "script"])
    page = page_of(Run([row], [received_row(row)], [account], [event]), tmp_path / "evil")
    assert [tag for tag, _ in page.tags].count("script") == ours
    assert evil in page.text
    assert page.data["lives"][0]["contacts"][0]["cite"] == evil


def test_no_address_and_no_text_of_a_customer_is_shown(tmp_path: Path) -> None:
    row = attempt_row()
    received = received_row(row, to="+573005550177", text="Hola Maria Perez")
    source = write_report(Run([row], [received]).write(tmp_path)).read_text(encoding="utf-8")
    assert "5550177" not in source
    assert "Maria" not in source


def test_nothing_at_all_says_so(tmp_path: Path) -> None:
    page = Page(write_report(tmp_path).read_text(encoding="utf-8"))
    assert "Nothing to report yet" in page.text


def test_accounts_that_nobody_was_contacted_about_say_so(run: Run, tmp_path: Path) -> None:
    page = page_of(Run(accounts=run.accounts), tmp_path)
    assert "40 accounts. Nobody contacted yet." in page.text
    assert page.text.count("nothing examined") == 2
    assert "0 unlawful" not in " ".join(page.text.split())


def test_attempts_that_reached_nobody_prove_nothing(tmp_path: Path) -> None:
    refused = attempt_row(state="refused", dispatched_at=None)
    text = " ".join(page_of(Run([refused]), tmp_path / "nobody").text.split())
    assert "Nothing examined, so nothing is proved." in text
    assert "– unlawful nothing examined" in text
    row = attempt_row()
    text = " ".join(page_of(Run([row], [received_row(row)]), tmp_path / "somebody").text.split())
    assert "0 unlawful of 1 examined" in text
    assert "0 double 1 messages received" in text


def test_the_headline_is_what_the_proof_found(run: Run, tmp_path: Path) -> None:
    assert "None unlawful, nobody twice." in page_of(run, tmp_path / "clean").text
    twice = Run(run.ledger, [*run.received, run.received[0]], run.accounts, run.events)
    text = page_of(twice, tmp_path / "twice").text
    assert "nobody twice" not in text
    assert "reached the person 2 times" in text


@pytest.mark.parametrize(
    ("breaches", "examined", "shown"), [(0, 0, "nothing examined"), (0, 9, "]0["), (2, 9, "]2[")]
)
def test_what_the_demo_says_at_its_end(breaches: int, examined: int, shown: str) -> None:
    assert shown in _counted(breaches, examined)


def test_a_row_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    Run(ledger=[attempt_row(state="sleeping")]).write(tmp_path)
    with pytest.raises(BadInput, match=r"ledger.jsonl, row 1: state"):
        write_report(tmp_path)
    Run(ledger=[{"attempt_id": "x"}]).write(tmp_path)
    with pytest.raises(BadInput, match="cannot be proved"):
        write_report(tmp_path)


def test_every_account_stands_somewhere_on_every_day(record: RunRecord) -> None:
    phases = phases_over_time(record, load_strategies(STRATEGIES)["default"])
    totals = [sum(values) for values in zip(*(s["values"] for s in phases["series"]), strict=True)]
    assert totals[-1] == len(record.accounts)
    assert max(totals) <= len(record.accounts)
    last = {series["key"]: series["values"][-1] for series in phases["series"]}
    assert last["cured"] == sum(account.end == "cured" for account in record.accounts)


def test_the_windows_are_those_of_the_rule_packs(record: RunRecord) -> None:
    countries = hours_of_day(record, load_packs(), Actor.THIRD_PARTY)
    windows = {c["country"]: [panel["window"] for panel in c["panels"]] for c in countries}
    assert windows == {
        "US": ["08:00–21:00"] * 3,
        "CO": ["07:00–19:00", "08:00–15:00", "closed all day"],
        "MX": ["07:00–22:00", "closed all day", "closed all day"],
    }
    drawn = sum(panel["total"] for c in countries for panel in c["panels"])
    assert drawn == len(record.contacts)
    for country in countries:
        for panel in country["panels"]:
            counts = panel["counts"].values()
            assert sum(map(sum, counts)) == panel["total"]


def test_a_country_without_a_rule_pack_is_shown_without_a_window(tmp_path: Path) -> None:
    row = attempt_row(jurisdictions=["FR"], zones=["Europe/Paris"])
    page = page_of(Run([row], [received_row(row)]), tmp_path)
    assert {panel["window"] for panel in page.data["hours"][0]["panels"]} == {"no rule pack"}


def test_holidays_are_drawn_with_sundays() -> None:
    monday = date(2026, 3, 23)
    assert day_kind(monday, "CO") == "sunday"
    assert day_kind(monday, "US") == "weekday"


def test_the_outcomes_are_those_of_the_ledger(record: RunRecord) -> None:
    drawn = outcomes(record)
    assert sum(row["total"] for row in drawn["rows"]) + drawn["kept_back"] == len(record.ledger)


def test_the_lives_are_told_in_full(record: RunRecord) -> None:
    told = lives(record, load_strategies(STRATEGIES)["default"])
    assert 2 <= len(told) <= 12
    assert len({life["key"] for life in told}) == len(told)
    for life in told:
        own = [a for a in record.ledger if life["key"] in a.covers]
        assert len(life["contacts"]) == len(own)
        assert len(life["events"]) == sum(e.account == life["key"] for e in record.events)
    assert len({contact["phase"] for contact in told[0]["contacts"]}) >= 3


@pytest.mark.parametrize(
    ("code", "words"),
    [("sms", "SMS"), ("second_notice", "Second notice"), ("pre-legal", "Pre-legal"), ("", "")],
)
def test_codes_are_put_in_words(code: str, words: str) -> None:
    assert label(code) == words


def test_a_promise_that_nothing_tried_has_no_green_tick(tmp_path: Path) -> None:
    row = attempt_row(jurisdictions=["US"], zones=["America/New_York"])
    page = page_of(Run([row], [received_row(row)], stated={}), tmp_path)
    items = re.findall(r"([✓✕–]) (\D+?) (not examined|[\d,]+ examined)", page.text)
    marks = {title: (mark, told) for mark, title, told in items}
    assert marks["Nothing to who asked to be left alone"] == ("–", "not examined")
    assert marks["As far apart as the strategy asks"] == ("–", "not examined")
    assert marks["One attempt reaches a person once"] == ("✓", "1 examined")
    assert all((mark == "–") == (told == "not examined") for mark, told in marks.values())
