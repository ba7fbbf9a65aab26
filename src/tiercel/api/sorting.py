"""`sort=field:asc|desc` as the stores take it."""

from tiercel.api.problems import ApiError


def order_of(sort: list[str], *, allowed: tuple[str, ...], default: tuple[str, bool]) -> tuple[str, bool]:
    """The field and whether it descends. Raises ApiError that lists the fields there are."""
    if not sort:
        return default
    field, _, direction = sort[0].partition(":")
    if field not in allowed:
        raise ApiError("invalid-argument", f"Cannot sort by '{field}'. Expected one of: [{', '.join(allowed)}]")
    if direction not in ("", "asc", "desc"):
        raise ApiError(
            "invalid-argument", f"'{direction}' is no direction of sorting; write {field}:asc or {field}:desc"
        )
    return field, direction == "desc"
