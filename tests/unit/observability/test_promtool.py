"""Each alert, on Prometheus's own engine: it is quiet, comes after its time, and goes again.

Runs where promtool is at hand; `make alerts` fetches it.
"""

import re
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from tests.unit.observability.support import PROMETHEUS, RULE_FILES, alerts, promtool, rules

PROMTOOL = promtool()
pytestmark = pytest.mark.skipif(PROMTOOL is None, reason="promtool is not here: `make promtool`")

QUIET, AFTER = 60, 45
"""Minutes before the trouble, and after which it must be over."""
DAY = 86_400
LONG = 10


class Gauge(NamedTuple):
    """A series that is at one value while all is well, at another in trouble; None: not there."""

    name: str
    well: float | None
    ill: float | None

    def values(self, minutes: Sequence[bool]) -> list[float | None]:
        return [self.ill if ill else self.well for ill in minutes]


class Counter(NamedTuple):
    """A series that grows by so much a minute while all is well, and in trouble."""

    name: str
    well: float
    ill: float

    def values(self, minutes: Sequence[bool]) -> list[float | None]:
        found, sum_ = list[float | None](), 0.0
        for ill in minutes:
            sum_ += self.ill if ill else self.well
            found.append(sum_)
        return found


class Case(NamedTuple):
    """The trouble that one alert is for."""

    series: tuple[Gauge | Counter, ...]
    hold: int
    """Minutes for which it has to last before anybody is told."""
    severity: str = "page"
    over: int = AFTER
    """Minutes after which nobody is told any more."""
    slow: int = 0
    """Minutes more that a window needs until it shows it."""

    @property
    def step(self) -> int:
        """Minutes between two looks: what takes days is looked at now and then."""
        return LONG if self.hold + self.slow > 600 else 1


def gauge(name: str, well: float | None = 0, ill: float | None = 1) -> tuple[Gauge]:
    return (Gauge(name, well, ill),)


def objective(histogram: str, limit: str, ill: float = 10) -> tuple[Counter, ...]:
    """In trouble some of 100 a minute are too slow."""
    return (
        Counter(f"{histogram}_count", 100, 100),
        Counter(f'{histogram}_bucket{{le="{limit}"}}', 100, 100 - ill),
    )


DELAY = "contrapunto_contact_delay_seconds"
HEARD = "contrapunto_webhook_heard_seconds"
STOP = "contrapunto_stop_effect_seconds"


def contacts(outcome: str) -> str:
    return f'contrapunto_contacts_total{{channel="sms",provider="twilio",outcome="{outcome}"}}'


def requests(status: str) -> str:
    return f'contrapunto_gateway_requests_total{{webhook="twilio_inbound",status="{status}"}}'


