"""What upstream systems put and read over the API."""
