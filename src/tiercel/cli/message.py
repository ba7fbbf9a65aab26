"""Messages of log lines as a terminal shows them: what the UI makes links of, in words."""

import re

_LINK = re.compile(r'\[\[link execution="([^"]*)" flowId="([^"]*)" namespace="([^"]*)"\]\]')


def readable(message: str) -> str:
    """`[[link execution="ID" flowId="daily" namespace="sales"]]` is `ID of sales.daily`."""
    return _LINK.sub(r"\1 of \3.\2", message)
