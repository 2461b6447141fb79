"""What is told to look at: hardly ever where nothing differs, hardly ever missed where it does."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.report.findings import (
    FALSE_ALARMS,
    Finding,
    FindingKind,
    Late,
    Material,
    Trial,
    findings,
)
from domain.report.statistics import Share

ENDS = datetime(2026, 11, 11, tzinfo=UTC)
PLACES = ("sms/twilio", "sms/infobip", "email/sendgrid", "whatsapp/twilio", "voice/twilio")
CHANNELS = ("sms", "email", "whatsapp", "voice")
PURPOSES = ("reminder", "second_notice", "final_notice", "help_to_pay")


def drawn(chance: random.Random, size: int, rate: float) -> Share:
    """So many of ``size``, each with ``rate``."""
    if size * rate > 60:
        spread = (size * rate * (1 - rate)) ** 0.5
        return Share(min(size, max(0, round(chance.gauss(size * rate, spread)))), size)
    # The gaps between successes: as many draws as there are successes.
    part, place = 0, 0
    while (place := place + 1 + int(chance.expovariate(rate))) <= size:
        part += 1
    return Share(part, size)


def nothing_differs(seed: int) -> Material:
    """A report of a house in which the period is like the one before, and all templates alike."""
    chance = random.Random(seed)

    def pair(rate: float) -> tuple[Share, Share]:
        sizes = chance.choices([220, 1_000, 6_000], k=2)
        return drawn(chance, sizes[0], rate), drawn(chance, sizes[1], rate)

    return Material(
        ends=ENDS,
        delivery={place: pair(0.93) for place in PLACES},
        unknown={place: pair(0.004) for place in PLACES},
        opt_outs={channel: pair(0.006) for channel in CHANNELS},
        templates={
            (purpose, channel, language): drawn(chance, chance.choice([300, 3_000]), 0.005)
            for purpose in PURPOSES
            for channel in CHANNELS
            for language in ("es", "pt")
        },
        complaints=pair(0.001),
        kept=pair(0.6),
        right_party=pair(0.15),
        cures={name: drawn(chance, chance.choice([250, 1_500]), 0.1) for name in "abcd"},
        contacts=dict.fromkeys(CHANNELS, (500, 500)),
    )


def test_at_most_one_report_in_twenty_raises_a_false_alarm() -> None:
    reports = 600
    alarms = sum(bool(findings(nothing_differs(seed))) for seed in range(reports))
    assert alarms / reports <= 0.05
    assert FALSE_ALARMS <= 0.05


def _delivery(material: Material, chance: random.Random) -> Material:
    fallen = (drawn(chance, 2_000, 0.86), drawn(chance, 2_000, 0.93))
    return replace(material, delivery={**material.delivery, "sms/twilio": fallen})


def _template(material: Material, chance: random.Random) -> Material:
    loud = {("reminder", "sms", "es"): drawn(chance, 3_000, 0.02)}
    return replace(material, templates={**material.templates, **loud})


def _unknown(material: Material, chance: random.Random) -> Material:
    rising = (drawn(chance, 3_000, 0.02), drawn(chance, 3_000, 0.004))
    return replace(material, unknown={**material.unknown, "sms/infobip": rising})


def _strategy(material: Material, chance: random.Random) -> Material:
    return replace(material, cures={**material.cures, "idle": drawn(chance, 1_500, 0.02)})


def _kept(material: Material, chance: random.Random) -> Material:
    return replace(material, kept=(drawn(chance, 800, 0.45), drawn(chance, 800, 0.62)))


def _opt_outs(material: Material, chance: random.Random) -> Material:
    more = (drawn(chance, 6_000, 0.015), drawn(chance, 6_000, 0.006))
    return replace(material, opt_outs={**material.opt_outs, "email": more})


def _calls(material: Material, chance: random.Random) -> Material:
    fewer = (drawn(chance, 2_000, 0.07), drawn(chance, 2_000, 0.15))
    return replace(material, right_party=fewer)


def _complaints(material: Material, chance: random.Random) -> Material:
    more = (drawn(chance, 6_000, 0.006), drawn(chance, 6_000, 0.001))
    return replace(material, complaints=more)


@pytest.mark.parametrize(
    ("kind", "subject", "made"),
    [
        (FindingKind.DELIVERY_FELL, "sms/twilio", _delivery),
        (FindingKind.TEMPLATE_OPT_OUTS, "reminder/sms/es", _template),
        (FindingKind.UNKNOWN_ROSE, "sms/infobip", _unknown),
        (FindingKind.FEW_CURES, "idle", _strategy),
        (FindingKind.KEPT_FELL, "promises", _kept),
        (FindingKind.OPT_OUTS_ROSE, "email", _opt_outs),
        (FindingKind.RIGHT_PARTY_FELL, "calls", _calls),
        (FindingKind.COMPLAINTS_ROSE, "email", _complaints),
    ],
)
def test_a_difference_that_matters_is_found(
    kind: FindingKind, subject: str, made: Callable[[Material, random.Random], Material]
) -> None:
    found = 0
    for seed in range(40):
        told = findings(made(nothing_differs(seed), random.Random(1_000 + seed)))
        found += (kind, subject) in {(one.kind, one.subject) for one in told}
    assert found >= 36, f"{found} of 40"


def only(material: Material) -> Finding:
    (finding,) = findings(material)
    return finding


def test_a_finding_says_figures_reason_and_what_to_do() -> None:
    pair = (Share(1_720, 2_000), Share(1_860, 2_000))
    codes = {"sms/twilio": [("30003", 20, 18), ("30007", 210, 12)]}
    finding = only(Material(ends=ENDS, delivery={"sms/twilio": pair}, codes=codes))
    assert finding.what == (
        "sms/twilio: delivery fell to 86.0 % (1,720 of 2,000), from 93.0 % (1,860 of 2,000) in the "
        "period before."
    )
    assert finding.why.startswith("7.0 points less, and by all but chance at least ")
    assert "30007: 210 times, 12 before." in finding.why
    assert finding.todo
    assert finding.figures["points"] == pytest.approx(0.07)
    assert 0.04 < finding.figures["at_least"] < 0.07


@pytest.mark.parametrize(
    "pair",
    [
        (Share(86, 100), Share(1_900, 2_000)),  # too few to say anything
        (Share(9_100, 10_000), Share(9_300, 10_000)),  # sure, and not worth a look
        (Share(200, 220), Share(209, 220)),  # may be chance
    ],
)
def test_what_is_little_or_may_be_chance_is_not_told(pair: tuple[Share, Share]) -> None:
    assert findings(Material(ends=ENDS, delivery={"sms/twilio": pair})) == []


def test_a_channel_that_stopped_is_told() -> None:
    finding = only(Material(ends=ENDS, contacts={"sms": (0, 100), "email": (0, 99), "x": (5, 900)}))
    assert (finding.kind, finding.subject) == (FindingKind.CHANNEL_SILENT, "sms")


def test_work_that_waits_is_told_by_how_urgent_it_is() -> None:
    day = timedelta(days=1)
    late = [
        Late("dispute", 2, 4, 1, ENDS - day),
        Late("stop", 2, 4, 1, ENDS - day / 2),
        Late("unclear", 4, 40, 9, ENDS - 9 * day),
        Late("balance", 4, 40, 10, ENDS - day / 2),
    ]
    told = findings(Material(ends=ENDS, late=late))
    assert [one.subject for one in told] == ["balance", "dispute"]


def test_what_weighs_most_comes_first() -> None:
    material = Material(
        ends=ENDS,
        contacts={"sms": (0, 100)},
        late=[Late("dispute", 2, 1, 1, ENDS - timedelta(days=2))],
        trials=[
            Trial("closed", "tone:warm", "More people stopped than was allowed for."),
            Trial("decided", "hours", "The later hour is better."),
            Trial("mismatch", "hours", "300 people are in none."),
        ],
    )
    assert [one.kind for one in findings(material)] == [
        FindingKind.ARM_CLOSED,
        FindingKind.ARMS_MISMATCH,
        FindingKind.CHANNEL_SILENT,
        FindingKind.WORK_WAITS,
        FindingKind.EXPERIMENT_DECIDED,
    ]
