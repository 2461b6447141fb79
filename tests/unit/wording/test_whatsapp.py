"""The approved templates of WhatsApp: what is wrong with them is told before the first message."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.settings import ROOT
from config.wording.catalogue import IN_TEMPLATES, LOCALES, Wording, WordingError
from config.wording.samples import samples
from config.wording.whatsapp import WhatsAppTemplates, approved_bodies
from domain.channels import ANSWERS, Channel, Purpose

FILE = ROOT / "config" / "whatsapp.yaml"
WORDING = Wording.load()
REAL = "HX" + "ab" * 16


def load(file: Path, *, sandbox: bool = True) -> WhatsAppTemplates:
    return WhatsAppTemplates.load(file, WORDING, sandbox=sandbox)


Edit = Callable[[dict[str, Any]], object]


def edited(tmp_path: Path, edit: Edit) -> Path:
    told = yaml.safe_load(FILE.read_text("utf-8"))
    edit(told)
    file = tmp_path / "mine.yaml"
    file.write_text(yaml.safe_dump(told, allow_unicode=True), "utf-8")
    return file


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("purpose", sorted(set(IN_TEMPLATES) - ANSWERS))
def test_every_template_names_the_sender_and_how_to_stop(locale: str, purpose: Purpose) -> None:
    templates = load(FILE)
    for context in samples(locale, purpose, Channel.WHATSAPP):
        made = templates.fill(context, ["opt_out_line"])
        assert made.template is not None
        assert all(made.template.variables.values())
        assert "Banco Ejemplo" in made.text
        assert any(word in made.text for word in ("STOP", "BASTA", "PARE"))
        assert "{{" not in made.text


def test_duties_of_the_law_are_in_the_words() -> None:
    context = next(iter(samples("en-US", Purpose.REMINDER, Channel.WHATSAPP)))
    made = load(FILE).fill(context, ["mini_miranda", "opt_out_line"])
    assert "attempting to collect a debt" in made.text


def test_a_value_never_breaks_the_line() -> None:
    context = next(iter(samples("en-US", Purpose.REMINDER, Channel.WHATSAPP)))
    odd = context.model_copy(update={"creditor_name": "Banco\n\n\tEjemplo"})
    made = load(FILE).fill(odd, ["opt_out_line"]).template
    assert made is not None
    assert not [v for v in made.variables.values() if set(v) & set("\n\t")]


def test_a_regions_template_comes_before_its_languages(tmp_path: Path) -> None:
    def add(told: dict[str, Any]) -> None:
        told["es-MX"] = {"reminder": {**told["es"]["reminder"], "content_sid": REAL}}

    templates = load(edited(tmp_path, add))
    for locale, sid in (("es-MX", REAL), ("es-CO", "HX" + "0" * 31 + "2")):
        context = next(iter(samples(locale, Purpose.REMINDER, Channel.WHATSAPP)))
        made = templates.fill(context, ["opt_out_line"]).template
        assert made is not None
        assert made.content_sid == sid


@pytest.mark.parametrize(
    ("edit", "problem"),
    [
        (lambda t: t.pop("pt"), "pt is missing"),
        (lambda t: t["es"].pop("reminder"), "es: reminder has no template"),
        (lambda t: t["es"]["reminder"].update(content_sid="HX1"), "content_sid"),
        (lambda t: t["es"]["reminder"].update(body="Hola {{1}}."), "fill exactly the places"),
        (lambda t: t["es"]["reminder"].update(boddy=""), "boddy"),
        (
            lambda t: t["es"]["reminder"].update(body="{{1}} {{2}} {{3}} {{4}} {{5}} ok"),
            "neither begin nor end",
        ),
        (
            lambda t: t["es"]["reminder"].update(body="ok {{1}} {{2}} {{3}} {{4}} {{5}}"),
            "neither begin nor end",
        ),
        (lambda t: t["es"]["reminder"]["variables"].update({"5": "x"}), "must use closing"),
        (lambda t: t["es"]["reminder"]["variables"].update({"1": "x"}), "must use opening"),
        (
            lambda t: t["es"]["reminder"]["variables"].update({"2": "{{ name }}"}),
            "variable 2 can come out empty",
        ),
        (lambda t: t["es"]["reminder"]["variables"].update({"2": "{{ nmae }}"}), "unknown name"),
        (lambda t: t["es"]["reminder"]["variables"].update({"2": "{{ phone }}"}), "absent fact"),
        (lambda t: t["es"]["reminder"]["variables"].update({"2": "{% if %}"}), "es: reminder"),
    ],
)
def test_what_is_wrong_is_told_at_start_up(tmp_path: Path, edit: Edit, problem: str) -> None:
    with pytest.raises(WordingError, match=problem):
        load(edited(tmp_path, edit))


def test_the_invented_names_go_no_further_than_the_sandbox() -> None:
    with pytest.raises(WordingError, match="content_sid is the example's"):
        load(FILE, sandbox=False)


def test_a_file_that_is_not_there_names_its_setting(tmp_path: Path) -> None:
    with pytest.raises(WordingError, match="CONTRAPUNTO_WHATSAPP_TEMPLATES"):
        load(tmp_path / "none.yaml")


def test_a_stand_in_is_told_every_body() -> None:
    bodies = approved_bodies(FILE)
    assert len(bodies) == len(LOCALES) * len(set(IN_TEMPLATES) - ANSWERS)
    assert all("{{1}}" in body for body in bodies.values())
