"""Ways to pay that a message offers: a Pix code, a link that ends."""
