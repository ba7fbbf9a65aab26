"""The environment variables a script sees: enough to find programs, proxies and certificates, nothing of the server's."""

from collections.abc import Iterable, Mapping

_NAMES = frozenset(
    {
        "PATH", "HOME", "USER", "SHELL", "LANG", "TZ", "TMPDIR",
        "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "FTP_PROXY", "http_proxy", "https_proxy", "no_proxy", "all_proxy", "ftp_proxy",
        "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS",
    }
)  # fmt: skip
_PREFIXES = ("LC_", "SSL_CERT_", "PIP_", "UV_", "NPM_CONFIG_", "npm_config_")
_NEVER = ("KESTRA_", "TIERCEL_", "SECRET_", "PG", "DATASOURCES_", "MICRONAUT_")
_CREDENTIALS = ("PASSWORD", "SECRET", "TOKEN", "CREDENTIAL", "API_KEY", "PRIVATE_KEY", "ACCESS_KEY")
NEVER_PASSED = "PYTHONDONTWRITEBYTECODE"
"""It would make every start of a script compile its imports anew."""


def inherited(environment: Mapping[str, str], further: Iterable[str]) -> dict[str, str]:
    """What passes from the worker's own environment. `further`: names, or `inherit` for all that is no credential."""
    names = set(further)
    everything = "inherit" in names
    return {
        name: value
        for name, value in environment.items()
        if name != NEVER_PASSED and (name in names or _passes(name) or (everything and not _is_private(name)))
    }


def _passes(name: str) -> bool:
    return name in _NAMES or (name.startswith(_PREFIXES) and not _is_private(name))


def _is_private(name: str) -> bool:
    upper = name.upper()
    return name.startswith(_NEVER) or any(word in upper for word in _CREDENTIALS)
