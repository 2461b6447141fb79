"""The code once more in a folder of its own, with a workflow that gives other commands."""

import shutil
from pathlib import Path
from typing import Final

from config.settings import ROOT

PATCH: Final = "breath-before-contact"
_ROOMS: Final = ("activities", "config", "domain", "store", "telemetry", "workers", "workflows")
_OPTION: Final = f'''

BREATH_BEFORE: Final = "{PATCH}"
"""Patch: accounts that ran before are contacted without a breath."""
'''
_PLACE: Final = (
    '        """Do what the step says; only contacts leave the ``collections`` queue."""\n'
)
_GUARDED: Final = """\
        if step.kind is StepKind.CONTACT and workflow.patched(options.BREATH_BEFORE):
            await workflow.sleep(timedelta(seconds=1), summary="A breath")
"""
_BARE: Final = """\
        if step.kind is StepKind.CONTACT:
            await workflow.sleep(timedelta(seconds=1), summary="A breath")
"""


def copy_with_another_workflow(folder: Path, *, guarded: bool = True) -> Path:
    """Our code, but for a timer before each contact; unless ``guarded``, for all accounts.

    Raises ValueError where the place of the change is not found any more.
    """
    for room in _ROOMS:
        shutil.copytree(ROOT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder / "pyproject.toml")
    workflow, options = (folder / "workflows" / f"{n}.py" for n in ("collect_account", "options"))
    text = workflow.read_text(encoding="utf-8")
    if text.count(_PLACE) != 1:
        raise ValueError("collect_account.py: the first line of _act has changed: change it here")
    change = _GUARDED if guarded else _BARE
    workflow.write_text(text.replace(_PLACE, _PLACE + change), encoding="utf-8")
    if guarded:
        options.write_text(options.read_text(encoding="utf-8") + _OPTION, encoding="utf-8")
    return folder
