"""Whether what came out of an example is what its page says: all that is said must be so, and nothing unknown is said."""

from typing import Any

PARTLY = ("trigger", "log")
"""Said in part: of `trigger` some variables, of `log` some lines in their order."""


def differences(said: dict[str, Any], came: dict[str, Any]) -> list[str]:
    wanted = {name: value for name, value in said.items() if name != "after"}
    assert wanted, "the page says nothing of what comes out"
    unknown = [f"nobody knows what `{name}` means" for name in wanted.keys() - came.keys()]
    return unknown + [
        f"{name}: the page says {value!r}, it is {came[name]!r}"
        for name, value in wanted.items()
        if name in came and not _fits(name, value, came[name])
    ]


def _fits(name: str, said: Any, came: Any) -> bool:
    if name == "log":
        lines = iter(came)
        return all(line in lines for line in said)
    if name == "trigger":
        return said.items() <= came.items()
    return said == came
