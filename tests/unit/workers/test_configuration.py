"""Everything that is wrong with a configuration is told in one run, and what to do about it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from config.checks import misspelt, pay_address, public_address, unnamed, unread_languages
from config.settings import ROOT, Settings, load
from config.strategy_files import load_strategies
from domain.failures import Fault, Misconfigured
from workers.configuration import of_everything, of_gateway, of_worker
from workers.connection import temporal_client

GOOD = {
    "CONTRAPUNTO_DATABASE_URL": "postgresql://x@127.0.0.1:1/y",
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "0" * 32,
    "TWILIO_FROM": "+15005550006",
}
TWO = [("strategies", "default.yaml", "max_failovers"), ("law", "co.yaml", '"19:00"')]


def check(*words: str, **variables: str) -> tuple[int, str, dict[str, Any]]:
    """The command as a process: its status, what it said, and the report."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-m", "workers", "config", "check", *words],
        cwd=ROOT,
        env={**kept, "COLUMNS": "400", **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr, json.loads(done.stdout) if "--json" in words else {}


def test_a_good_configuration_says_which_channels_there_are() -> None:
    status, said, _ = check(**GOOD)
    assert status == 0
    assert "error" not in said
    assert said.endswith("nothing is wrong; channels: sms: twilio\n")


@pytest.mark.parametrize(
    ("query", "rule"),
    [
        ("sslmode=bogus", "asks for what cannot be"),
        ("sslmode=verify-full&sslrootcert=/nonexistent/ca.pem", "names a file in sslrootcert"),
    ],
)
def test_an_address_that_no_process_starts_with_is_a_fault(query: str, rule: str) -> None:
    url = f"postgresql://x@127.0.0.1:1/y?{query}"
    status, said, report = check("--json", **GOOD | {"CONTRAPUNTO_DATABASE_URL": url})
    assert status == 2, said
    [fault] = report["faults"]
    assert fault["where"] == "CONTRAPUNTO_DATABASE_URL"
    assert rule in fault["rule"]


def test_everything_is_told_in_one_run(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "config", tmp_path / "config")
    edited = tmp_path / "config"
    for folder, file, what in TWO:
        path = edited / folder / file
        path.write_text(path.read_text("utf-8").replace(what, '"25:00"'), "utf-8")
    (edited / "templates" / "pt" / "reminder.sms.j2").unlink()
    (edited / "templates" / "es" / "reminder.email.j2").write_text("{{ surprise }}", "utf-8")
    (edited / "templates" / "fr").mkdir()
    status, said, report = check(
        "--json",
        **GOOD
        | {
            "CONTRAPUNTO_STRATEGIES": str(edited / "strategies"),
            "CONTRAPUNTO_LAW": str(edited / "law"),
            "CONTRAPUNTO_TEMPLATES": str(edited / "templates"),
            "CONTRAPUNTO_PUBLIC_URL": "collections.example.com",
            "CONTRAPUNTO_READINGS": "no json",
            "CONTRAPUNTO_VOICE_RING": "3",
            "CONTRAPUNTO_ACTR": "first_party",
            "CONTRAPUNTO_PAYLOAD_KEYS": '{"a": "short"}',
            "TWILIO_ACCOUNT_SID": "ACx",
            "SENDGRID_API_KEY": "SG.x",
            "SENDGRID_PUBLIC_KEY": "none",
            "RESEND_WEBHOOK_SECRET": "whsec_%%",
            "CONTRAPUNTO_SENDGRID_INBOUND_PUBLIC_KEY": "none",
            "OTEL_TRACES_EXPORTER": "jaeger",
        },
    )
    assert status == 2, said
    faults = [Fault(**one) for one in report["faults"]]
    told = "\n".join(map(str, faults))
    for where in (
        *("default.yaml", "co.yaml: rule ", "pt/reminder.sms.j2", "es/reminder.email.j2"),
        *("CONTRAPUNTO_PUBLIC_URL has no scheme", "CONTRAPUNTO_READINGS must be JSON"),
        *("CONTRAPUNTO_VOICE_RING", "CONTRAPUNTO_PAYLOAD_KEYS: the key 'a'", "TWILIO_ACCOUNT_SID"),
        *("SENDGRID_FROM must be set too", "SENDGRID_PUBLIC_KEY is no", "RESEND_WEBHOOK_SECRET is"),
        *("OTEL_TRACES_EXPORTER", "CONTRAPUNTO_SENDGRID_INBOUND_PUBLIC_KEY is no"),
    ):
        assert where in told, told
    assert all(one.where and one.rule for one in faults)
    assert "short" not in told, "values are secrets"
    notes = "\n".join(str(Fault(**one)) for one in report["notes"])
    assert "CONTRAPUNTO_ACTR is no setting and does nothing; is CONTRAPUNTO_ACTOR meant?" in notes
    assert "templates/fr/ is never read" in notes
    assert "PostgreSQL" in notes, "it does not answer, and that is no fault of the configuration"


@pytest.mark.parametrize(
    ("name", "todo"),
    [
        ("CONTRAPUNTO_ACTR", "is CONTRAPUNTO_ACTOR meant?"),
        ("CONTRAPUNTO_TWILIO_AUTHTOKEN", "is CONTRAPUNTO_TWILIO_AUTH_TOKEN meant?"),
        ("contrapunto_pay_ulr", "is CONTRAPUNTO_PAY_URL meant?"),
        ("CONTRAPUNTO_COLOUR", "take it away"),
        ("TWILIO_AUTH_TOKN", "is TWILIO_AUTH_TOKEN meant?"),
        ("SENDGRID_APIKEY", "is SENDGRID_API_KEY meant?"),
        ("resend_form", "is RESEND_FROM meant?"),
    ],
)
def test_a_misspelt_setting_is_told_with_the_name_that_may_be_meant(name: str, todo: str) -> None:
    [note] = misspelt({name: "x", "PATH": "/bin"})
    assert (note.where, note.todo) == (name, todo)


def test_what_is_a_setting_is_not_told() -> None:
    known = {f"CONTRAPUNTO_{name.upper()}": "" for name in Settings.model_fields}
    assert not list(misspelt({**known, "CONTRAPUNTO_TRACEBACK": "1", "contrapunto_phone": "1"}))
    of_others = ("TWILIO_REGION", "TWILIO_AUTH_TOKEN", "TWILIO_AUTH_TOKEN_OLD", "SENDGRID_HOST")
    assert not list(misspelt(dict.fromkeys(of_others, "x")))


@pytest.mark.parametrize(
    ("folder", "todo"),
    [
        ("pt-BR", "move what is in it to pt/"),
        ("es_MX", "move what is in it to es/"),
        ("fr", "take it away"),
    ],
)
def test_a_folder_of_templates_that_is_never_read_is_told(
    tmp_path: Path, folder: str, todo: str
) -> None:
    for name in ("es", "en", "pt", folder):
        (tmp_path / name).mkdir()
    (tmp_path / "_email.html.j2").touch()
    [note] = unread_languages(tmp_path)
    assert note.where.endswith(f"/{folder}/")
    assert note.todo == todo


def test_no_shipped_folder_of_templates_goes_unread() -> None:
    assert not list(unread_languages(Settings().templates))


@pytest.mark.parametrize(
    ("url", "rule"),
    [
        ("collections.example.com", "has no scheme"),
        ("//collections.example.com", "has no scheme"),
        ("ftp://collections.example.com", "must be an http(s) address without a query"),
        ("https://", "must be an http(s) address without a query"),
        ("https://collections.example.com?a=b", "must be an http(s) address without a query"),
        ("https://[::1", "cannot be read"),
        ("gateway:8080", "has no scheme"),
        ("javascript:alert(1)", "must begin with https:// or http://"),
    ],
)
def test_a_public_address_that_no_provider_can_call_is_told(url: str, rule: str) -> None:
    [fault] = public_address(Settings(public_url=url))
    assert (fault.where, fault.rule) == ("CONTRAPUNTO_PUBLIC_URL", rule)


@pytest.mark.parametrize("url", ["https://collections.example.com", "http://127.0.0.1:8080/below/"])
def test_a_good_public_address_is_not_told(url: str) -> None:
    assert not list(public_address(Settings(public_url=url)))


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("pay.example.com/", "has no scheme; write https://pay.example.com/"),
        ("//pay.example.com/{reference}", "has no scheme; write https://pay.example.com"),
        ("https://pay.example.com/{ref}", "must have no braces but {reference}"),
        ("https://pay.example.com/{0}{reference", "must have no braces but {reference}"),
        ("https://pay.example.com/{{reference}}", "must have no braces but {reference}"),
        ("https:///{reference}", "has no host"),
        ("https://{reference}/", "has no host"),
        ("ftp://pay.example.com/", "must be one http(s) address without spaces or quotes"),
        ("https://pay.example.com/a b", "must be one http(s) address without spaces or quotes"),
        ("https://[::1", "cannot be read"),
        ("pay.example.com:8080/x", "has no scheme; write https://pay.example.com:8080/x"),
        *(
            (url, "PAY_URL must begin with https:// or http://")
            for url in (
                "javascript:alert(1)",
                " javascript:alert(1)",
                "JavaScript:alert(1)",
                "mailto:pay@example.com",
                "tel:5730",
                "data:text/html,x",
                "https:/pay.example.com",
            )
        ),
    ],
)
def test_an_address_at_which_nobody_could_pay_is_told(url: str, told: str) -> None:
    [fault] = pay_address(Settings(pay_url=url))
    assert fault.where == "CONTRAPUNTO_PAY_URL"
    assert told in str(fault)
    assert "begin with" not in told or not fault.todo, "there is nothing to put before it"


