"""Small pictures as inline SVG: they need no script, and each says in words what it shows."""

from collections.abc import Sequence
from html import escape
from typing import Final

from domain.report.report import Trend

WIDTH: Final = 720
HEIGHT: Final = 120
_TOP: Final = 8
_BOTTOM: Final = 18


def trend(days: Sequence[Trend], title: str) -> str:
    """Contacts a day as bars, those that were delivered darker; the period before is paler."""
    if not any(one.contacts for one in days):
        return ""
    most = max(one.contacts for one in days)
    step = WIDTH / len(days)
    bars = []
    for place, one in enumerate(days):
        side = "now" if one.now else "before"
        told = f"{one.day}: {one.contacts:,} contacts, {one.delivered:,} delivered"
        bars.append(
            f'<g class="{side}"><title>{escape(told)}</title>'
            f"{_bar(place * step, step, one.contacts / most, 'made')}"
            f"{_bar(place * step, step, one.delivered / most, 'arrived')}</g>"
        )
    border = next((place for place, one in enumerate(days) if one.now), 0) * step
    marks = (
        f'<line x1="{border:.1f}" x2="{border:.1f}" y1="0" y2="{HEIGHT - _BOTTOM}"/>'
        f'<text x="4" y="{HEIGHT - 4}">{days[0].day}</text>'
        f'<text x="{border + 4:.1f}" y="{HEIGHT - 4}">{_first_now(days)}</text>'
        f'<text x="{WIDTH - 4}" y="{HEIGHT - 4}" text-anchor="end">{days[-1].day}</text>'
        f'<text x="4" y="{_TOP + 4}">{most:,}</text>'
    )
    return _svg(title, WIDTH, HEIGHT, "".join(bars) + marks, "trend")


def _first_now(days: Sequence[Trend]) -> str:
    return next((one.day.isoformat() for one in days if one.now), "")


def _bar(x: float, step: float, share: float, name: str) -> str:
    height = share * (HEIGHT - _TOP - _BOTTOM)
    y = HEIGHT - _BOTTOM - height
    width = max(step - 1, step * 0.7)
    return (
        f'<rect class="{name}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"/>'
    )


def hours(now: Sequence[int], before: Sequence[int], title: str) -> str:
    """Contacts by hour as bars; the period before as a line."""
    most = max([*now, *before, 1])
    step, high = 14, 60
    bars = "".join(
        f'<g class="now"><title>{hour:02}:00: {number:,}</title><rect class="arrived" '
        f'x="{hour * step}" y="{high * (1 - number / most):.1f}" width="{step - 2}" '
        f'height="{high * number / most:.1f}"/></g>'
        for hour, number in enumerate(now)
    )
    points = " ".join(
        f"{hour * step + step / 2 - 1:.1f},{high * (1 - number / most):.1f}"
        for hour, number in enumerate(before)
    )
    line = f'<polyline points="{points}"/>' if any(before) else ""
    marks = "".join(
        f'<text x="{hour * step}" y="{high + 12}">{hour:02}</text>' for hour in range(0, 24, 6)
    )
    return _svg(title, 24 * step, high + 14, bars + line + marks, "hours")


def shares(by_hour: Sequence[float | None], title: str) -> str:
    """A part of each hour as bars; hours without one (None) stay empty, others stand on grey."""
    step, high = 14, 60
    bars = "".join(
        f'<g class="now"><title>{hour:02}:00: {100 * part:.0f} %</title>'
        f'<rect class="open" x="{hour * step}" y="0" width="{step - 2}" height="{high}"/>'
        f'<rect class="arrived" x="{hour * step}" y="{high * (1 - part):.1f}" '
        f'width="{step - 2}" height="{high * part:.1f}"/></g>'
        for hour, part in enumerate(by_hour)
        if part is not None
    )
    marks = "".join(
        f'<text x="{hour * step}" y="{high + 12}">{hour:02}</text>' for hour in range(0, 24, 6)
    )
    return _svg(title, 24 * step, high + 14, bars + marks, "hours")


def _svg(title: str, width: float, height: float, inside: str, name: str) -> str:
    return (
        f'<svg class="{name}" viewBox="0 0 {width:g} {height:g}" role="img" '
        f'aria-label="{escape(title)}">{inside}</svg>'
    )
