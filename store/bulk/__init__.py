"""Orders in bulk, as rows: what they cover, and who has still to hear of them."""
