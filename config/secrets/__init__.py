"""Secrets: from variables or files, and the old ones beside the new while they are rotated."""
