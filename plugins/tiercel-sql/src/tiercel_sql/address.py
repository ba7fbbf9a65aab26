"""JDBC and libpq URLs into libpq's connection parameters."""

from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

_UNDERSTOOD = {"user": "user", "password": "password", "sslmode": "sslmode", "options": "options",
               "connectTimeout": "connect_timeout", "ApplicationName": "application_name", "sslrootcert": "sslrootcert",
               "sslcert": "sslcert", "sslkey": "sslkey", "sslpassword": "sslpassword"}  # fmt: skip


def connection_parameters(url: str) -> dict[str, Any]:
    """What a URL says. What it leaves out comes from libpq's environment (PGUSER, PGPASSFILE …)."""
    is_jdbc = url.strip().startswith("jdbc:")
    address = urlsplit(url.strip().removeprefix("jdbc:"))
    if address.scheme not in ("postgresql", "postgres"):
        raise ValueError(f"{url!r} is not an address of PostgreSQL; write jdbc:postgresql://host:5432/database")
    return {
        name: value
        for name, value in (_hosts(address) | _path(address) | _login(address) | _query(address, is_jdbc)).items()
        if value
    }


def _hosts(address: SplitResult) -> dict[str, str]:
    """One host or several, each with its port; libpq takes both as comma lists."""
    pairs = [
        part.rpartition(":") if _has_port(part) else (part, "", "5432")
        for part in address.netloc.rpartition("@")[2].split(",")
    ]
    if pairs == [("", "", "5432")]:
        return {}
    return {"host": ",".join(host.strip("[]") for host, _, _ in pairs), "port": ",".join(port for _, _, port in pairs)}


def _has_port(part: str) -> bool:
    return ":" in part and not part.endswith("]")


def _path(address: SplitResult) -> dict[str, str]:
    return {"dbname": unquote(address.path.lstrip("/"))}


def _login(address: SplitResult) -> dict[str, str]:
    user, _, password = address.netloc.rpartition("@")[0].partition(":")
    return {"user": unquote(user), "password": unquote(password)}


def _query(address: SplitResult, is_jdbc: bool) -> dict[str, str]:
    """JDBC's names as libpq's; what else stands there is libpq's own, or of no use where the driver is another."""
    given = dict(parse_qsl(address.query))
    found = {_UNDERSTOOD[name]: value for name, value in given.items() if name in _UNDERSTOOD}
    if not is_jdbc:
        found |= {name: value for name, value in given.items() if name not in {*_UNDERSTOOD, "ssl", "currentSchema"}}
    if given.get("ssl", "").lower() == "true":
        found.setdefault("sslmode", "require")
    if schema := given.get("currentSchema"):
        found["options"] = f"{found.get('options', '')} -c search_path={schema}".strip()
    return found
