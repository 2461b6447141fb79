"""The headline's own measurement: controls that must come out, and numbers luck cannot move."""

import csv
from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from config.settings import ROOT
from domain.failures import BadInput
from domain.ledger.call_outcome import CallOutcome
from domain.report.prices import Price
from lab.dry_run.judged import judged
from lab.headline import __main__ as headline
from lab.headline import levers, worlds
from lab.headline.clients import CLASSES, classes_of, read_clients
from lab.headline.portfolio import PLACES, portfolio, somebody
from lab.headline.telling import BEGIN, END, into_page, markdown, page
from people.worlds import WORLDS, drawn
from tests.integration.store.reports.ledger import PRICES as BY_HAND
from tests.unit.headline.support import measured, write_clients
from workers.simulation.book.packed import Packed
from workers.simulation.life import Life
from workers.simulation.portfolio import Group, Portfolio
from workers.simulation.record import Record
from workers.simulation.settings import factory_of


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("headline")


@pytest.fixture(scope="module")
def told(folder: Path) -> dict[str, Any]:
    return measured(folder)


def test_a_strategy_against_itself_differs_in_nothing(told: dict[str, Any]) -> None:
    assert told["controls"]["again"] == {"runs": 1, "same": True}


def test_where_contacts_do_nothing_no_effect_is_reported(told: dict[str, Any]) -> None:
    nothing = told["controls"]["nothing"]
    assert nothing["same"]
    assert set(nothing["cured"]) == set(levers.MAIN)
    assert len({tuple(cured) for cured in nothing["cured"].values()}) == 1


def test_outcomes_that_are_shuffled_differ_no_more_than_luck(told: dict[str, Any]) -> None:
    assert told["controls"]["shuffled"]["worlds"] == 2
    assert told["controls"]["shuffled"]["beyond"] <= 0.5


def test_one_core_and_two_measure_the_same(folder: Path, told: dict[str, Any]) -> None:
    words = ("--cores", "2", "--folder", str(folder / "two"))
    assert measured(folder, *words) == told


