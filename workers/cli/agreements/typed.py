"""Dates and sums as they are typed."""

from domain.failures import BadInput


def parted(option: str, typed: str) -> dict[str, str]:
    """AMOUNT:DATE. Raises BadInput for what is none."""
    amount, colon, due = typed.partition(":")
    if not (amount and colon and due):
        raise BadInput(f"{option}: must be AMOUNT:DATE such as 200:2026-12-04, {typed!r} is not")
    return {"amount": amount, "date": due}
