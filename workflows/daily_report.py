"""One report, at the time that a schedule says."""

from temporalio import workflow
from temporalio.common import SearchAttributeKey

from domain.names import DAILY_REPORT, REPORT_QUEUE

with workflow.unsafe.imports_passed_through():
    from activities.reporting.orders import MAKE_REPORT, ReportMade, ReportOrder, ReportRun
    from workflows import options

_DUE = SearchAttributeKey.for_datetime("TemporalScheduledStartTime")
"""Temporal's own: when the schedule meant this run to begin, however late it does."""


@workflow.defn(name=DAILY_REPORT)
class DailyReport:
    """Has a report made of the days before, once."""

    @workflow.run
    async def run(self, order: ReportOrder) -> ReportMade:
        """Make it."""
        due = workflow.info().typed_search_attributes.get(_DUE) or workflow.now()
        made: ReportMade = await workflow.execute_activity(
            MAKE_REPORT,
            ReportRun(order=order, due=due),
            result_type=ReportMade,
            task_queue=REPORT_QUEUE,
            start_to_close_timeout=options.REPORT,
            schedule_to_close_timeout=options.REPORT_UNTIL,
            retry_policy=options.FOREVER,
            summary=f"Report of {order.days} days",
        )
        return made
