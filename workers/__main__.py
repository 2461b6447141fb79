"""``python -m workers`` is the same as ``contrapunto``."""

from workers.cli import main

main()
