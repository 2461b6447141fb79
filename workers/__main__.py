"""``python -m workers`` is the same as ``contrapunto``."""

from workers.cli.main import main

main()
