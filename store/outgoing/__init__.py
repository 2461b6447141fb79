"""Events that go out: numbered, read, and what each endpoint has still to be told."""
