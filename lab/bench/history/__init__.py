"""What years of contacts cost who reserves today."""
