"""The dry run: what a strategy would do with a portfolio, and what would come of it in a world.

The planner, the law, the facts and the ledger in memory are those of ``domain/``; the customers are
models (``people/``). Nothing is sent, and no server is asked.
"""
