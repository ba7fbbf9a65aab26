"""The connection properties that all PostgreSQL types share, and how a connection is opened from them."""

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Literal, TypeVar

import psycopg
from pydantic import Field

from tiercel.sdk import Output, Secret, Task, TaskFailed
from tiercel_sql.address import connection_parameters
from tiercel_sql.certificates import in_files

OutputT = TypeVar("OutputT", bound=Output)
CONNECT_SECONDS = 10


class PostgresTask(Task[OutputT]):
    """Where the database is and who asks. What is left out comes from the worker's libpq environment."""

    url: str
    """JDBC or libpq URL of the database."""
    username: str | None = None
    """Who asks."""
    password: Secret | None = None
    """The password of that user."""
    ssl: bool = False
    """Only over an encrypted connection; `sslMode` says more precisely which."""
    ssl_mode: Literal["DISABLE", "ALLOW", "PREFER", "REQUIRE", "VERIFY_CA", "VERIFY_FULL"] | None = None
    """Whether the connection is encrypted, and what is checked of the server's certificate."""
    ssl_root_cert: str | None = None
    """PEM text of the authority, or a file's path; likewise for certificate and key."""
    ssl_cert: str | None = None
    """Certificate of the client."""
    ssl_key: Secret | None = None
    """Key of the client's certificate."""
    ssl_key_password: Secret | None = None
    """Password of that key."""
    time_zone_id: str | None = None
    """Zone of the session."""
    connection_pooling: bool = True
    """Accepted; each run opens one connection of its own."""
    connection_pool_size: int = Field(default=10, ge=1)
    """Accepted; see `connectionPooling`."""

    def parameters(self) -> dict[str, Any]:
        """libpq's connection parameters: explicit properties win over the URL."""
        given = connection_parameters(self.url)
        given |= {name: value for name, value in self._explicit().items() if value}
        given.setdefault("connect_timeout", CONNECT_SECONDS)
        given.setdefault("application_name", "tiercel")
        return given

    def _explicit(self) -> dict[str, str | None]:
        mode = self.ssl_mode.lower().replace("_", "-") if self.ssl_mode else ("require" if self.ssl else None)
        return {
            "user": self.username,
            "password": _revealed(self.password),
            "sslmode": mode,
            "sslrootcert": self.ssl_root_cert,
            "sslcert": self.ssl_cert,
            "sslkey": _revealed(self.ssl_key),
            "sslpassword": _revealed(self.ssl_key_password),
        }

    @asynccontextmanager
    async def connected(self) -> AsyncGenerator[psycopg.AsyncConnection[Any]]:
        """An open connection in a transaction that is committed at the end. Raises TaskFailed in words for people."""
        parameters = self.parameters()
        try:
            with in_files(parameters) as found:
                connection = await psycopg.AsyncConnection.connect(**found)
        except psycopg.Error as error:
            raise TaskFailed(f"no connection to {_place(parameters)}: {_first_lines(error)}") from error
        try:
            async with connection:
                if self.time_zone_id:
                    await connection.execute("SELECT set_config('TimeZone', %s, false)", (self.time_zone_id,))
                yield connection
        except psycopg.Error as error:
            raise TaskFailed(f"{_place(parameters)}: {_first_lines(error)}") from error


def _revealed(secret: Secret | None) -> str | None:
    return None if secret is None else secret.get_secret_value()


def _place(parameters: dict[str, Any]) -> str:
    host, port = parameters.get("host", "the local socket"), parameters.get("port", "")
    return f"PostgreSQL at {host}{':' if port else ''}{port}/{parameters.get('dbname', '')}"


def _first_lines(error: psycopg.Error) -> str:
    """The server's message with its LINE pointer, the hint too, as one paragraph."""
    return re.sub(r"\n+", "\n", str(error)).strip()