QUEUE = '{queue="collections-sms",kind="activity"}'
BUILD = 'contrapunto_build_info{version="0.2.0",schema="0044"'
CASES: dict[str, list[Case]] = {
    "ContrapuntoHalted": [Case(gauge("contrapunto_contacts_halted"), 0)],
    "ContrapuntoStopsNotStored": [
        Case(gauge('contrapunto_unheard_oldest_seconds{kind="kept"}', 59, 61), 1)
    ],
    "ContrapuntoUnread": [Case(gauge('contrapunto_unheard{kind="unread"}'), 5, "ticket")],
    "ContrapuntoWorkflowsNotTold": [
        Case(gauge(f'contrapunto_unheard_oldest_seconds{{kind="{kind}"}}', 299, 301), 5)
        for kind in ("event", "person")
    ],
    "ContrapuntoUnknownOutcomes": [
        Case(gauge('contrapunto_attempts_unsettled{channel="sms",provider="x"}'), 15, "ticket")
    ],
    "ContrapuntoCrisis": [
        Case(gauge('contrapunto_work{reason="crisis",late="false"}', None, 1), 0)
    ],
    "ContrapuntoAccountsOverdue": [Case(gauge("contrapunto_accounts_overdue"), 30)],
    "ContrapuntoAccountsFailing": [
        Case(
            gauge('contrapunto_accounts_failing{activity="contact",error="X"}', None, 1)
            + gauge('contrapunto_accounts_failing{activity="none",error="none"}', 0, None),
            10,
        )
    ],
    "ContrapuntoWorkflowsStuck": [Case(gauge("contrapunto_workflows_stuck"), 10)],
    "ContrapuntoNeedsAPerson": [
        Case(gauge('contrapunto_accounts{phase="x",wait="needs_a_person"}'), 30, "ticket")
    ],
    "ContrapuntoIncomplete": [
        Case(gauge('contrapunto_accounts{phase="x",wait="incomplete"}', None, 1), 1440, "ticket")
    ],
    "ContrapuntoWorkLate": [
        Case(gauge('contrapunto_work{reason="dispute",late="true"}', None, 1), 30, "ticket")
    ],
    "ContrapuntoNoWorker": [Case(gauge(f"{BUILD}}}", 1, None), 3)],
    "ContrapuntoProcessDown": [
        Case(gauge('up{job="contrapunto-worker",instance="a:9464"}', 1, 0), 3)
    ],
    "ContrapuntoNobodyPolls": [Case(gauge(f"contrapunto_queue_pollers{QUEUE}", 2, 0), 3)],
    "ContrapuntoQueueOld": [
        Case(gauge(f"contrapunto_queue_age_seconds{QUEUE}", 899, 901), 10, "ticket")
    ],
    "ContrapuntoWorkersSlow": [
        Case(
            (
                Counter(f'{name}{{le="1.0"}}', 100, 98),
                Counter(f'{name}{{le="1.5"}}', 100, 100),
                Counter(f'{name}{{le="+Inf"}}', 100, 100),
            ),
            15,
            "ticket",
            slow=10,
        )
        for name in ("temporal_workflow_task_schedule_to_start_latency_seconds_bucket",)
    ],
    "ContrapuntoVersionsDiffer": [
        Case(
            gauge(f"{BUILD}}}", 1, 1)
            + gauge('contrapunto_build_info{version="0.3.0",schema="0045"}', None, 1),
            1440,
            "ticket",
        )
    ],
    "ContrapuntoChannelDown": [
        Case(
            gauge('contrapunto_provider_health{channel="sms",provider="a"}', 1, 0)
            + gauge('contrapunto_provider_health{channel="sms",provider="b"}', 0.5, 0),
            5,
        )
    ],
    "ContrapuntoProviderDown": [
        Case(gauge('contrapunto_provider_health{channel="sms",provider="a"}', 1, 0), 15, "ticket")
    ],
    "ContrapuntoRefusals": [
        Case(
            (
                Counter(contacts("accepted"), 1, 0.75),
                Counter(contacts("refused"), 0, 0.25),
                Counter(contacts("unknown"), 0, 0),
            ),
            10,
            "ticket",
            slow=25,
        )
    ],
    "ContrapuntoSignaturesRefused": [
        Case((Counter(requests("204"), 5, 0), Counter(requests("403"), 0, 0.25)), 10, slow=35)
    ],
    "ContrapuntoGatewayErrors": [
        Case((Counter(requests("204"), 100, 90), Counter(requests("503"), 0, 10)), 5, slow=4)
    ],
    "ContrapuntoEndpointDisabled": [
        Case(gauge('contrapunto_webhooks_disabled{endpoint="core"}'), 0, "ticket")
    ],
    "ContrapuntoEndpointBehind": [
        Case(gauge('contrapunto_webhooks_behind_seconds{endpoint="core"}', 899, 901), 10, "ticket")
    ],
    "ContrapuntoEventsNotNumbered": [
        Case(gauge('contrapunto_webhooks_behind_seconds{endpoint=""}', 119, 121), 5)
    ],
    "ContrapuntoEventsGivenUp": [
        Case(gauge('contrapunto_webhooks_dead{endpoint="core"}'), 5, "ticket")
    ],
    "ContrapuntoIntakeWaiting": [Case(gauge("contrapunto_intake_waiting"), 30, "ticket")],
    "ContrapuntoIntakeLate": [
        Case(gauge("contrapunto_intake_age_seconds", 3.9 * DAY, 4.1 * DAY), 60, "ticket")
    ],
    "ContrapuntoLawOld": [
        Case(gauge('contrapunto_data_age_seconds{data="law"}', 182 * DAY, 184 * DAY), 60, "ticket")
    ],
    "ContrapuntoZonesOld": [
        Case(
            gauge('contrapunto_data_age_seconds{data="zones"}', 547 * DAY, 549 * DAY), 60, "ticket"
        )
    ],
    "ContrapuntoContactOnTimeBudget": [
        Case(objective(DELAY, "900.0", 90), 2, over=100, slow=30),
        Case(objective(DELAY, "900", 90), 2, over=100, slow=30),
        Case(objective(DELAY, "900.0", 4), 15, "ticket", over=7 * 60, slow=24 * 60),
    ],
    "ContrapuntoWebhookToWorkflowBudget": [
        Case(objective(HEARD, "10.0"), 2, over=100, slow=30),
        Case(objective(HEARD, "10.0", 0.4), 15, "ticket", over=7 * 60, slow=24 * 60),
    ],
    "ContrapuntoStopToSilenceBudget": [
        Case(objective(STOP, "5.0"), 2, over=100, slow=30),
        Case(objective(STOP, "5.0", 0.4), 15, "ticket", over=7 * 60, slow=24 * 60),
    ],
    "ContrapuntoOutcomeKnownBudget": [
        Case(
            (Counter(contacts("accepted"), 100, 90), Counter(contacts("unknown"), 0, 10)),
            2,
            over=100,
            slow=30,
        ),
        Case(
            (Counter(contacts("accepted"), 100, 99.6), Counter(contacts("unknown"), 0, 0.4)),
            15,
            "ticket",
            over=7 * 60,
            slow=24 * 60,
        ),
    ],
}


