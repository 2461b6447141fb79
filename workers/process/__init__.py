"""What every process of a deployment does beside its work."""
