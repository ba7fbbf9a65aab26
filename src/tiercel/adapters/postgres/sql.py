"""The SQL files of this adapter: one query each, whose first line says what it is for."""

from functools import cache
from importlib.resources import files

_FOLDER = files("tiercel.adapters.postgres") / "queries"


@cache
def query(name: str) -> str:
    """The text of `queries/<name>.sql`."""
    return _FOLDER.joinpath(*f"{name}.sql".split("/")).read_text(encoding="utf-8").strip()
