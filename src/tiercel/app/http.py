"""The HTTP side of a running server: its application, and who may ask."""

import secrets
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg

from tiercel.adapters.postgres.connection import LOST
from tiercel.adapters.postgres.settings_store import PostgresSettingsStore
from tiercel.api.application import Application
from tiercel.api.configs import Configs, Configuration
from tiercel.api.guard import Guard, Login
from tiercel.api.health import HealthRoutes, Part
from tiercel.api.web import WebUi
from tiercel.app.foundation import LEAST_FREE_DISK, VERSION, Foundation
from tiercel.app.resources import Resources
from tiercel.app.roles import Running
from tiercel.app.values import is_loopback
from tiercel.model.errors import TiercelError
from tiercel.services.account import Gatekeeper, Made, configured, stored


async def application(base: Running) -> tuple[Application, Made | None]:
    """The API and the UI of a running server, and the account that was made for it, if one was."""
    foundation, settings = base.foundation, base.foundation.settings
    gatekeeper, made = await _gatekeeper(foundation)
    guard = Guard(gatekeeper, open_prefixes=settings.server.basic_auth.open_urls)
    resources = Resources(base)
    edge = (
        Configs(await _configuration(foundation, asks=guard.asks)),
        Login(guard, is_secure=(settings.url or "").startswith("https:")),
        HealthRoutes(_checks(base)),
    )
    served = Application(
        (*resources.all(), *edge),
        webhook=resources.webhook(),
        web=WebUi(),
        guard=guard,
        followers=resources.followers,
        context_path=settings.http.context_path,
    )
    return served, made


async def _gatekeeper(base: Foundation) -> tuple[Gatekeeper | None, Made | None]:
    """Nobody is asked on loopback. Elsewhere the configured account, or one that is made at the first start."""
    wanted = base.settings.server.basic_auth
    if wanted.username and wanted.password and wanted.enabled:
        return configured(wanted.username, wanted.password), None
    if is_loopback(base.settings.http.host):
        return None, None
    return await stored(PostgresSettingsStore(base.database))


async def _configuration(base: Foundation, *, asks: bool) -> Configuration:
    store = PostgresSettingsStore(base.database)
    await store.put_new("instance", secrets.token_hex(11).encode())
    identity = (await store.get("instance") or b"").decode()
    preview = base.settings.server.preview
    environment = base.settings.environment
    return Configuration(
        uuid=identity,
        version=VERSION,
        url=base.settings.url,
        environment={"name": environment} if environment else None,
        is_basic_auth_initialized=asks,
        is_login_required=asks,
        preview={"initial": preview.initial_rows, "max": preview.max_rows},
    )


def _checks(base: Running) -> dict[str, Callable[[], Awaitable[Part]]]:
    async def database() -> Part:
        try:
            await base.foundation.database.fetchval("SELECT 1", timeout=5)
        except (TiercelError, asyncpg.PostgresError, *LOST) as error:
            return Part("DOWN", {"reason": str(error) or type(error).__name__})
        return Part("UP")

    async def disk() -> Part:
        free = round(100 * base.foundation.free_disk(), 1)
        details: dict[str, Any] = {"freePercent": free}
        if not base.has_disk():
            details["reason"] = f"less than {LEAST_FREE_DISK:.0%} of the disk is free: no new task is started"
        return Part("UP" if base.has_disk() else "DOWN", details)

    return {"database": database, "disk": disk}
