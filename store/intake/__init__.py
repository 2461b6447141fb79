"""Intake into PostgreSQL: a file is staged, then merged customer by customer.

The whole file is first staged in temporary tables of one session (``staging``). There all rows of a
customer meet, however far apart they stood, so that the outcome depends neither on their order nor
on batches, and nothing is touched before the whole file has been read. Then batches of customers
are merged, each in one transaction (``merging``) that also writes ``intake_pending``: what their
workflows still have to be told (``outbox``). A crash after any batch therefore loses nothing, and a
second run of the same file finds nothing to do (``run``).
"""
