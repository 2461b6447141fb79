"""Every timeout and retry policy, each once, with its reason."""

from datetime import timedelta
from typing import Final

from temporalio.common import RetryPolicy

FOREVER: Final = RetryPolicy(
    initial_interval=timedelta(seconds=1),
    backoff_coefficient=2.0,
    maximum_interval=timedelta(minutes=1),
)
"""For all activities: PostgreSQL comes back, and no account may be forgotten meanwhile. Retrying a
contact is safe because the ledger, not the retry policy, decides whether anything is sent."""

CONTACT: Final = timedelta(minutes=2)
"""Provider timeout, reservation and settling, with room for a slow PostgreSQL."""

RECORD: Final = timedelta(seconds=30)
"""One transaction."""

REPORT: Final = timedelta(minutes=10)
"""To read, write and keep a report."""

REPORT_UNTIL: Final = timedelta(hours=12)
"""After which a report that could not be made is given up: another follows."""

GATE: Final = timedelta(minutes=5)
"""After which a version that does not answer counts as not ready."""

HEARTBEAT: Final = timedelta(seconds=10)
"""Silence after which a worker counts as dead and another takes its activity up. Short, since a
second execution beside a living first is harmless: the ledger decides."""

HISTORY_LIMIT: Final = 500
"""Events after which a run continues as new: replay stays near 0.3 s (docs/operations.md)."""

TIMELINE: Final = 40
"""Entries the timeline query keeps; all of it is in PostgreSQL (`contrapunto account show`)."""

RECORD_BESIDE: Final = "record-beside-contact"
"""Patch: accounts that ran before record what arrives during a contact only after it."""

KEEP_UNREAD: Final = "keep-unread"
"""Patch: accounts that ran before only told of a malformed signal in the timeline."""

MEND_STOPS: Final = "mend-stops"
"""Patch: accounts that ran before took no stop whose date or words were wrong."""

READ_STOPS: Final = "read-stops"
"""Patch: accounts that ran before took no stop that was wrong in more than its dates and words."""

TAKE_NEWER: Final = "take-newer"
"""Patch: accounts that ran before ignored an event with a field that came later."""

KEEP_STARTS: Final = "keep-starts"
"""Patch: accounts whose start could not be read failed before, and what came along was lost."""

AT_ONCE: Final = 20
"""Steps in a row that are due as soon as they are planned. A life has a few (a refusal at each
provider of each channel); more are a plan that goes round in circles."""

BREATH: Final = timedelta(minutes=1)
"""Between the steps of a plan that goes round in circles: it burns no server, and is seen."""

BRAKE: Final = "brake"
"""Patch: accounts that ran before went round in circles at full speed."""
