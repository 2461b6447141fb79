"""``contrapunto rollout ...``."""
