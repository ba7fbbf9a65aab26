"""How the tasks here name files: one pattern or a list of them, also as JSON text."""

import json
from typing import Annotated, Any

from pydantic import BeforeValidator


def _listed(written: Any) -> Any:
    if not isinstance(written, str):
        return written
    if not written.lstrip().startswith("["):
        return [written]
    try:
        return json.loads(written)
    except ValueError:
        raise ValueError(f"{written!r} is neither a pattern nor a list of them as JSON") from None


Patterns = Annotated[list[str], BeforeValidator(_listed, json_schema_input_type=list[str] | str)]
