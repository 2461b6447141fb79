"""A report into files: each is whole, or not there."""

import json
import os
import tempfile
from pathlib import Path

from activities.reporting.forms import as_csv, as_json
from activities.reporting.page import as_html
from domain.failures import BadInput
from domain.report.report import Report


def write(
    report: Report, html: Path | None = None, js: Path | None = None, csv: Path | None = None
) -> list[Path]:
    """Write the forms that are wanted. Raises BadInput for a place that cannot be written to."""
    wanted = ((html, as_html), (js, _json), (csv, as_csv))
    return [_whole(path, form(report)) for path, form in wanted if path is not None]


def _json(report: Report) -> str:
    return json.dumps(as_json(report), ensure_ascii=False, indent=1) + "\n"


def _whole(path: Path, text: str) -> Path:
    """Beside it first, and then in its place: nobody reads half of a report."""
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", newline="", dir=path.parent, prefix=".report-", delete=False
        ) as file:
            file.write(text)
        beside = Path(file.name)
        beside.chmod(0o640)
        os.replace(beside, path)  # noqa: PTH105 - of two names
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}") from None
    return path
