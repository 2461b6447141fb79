"""What an installation of a given size takes (``make capacity``): measured here, then reckoned."""
