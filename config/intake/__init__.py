"""Mappings of portfolio files, one YAML file each."""
