"""Headers of HTTP as expressions see them: found however their names are written."""

from collections.abc import Iterator, Mapping
from typing import Any, cast


class Headers(Mapping[str, Any]):
    """Names are compared without regard to case, as HTTP does; they are listed as they came."""

    __slots__ = ("_as_came", "_by_small_name")

    def __init__(self, headers: Mapping[str, Any]) -> None:
        self._as_came = headers
        self._by_small_name = {name.lower(): name for name in headers}

    def __getitem__(self, name: str) -> Any:
        return self._as_came[self._by_small_name[name.lower()]]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._by_small_name

    def __iter__(self) -> Iterator[str]:
        return iter(self._as_came)

    def __len__(self) -> int:
        return len(self._as_came)


def with_headers(variables: Mapping[str, Any]) -> dict[str, Any]:
    """The variables of a trigger; its headers, where it has some, are found however they are written."""
    headers = variables.get("headers")
    if not isinstance(headers, Mapping):
        return dict(variables)
    return {**variables, "headers": Headers(cast(Mapping[str, Any], headers))}
