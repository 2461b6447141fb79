"""``contrapunto config ui``: the columns and views that the list of the Temporal UI should have.

The UI keeps both in each browser and takes neither from a server or a file, so what is shipped is a
script that puts them into its local storage: columns under ``namespace-workflow-table-columns``,
views under ``saved-workflow-queries`` (seen with UI 2.54.1; ``saved-namespace-queries`` before).
"""

import json
from typing import Final

COLUMNS: Final = (
    "Status",
    "Standing",
    "Workflow ID",
    "Phase",
    "Segment",
    "DaysPastDue",
    "NextContactAt",
    "Jurisdiction",
    "Creditor",
    "Start",
    "End",
)
"""Left to right: the UI's own labels, and our search attributes by their names."""

_RUNNING: Final = "ExecutionStatus='Running'"
VIEWS: Final = {
    "Needs a person": f"Standing='needs_a_person' AND {_RUNNING}",
    "Customer wrote": f"Standing='resting' AND {_RUNNING}",
    "Halted": f"Standing='halted' AND {_RUNNING}",
    "Silenced": f"Standing='silenced' AND {_RUNNING}",
    "Incomplete": f"Standing='incomplete' AND {_RUNNING}",
    "Disputed": f"Standing='disputed' AND {_RUNNING}",
    "In hardship": f"Standing='hardship' AND {_RUNNING}",
    "On hold": f"Standing='on_hold' AND {_RUNNING}",
    "On a plan": f"Standing='on_plan' AND {_RUNNING}",
    "Settling": f"Standing='settling' AND {_RUNNING}",
    "Promised": f"Standing='promised' AND {_RUNNING}",
    "Collecting": f"Standing='collecting' AND {_RUNNING}",
    "Failed": "ExecutionStatus IN ('Failed', 'Terminated', 'TimedOut')",
}
"""Saved views by name: what asks for somebody comes first."""


def script(namespace: str) -> str:
    """A line of JavaScript for the browser's console, on the UI's own page; it may be run again.

    Views of other names stay as they are.
    """
    views = [
        {"id": f"contrapunto-{place}", "name": name, "query": query}
        for place, (name, query) in enumerate(VIEWS.items(), start=1)
    ]
    given = json.dumps(
        {"namespace": namespace, "columns": [{"label": one} for one in COLUMNS], "views": views}
    )
    return (
        f"(({{namespace, columns, views}}) => {{ "
        "const change = (key, make) => { "
        "const kept = JSON.parse(localStorage.getItem(key) || '{}'); "
        "kept[namespace] = make(kept[namespace] || []); "
        "localStorage.setItem(key, JSON.stringify(kept)); }; "
        "change('namespace-workflow-table-columns', () => columns); "
        "for (const key of ['saved-workflow-queries', 'saved-namespace-queries']) "
        "change(key, before => "
        "[...views, ...before.filter(one => !views.some(ours => ours.name === one.name))]); "
        f"location.reload(); }})({given})"
    )
