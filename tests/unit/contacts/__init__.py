"""What people do to reach customers, without any server."""
