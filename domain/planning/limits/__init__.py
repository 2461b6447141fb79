"""What the operator sets beside the law, as planning obeys it; it only takes away."""
