"""The week of ``contrapunto law week`` as a picture: SVG that stands alone."""

from datetime import datetime, timedelta
from html import escape
from typing import Final

from workers.cli.law.week import BESIDES, Day, Hour, Row, Week, remarks

_LEFT, _TOP, _WIDTH, _HEIGHT, _GAP = 76, 112, 142, 22, 8
_FONT: Final = 'font-family="Inter, Segoe UI, Helvetica, Arial, sans-serif"'
_INK, _FAINT, _CLOSED, _OPEN, _MARK, _HOLIDAY = (
    "#1d2733",
    "#66727f",
    "#eceff2",
    "#2f9e6e",
    "#ffffff",
    "#b4472e",
)
_LINE: Final = 165
"""Characters of a line below the picture."""


def svg(week: Week) -> str:
    """The week as an SVG document."""
    rows = {row: index for index, row in enumerate(week.rows)}
    bottom = _TOP + len(rows) * _HEIGHT
    width = _LEFT + len(week.days) * (_WIDTH + _GAP) + 16
    notes = [line for note in _notes(week) for line in _wrapped(note)]
    height = bottom + 52 + 19 * len(notes)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" {_FONT}>',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        _text(16, 34, week.title, size=19, weight=600),
        _text(16, 56, f"Wall clock of {week.zones[0]}; {BESIDES}.", fill=_FAINT),
        *_axis(rows),
    ]
    for place, day in enumerate(week.days):
        parts += _column(week, day, _LEFT + place * (_WIDTH + _GAP), rows)
    parts += _legend(bottom + 26)
    parts += [
        _text(16, bottom + 54 + 19 * place, note, fill=_FAINT) for place, note in enumerate(notes)
    ]
    return "\n".join([*parts, "</svg>\n"])


def _axis(rows: dict[Row, int]) -> list[str]:
    return [
        _text(
            _LEFT - 10,
            _TOP + place * _HEIGHT + 15,
            f"{hour:02}:00" + (" again" if fold else ""),
            size=12 if not fold else 11,
            fill=_FAINT,
            anchor="end",
        )
        for (hour, fold), place in rows.items()
    ]


def _column(week: Week, day: Day, x: int, rows: dict[Row, int]) -> list[str]:
    middle = x + _WIDTH // 2
    special = remarks(day)
    parts = [
        _text(middle, _TOP - 30, f"{day.date:%a %d %b}", size=14, weight=600, anchor="middle"),
    ]
    if special:
        told = day.holiday or f"{day.length / timedelta(hours=1):g} hours"
        label = told if len(told) <= 24 else told[:23].rstrip() + "…"
        parts.append(_text(middle, _TOP - 12, label, size=11, fill=_HOLIDAY, anchor="middle"))
    for hour in day.hours:
        parts.append(_block(x, rows, hour, hour.start, hour.end, _CLOSED))
    for stretch in day.open:
        shown = [
            (hour, max(hour.start, stretch.start), min(hour.end, stretch.end))
            for hour in day.hours
            if hour.start < stretch.end and stretch.start < hour.end
        ]
        parts += [_block(x, rows, hour, start, end, _OPEN) for hour, start, end in shown]
        hour, start, _ = shown[0]
        if stretch.end - stretch.start >= timedelta(hours=1):
            y = _place(rows, hour, start) + 16
            label = week.hours(day, stretch)
            parts.append(_text(middle, y, label, weight=600, fill=_MARK, anchor="middle"))
    if not day.open:
        y = _TOP + len(rows) * _HEIGHT // 2
        parts.append(_text(middle, y, "closed", fill=_FAINT, anchor="middle"))
    return parts


def _block(
    x: int, rows: dict[Row, int], hour: Hour, start: datetime, end: datetime, fill: str
) -> str:
    top, tall = _place(rows, hour, start), (end - start) / timedelta(hours=1) * _HEIGHT
    # A hair of the paper is left between hours, so that they can be counted.
    line = 1 if end == hour.end else 0
    return (
        f'<rect x="{x}" y="{top:.1f}" width="{_WIDTH}" height="{tall - line:.1f}" fill="{fill}"/>'
    )


def _place(rows: dict[Row, int], hour: Hour, at: datetime) -> float:
    minutes = hour.minute + (at - hour.start) / timedelta(minutes=1)
    return _TOP + (rows[hour.row] + minutes / 60) * _HEIGHT


def _legend(y: int) -> list[str]:
    parts = []
    for x, fill, words in (
        (16, _OPEN, "open"),
        (160, _CLOSED, "closed"),
    ):
        parts.append(f'<rect x="{x}" y="{y - 11}" width="14" height="14" fill="{fill}"/>')
        parts.append(_text(x + 20, y + 1, words, size=12, fill=_INK))
    return parts


def _notes(week: Week) -> list[str]:
    notes = []
    if len(week.zones) > 1:
        notes.append(f"Open is what is open in all of {', '.join(week.zones)}.")
    for day in week.days:
        notes += [f"{day.date:%a %d %b}: {words}." for words in remarks(day)]
    return notes + [f"Closed by {rule}." for rule in week.rules]


def _wrapped(text: str) -> list[str]:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) >= _LINE:
            lines.append("  ")
        lines[-1] = f"{lines[-1]} {word}".strip() if lines[-1] != "  " else f"  {word}"
    return lines


def _text(
    x: float,
    y: float,
    words: str,
    *,
    size: int = 13,
    weight: int = 400,
    fill: str = _INK,
    anchor: str = "start",
) -> str:
    return (
        f'<text x="{x}" y="{y:.0f}" font-size="{size}" font-weight="{weight}" fill="{fill}" '
        f'text-anchor="{anchor}">{escape(words)}</text>'
    )
