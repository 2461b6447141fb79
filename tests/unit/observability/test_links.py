"""Links to the Temporal UI: where they lead, and that messages about an account have them."""

import json
import logging
from collections.abc import Iterator

import pytest
from rich.console import Console

from telemetry import links
from telemetry.logs import JsonLines, WithoutWords
from workers.cli import shell
from workers.cli.output import account_shown, line

UI = "https://temporal.example"
ACCOUNT = "banco-andino/A-1001"
LINK = f"{UI}/namespaces/collections/workflows/account%2Fbanco-andino%2FA-1001"


@pytest.fixture
def linking() -> Iterator[None]:
    links.begin({links.VARIABLE: UI, "TEMPORAL_NAMESPACE": "collections"})
    yield
    links.begin({})


@pytest.mark.parametrize(
    ("address", "namespace", "leads_to"),
    [
        (UI, "collections", LINK),
        (f"{UI}/", "collections", LINK),
        (f"{UI}/ui", None, f"{UI}/ui/namespaces/default/workflows/"),
        (f"{UI}/namespaces/team.a1b2c", "other", f"{UI}/namespaces/team.a1b2c/workflows/"),
        (UI, "a b/c", f"{UI}/namespaces/a%20b%2Fc/workflows/"),
        ("", "collections", None),
        ("temporal.example", "collections", None),
        ("javascript:alert(1)", "collections", None),
        (f"{UI}?x=1", "collections", None),
    ],
)
def test_where_links_lead(address: str, namespace: str | None, leads_to: str | None) -> None:
    environ = {links.VARIABLE: address}
    links.begin(environ if namespace is None else environ | {"TEMPORAL_NAMESPACE": namespace})
    try:
        link = links.to(ACCOUNT)
    finally:
        links.begin({})
    assert link == leads_to or (leads_to is not None and str(link).startswith(leads_to))


@pytest.mark.usefixtures("linking")
def test_an_id_of_any_letters_stays_one_part_of_the_address() -> None:
    link = links.to("bank/A 1/é?#")
    assert link == f"{UI}/namespaces/collections/workflows/account%2Fbank%2FA%201%2F%C3%A9%3F%23"


@pytest.mark.parametrize(
    ("row", "link"),
    [
        ({"account": ACCOUNT}, LINK),
        ({"creditor": "banco-andino", "account_id": "A-1001"}, LINK),
        ({"account": ACCOUNT, "temporal_ui": "mine"}, "mine"),
        ({"accounts": (ACCOUNT,), "reason": "dispute"}, [LINK]),
        ({"account": "A-1001"}, None),
        ({"account": None, "accounts": []}, None),
        ({"accounts": 3}, None),
    ],
)
@pytest.mark.usefixtures("linking")
def test_a_line_of_json_that_names_accounts_has_their_links(
    row: dict[str, object], link: object
) -> None:
    assert json.loads(line(row)).get("temporal_ui") == link


def test_without_an_address_nothing_is_added() -> None:
    links.begin({})
    links.note(ACCOUNT)
    assert json.loads(line({"account": ACCOUNT})) == {"account": ACCOUNT}
    assert list(links.named_in(f"{ACCOUNT} stands still")) == []
    assert account_shown(ACCOUNT) == ACCOUNT


def record(message: str, **extra: object) -> logging.LogRecord:
    made = logging.LogRecord("x", logging.WARNING, "x.py", 1, message, (), None)
    made.__dict__.update(extra)
    return made


@pytest.mark.usefixtures("linking")
def test_a_log_about_an_account_has_its_link() -> None:
    by_field = record("it fails", account=ACCOUNT)
    of_temporal = record("x", temporal_workflow={"workflow_id": f"account/{ACCOUNT}"})
    for one in (by_field, of_temporal):
        assert json.loads(JsonLines().format(one))["temporal_ui"] == LINK
        assert LINK in WithoutWords("%(message)s").format(one)
    assert "temporal_ui" not in json.loads(JsonLines().format(record("nobody")))
    by_words = record(f"the workflows hear later of {ACCOUNT}")
    assert "temporal_ui" not in json.loads(JsonLines().format(by_words)), "nobody dealt with it"
    links.note(ACCOUNT)
    assert json.loads(JsonLines().format(by_words))["temporal_ui"] == LINK


@pytest.mark.usefixtures("linking")
def test_an_error_about_an_account_ends_with_its_link(monkeypatch: pytest.MonkeyPatch) -> None:
    told = Console(record=True, width=60)
    monkeypatch.setattr(shell, "console", told)
    links.note(ACCOUNT)
    shell.tell(ValueError(f"account {ACCOUNT} has no running workflow"))
    assert f"{ACCOUNT}: {LINK}" in told.export_text().replace("\n", "")
    shell.tell(ValueError("docs/guide/runbook.md is no account"))
    assert "namespaces" not in told.export_text()


@pytest.mark.usefixtures("linking")
def test_on_a_terminal_an_account_in_a_table_can_be_clicked() -> None:
    console = Console(force_terminal=True, width=80, record=True)
    console.print(account_shown(ACCOUNT))
    assert LINK in console.export_text(styles=True)
    assert account_shown("bank/A[1]") != "bank/A[1]", "brackets are no markup"


def test_no_more_accounts_are_remembered_than_messages_are_searched_for() -> None:
    links.begin({links.VARIABLE: UI})
    try:
        for number in range(1000):
            links.note(f"bank/A{number}")
        assert len(list(links.named_in(" ".join(f"bank/A{n}" for n in range(1000))))) < 100
    finally:
        links.begin({})
