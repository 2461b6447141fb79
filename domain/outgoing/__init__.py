"""What upstream systems are told of what happened: the events that go out."""
