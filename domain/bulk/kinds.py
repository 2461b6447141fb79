"""What an order in bulk may ask for."""

from enum import StrEnum


class BulkKind(StrEnum):
    """What an order asks for."""

    HOLD = "hold"
    """Nothing is begun until it is over or lifted. What customers ask is still answered."""
    CEASE = "cease"
    """Nothing leaves at all until it is lifted: no answer, no confirmation, no word of a person."""
    REPLAN = "replan"
    """Nobody is silent: each account plans anew before its next contact, by what is in force then.
    """