def test_every_alert_has_a_case_of_each_severity() -> None:
    told = {(rule["alert"], rule["labels"]["severity"]) for rule in alerts()}
    assert {(name, case.severity) for name, cases in CASES.items() for case in cases} == told


def ran(
    folder: Path, tests: list[dict[str, Any]], step: int = 1, files: Sequence[Path] = RULE_FILES
) -> subprocess.CompletedProcess[str]:
    """What promtool says of these."""
    file = folder / f"tests{step}.yaml"
    told = {"rule_files": [str(one) for one in files], "tests": tests}
    file.write_text(yaml.safe_dump(told | {"evaluation_interval": f"{step}m"}), "utf-8")
    words = [str(PROMTOOL), "test", "rules", str(file)]
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=110)


def listed(values: Iterable[float | None]) -> str:
    """As promtool reads them; what is there no more is told so, as by a scrape that fails."""
    told: list[str] = []
    for at in values:
        gone = "stale" if told and told[-1] not in ("_", "stale") else "_"
        told.append(gone if at is None else f"{at:g}")
    return " ".join(told)


def firing(name: str, severity: str, minute: int, *, fires: bool) -> dict[str, Any]:
    labels = f'alertname="{name}",alertstate="firing",severity="{severity}"'
    samples = [{"labels": "{}", "value": 1}] if fires else []
    expr = f"group(ALERTS{{{labels}}})"
    return {"expr": expr, "eval_time": f"{minute}m", "exp_samples": samples}


