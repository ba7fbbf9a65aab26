"""One way to lay out a flow: order of properties, indentation, quotes. Comments stay with what they belong to."""

from tiercel.definition.formatting.format import NotFormatted, format_flow

__all__ = ["NotFormatted", "format_flow"]
