"""What stands on the dashboards: each panel with its question, its unit, what it is read by."""

from typing import Final, Literal, NamedTuple


class Panel(NamedTuple):
    """One picture."""

    title: str
    words: str
    """What it shows, and what to make of it."""
    unit: str
    """Grafana's id of the unit."""
    lines: tuple[tuple[str, str], ...]
    """Expression, and what a line of it is called."""
    kind: Literal["lines", "stat"] = "lines"
    bad: float | None = None
    """From here on it is shown in red."""


class Row(NamedTuple):
    """Panels side by side under a heading."""

    title: str
    panels: tuple[Panel, ...]


class Board(NamedTuple):
    """A dashboard."""

    name: str
    title: str
    words: str
    rows: tuple[Row, ...]


def _stat(title: str, words: str, expr: str, bad: float | None = 1, unit: str = "short") -> Panel:
    return Panel(title, words, unit, ((expr, ""),), "stat", bad)


def _quantiles(histogram: str, by: str = "") -> tuple[tuple[str, str], ...]:
    group = f"le, {by}" if by else "le"
    legend = f" {{{{{by}}}}}" if by else ""
    rate = f"sum by ({group}) (rate({histogram}_bucket[$__rate_interval]))"
    return tuple(
        (f"histogram_quantile({share}, {rate})", f"p{share * 100:g}{legend}")
        for share in (0.5, 0.95, 0.99)
    )


_RATE: Final = "$__rate_interval"

