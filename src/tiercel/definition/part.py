"""One task or one trigger by itself, as an editor or a form sends it: checked as if it stood in a flow of its own."""

import msgspec
from yaml import MappingNode, Node, ScalarNode, SequenceNode

from tiercel.definition.catalog import Catalog
from tiercel.definition.check import check
from tiercel.definition.document import Document
from tiercel.definition.problem import Problem, sort
from tiercel.definition.read import Reading, parse, read_document
from tiercel.definition.yaml import MAP, SEQ, TEXT

_ELSEWHERE = frozenset({"unknown-name", "missing-inputs", "unknown-input"})
"""What only the rest of the flow can say."""


def check_task(text: str, catalog: Catalog) -> tuple[Problem, ...]:
    """All problems of the text of one task; paths begin at the task."""
    return _check(text, "tasks", catalog)


def check_trigger(text: str, catalog: Catalog) -> tuple[Problem, ...]:
    """All problems of the text of one trigger; paths begin at the trigger."""
    return _check(text, "triggers", catalog)


def _check(text: str, section: str, catalog: Catalog) -> tuple[Problem, ...]:
    document, problems = parse(text)
    if document is None:
        return sort(problems)
    reading = read_document(_flow_around(document, section))
    found = check(Reading(None, sort([*problems, *reading.problems]), reading.document), catalog)
    return tuple(_alone(one, section, document) for one in found if one.code not in _ELSEWHERE)


def _flow_around(part: Document, section: str) -> Document:
    """A flow that holds nothing else; its nodes are those of the part, so that places stay right."""
    around = {"id": "flow", "namespace": "flow"}
    data = {**around, section: [part.data]}
    if section != "tasks":
        data["tasks"] = [{"id": "flow", "type": "io.kestra.plugin.core.flow.Sleep", "duration": 0}]
    return Document(data, _node_around(part.root, section), part.text)


def _node_around(root: Node | None, section: str) -> Node | None:
    if root is None:
        return None
    key = ScalarNode(TEXT, section, root.start_mark, root.start_mark)
    items = SequenceNode(SEQ, [root], root.start_mark, root.end_mark)
    return MappingNode(MAP, [(key, items)], root.start_mark, root.end_mark)


def _alone(problem: Problem, section: str, part: Document) -> Problem:
    prefix = f"{section}[0]"
    path = problem.path.removeprefix(prefix).removeprefix(".")
    if problem.legacy_path is None:
        return msgspec.structs.replace(problem, path=path)
    start = prefix if problem.legacy_path.startswith(prefix) else str(part.data.get("id"))
    legacy_path = problem.legacy_path.removeprefix(start).removeprefix(".")
    return msgspec.structs.replace(problem, path=path, legacy_path=legacy_path)
