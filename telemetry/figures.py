"""Figures that somebody looks up now and then, and times that something took, for the metrics.

Every process that looks a figure up tells the same, so a reader takes the maximum of all, not the
sum. A figure that could not be looked up is not told at all: rather nothing than one of long ago.
Nothing personal may be a label: names of our own, codes and ids of configuration only.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias

from opentelemetry.metrics import CallbackOptions, Histogram, Meter, Observation

Labels: TypeAlias = Mapping[str, str]


class Seen(NamedTuple):
    """One value of a figure."""

    value: float
    labels: Labels = MappingProxyType({})


class Figure(NamedTuple):
    """What can be looked up."""

    name: str
    unit: str
    words: str
    labels: tuple[str, ...] = ()


class Duration(NamedTuple):
    """What takes a time that matters."""

    name: str
    words: str
    bounds: tuple[float, ...]
    """Seconds; the one that an objective names must be among them (docs/guide/alerts.md)."""
    labels: tuple[str, ...] = ()


BUILD: Final = Figure(
    "contrapunto.build.info",
    "",
    "1: this process, by version, newest schema that it knows, and build id where versions are on",
    ("version", "schema", "build"),
)
HALTED: Final = Figure(
    "contrapunto.contacts.halted",
    "",
    "1: nobody is contacted, since the database is older than Temporal remembers; else 0",
)
OVERDUE: Final = Figure(
    "contrapunto.accounts.overdue",
    "{account}",
    "Open accounts whose time came more than an hour ago",
)
UNSETTLED: Final = Figure(
    "contrapunto.attempts.unsettled",
    "{attempt}",
    "Contacts of which nobody can say whether they were made; a person has to look",
    ("channel", "provider"),
)
UNHEARD: Final = Figure(
    "contrapunto.unheard",
    "{event}",
    "What came in and has not got where it belongs: kept (not stored yet), event (stored, workflows"
    " not told), unread (for a person), person (what people did, workflows not told)",
    ("kind",),
)
UNHEARD_OLDEST: Final = Figure(
    "contrapunto.unheard.oldest",
    "s",
    "Age of the oldest of each kind of what has not got where it belongs; 0 where there is none",
    ("kind",),
)
INTAKE_AGE: Final = Figure(
    "contrapunto.intake.age", "s", "Since the last file was taken in; none before the first one"
)
INTAKE_WAITING: Final = Figure(
    "contrapunto.intake.waiting",
    "{account}",
    "Accounts of files taken in whose workflow has still to be started or told",
)
DATA_AGE: Final = Figure(
    "contrapunto.data.age",
    "s",
    "Age of what this process decides by: law (since it was last read), zones (since the release"
    " of the time-zone data)",
    ("data",),
)
BACKLOG: Final = Figure(
    "contrapunto.queue.backlog",
    "{task}",
    "Tasks that wait in a task queue of Temporal, about",
    ("queue", "kind"),
)
BACKLOG_AGE: Final = Figure(
    "contrapunto.queue.age",
    "s",
    "Age of the oldest task that waits in a task queue of Temporal, about",
    ("queue", "kind"),
)
POLLERS: Final = Figure(
    "contrapunto.queue.pollers",
    "{poller}",
    "Workers that have asked a task queue of Temporal for work in the last two minutes",
    ("queue", "kind"),
)
STUCK: Final = Figure(
    "contrapunto.workflows.stuck",
    "{workflow}",
    "Running workflows whose tasks fail again and again, by what Temporal reports",
)
DISABLED: Final = Figure(
    "contrapunto.webhooks.disabled",
    "",
    "1: the endpoint answered 410 and is told nothing any more; else 0",
    ("endpoint",),
)
FIGURES: Final = (
    *(BUILD, HALTED, OVERDUE, UNSETTLED, UNHEARD, UNHEARD_OLDEST, INTAKE_AGE, INTAKE_WAITING),
    *(DATA_AGE, BACKLOG, BACKLOG_AGE, POLLERS, STUCK, DISABLED),
)

CONTACT_DELAY: Final = Duration(
    "contrapunto.contact.delay",
    "From when a contact was due until it left, or until it was planned anew instead",
    (1, 5, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400),
    ("channel",),
)
WEBHOOK_HEARD: Final = Duration(
    "contrapunto.webhook.heard",
    "From when something came in until all workflows had heard of it",
    (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200),
    ("provider",),
)
STOP_EFFECT: Final = Duration(
    "contrapunto.stop.effect",
    "From when a stop came in until no contact could be reserved against it",
    (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 7200),
    ("provider",),
)
DURATIONS: Final = (CONTACT_DELAY, WEBHOOK_HEARD, STOP_EFFECT)

_shown: Final[dict[str, Sequence[Seen]]] = {}
_histograms: Final[dict[str, Histogram]] = {}


def measure(meter: Meter) -> None:
    """Have all of them counted by this meter."""
    for figure in FIGURES:
        meter.create_observable_gauge(figure.name, [_of(figure)], figure.unit, figure.words)
    for one in DURATIONS:
        _histograms[one.name] = meter.create_histogram(
            one.name, "s", one.words, explicit_bucket_boundaries_advisory=one.bounds
        )


def forget() -> None:
    """Nothing is counted any more, and nothing is known."""
    _shown.clear()
    _histograms.clear()


def show(figure: Figure, *seen: Seen) -> None:
    """What was looked up, until told anew."""
    _shown[figure.name] = seen


def hide(*figures: Figure) -> None:
    """Nobody knows now."""
    for one in figures:
        _shown.pop(one.name, None)


def took(duration: Duration, seconds: float, **labels: str) -> None:
    """Something took so long; clocks that disagree never make it less than nothing."""
    if (histogram := _histograms.get(duration.name)) is not None:
        histogram.record(max(seconds, 0.0), labels)


def _of(figure: Figure) -> Callable[[CallbackOptions], Iterable[Observation]]:
    def look(_: CallbackOptions) -> Iterable[Observation]:
        return [Observation(one.value, one.labels) for one in _shown.get(figure.name, ())]

    return look