STANDING: Final = Row(
    "How it stands",
    (
        _stat(
            "Halted",
            "1: nobody is contacted, since the database is older than Temporal remembers.",
            "max(contrapunto_contacts_halted)",
        ),
        _stat(
            "Overdue",
            "Open accounts that should have moved on more than an hour ago. None is right.",
            "max(contrapunto_accounts_overdue)",
        ),
        _stat(
            "Failing",
            "Accounts that stand still since an activity fails again and again.",
            'sum(max by (activity, error) (contrapunto_accounts_failing{activity!="none"}))'
            " or vector(0)",
        ),
        _stat(
            "Stuck workflows",
            "Running workflows whose tasks fail again and again: a rollout that does not replay?",
            "max(contrapunto_workflows_stuck)",
        ),
        _stat(
            "Unknown",
            "Contacts of which nobody can say whether they were made: a person looks them up.",
            "sum(max by (channel, provider) (contrapunto_attempts_unsettled))",
        ),
        _stat(
            "Late work",
            "Items that a person should have looked at by now.",
            'sum(max by (reason) (contrapunto_work{late="true"})) or vector(0)',
        ),
    ),
)
ACCOUNTS: Final = Row(
    "Accounts",
    (
        Panel(
            "By phase",
            "Open accounts. A phase that only grows is not left: see what its accounts wait for.",
            "short",
            (("sum by (phase) (max by (phase, wait) (contrapunto_accounts))", "{{phase}}"),),
        ),
        Panel(
            "By what they wait for",
            "Open accounts by their next step, or by what keeps them silent. Many `incomplete` or"
            " `silenced` mean that something is missing from the files.",
            "short",
            (("sum by (wait) (max by (phase, wait) (contrapunto_accounts))", "{{wait}}"),),
        ),
        Panel(
            "Work for people",
            "What waits for a person, by reason. Crisis comes first.",
            "short",
            (("sum by (reason) (max by (reason, late) (contrapunto_work))", "{{reason}}"),),
        ),
    ),
)
CONTACTS: Final = Row(
    "Contacts",
    (
        Panel(
            "Contacts by channel",
            "What left, by channel. Nothing leaves outside of lawful hours: nights are flat.",
            "cps",
            (
                (
                    "sum by (channel) (rate(contrapunto_contacts_total"
                    f'{{outcome=~"accepted|refused|unknown"}}[{_RATE}]))',
                    "{{channel}}",
                ),
            ),
        ),
        Panel(
            "Outcomes",
            "Refused and unknown should be near nothing. Delivered comes later, by callback.",
            "cps",
            (
                (
                    f"sum by (outcome) (rate(contrapunto_contacts_total[{_RATE}]))",
                    "{{outcome}}",
                ),
            ),
        ),
        Panel(
            "How late contacts leave",
            "From when a contact was due until it left. After an opening hour it falls as the"
            " channels' rate limits let it.",
            "s",
            _quantiles("contrapunto_contact_delay_seconds"),
        ),
        Panel(
            "Refused, by provider",
            "The share that a provider refuses. A step up is a key, a sender or a template.",
            "percentunit",
            (
                (
                    'sum by (channel, provider) (rate(contrapunto_contacts_total{outcome="refused"}'
                    "[1h])) / sum by (channel, provider) (rate(contrapunto_contacts_total"
                    '{outcome=~"accepted|refused|unknown"}[1h]))',
                    "{{channel}} {{provider}}",
                ),
            ),
            bad=0.2,
        ),
        Panel(
            "Providers",
            "1: used like any other; 0.5: one send probes it; 0: left out.",
            "short",
            (
                (
                    "max by (channel, provider) (contrapunto_provider_health)",
                    "{{channel}} {{provider}}",
                ),
            ),
        ),
        Panel(
            "What the law forbids",
            "Denied by rule, as it is asked when contacts are planned and made. A rule that is new"
            " here, or much more frequent, is worth a look.",
            "short",
            (
                (
                    "topk(10, sum by (rule) (increase(contrapunto_verdicts_total"
                    '{verdict="denied"}[1h])))',
                    "{{rule}}",
                ),
            ),
        ),
        Panel(
            "Unknown outcomes",
            "Contacts of which nobody can say whether they were made, by provider.",
            "short",
            (
                (
                    "max by (channel, provider) (contrapunto_attempts_unsettled)",
                    "{{channel}} {{provider}}",
                ),
            ),
            bad=1,
        ),
    ),
)
INBOUND: Final = Row(
    "What comes in",
    (
        Panel(
            "Webhooks",
            "Requests to the gateway, by webhook or page.",
            "reqps",
            (
                (
                    f"sum by (webhook) (rate(contrapunto_gateway_requests_total[{_RATE}]))",
                    "{{webhook}}",
                ),
            ),
        ),
        Panel(
            "Answers of the gateway",
            "By status. 403: not signed by whom we know; 503: PostgreSQL or Temporal is away, and"
            " providers repeat.",
            "reqps",
            (
                (
                    f"sum by (status) (rate(contrapunto_gateway_requests_total[{_RATE}]))",
                    "{{status}}",
                ),
            ),
        ),
        Panel(
            "From webhook to workflow",
            "From when something came in until all workflows had heard of it.",
            "s",
            _quantiles("contrapunto_webhook_heard_seconds"),
        ),
        Panel(
            "From stop to silence",
            "From when a stop came in until nothing could be reserved against it.",
            "s",
            _quantiles("contrapunto_stop_effect_seconds"),
        ),
        Panel(
            "Not where it belongs",
            "Age of the oldest. kept: not stored yet; event: stored, workflows have not heard;"
            " unread: for a person; person: what people did, and workflows have not heard.",
            "s",
            (("max by (kind) (contrapunto_unheard_oldest_seconds)", "{{kind}}"),),
            bad=300,
        ),
        Panel(
            "Files taken in",
            "Accounts of files whose workflow has still to be started or told, and the hours since"
            " the last file.",
            "short",
            (
                ("max(contrapunto_intake_waiting)", "accounts waiting"),
                ("max(contrapunto_intake_age_seconds) / 3600", "hours since the last file"),
            ),
        ),
    ),
)
OUTGOING: Final = Row(
    "What goes out to upstream systems",
    (
        Panel(
            "Webhooks out",
            "Deliveries to each endpoint, and those that were in vain.",
            "cps",
            (
                (
                    f"sum by (endpoint, outcome) (rate(contrapunto_webhooks_total[{_RATE}]))",
                    "{{endpoint}} {{outcome}}",
                ),
            ),
        ),
        Panel(
            "Behind",
            "Age of the oldest event that an endpoint has still to be told; without a name: that"
            " no relay has numbered.",
            "s",
            (("max by (endpoint) (contrapunto_webhooks_behind_seconds)", "{{endpoint}}"),),
            bad=900,
        ),
        Panel(
            "Given up and disabled",
            "Events that an endpoint did not take in time, and endpoints that answered 410.",
            "short",
            (
                ("max by (endpoint) (contrapunto_webhooks_dead)", "{{endpoint}} given up"),
                ("max by (endpoint) (contrapunto_webhooks_disabled)", "{{endpoint}} disabled"),
            ),
            bad=1,
        ),
        Panel(
            "Waiting for a number",
            "Events that no relay has taken up. It should be near nothing.",
            "short",
            (("max(contrapunto_events_waiting)", "events"),),
        ),
    ),
)
QUEUES: Final = Row(
    "Task queues",
    (
        Panel(
            "Backlog",
            "Tasks that wait, about. A channel's queue fills when its hours open and drains at its"
            " rate limit.",
            "short",
            (("max by (queue, kind) (contrapunto_queue_backlog)", "{{queue}} {{kind}}"),),
        ),
        Panel(
            "Age of the oldest task",
            "How long the oldest task has been waiting, about.",
            "s",
            (("max by (queue, kind) (contrapunto_queue_age_seconds)", "{{queue}} {{kind}}"),),
            bad=900,
        ),
        Panel(
            "Workers",
            "Workers that have asked for work in the last two minutes. 0: nobody works there.",
            "short",
            (("max by (queue, kind) (contrapunto_queue_pollers)", "{{queue}} {{kind}}"),),
        ),
    ),
)
WORKERS: Final = Row(
    "Workers, by Temporal's own metrics",
    (
        Panel(
            "Workflow tasks wait for a worker",
            "Above 200 ms (p99) workers are too few or too slow.",
            "s",
            _quantiles("temporal_workflow_task_schedule_to_start_latency_seconds"),
            bad=1,
        ),
        Panel(
            "Activities wait for a worker",
            "Of a channel's queue it includes the rate limit.",
            "s",
            _quantiles("temporal_activity_schedule_to_start_latency_seconds", "task_queue"),
        ),
        Panel(
            "Free slots",
            "At 0 a worker takes nothing more.",
            "short",
            (
                (
                    "min by (task_queue, worker_type) (temporal_worker_task_slots_available)",
                    "{{task_queue}} {{worker_type}}",
                ),
            ),
        ),
        Panel(
            "Workflows in memory",
            "A workflow that was put out of it is replayed when it wakes.",
            "short",
            (("sum(temporal_sticky_cache_size)", "cached"),),
        ),
        Panel(
            "Requests to Temporal",
            "By operation, without long polls.",
            "reqps",
            (
                (
                    f"sum by (operation) (rate(temporal_request_total[{_RATE}]))",
                    "{{operation}}",
                ),
            ),
        ),
        Panel(
            "How long Temporal takes",
            "The slowest hundredth of requests, by operation.",
            "s",
            (
                (
                    "histogram_quantile(0.99, sum by (le, operation) "
                    f"(rate(temporal_request_latency_seconds_bucket[{_RATE}])))",
                    "{{operation}}",
                ),
            ),
        ),
    ),
)
PROCESSES: Final = Row(
    "Processes",
    (
        Panel(
            "Versions",
            "Workers by version and schema. More than one only while a rollout lasts.",
            "short",
            (
                (
                    "count by (version, schema, build) (contrapunto_build_info)",
                    "{{version}} {{build}}",
                ),
            ),
        ),
        Panel(
            "API",
            "Requests to the API by status.",
            "reqps",
            (
                (
                    f"sum by (status) (rate(contrapunto_api_requests_total[{_RATE}]))",
                    "{{status}}",
                ),
            ),
        ),
        Panel(
            "Age of law and time zones",
            "Days since the law was read, and since the release of the time-zone data.",
            "d",
            (("max by (data) (contrapunto_data_age_seconds) / 86400", "{{data}}"),),
        ),
    ),
)
OBJECTIVES: Final = Row(
    "Objectives",
    (
        Panel(
            "What is left of the budget",
            "Of what may go wrong in 30 days. At 0 it is used up; below, the objective is missed.",
            "percentunit",
            (("contrapunto:slo_budget:remaining30d", "{{slo}}"),),
        ),
        Panel(
            "What went wrong in an hour",
            "The share of the last hour, by objective.",
            "percentunit",
            (("contrapunto:slo_error:ratio1h", "{{slo}}"),),
        ),
        Panel(
            "What went wrong in a day",
            "How many of the last day, by objective.",
            "short",
            (("contrapunto:slo_bad:increase1d", "{{slo}}"),),
        ),
    ),
)
BOARDS: Final = (
    Board(
        "contrapunto-overview",
        "Contrapunto: at a glance",
        "Whether all is well. Each red figure has an alert and an entry in the runbook.",
        (STANDING, OBJECTIVES, ACCOUNTS),
    ),
    Board(
        "contrapunto-contacts",
        "Contrapunto: contacts",
        "What leaves, what becomes of it, and what the law forbids.",
        (CONTACTS,),
    ),
    Board(
        "contrapunto-messages",
        "Contrapunto: what comes in, what goes out",
        "Webhooks of providers, files, and what upstream systems are told.",
        (INBOUND, OUTGOING),
    ),
    Board(
        "contrapunto-processes",
        "Contrapunto: queues and processes",
        "Whether workers keep up. Temporal's server has dashboards of its own.",
        (QUEUES, WORKERS, PROCESSES),
    ),
)
