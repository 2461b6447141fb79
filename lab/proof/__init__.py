"""The independent proof that nobody was contacted unlawfully or twice.

It reads what the ledger claims and what the people behind the providers really received, and trusts
neither alone. It shares no code with the side that sends: the hours here are typed from the
statutes a second time, so that a mistake in a rule pack cannot hide itself. Run it by itself:

    python -m lab.proof FOLDER      prints a table; exit status 1 on any violation
"""
