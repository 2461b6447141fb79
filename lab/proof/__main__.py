"""``python -m lab.proof FOLDER``: prints a table; exit status 1 on any violation."""

import sys
from collections.abc import Sequence
from pathlib import Path

from lab.proof.verdict import prove_folder, table


def main(arguments: Sequence[str]) -> int:
    """Prove a folder; 1 on any violation, 2 when there is nothing that could be proved."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m lab.proof FOLDER\n")
        return 2
    folder = Path(arguments[0])
    for name in ("ledger.jsonl", "received.jsonl"):
        if not (folder / name).exists():
            sys.stderr.write(f"error: {folder / name} is not there: nothing to prove\n")
            return 2
    try:
        proof = prove_folder(folder)
    except (KeyError, ValueError) as error:
        sys.stderr.write(f"error: the record cannot be read: {error!r}\n")
        return 2
    sys.stdout.write(table(proof) + "\n")
    if not any(check.examined for check in proof.checks):
        sys.stderr.write("error: no check has examined anything: nothing is proved\n")
        return 2
    return 0 if proof.holds else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