def asked_of(name: str, case: Case) -> dict[str, Any]:
    """It is well for an hour, then ill for as long as it takes, then well again."""
    step = case.step
    quiet, over = QUIET // step, case.over // step
    ill = (case.hold + case.slow) // step + 5
    minutes = [False] * quiet + [True] * ill + [False] * (over + 5)
    series = [{"series": one.name, "values": listed(one.values(minutes))} for one in case.series]
    moments = [(quiet - 1, False), (quiet + ill - 2, True), (quiet + ill + over, False)]
    if case.hold >= step:
        moments.append((quiet + case.hold // step - 1, False))
    asked = [firing(name, case.severity, at * step, fires=fires) for at, fires in moments]
    return {"interval": f"{step}m", "input_series": series, "promql_expr_test": asked}


@pytest.mark.parametrize("name", CASES)
def test_an_alert_is_quiet_comes_after_its_time_and_goes(name: str, tmp_path: Path) -> None:
    files = [one for one in RULE_FILES if any(rule.get("alert") == name for rule in rules(one))]
    for step in (1, LONG):
        tests = [asked_of(name, case) for case in CASES[name] if case.step == step]
        if tests:
            done = ran(tmp_path, tests, step, files)
            assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def test_where_all_is_well_nobody_is_told_anything(tmp_path: Path) -> None:
    """The good values of every case at once."""
    minutes = [False] * 60 * 3
    # Some are there only in trouble; one name may be in several cases.
    found: dict[str, list[float | None]] = {}
    for cases in CASES.values():
        for case in cases:
            for one in case.series:
                found.setdefault(one.name, one.values(minutes))
    series = [{"series": name, "values": listed(values)} for name, values in found.items()]
    nobody = [
        {"expr": "count(ALERTS) by (alertname)", "eval_time": f"{hour}h", "exp_samples": []}
        for hour in (1, 2, 3)
    ]
    told = {"interval": "1m", "input_series": series, "promql_expr_test": nobody}
    done = ran(tmp_path, [told])
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


@pytest.mark.parametrize(
    ("name", "severity", "series"),
    [
        (
            "Refusals",
            "ticket",
            {contacts("accepted"): "0+0.4x60", contacts("refused"): "0+0.13x60"},
        ),
        ("Refusals", "ticket", {contacts("accepted"): "0+9x60", contacts("refused"): "0+1x60"}),
        ("SignaturesRefused", "page", {requests("403"): "0+0.13x60"}),
        ("SignaturesRefused", "page", {requests("403"): "0+5x60", requests("204"): "0+0.05x60"}),
        ("GatewayErrors", "page", {requests("503"): "0+4x60", requests("204"): "0+96x60"}),
    ],
)
def test_a_little_of_it_is_no_reason(
    name: str, severity: str, series: dict[str, str], tmp_path: Path
) -> None:
    given = [{"series": one, "values": values} for one, values in series.items()]
    asked = [firing(f"Contrapunto{name}", severity, at, fires=False) for at in (35, 45, 59)]
    told = {"interval": "1m", "input_series": given, "promql_expr_test": asked}
    done = ran(tmp_path, [told], files=RULE_FILES[:1])
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def test_one_late_contact_in_a_quiet_night_wakes_nobody(tmp_path: Path) -> None:
    """One of two, where three must have gone wrong."""
    one = " ".join(["0"] * 30 + ["1"] * 30)
    two = " ".join(["0"] * 30 + ["2"] * 30)
    series = [
        {"series": f"{DELAY}_count", "values": two},
        {"series": f'{DELAY}_bucket{{le="900.0"}}', "values": one},
    ]
    name = "ContrapuntoContactOnTimeBudget"
    asked = [firing(name, "page", at, fires=False) for at in (32, 34, 40, 59)]
    burning = {
        "expr": 'contrapunto:slo_error:ratio1h{slo="contact_on_time"} > 0.144',
        "eval_time": "40m",
        "exp_samples": [
            {"labels": 'contrapunto:slo_error:ratio1h{slo="contact_on_time"}', "value": 0.5}
        ],
    }
    told = {"interval": "1m", "input_series": series, "promql_expr_test": [*asked, burning]}
    done = ran(tmp_path, [told])
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def test_an_alert_leads_to_the_runbook_and_to_the_accounts_in_the_ui(tmp_path: Path) -> None:
    told = {
        "interval": "1m",
        "external_labels": {
            "temporal_ui": "https://temporal.example",
            "temporal_namespace": "collections",
            "contrapunto_docs": "https://docs.example/",
        },
        "input_series": [{"series": "contrapunto_contacts_halted", "values": "1x5"}],
        "alert_rule_test": [
            {
                "eval_time": "3m",
                "alertname": "ContrapuntoHalted",
                "exp_alerts": [
                    {
                        "exp_labels": {"severity": "page"},
                        "exp_annotations": {
                            "summary": "Nobody is contacted: PostgreSQL is older than Temporal "
                            "remembers",
                            "todo": "Find out from when the database is, then `contrapunto ledger "
                            "resume`.",
                            "runbook_url": "https://docs.example/guide/runbook.md"
                            "#contrapuntohalted",
                            "temporal_ui": "https://temporal.example/namespaces/collections/"
                            "workflows?query=Standing%3D%27halted%27%20AND%20"
                            "ExecutionStatus%3D%27Running%27",
                        },
                    }
                ],
            }
        ],
    }
    done = ran(tmp_path, [told])
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def test_the_rule_files_are_sound() -> None:
    words = [str(PROMTOOL), "check", "rules", *map(str, RULE_FILES)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr


def test_the_example_of_a_configuration_is_sound_and_has_what_links_are_made_of() -> None:
    example = PROMETHEUS / "prometheus.example.yaml"
    words = [str(PROMTOOL), "check", "config", str(example)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    labels = yaml.safe_load(example.read_text("utf-8"))["global"]["external_labels"]
    used = {
        name
        for rule in alerts()
        for text in rule["annotations"].values()
        for name in re.findall(r"\$externalLabels\.(\w+)", text)
    }
    assert set(labels) == used
