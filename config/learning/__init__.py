"""Reading and signing what was learnt."""
