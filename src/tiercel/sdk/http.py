"""HTTP for tasks: the options that all of them share, and one way to send a request. The library is imported late.

Old and new spellings of the options are both accepted; where both are given, the new one counts.
"""

import os
import ssl
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast
from urllib.parse import quote

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from tiercel.model.durations import format_duration
from tiercel.sdk.errors import InvalidProperty, TaskFailed
from tiercel.sdk.fields import Duration, Secret
from tiercel.sdk.properties import Properties

if TYPE_CHECKING:
    from httpx2 import AsyncClient, Auth, Response, TimeoutException

Method = Annotated[
    str, StringConstraints(strip_whitespace=True, to_upper=True, pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")
]
"""Any that the server knows: those of WebDAV, too."""
HttpPart = Literal["REQUEST_HEADERS", "REQUEST_BODY", "RESPONSE_HEADERS", "RESPONSE_BODY"]
CONNECT = timedelta(seconds=30)
IDLE = timedelta(minutes=5)
_SHOWN_BODY = 500


class TimeoutOptions(Properties):
    connect_timeout: Duration | None = None
    """How long a connection may take to be made; half a minute where nothing is said."""
    read_idle_timeout: Duration | None = None
    """How long the server may send nothing; five minutes where nothing is said."""

    @property
    def both(self) -> tuple[timedelta, timedelta]:
        """How long connecting and silence may last."""
        connect, idle = self.connect_timeout, self.read_idle_timeout
        return CONNECT if connect is None else connect, IDLE if idle is None else idle


class ProxyOptions(Properties):
    type: Literal["DIRECT", "HTTP", "SOCKS"] = "DIRECT"
    """DIRECT uses no proxy but those of the environment."""
    address: str | None = None
    """Host of the proxy."""
    port: int | None = None
    """Its port."""
    username: str | None = None
    """Who uses the proxy, where it asks."""
    password: Secret | None = None
    """The password for it."""


class AuthOptions(Properties):
    type: Literal["BASIC", "DIGEST", "BEARER"]
    """BASIC and DIGEST want username and password, BEARER a token."""
    username: str | None = None
    """Who asks."""
    password: Secret | None = None
    """The password of whoever asks."""
    token: Secret | None = None
    """BEARER: what is sent instead of a name and a password."""

    @model_validator(mode="after")
    def _has_what_its_type_wants(self) -> "AuthOptions":
        if self.type == "BEARER" and self.token is None:
            raise InvalidProperty("auth of type BEARER needs a token")
        if self.type != "BEARER" and self.username is None:
            raise InvalidProperty(f"auth of type {self.type} needs a username")
        return self


class SslOptions(Properties):
    insecure_trust_all_certificates: bool = False
    """Accept any certificate. Whoever sits between can read and change everything."""


def _tell_old_names(schema: dict[str, Any]) -> None:
    schema["properties"] |= {name: {"deprecated": True, "description": _instead(name)} for name in _MOVED}


def _instead(name: str) -> str:
    place = _MOVED[name]
    return "Has no effect." if place is None else f"Write `{'.'.join(place)}`."


class HttpOptions(Properties):
    """How a request is sent."""

    model_config = ConfigDict(json_schema_extra=_tell_old_names)

    timeout: TimeoutOptions = TimeoutOptions()
    """Time limits of connecting and of silence."""
    proxy: ProxyOptions = ProxyOptions()
    """The proxy that the request goes through."""
    auth: AuthOptions | None = None
    """How whoever asks is known to the server."""
    ssl: SslOptions = SslOptions()
    """How the server is known."""
    follow_redirects: bool = True
    """Whether an answer that points elsewhere is followed there."""
    allow_failed: bool = False
    """Take an answer of 400 and above as a success."""
    allowed_response_codes: list[int] = []
    """Where given, an answer with any other code is a failure, whatever `allowFailed` says."""
    default_charset: str = "UTF-8"
    """How a text is decoded whose content type says nothing."""
    logs: list[HttpPart] = []
    """What is logged: headers at level DEBUG, bodies at level TRACE; of who asks, what must not be seen is hidden."""
    max_content_length: Annotated[int | None, Field(ge=0)] = None
    """The most bytes an answer may have; 10 MiB where it becomes an output."""

    @model_validator(mode="before")
    @classmethod
    def _in_present_words(cls, raw: Any) -> Any:
        return _moved(cast(Mapping[str, Any], raw)) if isinstance(raw, Mapping) else raw


_MOVED: Mapping[str, tuple[str, str] | None] = {
    "connectTimeout": ("timeout", "connectTimeout"),
    "readTimeout": ("timeout", "readIdleTimeout"),
    "readIdleTimeout": ("timeout", "readIdleTimeout"),
    "proxyType": ("proxy", "type"),
    "proxyAddress": ("proxy", "address"),
    "proxyPort": ("proxy", "port"),
    "proxyUsername": ("proxy", "username"),
    "proxyPassword": ("proxy", "password"),
    "basicAuthUser": ("auth", "username"),
    "basicAuthPassword": ("auth", "password"),
    "connectionPoolIdleTimeout": None,
    "enabledTcpExtendedKeepAlive": None,
    "logLevel": None,
}
"""Old name → where it is now; None for what has no effect any more."""


def _moved(raw: Mapping[str, Any]) -> dict[str, Any]:
    options = {name: value for name, value in raw.items() if name not in _MOVED}
    for old, place in _MOVED.items():
        if place is not None and raw.get(old) is not None:
            group, name = place
            options[group] = {name: raw[old], **(options.get(group) or _GROUPS.get(group, {}))}
    return options


_GROUPS: Mapping[str, Mapping[str, str]] = {"auth": {"type": "BASIC"}}
"""What the old spelling of a group implied."""


@asynccontextmanager
async def exchange(method: str, uri: str, *, options: HttpOptions, **content: Any) -> "AsyncGenerator[Response]":
    """Send a request and give the answer, its body still to be read. Raises TaskFailed where none comes.

    `content` goes to the client as it is: headers, content, data, files.
    """
    import httpx2

    try:
        async with _client(options) as client, client.stream(method, uri, **content) as response:
            yield response
    except httpx2.TimeoutException as error:
        raise TaskFailed(f"{method} {uri} took too long: {_slow(error, options.timeout)}") from error
    except (httpx2.HTTPError, httpx2.InvalidURL, ssl.SSLError) as error:
        raise TaskFailed(f"{method} {uri} failed: {_reason(error)}") from error


def refused(response: "Response", options: HttpOptions) -> bool:
    """Whether an answer counts as a failure."""
    if options.allowed_response_codes:
        return response.status_code not in options.allowed_response_codes
    return response.status_code >= 400 and not options.allow_failed


async def read_limited(response: "Response", *, limit: int) -> bytes:
    """The body. Raises TaskFailed where it is longer than `limit`."""
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > limit:
            raise TaskFailed(
                f"the answer of {response.url} is longer than {limit} bytes; raise options.maxContentLength, "
                "or use http.Download, which stores it as a file"
            )
    return bytes(body)


def failure(response: "Response", body: bytes) -> TaskFailed:
    """What to raise for an answer that is refused: code, place, and how the server explained it."""
    request = response.request
    shown = body[:_SHOWN_BODY].decode("utf-8", "replace").strip()
    answer = f"{response.status_code} {response.reason_phrase}".strip()
    return TaskFailed(f"{request.method} {request.url} was answered with {answer}" + (f": {shown}" if shown else ""))


def header_lists(response: "Response") -> dict[str, list[str]]:
    """The headers as outputs show them: every name, as the server spells it, with all its values."""
    headers = response.headers
    spellings = {name.lower(): name.decode("latin-1") for name, _ in reversed(headers.raw)}
    return {name: headers.get_list(name) for name in reversed(spellings.values())}


def _client(options: HttpOptions) -> "AsyncClient":
    import httpx2

    auth, (connect, idle) = options.auth, options.timeout.both
    return httpx2.AsyncClient(
        auth=None if auth is None or auth.type == "BEARER" else _credentials(auth),
        headers={"User-Agent": "Tiercel"} | _bearer(auth),
        verify=_trust(insecure=options.ssl.insecure_trust_all_certificates),
        proxy=_proxy_url(options.proxy),
        timeout=httpx2.Timeout(idle.total_seconds(), connect=connect.total_seconds()),
        follow_redirects=options.follow_redirects,
        default_encoding=options.default_charset,
    )


def _credentials(auth: AuthOptions) -> "Auth":
    import httpx2

    kind = httpx2.BasicAuth if auth.type == "BASIC" else httpx2.DigestAuth
    return kind(auth.username or "", _shown(auth.password))


def _bearer(auth: AuthOptions | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {_shown(auth.token)}"} if auth is not None and auth.type == "BEARER" else {}


def _proxy_url(proxy: ProxyOptions) -> str | None:
    if proxy.type == "DIRECT" or proxy.address is None:
        return None
    scheme = "http" if proxy.type == "HTTP" else "socks5"
    user = (
        "" if proxy.username is None else f"{quote(proxy.username, safe='')}:{quote(_shown(proxy.password), safe='')}@"
    )
    return f"{scheme}://{user}{proxy.address}" + ("" if proxy.port is None else f":{proxy.port}")


def _shown(secret: Secret | None) -> str:
    return "" if secret is None else secret.get_secret_value()


@lru_cache(maxsize=2)
def _trust(*, insecure: bool) -> ssl.SSLContext:
    """Reading the system's certificates takes 20 ms: done once."""
    context = ssl.create_default_context()
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _slow(error: "TimeoutException", limits: TimeoutOptions) -> str:
    """Which limit was passed, and where to change it: what the library says of it is for those who wrote it."""
    import httpx2

    connect, idle = limits.both
    if isinstance(error, httpx2.ConnectTimeout):
        return f"no connection within {format_duration(connect)}, see options.timeout.connectTimeout"
    return f"the server was silent for {format_duration(idle)}, see options.timeout.readIdleTimeout"


def _reason(error: BaseException) -> str:
    """What is at the bottom of an error: "Connection refused" rather than "All connection attempts failed"."""
    bottom = error
    while bottom.__cause__ is not None or bottom.__context__ is not None:
        bottom = bottom.__cause__ or bottom.__context__ or bottom
    if isinstance(bottom, ConnectionError) and bottom.errno is not None:
        return os.strerror(bottom.errno)
    return str(bottom) or str(error) or type(error).__name__
