"""How a deployment stands, on one screen: looked up within a bounded time, whatever is down."""
