"""Files that go with a message: what they are, and which channel takes which."""
