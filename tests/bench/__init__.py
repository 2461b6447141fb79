"""What the house costs beside bare Temporal (``make bench``): ratios of one run, never asserted."""