@pytest.mark.parametrize(
    "url", [None, "", "https://pay.example.com", "http://pay.example.com/p?r={reference}&x=1"]
)
def test_a_good_address_of_payments_is_not_told(url: str | None) -> None:
    assert not list(pay_address(Settings(pay_url=url)))


def test_a_worker_does_not_start_with_what_no_message_could_be_made_of() -> None:
    told = of_worker(Settings(pay_url="pay.example.com", fallback_locale="xx")).faults
    where = {fault.where for fault in told}
    assert {"CONTRAPUNTO_PAY_URL", "CONTRAPUNTO_FALLBACK_LOCALE"} <= where


def test_a_creditor_without_a_name_for_customers_is_told() -> None:
    settings = Settings(creditor_names={"andino": "Banco Andino", "azul": " "})
    assert [note.field for note in unnamed(settings, ["azul", "sol", "andino"])] == ["azul", "sol"]


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("CONTRAPUNTO_READINGS", "{'co.weekly': 'twice'}", "CONTRAPUNTO_READINGS must be JSON"),
        (
            "CONTRAPUNTO_READINGS",
            '{"co.weekly": "literal", "co.weekly": "rolling"}',
            "CONTRAPUNTO_READINGS must give each key once: one is given twice",
        ),
        ("CONTRAPUNTO_CREDITOR_NAMES", '{"a": "A", "a": "B"}', "_NAMES must give each key once"),
        ("CONTRAPUNTO_LEAST_AMOUNTS", '{"COP": 1, "COP": 2}', "_AMOUNTS must give each key once"),
        ("CONTRAPUNTO_PAYLOAD_KEYS", '{"a": "x", "a": "y"}', "_KEYS must give each key once"),
        ("CONTRAPUNTO_VOICE_RING", "61", "CONTRAPUNTO_VOICE_RING must be less than"),
        ("CONTRAPUNTO_RECONCILE_AFTER", "[120, -1]", "CONTRAPUNTO_RECONCILE_AFTER.1 must"),
        ("CONTRAPUNTO_RECONCILE_AFTER", "[]", "CONTRAPUNTO_RECONCILE_AFTER must have at least"),
        ("CONTRAPUNTO_RECONCILE_AFTER", "[900, 120]", "must ascend, but 120 comes after 900"),
        ("CONTRAPUNTO_RECONCILE_AFTER", "[1e300]", "CONTRAPUNTO_RECONCILE_AFTER.0 must"),
        ("CONTRAPUNTO_GATEWAY_PORT", "99999", "CONTRAPUNTO_GATEWAY_PORT must be less"),
        ("CONTRAPUNTO_GATEWAY_PORT", "-1", "CONTRAPUNTO_GATEWAY_PORT must be greater"),
        ("CONTRAPUNTO_WORKER_PROBE_PORT", "70000", "CONTRAPUNTO_WORKER_PROBE_PORT must"),
        ("CONTRAPUNTO_SANDBOX_PORT", "99999", "CONTRAPUNTO_SANDBOX_PORT must be less"),
        ("CONTRAPUNTO_CODEC_PORT", "0", "CONTRAPUNTO_CODEC_PORT must be greater"),
        ("CONTRAPUNTO_INTAKE_SKEW", "1e300", "CONTRAPUNTO_INTAKE_SKEW must be less"),
        ("CONTRAPUNTO_PROVIDER_TIMEOUT", "inf", "CONTRAPUNTO_PROVIDER_TIMEOUT must be"),
        ("CONTRAPUNTO_SMS_PER_SECOND", "inf", "CONTRAPUNTO_SMS_PER_SECOND must be"),
        ("CONTRAPUNTO_SENDGRID_WEBHOOK_MAX_AGE", "nan", "SENDGRID_WEBHOOK_MAX_AGE must"),
        ("CONTRAPUNTO_LEAST_AMOUNTS", '{"COP": "-5"}', "_AMOUNTS: COP: must not be negative"),
        ("CONTRAPUNTO_LEAST_AMOUNTS", '{"XXQ": "5"}', "_AMOUNTS: XXQ: is no currency of ISO 4217"),
        ("CONTRAPUNTO_LEAST_AMOUNTS", '{"COP": "NaN"}', "CONTRAPUNTO_LEAST_AMOUNTS"),
        ("CONTRAPUNTO_PHONE", "call me", "CONTRAPUNTO_PHONE must be a telephone number"),
        ("CONTRAPUNTO_VOICE_TRANSFER", "abc", "VOICE_TRANSFER must be a telephone number"),
    ],
)
def test_a_setting_that_breaks_its_rule_is_named_as_its_variable(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, told: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(Misconfigured) as wrong:
        load()
    assert told in str(wrong.value)


@pytest.mark.parametrize(
    "address",
    ["nonsense", "nonsense:", ":7233", "127.0.0.1:99999", "127.0.0.1:port", "a b:7233", "a:1/b"],
)
async def test_an_address_of_temporal_that_is_none_is_told(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    """By the check, and by whoever connects: it is no server that does not answer."""
    monkeypatch.setenv("TEMPORAL_ADDRESS", address)
    told = [str(one) for one in of_everything(Settings(), os.environ).faults]
    rule = "TEMPORAL_ADDRESS must be host:port, such as 127.0.0.1:7233"
    assert [one for one in told if one.startswith("TEMPORAL")] == [rule]
    with pytest.raises(Misconfigured, match=rule):
        await temporal_client()


@pytest.mark.parametrize(
    ("set_to", "told"),
    [
        (
            {"TEMPORAL_TLS_CLIENT_CERT_DATA": "x", "TEMPORAL_TLS_CLIENT_KEY_DATA": "x"},
            "PrivateKeyParseError",
        ),
        ({"TEMPORAL_TLS_CLIENT_CERT_DATA": "x"}, "Must have both client cert and private key"),
        ({"TEMPORAL_CONFIG_FILE": "/nowhere.toml"}, "TEMPORAL_CONFIG_FILE: there is no such file"),
    ],
    ids=str,
)
async def test_what_is_wrong_of_the_connection_itself_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, set_to: dict[str, str], told: str
) -> None:
    """No server could be asked, so that none is told to be down."""
    for name, value in {"TEMPORAL_ADDRESS": "127.0.0.1:1", **set_to}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Misconfigured, match=told):
        await temporal_client()


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1:7233", "[::1]:7233", "collections.a1b2c.tmprl.cloud:7233", "http://127.0.0.1:7233"],
)
def test_a_good_address_of_temporal_is_not_told(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", address)
    monkeypatch.setenv("TEMPORAL_TLS", "true")
    told = [str(one) for one in of_everything(Settings(), os.environ).faults]
    assert [one for one in told if one.startswith("TEMPORAL")] == []


def test_a_temporal_elsewhere_without_tls_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "temporal.example.com:7233")
    told = [str(one) for one in of_everything(Settings(), os.environ).faults]
    assert ["without TLS" in one for one in told if one.startswith("TEMPORAL")] == [True]


