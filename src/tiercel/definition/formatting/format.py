"""The whole way from a text to the same flow, laid out. A text that would come out meaning something else is refused."""

import json
from collections import Counter

from yaml import YAMLError

from tiercel.definition.document import Document
from tiercel.definition.formatting.comments import Comments, attach
from tiercel.definition.formatting.layout import Layout
from tiercel.definition.formatting.order import FLOW
from tiercel.definition.formatting.tree import Collection, Tree
from tiercel.definition.problem import Problem, sort
from tiercel.definition.read import parse


class NotFormatted(Exception):
    """A text cannot be laid out; `problems` says why."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems[0].message)
        self.problems = problems


def format_flow(text: str) -> str:
    """The text of one flow as it should be laid out. Raises NotFormatted."""
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n")
    document, comments, formatted = _formatted(plain)
    again, problems = parse(formatted)
    if again is None or problems or _meaning(again) != _meaning(document) or _comments(formatted) != comments:
        raise NotFormatted((_left_as_it_is(),))
    return formatted.replace("\n", "\r\n") if "\r\n" in text else formatted


def _formatted(text: str) -> tuple[Document, Counter[str], str]:
    document, problems = parse(text)
    if document is None or problems:
        raise NotFormatted(sort(problems))
    tree = Tree(text)
    comments = Comments(text, tree)
    found = Counter(comments.texts)
    header, tail = _outside(tree, comments)
    root = tree.root
    if not isinstance(root, Collection) or root.is_flow:
        raise NotFormatted((_left_as_it_is(),))
    body = Layout(text, keeps_order=tree.has_anchors).lines(root, FLOW)
    lines = "\n".join([*header, *body, *tail]).strip("\n")
    return document, found, f"{lines}\n"


def _outside(tree: Tree, comments: Comments) -> tuple[list[str], list[str]]:
    """What stands on top stays there, whichever entry comes first then; behind an empty line it is of the entry."""
    tail = attach(tree, comments)
    root = tree.root
    if not isinstance(root, Collection) or not root.entries:
        return [], tail
    first = root.entries[0]
    above = len(first.leading)
    if "" in first.leading:
        above -= first.leading[::-1].index("")
    header, first.leading = first.leading[:above], first.leading[above:]
    return header, tail


def _meaning(document: Document) -> str:
    return json.dumps(document.data, sort_keys=True)


def _comments(text: str) -> Counter[str]:
    try:
        return Counter(Comments(text, Tree(text)).texts)
    except (YAMLError, ValueError):
        return Counter()


def _left_as_it_is() -> Problem:
    return Problem(
        "not-formatted",
        "this is written in a way that cannot be laid out without changing it; it is left as it is",
        line=1,
        column=1,
    )
