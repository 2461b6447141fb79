"""The socket on which a process listens, or what to do where it cannot."""

import socket

from domain.failures import Misconfigured


def listening(host: str, port: int, whose: str, todo: str) -> socket.socket:
    """Listen on an address of either family. Raises Misconfigured, with ``todo``, if that fails."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise Misconfigured(
            f"{whose} cannot listen on {host}:{port} ({error.strerror}): {todo}"
        ) from error