def test_a_gateway_is_told_of_all_that_is_wrong_before_it_asks_a_server() -> None:
    settings = Settings(
        public_url="collections.example.com",
        templates=Path("/nowhere"),
        sendgrid_public_key="no key",
        database_url=None,
    )
    told = " ".join(str(one) for one in of_gateway(settings).faults)
    for words in ("CONTRAPUNTO_DATABASE_URL", "has no scheme", "/nowhere", "SENDGRID_PUBLIC_KEY"):
        assert words in told
    nothing = Settings(public_url="https://a b/", database_url="postgresql://x@127.0.0.1:1/y")
    told = " ".join(str(one) for one in of_gateway(nothing).faults)
    assert "must be an http(s) address" in told
    assert "the gateway would refuse every webhook" in told


@pytest.mark.parametrize("text", ["[" * 5_000, "- " * 500_000, "[" * 300_000 + "]" * 300_000])
def test_files_nested_too_deeply_are_told_as_what_they_are(tmp_path: Path, text: str) -> None:
    (tmp_path / "default.yaml").write_text(text)
    with pytest.raises(Misconfigured, match="nested too deeply"):
        load_strategies(tmp_path)


@pytest.mark.parametrize(
    "secret", ["short", "with a blank in it", "a/slash/is/no/secret", "ñ" * 20]
)
def test_a_secret_that_cannot_stand_in_an_address_is_refused(
    monkeypatch: pytest.MonkeyPatch, secret: str
) -> None:
    monkeypatch.setenv("CONTRAPUNTO_SENDGRID_INBOUND_SECRET", secret)
    with pytest.raises(Misconfigured) as told:
        load()
    assert "CONTRAPUNTO_SENDGRID_INBOUND_SECRET must be 16 to 200 letters" in str(told.value)
    assert secret not in str(told.value)


@pytest.mark.parametrize(
    "address", ["nobody", "a@b", "Ana <ana@b.example>", "a@b.example, c@d.example"]
)
def test_answers_go_to_one_mailbox(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("CONTRAPUNTO_EMAIL_REPLY_TO", address)
    with pytest.raises(
        Misconfigured, match="CONTRAPUNTO_EMAIL_REPLY_TO must be one e-mail address"
    ):
        load()
