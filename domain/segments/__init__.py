"""Which strategy an account has, and why: typed facts, ordered rules, the choice."""
