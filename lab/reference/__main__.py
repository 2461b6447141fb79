"""``python -m lab.reference``: write docs/reference/ anew."""

import shutil
import sys

from config.settings import ROOT
from lab.reference import pages

FOLDER = ROOT / "docs" / "reference"


def main() -> None:
    """Write every page, and nothing else stays."""
    made = pages()
    shutil.rmtree(FOLDER, ignore_errors=True)
    for name, text in made.items():
        path = FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    sys.stderr.write(f"{len(made)} files written to {FOLDER.relative_to(ROOT)}\n")


main()
