"""How, when and in which language customers want to be reached: read, and kept."""
