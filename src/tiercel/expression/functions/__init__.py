"""The functions by name, one file a family."""

from collections.abc import Mapping

from tiercel.expression.callables import Function
from tiercel.expression.functions import calendar, context, dates, numbers, random, structured, world

FUNCTIONS: Mapping[str, Function] = {
    **numbers.FUNCTIONS,
    **structured.FUNCTIONS,
    **context.FUNCTIONS,
    **dates.FUNCTIONS,
    **calendar.FUNCTIONS,
    **random.FUNCTIONS,
    **world.FUNCTIONS,
}
