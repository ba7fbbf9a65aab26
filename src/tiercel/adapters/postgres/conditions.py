"""Conditions of a query that is put together: clauses joined by AND, their arguments numbered as they come."""

from collections.abc import Iterable


class Conditions:
    """Texts of SQL with `{}` where an argument goes; arguments never become part of the text."""

    def __init__(self) -> None:
        self.arguments: list[object] = []
        self._clauses: list[str] = []

    def add(self, clause: str, *arguments: object) -> None:
        """Demand the clause too."""
        self.also(self.clause(clause, *arguments))

    def also(self, clause: str) -> None:
        """Demand a clause that has its arguments already."""
        self._clauses.append(clause)

    def clause(self, clause: str, *arguments: object) -> str:
        """The clause with its arguments numbered, to be used in another."""
        return clause.format(*[self.argument(each) for each in arguments])

    def argument(self, value: object) -> str:
        self.arguments.append(value)
        return f"${len(self.arguments)}"

    @property
    def text(self) -> str:
        return " AND ".join(self._clauses) or "true"


def any_of(clauses: Iterable[str]) -> str:
    """At least one of these; none when there are none."""
    return f"({' OR '.join(clauses) or 'false'})"


def containing(text: str) -> str:
    """A pattern for LIKE that finds the text anywhere; what is special in patterns means itself."""
    return f"%{literal(text)}%"


def literal(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