def test_a_run_that_was_stopped_goes_on_where_it_was(
    folder: Path, told: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    [kept] = (folder / "kept").iterdir()
    lines = kept.read_text("utf-8").splitlines(keepends=True)
    half = folder / "half" / kept.name
    half.parent.mkdir()
    half.write_text("".join(lines[:3]) + lines[3][:50], encoding="utf-8")
    lived: list[str] = []

    def counted(setup: worlds.Setup, tasks: Any, cores: int) -> Any:
        lived.extend(one.name for one in tasks)
        return worlds.lived(setup, tasks, cores)

    monkeypatch.setattr(headline, "lived", counted)
    assert measured(folder, "--folder", str(half.parent)) == told
    assert len(lived) == len(lines) - 3
    assert half.read_text("utf-8") == kept.read_text("utf-8")


def test_so_far_tells_of_the_worlds_that_are_done(folder: Path, told: dict[str, Any]) -> None:
    [kept] = (folder / "kept").iterdir()
    part = folder / "part" / kept.name
    part.parent.mkdir()
    lines = kept.read_text("utf-8").splitlines(keepends=True)
    part.write_text("".join(lines[:3]) + lines[3][:50], encoding="utf-8")
    found = measured(folder, "--folder", str(part.parent), "--so-far")
    assert (told["asked"]["worlds"], found["asked"]["worlds"]) == (2, 1)
    assert found["worlds"] == told["worlds"][:1]
    assert "".join(lines[:3]) == part.read_text("utf-8")
    with pytest.raises(BadInput, match="no world is done yet"):
        measured(folder, "--folder", str(folder / "nothing"), "--so-far")


def test_what_is_reported_comes_from_worlds_that_nothing_was_made_with() -> None:
    seen, unseen = (list(drawn(headline.SPLIT[name], 20)) for name in ("work", "unseen"))
    assert headline.asked_for([]).split == "unseen"
    assert not {tuple(one.values.values()) for one in seen} & {
        tuple(one.values.values()) for one in unseen
    }


def test_each_world_has_a_luck_of_its_own_that_nothing_was_made_with() -> None:
    seeds = {}
    for split in headline.SPLIT:
        asked = headline.asked_for(["--worlds", "30", "--seeds", "3", "--split", split])
        seeds[split] = [one.seed for one in headline._tasks(asked) if "drawn" in one.name]
        assert len(set(seeds[split])) == 90
    assert not set(seeds["work"]) & set(seeds["unseen"])


def test_the_heavy_baseline_contacts_most_and_half_is_asked_of_each_of_ours(
    told: dict[str, Any],
) -> None:
    points = told["frontier"]
    assert max(points, key=lambda name: points[name]["contacts"]) == "heavy"
    pairs = {(one["ours"], one["base"]) for one in told["claims"]}
    assert pairs == {(ours, base) for ours in levers.OURS for base in levers.BASELINES}


def test_what_fails_is_told_before_what_holds(told: dict[str, Any]) -> None:
    text = markdown(told)
    assert text.index("Where it fails") < text.index("In how many worlds it holds")
    assert "proved" not in text.lower()
    assert "<svg" in page(told)


def test_each_lever_changes_the_strategy_or_the_people() -> None:
    [best] = [one for one in levers.main() if one.name == levers.BEST]
    for one in levers.without():
        assert one.strategy != best.strategy or one.made != best.made, one.name


def test_what_it_costs_is_what_providers_charge_and_what_people_do() -> None:
    """By hand, at the prices of the report's own test, and one more for telling a machine: WhatsApp
    0.01 only where it arrived, SMS 0.05 in CO; a call 0.06 a minute, two with a machine and six
    with a person, and 0.01 once where it is taken; people 0.20 a minute."""
    price = Price(price=Decimal("0.01"), source="by hand", read=date(2026, 11, 1))
    minutes = {CallOutcome.CONVERSATION: 2, CallOutcome.VOICEMAIL: 1}
    prices = BY_HAND.model_copy(update={"detection": price, "call_minutes": minutes})
    sums: Counter[tuple[Any, ...]] = Counter(
        {
            ("sent", "CO", "sms", None, False): 10,
            ("sent", "CO", "whatsapp", None, True): 5,
            ("sent", "CO", "whatsapp", None, False): 5,
            ("sent", "CO", "voice", "conversation", True): 1,
            ("sent", "CO", "voice", "voicemail", True): 10,
            ("sent", "CO", "voice", "no_answer", True): 40,
            ("call by person", "conversation", "CO"): 2,
            ("call by person", "voicemail", "CO"): 1,
            ("call by person", "busy", "CO"): 9,
            ("work", "dispute", "CO"): 2,
            ("work", "person_first", "CO"): 30,
        }
    )
    spent, took = worlds.cost(Record(sums=sums), prices)
    assert spent == {
        "messages": 0.55,
        "calls": pytest.approx(0.13 + 0.70 + 0.74 + 0.07),
        "people": pytest.approx(4.80),
    }
    assert took == 24


# --- the clients ----------------------------------------------------------------------------------


def test_only_who_was_past_due_is_taken_by_months_past_due(tmp_path: Path) -> None:
    clients = read_clients(write_clients(tmp_path / "clients.csv"))
    assert {one.risk for one in clients.all} == set(CLASSES)
    assert clients.pays["once"] > clients.pays["often"]


def test_sex_and_age_change_nothing(tmp_path: Path) -> None:
    one = read_clients(write_clients(tmp_path / "one.csv", sex="1", age="25"))
    other = read_clients(write_clients(tmp_path / "other.csv", sex="2", age="70"))
    assert one == other


@pytest.mark.parametrize("name", ["published", "pessimistic", "optimistic"])
def test_classes_differ_and_are_as_a_whole_what_the_world_says(tmp_path: Path, name: str) -> None:
    clients = read_clients(write_clients(tmp_path / "clients.csv"))
    of = classes_of(WORLDS[name], clients.all, clients)
    for parameter, falls in (("self_cure", True), ("cannot_pay", False)):
        values = [of[one.risk].values[parameter] for one in clients.all]
        assert sum(values) / len(values) == pytest.approx(WORLDS[name].values[parameter])
        inside = of["once"].values[parameter] - of["often"].values[parameter]
        assert (inside > 0) is falls


def test_a_file_that_is_not_there_is_told_with_what_to_give(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert headline.main([str(tmp_path / "none.csv")]) == 2
    assert "UCI" in capsys.readouterr().err


def test_a_file_that_lacks_a_column_is_told_which(tmp_path: Path) -> None:
    file = tmp_path / "clients.csv"
    with write_clients(tmp_path / "whole.csv").open(encoding="utf-8", newline="") as whole:
        rows = [row[:-1] for row in csv.reader(whole)]
    file.write_text("\n".join(",".join(row) for row in rows), encoding="utf-8")
    with pytest.raises(BadInput, match="DEFAULT_NEXT_MONTH"):
        read_clients(file)


def test_scores_that_are_shuffled_are_the_same_ones_dealt_otherwise(tmp_path: Path) -> None:
    clients = read_clients(write_clients(tmp_path / "clients.csv"))
    plain = portfolio(clients.all, clients)
    dealt = portfolio(clients.all, clients, "shuffled scores")
    assert {name: len(groups) for name, groups in plain.items()} == {
        name: len(groups) for name, groups in dealt.items()
    }
    assert plain != dealt


# --- the law --------------------------------------------------------------------------------------


@pytest.mark.parametrize("contender", list(levers.main()), ids=lambda one: one.name)
def test_nothing_that_any_of_them_does_is_unlawful_or_done_twice(
    tmp_path: Path, contender: levers.Contender
) -> None:
    clients = read_clients(write_clients(tmp_path / "clients.csv"))
    everybody = [somebody(one) for one in clients.all[:12]]
    run = replace(worlds.run_of(contender.strategy, WORLDS["published"], 1), keep=True)
    record, factory = Record(), factory_of(run)
    for one in everybody:
        record.add(Life(run, factory, (one,)).lived())
    groups: Packed[Group] = Packed((one,) for one in everybody)
    accounts = sum(len(one.accounts) for one in everybody)
    proof = judged(record, Portfolio(groups, accounts, 0), contender.strategy)
    assert len(record.attempts) > 10
    assert proof.unlawful == ()
    # Who is called every day hears one purpose twice in 24 hours, by whoever calls later one day:
    # no law forbids it, and ours do not do it.
    daily = proof.of("repeat") if contender.name in levers.BASELINES[:2] else ()
    assert set(proof.double) == set(daily)


def test_shares_of_countries_are_a_whole() -> None:
    assert sum(one.share for one in PLACES) == pytest.approx(1)


# --- figures in a page ----------------------------------------------------------------------------


def test_figures_take_the_place_of_those_before(tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    file.write_text(f"above\n\n{BEGIN}\n\nold\n{END}\n\nbelow\n", encoding="utf-8")
    into_page(file, "new")
    assert file.read_text("utf-8") == f"above\n\n{BEGIN}\n\nnew\n{END}\n\nbelow\n"


def test_a_page_without_a_place_for_figures_is_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    file.write_text("words\n", encoding="utf-8")
    with pytest.raises(BadInput):
        into_page(file, "new")
    assert file.read_text("utf-8") == "words\n"


def test_the_docs_have_a_place_for_figures() -> None:
    text = (ROOT / "docs" / "headline.md").read_text("utf-8")
    assert text.count(BEGIN) == text.count(END) == 1
