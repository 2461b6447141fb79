"""Random lives over the real doors, judged by what stands in the docs and not by the planner."""
