"""The environment variables a script sees: enough to find programs, proxies and certificates, nothing of the server's."""

import re
from collections.abc import Iterable, Mapping

_PASSED = re.compile(
    r"PATH|HOME|USER|SHELL|LANG|LC_.*|TZ|TMPDIR|.*_PROXY|.*_proxy|SSL_CERT_.*|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE"
    r"|NODE_EXTRA_CA_CERTS|PIP_.*|UV_.*|NPM_CONFIG_.*"
)
_PRIVATE = re.compile(
    r"(KESTRA|TIERCEL|SECRET|DATASOURCES|MICRONAUT)_.*|PG.*"
    r"|.*(PASSWORD|PASSWD|SECRET|TOKEN|CREDENTIAL|API_KEY|PRIVATE_KEY|ACCESS_KEY|DATABASE_URL).*",
    re.IGNORECASE,
)
"""What the server is trusted with. `scripts.environment: inherit` does not give it away; naming a variable does."""
_OURS = frozenset({"VIRTUAL_ENV", "PYTHONHOME"})
"""They say where the server's own Python is."""
NEVER_PASSED = "PYTHONDONTWRITEBYTECODE"
"""It would make every start of a script compile its imports anew."""
INHERIT = "inherit"


def inherited(environment: Mapping[str, str], further: Iterable[str]) -> dict[str, str]:
    """What passes from the worker's own environment. `further`: names, or `inherit` for all that is not private."""
    names = set(further)
    return {
        name: value
        for name, value in environment.items()
        if name != NEVER_PASSED
        and (name in names or _PASSED.fullmatch(name) or (INHERIT in names and not _is_private(name)))
    }


def _is_private(name: str) -> bool:
    return name in _OURS or _PRIVATE.fullmatch(name) is not None
