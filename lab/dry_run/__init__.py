"""What judges a dry run as a run on real servers is judged."""
