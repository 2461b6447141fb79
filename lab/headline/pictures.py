"""The frontier as a picture: cures against contacts, one point a strategy."""

from collections.abc import Mapping
from html import escape
from typing import Final

_WIDE: Final = 700
_TALL: Final = 320
_LEFT: Final = 50
_BELOW: Final = 40


def frontier(points: Mapping[str, Mapping[str, float]]) -> str:
    """As SVG."""
    most = max(one["contacts"] for one in points.values()) * 1.15 or 1.0
    cures = [one["cured"] for one in points.values()]
    low, high = min(cures) - 1, max(cures) + 1
    drawn = []
    for name, one in points.items():
        x = _LEFT + (_WIDE - _LEFT) * one["contacts"] / most
        y = (_TALL - _BELOW) * (high - one["cured"]) / (high - low)
        drawn.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="#2f6f9f"/>'
            f'<text x="{x + 8:.1f}" y="{y - 6:.1f}" font-size="12">{escape(name)}</text>'
        )
    base = _TALL - _BELOW
    axes = f'<path d="M{_LEFT} 0V{base}H{_WIDE}" fill="none" stroke="#68737d"/>'
    words = (
        f'<text x="{_WIDE / 2}" y="{_TALL - 6}" font-size="12">contacts of an account, 0 to '
        f'{most:.1f}</text><text x="4" y="12" font-size="12">{high:.0f} %</text>'
        f'<text x="4" y="{base}" font-size="12">{low:.0f} %</text>'
    )
    inside = f"{axes}{''.join(drawn)}{words}"
    return (
        "<figure><figcaption>Cured, in a hundred, against contacts</figcaption>"
        f'<svg viewBox="0 0 {_WIDE} {_TALL}" role="img">{inside}</svg></figure>'
    )
