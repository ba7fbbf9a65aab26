"""The HTTP server: uvicorn in our own loop and with our own signals, so that open streams end before it waits for them."""

import socket
from collections.abc import Generator
from contextlib import contextmanager

import uvicorn

from tiercel.api.application import Application
from tiercel.model.errors import TiercelError

BACKLOG = 2048


class PortTaken(TiercelError):
    """Another process listens there."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(
            f"cannot listen on {host}:{port}: {reason}. Another server may be running there; choose another port with --port"
        )
        self.host, self.port = host, port


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises PortTaken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise PortTaken(host, port, (error.strerror or str(error)).lower()) from error
    listener.setblocking(False)
    return listener


class HttpServer(uvicorn.Server):
    """Serves until `stop`; signals are the caller's."""

    def __init__(self, application: Application) -> None:
        super().__init__(
            uvicorn.Config(
                application,
                http="httptools",
                ws="none",
                lifespan="off",
                access_log=False,
                log_config=None,
                log_level="warning",
                server_header=False,
                timeout_graceful_shutdown=10,
            )
        )
        self._application = application

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield

    def stop(self) -> None:
        """End open streams, answer what is under way, and return from `serve`."""
        self._application.drain()
        self.should_exit = True
