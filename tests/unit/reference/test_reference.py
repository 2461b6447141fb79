"""docs/reference/ is what the code says, and leaves nothing out."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from pydantic import BaseModel

from config.experiments.files import load_experiments
from config.settings import ROOT, Settings
from config.strategy_files import load_strategies
from domain.agreements.terms import PlanTerms
from domain.channels import Channel
from domain.entry.intake import COLUMNS
from domain.facts import MESSAGE, Start
from domain.law.request import LawEvent
from domain.law.terms import EventKind
from domain.planning.step import Status as AccountStatus
from domain.strategy import PersonsTurn, Strategy
from lab.reference import pages
from lab.reference.choosing import experiments
from lab.reference.commands import commands
from lab.reference.events import KINDS
from lab.reference.messages import REQUESTS, SIGNALS, UPDATES, event_line, messages
from lab.reference.schemas import schema_of
from lab.reference.strategy import SECTIONS
from lab.reference.text import described
from telemetry import figures
from workers.cli.status import ExitStatus
from workers.intake import events, report

FOLDER = ROOT / "docs" / "reference"
GUIDE = "guide.ts"
"""The example of the guide for other systems, to the letter."""
PAGES = pages()
SAMPLES: dict[str, dict[str, Any]] = {
    "payment_received": {
        "amount": "50000.00",
        "currency": "COP",
        "paid_at": "2026-11-21T15:04:05-05:00",
    },
    "account_updated": {"balance": "-0.50", "oldest_due_date": "2026-11-10", "as_of": None},
    "law_event": {"event": {"kind": "death", "at": "2026-11-20T10:00:00-05:00"}},
    "delivery_failed": {"attempt_id": "5d0c6f0000000000000000aa"},
    "message_received": {"channel": "sms", "intent": "promise"},
    "record_promise": {"amount": "0.01", "date": "2026-11-28"},
    "agree_plan": {
        "down_payment": {"date": "2026-11-25", "amount": "20000.00"},
        "number": 3,
        "amount": "30000.00",
        "first_date": "2026-12-01",
        "every": "month",
    },
    "cancel_plan": {"reason": "asked for another"},
    "open_dispute": {
        "reason": "amount",
        "documents": ["archive:2026/17"],
        "answer_due": "2026-12-10",
        "in_writing": True,
    },
    "resolve_dispute": {"outcome": "against", "reason": "contract sent"},
    "begin_hardship": {"reason": "job_loss", "review_date": "2027-01-15"},
    "extend_hardship": {"review_date": "2027-02-15"},
    "end_hardship": {},
    "offer_settlement": {"discount": "20", "by": "ana.r", "role": "agent", "expires": "2026-12-01"},
    "approve_settlement": {"offer": "s1", "by": "eva", "role": "supervisor"},
    "decline_settlement": {"offer": "s1", "by": "eva", "role": "supervisor", "reason": "too much"},
    "accept_settlement": {"offer": "s1", "how": "in_person"},
    "withdraw_settlement": {"reason": "by mistake"},
    "hold": {"until": "2026-12-01T09:00:00-05:00", "reason": "in hospital"},
    "resume": {},
    "close": {"reason": "recalled"},
}


@pytest.mark.parametrize("name", PAGES)
def test_each_page_is_what_the_code_says(name: str) -> None:
    written = FOLDER / name
    assert written.is_file(), "`make docs` writes it"
    assert written.read_text(encoding="utf-8") == PAGES[name], "`make docs` writes it anew"


def test_no_page_is_left_of_what_is_gone() -> None:
    there = {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*") if path.is_file()}
    assert there == set(PAGES)


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_says_what_it_is_for(name: str) -> None:
    assert described(Settings).get(name)
    assert f"| `CONTRAPUNTO_{name.upper()}` |" in PAGES["settings.md"]


@pytest.mark.parametrize("model", SECTIONS.values())
def test_every_field_of_a_strategy_says_what_it_means(model: type[BaseModel]) -> None:
    told = described(model)
    assert [name for name in model.model_fields if not told.get(name)] == []
    for name in model.model_fields:
        assert f"| `{name}` |" in PAGES["strategy.md"]


@pytest.mark.parametrize("model", experiments.MODELS.sections.values())
def test_every_field_of_an_experiment_says_what_it_means(model: type[BaseModel]) -> None:
    told = described(model)
    assert [name for name in model.model_fields if not told.get(name)] == []


def test_the_experiment_that_the_guide_shows_is_one(tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "guide" / "experiments.md").read_text(encoding="utf-8")
    [shown] = re.findall(r"^```yaml\n(.*?)^```", guide, re.MULTILINE | re.DOTALL)
    (tmp_path / "shown.yaml").write_text(shown, encoding="utf-8")
    [one] = load_experiments(tmp_path, ("default", "gentle"))
    assert one.experiment.arm("silent").holdout
    assert one.when.facts == ("country", "days_past_due")


def test_the_courtesies_are_switched_on_as_the_guide_says() -> None:
    guide = (ROOT / "docs" / "guide" / "configuration.md").read_text(encoding="utf-8")
    told = guide[guide.index("## Courtesies") : guide.index("## Payment plans")]
    asked = yaml.safe_load("\n".join(re.findall(r"^ {4}(\S.*)$", told, re.MULTILINE)))
    shipped = load_strategies(Settings().strategies)["default"]
    strategy = Strategy.model_validate({**shipped.model_dump(), **asked})
    assert strategy.promise == shipped.promise
    assert strategy.promise.remind_days is not None
    assert strategy.thanks_within_days > min(one.cadence.min_days for one in strategy.phases)
    assert set(strategy.confirm_stops) == {Channel.EMAIL, Channel.WHATSAPP}


def test_the_persons_turn_that_the_guide_shows_is_one() -> None:
    guide = (ROOT / "docs" / "guide" / "configuration.md").read_text(encoding="utf-8")
    told = guide[guide.index("## A person's turn") : guide.index("## Courtesies")]
    [shown] = re.findall(r"^ {6}person: (\{.*\})$", told, re.MULTILINE)
    turn = PersonsTurn.model_validate(yaml.safe_load(shown))
    assert (turn.after, turn.within_days) == (2, 3)


def test_the_terms_of_plans_that_the_guide_shows_are_terms() -> None:
    guide = (ROOT / "docs" / "guide" / "configuration.md").read_text(encoding="utf-8")
    told = guide[guide.index("## Payment plans") : guide.index("## Readings")]
    lines = [line.removeprefix("    ") for line in told.splitlines() if line.startswith("    ")]
    terms = PlanTerms.model_validate(yaml.safe_load("\n".join(lines))["plan"])
    own = {"smallest_payment": terms.smallest_payment}
    assert terms == PlanTerms.model_validate(own), "what it shows is the default"
    assert len(terms.smallest_payment) == 2


@pytest.mark.parametrize("column", COLUMNS)
def test_every_column_says_what_it_holds(column: str) -> None:
    row = rf"^\| `{column}` \| (yes|one of four)? ?\| \S"
    assert re.search(row, PAGES["intake.md"], re.MULTILINE)


def test_every_command_says_what_it_does() -> None:
    from typer.main import get_command

    from workers.cli.main import app

    found = dict(commands(get_command(app)))
    assert {"contrapunto law check", "contrapunto demo"} <= set(found)
    assert [name for name, command in found.items() if not command.help] == []


def test_every_kind_of_event_is_explained() -> None:
    assert set(KINDS) == set(EventKind)


def test_every_status_is_explained() -> None:
    assert set(described(AccountStatus)) == {one.name for one in AccountStatus}
    assert set(described(ExitStatus)) == {one.name for one in ExitStatus}


def test_commands_end_with_the_statuses_of_the_table() -> None:
    assert {events.REFUSED, report.REFUSED} == {ExitStatus.IN_PART.value}
    assert int(report.UNUSABLE) == int(ExitStatus.WRONG)
    assert int(report.UNAVAILABLE) == int(ExitStatus.FAILED)


def test_every_metric_is_on_the_page() -> None:
    code = (ROOT / "telemetry" / "observing.py").read_text(encoding="utf-8")
    made = set(re.findall(r'create_\w+\(\s*"([\w.]+)"', code))
    assert len(made) >= 4
    made |= {one.name for one in (*figures.FIGURES, *figures.DURATIONS)}
    assert set(re.findall(r"^\| `(contrapunto\.[\w.]+)`", PAGES["signs.md"], re.MULTILINE)) == made


# --- schemas ------------------------------------------------------------------------------------


def test_there_is_a_message_for_every_signal_and_update() -> None:
    assert {*SIGNALS, *UPDATES} == set(REQUESTS) == set(SAMPLES)


@pytest.mark.parametrize("message", list(messages()), ids=lambda one: one.file)
def test_every_schema_is_sound_and_says_what_each_field_means(message: Any) -> None:
    schema = message.schema
    jsonschema.Draft202012Validator.check_schema(schema)
    fields = schema.get("properties", {})
    assert [name for name, field in fields.items() if not field.get("description")] == []


@pytest.mark.parametrize("name", SAMPLES)
def test_what_the_schema_takes_the_workflow_takes(name: str) -> None:
    schema = schema_of(REQUESTS[name])
    sent = {"id": "case-1", **SAMPLES[name]}
    jsonschema.validate(sent, schema)
    assert MESSAGE.validate_python({"kind": name, **sent}).id == "case-1"


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("payment_received", {"amount": 5}),
        ("payment_received", {"amount": "0.00"}),
        ("payment_received", {"amount": "-3"}),
        ("payment_received", {"amount": "1.234"}),
        ("payment_received", {"amount": "12345678901234567"}),
        ("payment_received", {"id": "two words"}),
        ("account_updated", {"balance": 3.5}),
        ("hold", {"reason": ""}),
        ("hold", {"reason": "<b>"}),
        ("law_event", {"event": {"kind": "lottery", "at": "2026-11-20T10:00:00-05:00"}}),
    ],
)
def test_what_is_wrong_the_schema_refuses_too(name: str, wrong: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"id": "case-1", **SAMPLES[name], **wrong}, schema_of(REQUESTS[name]))


def test_the_start_of_an_account_is_as_the_schema_says() -> None:
    start = {"creditor": "banco-andino", "account_id": "A-2001", "balance": "250000.00"}
    jsonschema.validate(start, schema_of(Start))
    assert str(Start.model_validate(start).balance) == "250000.00"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"creditor": "banco-andino"}, schema_of(Start))


def test_a_line_of_events_is_as_the_schema_says() -> None:
    line = {
        "id": "case-811",
        "customer_id": "C-77",
        "kind": "attorney",
        "at": "2026-11-20T10:00:00Z",
    }
    jsonschema.validate(line, event_line())
    LawEvent.model_validate({"kind": line["kind"], "at": line["at"]})
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**line, "surprise": True}, event_line())


# --- types --------------------------------------------------------------------------------------


def _compiled(file: str, folder: Path) -> str:
    """What the strict compiler has against a file beside this one; nothing if all is well."""
    tsc = shutil.which("tsc")
    if tsc is None:
        pytest.skip("needs tsc (npm install typescript @temporalio/client @types/node)")
    modules = Path(tsc).resolve().parents[2]
    if file == GUIDE and not (modules / "@temporalio/client").exists():
        pytest.skip("needs @temporalio/client beside typescript")
    (folder / "node_modules").symlink_to(modules)
    (folder / "package.json").write_text('{"type": "module"}', "utf-8")
    shutil.copy(FOLDER / "contrapunto.ts", folder)
    shutil.copy(Path(__file__).with_name(file), folder)
    options = ["--strict", "--noEmit", "--exactOptionalPropertyTypes", "--skipLibCheck"]
    as_module = ["--target", "es2022", "--module", "esnext", "--moduleResolution", "bundler"]
    done = subprocess.run(
        [tsc, *options, *as_module, file], cwd=folder, capture_output=True, text=True, check=False
    )
    return "" if done.returncode == 0 else done.stdout


@pytest.mark.parametrize("file", ["usage.ts", GUIDE])
def test_the_types_pass_the_strict_compiler_and_refuse_what_is_wrong(
    file: str, tmp_path: Path
) -> None:
    assert _compiled(file, tmp_path) == ""


def test_the_example_of_the_guide_is_what_is_compiled() -> None:
    guide = (ROOT / "docs" / "guide" / "upstream.md").read_text("utf-8")
    blocks = re.findall(r"```typescript\n(.*?)```", guide, re.DOTALL)
    example = Path(__file__).with_name(GUIDE).read_text("utf-8")
    assert blocks == [example]
    # And where no compiler is: what it imports is exported, what it sends is a message of ours.
    types = PAGES["contrapunto.ts"]
    for names in re.findall(r"import (?:type )?{(.*?)} from './contrapunto'", example):
        for name in names.split(","):
            assert re.search(rf"^export \w+ {name.strip()}\b", types, re.MULTILINE), name
    sent = re.findall(r"(?:Signals|Updates)\['(\w+)'\]", example)
    assert sent
    assert set(sent) <= {*SIGNALS, *UPDATES}


def test_the_types_name_every_message() -> None:
    types = PAGES["contrapunto.ts"]
    for name in (*SIGNALS, *UPDATES):
        assert re.search(rf"^  {name}: \w+;$", types, re.MULTILINE)


def test_schemas_are_json() -> None:
    for name, text in PAGES.items():
        if name.endswith(".schema.json"):
            assert json.loads(text)["$schema"].endswith("2020-12/schema")
