"""Codes to pay by, drawn: the same code is the same picture, to the octet."""

from io import BytesIO
from typing import Final

import segno

PNG: Final = "image/png"
NAME: Final = "pix.png"
"""What customers see it called."""


def qr(code: str) -> bytes:
    """A QR code of these words, as a PNG."""
    drawn = BytesIO()
    segno.make(code, error="m", micro=False).save(drawn, kind="png", scale=6)
    return drawn.getvalue()
