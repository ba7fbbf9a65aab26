"""Who may ask: nobody is asked on loopback; elsewhere HTTP basic, or the cookie that the login page sets."""

import base64
import binascii
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie

import msgspec
from starlette.responses import Response
from starlette.types import Scope

from tiercel.api.call import Call
from tiercel.api.problems import ApiError
from tiercel.api.routing import JSON, route
from tiercel.services.account import Gatekeeper

COOKIE = "BASIC_AUTH"
FLAG = "tiercelAuthenticated"
OPEN = (
    "/ui",
    "/health",
    "/ping",
    "/api/v1/login",
    "/api/v1/logout",
    "/api/v1/configs",
    "/api/v1/main/executions/webhook/",
    "/api/v1/executions/webhook/",
)
"""Prefixes of paths that are open to all; a webhook has a key of its own."""


class Credentials(msgspec.Struct, frozen=True):
    username: str
    password: str


class Guard:
    """Lets requests in, or refuses them."""

    def __init__(self, gatekeeper: Gatekeeper | None, *, open_prefixes: Iterable[str] = ()) -> None:
        self._gatekeeper = gatekeeper
        self._open = (*OPEN, *open_prefixes)

    @property
    def asks(self) -> bool:
        """Whether requests must say who asks."""
        return self._gatekeeper is not None

    def user(self, scope: Scope) -> str | None:
        """Who asks, as far as it is known. Raises ApiError where someone must and nobody valid does."""
        if self._gatekeeper is None:
            return None
        given = _given(scope)
        if given is not None and self._gatekeeper.admits(*given):
            return given[0]
        if scope["path"] == "/" or scope["path"].startswith(self._open):
            return None
        raise ApiError("unauthenticated", "say who you are", headers={"WWW-Authenticate": "Basic"})

    def check(self, credentials: Credentials) -> None:
        """Raise ApiError unless these are right."""
        if self._gatekeeper is not None and not self._gatekeeper.admits(credentials.username, credentials.password):
            raise ApiError("unauthenticated", "name or password is wrong")


class Login:
    """The routes by which the web UI signs in and out."""

    def __init__(self, guard: Guard, *, is_secure: bool) -> None:
        self._guard = guard
        self._is_secure = is_secure

    @route("POST", "/api/v1/login", operation="login", accepts=(JSON,), body=Credentials, tenanted=False)
    async def login(self, call: Call) -> Response:
        """Sign in: the answer sets a cookie"""
        credentials = await call.json(Credentials)
        self._guard.check(credentials)
        value = base64.b64encode(f"{credentials.username}:{credentials.password}".encode()).decode()
        answer = Response(status_code=204)
        answer.set_cookie(COOKIE, value, httponly=True, secure=self._is_secure, samesite="strict")
        answer.set_cookie(FLAG, "true", secure=self._is_secure, samesite="strict")
        return answer

    @route("POST", "/api/v1/logout", operation="logout", tenanted=False)
    async def logout(self, call: Call) -> Response:
        """Sign out"""
        answer = Response(status_code=204)
        answer.delete_cookie(COOKIE)
        answer.delete_cookie(FLAG)
        return answer


def _given(scope: Scope) -> tuple[str, str] | None:
    headers: dict[bytes, bytes] = dict(scope["headers"])
    scheme, _, value = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    if scheme.lower() == "basic":
        return _pair(value)
    cookie = headers.get(b"cookie")
    return None if cookie is None else _of_cookie(cookie.decode("latin-1"))


def _of_cookie(text: str) -> tuple[str, str] | None:
    try:
        morsel = SimpleCookie(text).get(COOKIE)
    except CookieError:
        return None
    return None if morsel is None else _pair(morsel.value)


def _pair(value: str) -> tuple[str, str] | None:
    try:
        name, colon, password = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (name, password) if colon else None
