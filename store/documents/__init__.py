"""Files that go with messages: which there are, and what became of them."""
