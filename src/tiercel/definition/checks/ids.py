"""Names that must be there once: tasks, triggers, inputs, outputs; and a flow that would call itself for ever."""

from collections.abc import Iterable, Iterator

from tiercel.definition.document import Document
from tiercel.definition.problem import Problem
from tiercel.definition.walk import Written, entries, mappings, tasks
from tiercel.model.flowable import Subflow


def check_ids(document: Document) -> Iterator[Problem]:
    yield from check_repeated(document, tasks(document), "task")
    yield from check_repeated(document, entries(document, "triggers"), "trigger")
    yield from check_repeated(document, entries(document, "inputs"), "input", legacy_kind="input with name")
    yield from check_repeated(document, entries(document, "outputs"), "output", legacy_kind="output with name")
    yield from check_repeated(document, _preconditions(document), "precondition", legacy_kind="preconditions with id")
    yield from _paths_of_inputs(document)
    yield from _recursion(document)


def check_repeated(
    document: Document, written: Iterable[Written], kind: str, *, legacy_kind: str | None = None
) -> Iterator[Problem]:
    """Each repetition is a problem; the original's sentence names all of them and goes with the first."""
    first: dict[str, Written] = {}
    repeated = [one for one in written if (name := _name(one)) and first.setdefault(name, one) is not one]
    names = ", ".join(dict.fromkeys(_name(one) for one in repeated))
    legacy = f"Invalid Flow: Duplicate {legacy_kind or kind + ' id with name'} [{names}]"
    where = " in the whole flow" if kind == "task" else ""
    for number, one in enumerate(repeated):
        name = _name(one)
        line = document.span((*first[name].path, "id")).line
        yield document.problem(
            "duplicate-id",
            f"a second {kind} has the id `{name}`, the first is in line {line}: ids are unique{where}",
            (*one.path, "id"),
            legacy="" if number else legacy,
            legacy_path="",
        )


def _name(one: Written) -> str:
    name = one.data.get("id", one.data.get("name"))
    return str(name) if isinstance(name, str | int) else ""


def _preconditions(document: Document) -> Iterator[Written]:
    for trigger in entries(document, "triggers"):
        found = trigger.data.get("preconditions")
        yield from (Written((*trigger.path, "preconditions"), one.data) for one in mappings([found], trigger.path))


def _paths_of_inputs(document: Document) -> Iterator[Problem]:
    """`form.child` and `a.b` share one tree of values: no path twice, none below another."""
    inputs = list(entries(document, "inputs"))
    paths = {name: one for one in inputs for name, one in _paths(one)}
    leaves = [name for one in inputs for name, _ in _paths(one)]
    for name in dict.fromkeys(name for name in leaves if leaves.count(name) > 1 and not _is_plain(name, inputs)):
        yield _invalid(document, paths[name], f"Duplicate input path [{name}]", f"two inputs would both be `{name}`")
    for name in paths:
        below = next((other for other in paths if other.startswith(f"{name}.")), None)
        if below is not None:
            words = f"Input path '{name}' conflicts with '{below}'; one cannot be nested under the other."
            yield _invalid(document, paths[below], words, f"`{below}` would stand inside the value of `{name}`")


def _paths(one: Written) -> list[tuple[str, Written]]:
    name = _name(one)
    if one.type_name != "FORM":
        return [(name, one)] if name else []
    children = mappings(one.data.get("inputs"), (*one.path, "inputs"))
    return [(f"{name}.{_name(child)}", child) for child in children if name and _name(child)]


def _is_plain(name: str, inputs: list[Written]) -> bool:
    """A repeated id of two inputs outside forms is told as such already; so is a form that is there twice."""
    own = [one for one in inputs if _name(one) == name]
    forms = [_name(one) for one in inputs if one.type_name == "FORM"]
    return len(own) > 1 or any(forms.count(form) > 1 and name.startswith(f"{form}.") for form in forms)


def _recursion(document: Document) -> Iterator[Problem]:
    flow = (document.data.get("namespace"), document.data.get("id"))
    for task in tasks(document):
        is_call = task.model is Subflow or task.type_name.endswith("flow.ForEachItem")
        if is_call and flow == (task.data.get("namespace"), task.data.get("flowId")):
            yield document.problem(
                "recursion",
                f"`{task.id}` calls the flow it stands in: every execution would start another one, without end",
                (*task.path, "flowId"),
                legacy=f"Invalid Flow: Recursive call to flow [{flow[0]}.{flow[1]}]",
                legacy_path="",
            )


def _invalid(document: Document, one: Written, legacy: str, message: str) -> Problem:
    path = (*one.path, "id")
    return document.problem("duplicate-id", message, path, legacy=f"Invalid Flow: {legacy}", legacy_path="")
