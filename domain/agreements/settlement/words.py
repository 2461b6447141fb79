"""The words of settlement offers, without what it takes to judge them."""

from enum import StrEnum


class Acceptance(StrEnum):
    """How a customer said that they accept."""

    MESSAGE = "message"
    CALL = "call"
    PAGE = "page"
    IN_PERSON = "in_person"
