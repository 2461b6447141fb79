"""The headline, measured: how much contact a portfolio needs, over many worlds of a model.

``python -m lab.headline`` (``make headline``) lives real card clients' early arrears under a heavy
baseline, the shipped strategy and ours at its best, and says in which worlds what holds.
"""
