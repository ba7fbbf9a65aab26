"""Certificates and keys given as text: libpq wants files, and of a key one that nobody else can read."""

import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_FILES = ("sslrootcert", "sslcert", "sslkey")
_BEGIN = "-----BEGIN "


@contextmanager
def in_files(parameters: Mapping[str, Any]) -> Generator[dict[str, Any]]:
    """The parameters with paths where they held PEM texts; the files are gone afterwards."""
    texts = {name: text for name in _FILES if _BEGIN in (text := str(parameters.get(name) or ""))}
    if not texts:
        yield dict(parameters)
        return
    with tempfile.TemporaryDirectory(prefix="tiercel-sql-") as folder:
        yield {**parameters, **{name: str(_written(Path(folder) / name, text)) for name, text in texts.items()}}


def _written(path: Path, text: str) -> Path:
    path.touch(mode=0o600)
    path.write_text(text.strip() + "\n")
    return path
