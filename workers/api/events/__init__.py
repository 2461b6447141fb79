"""The feed of events that go out."""
