"""What ours costs beside bare Temporal (``make bench``): ratios of one run, never asserted."""
