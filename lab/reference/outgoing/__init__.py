"""The reference of events that go out: a page, JSON schemas, and the AsyncAPI document."""
