"""The experiments that operators edit, one file each."""
