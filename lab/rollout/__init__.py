"""A new version of the worker, brought in while accounts wait for months, and taken back."""
