"""The command ``contrapunto``: everything an operator or engineer runs.

Each command imports what it needs where it is called: `contrapunto --help` must answer at once,
and a production worker must not need what only a demo needs.
"""

import os
import sys
from typing import Annotated

import typer

from config.geo.timezone_data import refuse_old, versions
from domain.failures import BadInput, Failure, Misconfigured
from telemetry import links
from workers.cli import account, config, intake, lab, ledger, processes
from workers.cli.agreements import commands as agreements
from workers.cli.agreements import settlement
from workers.cli.audit import commands as audit
from workers.cli.audit.door import audited
from workers.cli.bulk import commands as bulk
from workers.cli.cases import commands as cases
from workers.cli.contact import commands as contact
from workers.cli.contact import messages as contact_messages
from workers.cli.customer import personal
from workers.cli.database import commands as database
from workers.cli.doctor import commands as doctor
from workers.cli.experiment import commands as experiment
from workers.cli.inbound import commands as inbound
from workers.cli.law import commands as law
from workers.cli.learn import commands as learn
from workers.cli.overview import commands as overview
from workers.cli.report import commands as report
from workers.cli.restore import commands as restore
from workers.cli.retention import commands as retention
from workers.cli.rollout import commands as rollout
from workers.cli.shell import tell, tell_unexpected
from workers.cli.simulation import commands as simulation
from workers.cli.standard_streams import (
    end_standard_error,
    open_what_is_closed,
    tell_of_standard_output,
)
from workers.cli.status import ExitStatus
from workers.cli.strategy import commands as strategy
from workers.cli.webhooks import commands as webhooks
from workers.cli.work_items import commands as work
from workers.version import VERSION

HELP = "Conducts debt collection: everything an operator or engineer runs."

app = typer.Typer(no_args_is_help=True, help=HELP, pretty_exceptions_enable=False)
processes.add_to(app)
lab.add_to(app)
overview.add_to(app)
doctor.add_to(app)
intake.add_to(app)
retention.add_to(app)
simulation.add_to(app)
agreements.add_to(account.accounts)
account.accounts.add_typer(settlement.settlement, name="settlement")
cases.add_to(account.accounts, account.customers)
personal.add_to(account.customers)
app.add_typer(account.accounts, name="account")
app.add_typer(account.customers, name="customer")
app.add_typer(ledger.ledger, name="ledger")
app.add_typer(law.law, name="law")
app.add_typer(inbound.inbound, name="inbound")
app.add_typer(work.work, name="work")
contact_messages.add_to(contact.contact)
app.add_typer(contact.contact, name="contact")
app.add_typer(strategy.strategy, name="strategy")
app.add_typer(report.report, name="report")
app.add_typer(experiment.experiment, name="experiment")
app.add_typer(learn.learn, name="learn")
app.add_typer(rollout.rollout, name="rollout")
app.add_typer(restore.restore, name="restore")
app.add_typer(webhooks.webhooks, name="webhooks")
app.add_typer(database.database, name="database")
app.add_typer(audit.audit, name="audit")
app.add_typer(bulk.bulk, name="bulk")
app.add_typer(config.config, name="config")
audited(app)


def _say_versions(wanted: bool) -> None:
    if wanted:
        from store.database import SCHEMA

        typer.echo(f"contrapunto {VERSION}; {versions()}; schema {SCHEMA}")
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_say_versions, is_eager=True, help="say versions, end"),
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run; a failure is one clear message and an exit status, never a traceback."""
    open_what_is_closed()
    try:
        _run()
    except BrokenPipeError:  # of what was still to be written; click ends so for what was before
        raise SystemExit(ExitStatus.FAILED) from None
    finally:
        end_standard_error()


def _run() -> None:
    try:
        tell_of_standard_output()
        refuse_old()
        links.begin(os.environ)  # noqa: TID251 - also for commands that load no settings
        try:
            app()
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        raise
    except (Misconfigured, BadInput) as error:
        tell(error)
        raise SystemExit(ExitStatus.WRONG) from None
    except Failure as error:
        tell(error)
        raise SystemExit(ExitStatus.FAILED) from None
    except Exception as error:
        from telemetry.errors import whole

        if whole():
            raise
        tell_unexpected(error)
        raise SystemExit(ExitStatus.FAILED) from None
