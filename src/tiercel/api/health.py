"""Whether the server is up, and what keeps it from working."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from starlette.responses import Response

from tiercel.api.answers import json_answer
from tiercel.api.call import Call
from tiercel.api.routing import TEXT, route


class Part(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing the server needs."""

    status: str
    """UP or DOWN."""
    details: dict[str, Any] = {}


class Health(msgspec.Struct, frozen=True):
    status: str
    name: str
    details: dict[str, Part]


Check = Callable[[], Awaitable[Part]]


class HealthRoutes:
    """The routes that watchers ask, open to all."""

    def __init__(self, checks: dict[str, Check]) -> None:
        self._checks = checks

    @route("GET", "/health", operation="health", answers=Health, tenanted=False)
    @route("GET", "/health/readiness", operation="readiness", answers=Health, tenanted=False)
    async def health(self, call: Call) -> Response:
        """Say whether everything the server needs is there"""
        parts = {name: await check() for name, check in self._checks.items()}
        is_up = all(part.status == "UP" for part in parts.values())
        shown = Health("UP" if is_up else "DOWN", "tiercel", parts)
        return json_answer(shown, status=200 if is_up else 503)

    @route("GET", "/health/liveness", operation="liveness", answers=Health, tenanted=False)
    async def liveness(self, call: Call) -> Response:
        """Say that the process answers"""
        return json_answer(Health("UP", "tiercel", {}))

    @route("GET", "/ping", operation="ping", answers=str, gives=TEXT, tenanted=False)
    async def ping(self, call: Call) -> Response:
        """Answer pong"""
        return Response("pong", media_type="text/plain")
