"""What Temporal carries of a report: which days, and what came of it. Nothing is of a person."""

from datetime import date
from typing import Annotated, Final

from pydantic import Field

from domain.model import Instant, Model
from domain.report.figures import Dimension

MAKE_REPORT: Final = "make_report"


class ReportOrder(Model):
    """Which report to make."""

    days: Annotated[int, Field(ge=1, le=400)] = 7
    """The last whole days that are over."""
    zone: str = "UTC"
    by: tuple[Dimension, ...] = tuple(Dimension)


class ReportRun(Model):
    """One run of a schedule: the order, and the instant that it was due."""

    order: ReportOrder
    due: Instant


class ReportMade(Model):
    """What came of it."""

    first: date
    last: date
    zone: str
    name: str
    """Of its files in the folder, before the ending."""
    findings: int
    new: int
    """Findings that were not on record."""
