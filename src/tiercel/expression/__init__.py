"""The `{{ }}` language: templates compiled to closures and rendered against a context. Pure: the world is a host."""

from tiercel.expression.containers import is_true, render, render_typed
from tiercel.expression.errors import ExpressionError, UndefinedError
from tiercel.expression.ion import read_ion_values
from tiercel.expression.json_text import to_json
from tiercel.expression.parser import Dialect
from tiercel.expression.surroundings import (
    AnsweredHost,
    Budget,
    Failed,
    Host,
    HostCall,
    NoHost,
    Surroundings,
    Unanswered,
)
from tiercel.expression.template import Compiler, Template, compile
from tiercel.expression.text import to_text
from tiercel.expression.values import Value

__all__ = [
    "AnsweredHost",
    "Budget",
    "Compiler",
    "Dialect",
    "ExpressionError",
    "Failed",
    "Host",
    "HostCall",
    "NoHost",
    "Surroundings",
    "Template",
    "Unanswered",
    "UndefinedError",
    "Value",
    "compile",
    "is_true",
    "read_ion_values",
    "render",
    "render_typed",
    "to_json",
    "to_text",
]
