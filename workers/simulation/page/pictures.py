"""Pictures of figures, as SVG: bars beside bars, lines over days. No script, no library."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

COLOURS: Final = ("#2f6f9f", "#c8702a")
"""Of the first strategy and of the second."""
_GREY: Final = "#d9dee3"
_WIDTH: Final = 760
_HEIGHT: Final = 220
_LEFT: Final = 56
_BELOW: Final = 34


def bars(
    title: str,
    names: Sequence[str],
    series: Sequence[Sequence[float]],
    behind: Sequence[float] = (),
) -> str:
    """Bars of each series beside each other.

    ``behind``: what they stand before, in a scale of its own.
    """
    most = max([1.0, *(value for one in series for value in one)])
    room = (_WIDTH - _LEFT) / max(1, len(names))
    width = room * 0.76 / max(1, len(series))
    drawn = []
    if any(behind):
        top = max(behind)
        for place, value in enumerate(behind):
            tall = (_HEIGHT - _BELOW) * value / top
            left = _LEFT + place * room
            drawn.append(_box(left, _HEIGHT - _BELOW - tall, room, tall, _GREY, ""))
    for number, one in enumerate(series):
        for place, value in enumerate(one):
            tall = (_HEIGHT - _BELOW - 10) * value / most
            left = _LEFT + place * room + room * 0.12 + number * width
            told = f"{names[place]}: {value:g}"
            top_at = _HEIGHT - _BELOW - tall
            drawn.append(_box(left, top_at, width, tall, COLOURS[number % 2], told))
    every = max(1, len(names) // 16)
    for place, name in enumerate(names):
        if place % every == 0:
            middle = _LEFT + (place + 0.5) * room
            drawn.append(_text(middle, _HEIGHT - _BELOW + 15, name, "middle"))
    return _picture(title, drawn, most)


def lines(title: str, series: Sequence[Mapping[int, float]], days: int) -> str:
    """A line of each series over the days."""
    most = max([1.0, *(value for one in series for value in one.values())])
    drawn = []
    for number, one in enumerate(series):
        points = " ".join(
            f"{_LEFT + (_WIDTH - _LEFT) * day / max(1, days):.1f},"
            f"{_HEIGHT - _BELOW - (_HEIGHT - _BELOW - 10) * value / most:.1f}"
            for day, value in sorted(one.items())
        )
        colour = COLOURS[number % 2]
        drawn.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
        )
    for day in range(0, days + 1, max(1, days // 6)):
        at = _LEFT + (_WIDTH - _LEFT) * day / max(1, days)
        drawn.append(_text(at, _HEIGHT - _BELOW + 15, f"day {day}", "middle"))
    return _picture(title, drawn, most)


def _picture(title: str, drawn: Sequence[str], most: float) -> str:
    base = _HEIGHT - _BELOW
    axis = f'<path d="M{_LEFT} 8V{base}H{_WIDTH}" fill="none" stroke="#68737d"/>'
    scale = _text(_LEFT - 6, 16, f"{most:g}", "end") + _text(_LEFT - 6, base, "0", "end")
    inside = f"<title>{escape(title)}</title>{''.join(drawn)}{axis}{scale}"
    return (
        f"<figure><figcaption>{escape(title)}</figcaption>"
        f'<svg viewBox="0 0 {_WIDTH + 8} {_HEIGHT}" role="img">{inside}</svg></figure>'
    )


def _box(left: float, top: float, wide: float, tall: float, colour: str, told: str) -> str:
    named = f"<title>{escape(told)}</title>" if told else ""
    return (
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{wide:.1f}" height="{tall:.1f}" '
        f'fill="{colour}">{named}</rect>'
    )


def _text(at: float, down: float, said: str, anchor: str) -> str:
    return (
        f'<text x="{at:.1f}" y="{down:.1f}" font-size="11" text-anchor="{anchor}">'
        f"{escape(said)}</text>"
    )
