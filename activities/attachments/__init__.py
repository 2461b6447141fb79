"""Files that go with a message: chosen, fetched and checked before it leaves."""
