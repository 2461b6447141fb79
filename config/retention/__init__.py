"""How long what is over is kept."""
