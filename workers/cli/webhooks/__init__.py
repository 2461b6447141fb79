"""Commands of webhooks that go out."""
