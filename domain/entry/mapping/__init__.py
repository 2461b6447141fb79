"""Portfolio files as they come: how another system's columns become those of intake."""
