"""Databases for those services that are tested on the real one."""

from tests.adapters.postgres.conftest import dsn, server

__all__ = ["dsn", "server"]
