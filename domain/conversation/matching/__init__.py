"""How phrases are found in what people type."""
