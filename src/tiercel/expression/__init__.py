"""The `{{ }}` language: templates compiled to closures and rendered against a context. Pure: the world is a host."""

from tiercel.expression.budgets import Budget, ReadingBudget
from tiercel.expression.callables import About, Filter, Function, Test
from tiercel.expression.compile import OldName
from tiercel.expression.containers import is_true, render, render_typed
from tiercel.expression.dialect import Dialect
from tiercel.expression.errors import ExpressionError, UndefinedError, UnknownError
from tiercel.expression.filters import FILTERS
from tiercel.expression.functions import FUNCTIONS
from tiercel.expression.ion import read_ion_values, write_ion
from tiercel.expression.json_text import to_json
from tiercel.expression.surroundings import (
    AnsweredHost,
    Failed,
    Host,
    HostCall,
    MaskedHost,
    NoHost,
    Surroundings,
    Unanswered,
)
from tiercel.expression.symbols import OPERATORS, TAGS
from tiercel.expression.template import Compiler, Template, compile
from tiercel.expression.tests import TESTS
from tiercel.expression.text import to_text
from tiercel.expression.values import Value
from tiercel.expression.yaml_text import read_yaml

__all__ = [
    "FILTERS",
    "FUNCTIONS",
    "OPERATORS",
    "TAGS",
    "TESTS",
    "About",
    "AnsweredHost",
    "Budget",
    "Compiler",
    "Dialect",
    "ExpressionError",
    "Failed",
    "Filter",
    "Function",
    "Host",
    "HostCall",
    "MaskedHost",
    "NoHost",
    "OldName",
    "ReadingBudget",
    "Surroundings",
    "Template",
    "Test",
    "Unanswered",
    "UndefinedError",
    "UnknownError",
    "Value",
    "compile",
    "is_true",
    "read_ion_values",
    "read_yaml",
    "render",
    "render_typed",
    "to_json",
    "to_text",
    "write_ion",
]
