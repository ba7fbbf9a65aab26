"""What to tell somebody whose flow uses a type that is not here: which extra brings it, or that nothing does yet."""

from functools import cache

from tiercel.services.known_types import PREFIX, known_types

EXTRAS: dict[str, tuple[str, ...]] = {
    "scripts": (
        "scripts.python.Commands",
        "scripts.python.Script",
        "scripts.shell.Commands",
        "scripts.shell.Script",
    ),
    "sql": ("jdbc.postgresql.Queries", "jdbc.postgresql.Query"),
    "gcp": ("gcp.bigquery.Load", "gcp.bigquery.Query"),
}
"""`pip install tiercel[extra]`, and the types that it brings."""

_OLD_SCRIPTS = "io.kestra.core.tasks.scripts."


def sentence_for(name: str) -> str | None:
    """The sentence for a type that is not installed, by any of its names; None where the ecosystem does not know it."""
    current = known_types().current(name)
    if current is not None:
        return _sentence(current.removeprefix(PREFIX))
    family = name.removeprefix(PREFIX).split(".")[0]
    return f"no plugin of Tiercel brings the family `{family}` yet" if family in _families() else None


def _sentence(short: str) -> str:
    extra = next((extra for extra, brought in EXTRAS.items() if short in brought or _is_old_script(extra, short)), None)
    if extra is not None:
        return f"known plugin type, not installed: pip install 'tiercel[{extra}]'"
    return "known plugin type, but no plugin of Tiercel brings it yet"


def _is_old_script(extra: str, name: str) -> bool:
    return extra == "scripts" and name in (_OLD_SCRIPTS + "Bash", _OLD_SCRIPTS + "Python")


@cache
def _families() -> frozenset[str]:
    """The families of which at least one type is known; the core's types are all known."""
    return frozenset(name.removeprefix(PREFIX).split(".")[0] for name in known_types().types) - {"core", "io"}
