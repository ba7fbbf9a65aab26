"""Where packages come from: uv reads no configuration of pip's, so what the machine's pip is told is passed on."""

import configparser
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from tiercel_scripts.surroundings import NEVER_PASSED

_ANY_USERS = ("/etc/xdg/pip/pip.conf", "/etc/pip.conf")
_OWN = ("~/.pip/pip.conf", "~/.config/pip/pip.conf")
_OPTIONS = {"UV_DEFAULT_INDEX": "index-url", "UV_INDEX": "extra-index-url", "UV_FIND_LINKS": "find-links"}
_OLD_NAMES = {"UV_DEFAULT_INDEX": "UV_INDEX_URL", "UV_INDEX": "UV_EXTRA_INDEX_URL"}
_IMPATIENT = {"UV_HTTP_CONNECT_TIMEOUT": "3", "UV_HTTP_RETRIES": "1"}
"""Who cannot reach an index is told within ten seconds."""


def uv_environment(environment: Mapping[str, str], *, cache: Path) -> dict[str, str]:
    """uv's surroundings: the machine's certificates and packages, short patience. What is set for uv itself wins."""
    kept = {name: value for name, value in environment.items() if name not in (NEVER_PASSED, "VIRTUAL_ENV")}
    defaults = {
        "UV_SYSTEM_CERTS": "1",
        "UV_CACHE_DIR": str(cache),
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_NO_PROGRESS": "1",
        **_IMPATIENT,
        **_of_pip(environment),
    }
    return {**defaults, **kept}


def _of_pip(environment: Mapping[str, str]) -> dict[str, str]:
    configuration = _configuration(environment)
    found = {name: _option(option, environment, configuration) for name, option in _OPTIONS.items()}
    return {name: value for name, value in found.items() if value and _OLD_NAMES.get(name, "") not in environment}


def _option(option: str, environment: Mapping[str, str], configuration: configparser.ConfigParser) -> str:
    """As pip understands it: its environment variable, then the section of the command, then that of all commands."""
    written = environment.get(f"PIP_{option.replace('-', '_').upper()}")
    if written is None:
        general = configuration.get("global", option, fallback="")
        written = configuration.get("install", option, fallback=general)
    return " ".join(written.split()) if option != "find-links" else ",".join(written.split())


def _configuration(environment: Mapping[str, str]) -> configparser.ConfigParser:
    configuration = configparser.ConfigParser(interpolation=None, strict=False)
    file = environment.get("PIP_CONFIG_FILE")
    if file != os.devnull:
        own = [str(Path(name).expanduser()) for name in _OWN]
        configuration.read([*_ANY_USERS, *own, f"{sys.prefix}/pip.conf", *([file] if file else [])])
    return configuration
