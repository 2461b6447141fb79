"""The report of every day, made by a worker: files in its folder, and findings on record."""

import asyncio
from dataclasses import dataclass

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.reporting.collecting import collect
from activities.reporting.orders import MAKE_REPORT, ReportMade, ReportRun
from activities.reporting.writing import write
from config.prices.catalogue import load_prices
from config.rule_packs import load_packs
from config.settings import Settings
from domain.report.lawful import openings
from domain.report.period import last_days
from store.database import REPORT, Pool, connect
from store.report.findings import Findings


@dataclass(frozen=True)
class Reporting:
    """Makes reports for a worker."""

    settings: Settings
    pool: Pool
    """Of the database that findings go into; where no other is named, it is read, too."""

    @activity.defn(name=MAKE_REPORT)
    async def make_report(self, run: ReportRun) -> ReportMade:
        """Make a report, write it, keep its findings. Twice the same is the same."""
        folder = self.settings.report_folder
        if folder is None:
            raise ApplicationError(
                "this worker has no CONTRAPUNTO_REPORT_FOLDER to write reports to",
                type="Misconfigured",
            )
        order = run.order
        period = last_days(order.days, run.due, order.zone)
        prices = load_prices(self.settings.prices)
        packs = load_packs(self.settings.law, self.settings.readings).packs
        law = openings(packs, self.settings.actor)
        url = self.settings.report_database()
        async with connect(url, 1, role=REPORT) as replica:
            report = await collect(replica, period, prices, order.by, run.due, law)
        name = f"report-{period.first}-{period.last}"
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        await asyncio.to_thread(
            write, report, *(folder / f"{name}.{form}" for form in ("html", "json", "csv"))
        )
        new = await Findings(self.pool).keep(report.findings, period, run.due)
        return ReportMade(
            first=period.first,
            last=period.last,
            zone=period.zone,
            name=name,
            findings=len(report.findings),
            new=new,
        )
