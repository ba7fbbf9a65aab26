"""Rendering text that a rendering came upon: once, or until nothing changes any more."""

from tiercel.expression.errors import ExpressionError
from tiercel.expression.rendering import Rendering

# Reading a template takes much longer than rendering it.
_STEPS = 100
_CHARACTERS_A_STEP = 2


def render_until_stable(text: str, outer: Rendering) -> str:
    """Render the text, and what comes out of it, until nothing changes. Secrets and raw text are rendered once only."""
    rendering = outer.within(outer.template)
    rendering.protected = []
    for _ in range(outer.surroundings.budget.passes):
        rendered = render_once(text, rendering)
        if rendered == text:
            return rendering.restore(text)
        text = rendered
    raise ExpressionError("limit", f"the text still changes after {outer.surroundings.budget.passes} renderings")


def render_once(text: str, outer: Rendering) -> str:
    """Render the text as a template of its own that sees the same names."""
    if "{" not in text:
        return text
    template = outer.template.compiler.compile(text)
    outer.spend(_STEPS + len(text) // _CHARACTERS_A_STEP)
    try:
        return template.write_text(outer.within(template))
    except ExpressionError as error:
        error.within(text)
        raise
