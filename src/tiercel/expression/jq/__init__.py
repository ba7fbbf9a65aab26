"""jq programs, without the library of that name: one that counts its steps, cannot see the server, and needs no compiler.

Semantics of 1.6 as the original's engine has them, with functions that later versions added. `env`, `input` and
everything else that would look beyond the one input is refused when the program is read.
"""

from collections.abc import Iterator
from typing import Any

from tiercel.expression.jq.compile import run_program
from tiercel.expression.jq.scope import Scope
from tiercel.expression.rendering import Rendering


def run_jq(program: str, value: Any, rendering: Rendering) -> Iterator[Any]:
    """All results for a value that is plain JSON. Raises ExpressionError."""
    return run_program(program, value, Scope(rendering))
