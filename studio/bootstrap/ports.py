"""Which ports are free, and a sentence for when they are not."""

import errno
import socket

from studio.bootstrap.errors import CannotStart


def check(host: str, port: int) -> None:
    """Both the studio's port and the next one, for uploads, can be listened on. Raises CannotStart."""
    if not 1 <= port <= 65534:
        raise CannotStart(f"--port must be between 1 and 65534 (uploads use the next one), got {port}.")
    for wanted, use in ((port, "the studio"), (port + 1, "uploads")):
        error = trouble(host, wanted)
        if error is None:
            continue
        if error.errno == errno.EADDRINUSE:
            raise CannotStart(
                f"Port {wanted}, needed for {use}, is taken by another program: stop that one, or start with "
                f"--port {free_pair(host, port + 2)}."
            )
        if error.errno == errno.EACCES:
            raise CannotStart(f"Only root may listen on port {wanted}: start with --port 8000, or any above 1023.")
        raise CannotStart(
            f"Cannot listen on {host}:{wanted} ({error.strerror}): choose another with --host and --port."
        )


def trouble(host: str, port: int) -> OSError | None:
    """Why nothing can listen there; None if it can."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except OSError as error:
        return error
    return None


def free_pair(host: str, start: int) -> int:
    """The first port from `start` on that is free together with the next."""
    for port in range(start, min(start + 2000, 65534)):
        if trouble(host, port) is None and trouble(host, port + 1) is None:
            return port
    return 0
