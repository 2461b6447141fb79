"""Dashboards and objectives, made by code: ``python -m lab.observability`` writes deploy/."""
