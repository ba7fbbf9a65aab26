"""Labels as they are typed: key=value, or key:value as the API writes them."""

import re

from tiercel.model.execution import Label

_WRITTEN = re.compile(r"([^=:]+)[=:](.*)", re.DOTALL)


def label_of(text: str) -> Label:
    """Raises ValueError."""
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise ValueError(f"a label is written key=value, not {text!r}")
    return Label(found[1], found[2])
