"""Files of other systems, read by a mapping."""
