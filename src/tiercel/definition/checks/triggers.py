"""Triggers: that they give every input that needs a value, and values that the inputs take."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from tiercel.definition.checks.inputs import declared, literal_fault
from tiercel.definition.document import Document
from tiercel.definition.inputs import Declared, given_value
from tiercel.definition.mistakes import closest
from tiercel.definition.problem import Problem, Severity
from tiercel.definition.walk import Written, entries
from tiercel.model.states import State

_EVERY_EXECUTION = "This flow will be triggered for EVERY execution of EVERY flow on your instance: say in `dependsOn` which ones are meant"
_FIRE_ONCE = (
    "`fireOnce` has no effect, leave it out: what has come is forgotten once it has started the flow; "
    "with `mode: ANY` each upstream starts it"
)


def check_triggers(document: Document) -> Iterator[Problem]:
    inputs = {name: leaf for name, (_, leaf) in declared(document).items()}
    for trigger in entries(document, "triggers"):
        yield from _missing_inputs(document, trigger, inputs)
        yield from _given_inputs(document, trigger, inputs)
        yield from _states(document, trigger)
        yield from _everything(document, trigger)
        yield from _unreachable_key(document, trigger)
        yield from _without_effect(document, trigger)


def _given(trigger: Written) -> dict[str, Any]:
    given = trigger.data.get("inputs")
    return cast(dict[str, Any], given) if isinstance(given, dict) else {}


def _missing_inputs(document: Document, trigger: Written, inputs: Mapping[str, Declared]) -> Iterator[Problem]:
    word = trigger.type_name.rpartition(".")[2]
    if word != "Schedule" and not _given(trigger):
        return
    given = _given(trigger)
    missing = [name for name, leaf in inputs.items() if needs_a_value(leaf) and given_value(given, name) is None]
    if missing:
        listed = " | ".join(missing)
        yield document.problem(
            "missing-inputs",
            f"`{trigger.id}` starts the flow without a value for {', '.join(missing)}: add it to the trigger's `inputs`,"
            " or give the input `defaults`",
            trigger.path,
            legacy=f"Invalid Flow: Missing inputs for {word} Trigger '{trigger.id}', missing inputs: '{listed}'",
            legacy_path="",
        )


def needs_a_value(leaf: Declared) -> bool:
    """What depends on a condition may be switched off, so it may be missing."""
    one = leaf.input
    is_conditional = any(gate.condition is not None for gate in leaf.gates)
    return one.required and one.defaults is None and not one.auto_select_first and not is_conditional


def _given_inputs(document: Document, trigger: Written, inputs: Mapping[str, Declared]) -> Iterator[Problem]:
    given = _given(trigger)
    for name, leaf in inputs.items():
        path = (*trigger.path, "inputs", name) if name in given else (*trigger.path, "inputs", *name.split("."))
        for cause in literal_fault(leaf.input, given_value(given, name)):
            words = f"Invalid Flow: Invalid value for input `{name}`. Cause: {cause.words}"
            message = f"`{name}` does not take what the trigger `{trigger.id}` gives it: {cause.meaning}"
            yield document.problem("input", message, path, legacy=words, legacy_path="")
    for name in given:
        if not any(known == name or known.startswith(f"{name}.") for known in inputs):
            yield _unknown_input(document, trigger, name, inputs)


def _unknown_input(document: Document, trigger: Written, name: str, inputs: Mapping[str, Declared]) -> Problem:
    meant = closest(name, frozenset(inputs))
    hint = f"; did you mean `{meant}`?" if meant else ""
    path = (*trigger.path, "inputs", name)
    return document.problem(
        "unknown-input",
        f"the flow has no input `{name}`{hint}",
        path,
        span=document.key_span(path),
        severity=Severity.WARNING,
        fix=meant,
    )


def _states(document: Document, trigger: Written) -> Iterator[Problem]:
    listed = trigger.data.get("stopAfter")
    for place, state in enumerate(cast(list[Any], listed) if isinstance(listed, list) else []):
        if str(state) not in State.__members__:
            meant = closest(str(state), frozenset(State.__members__))
            hint = f"did you mean {meant}?" if meant else f"write one of {', '.join(State.__members__)}"
            message = f"`{state}` is no state of an execution: {hint}"
            yield document.problem("choice", message, (*trigger.path, "stopAfter", place), fix=meant)


def _everything(document: Document, trigger: Written) -> Iterator[Problem]:
    is_of_flows = trigger.type_name.endswith(("trigger.Flow", "triggers.types.Flow"))
    if is_of_flows and not any(trigger.data.get(name) for name in ("dependsOn", "preconditions", "conditions", "when")):
        yield document.problem("every-execution", _EVERY_EXECUTION, trigger.path, severity=Severity.WARNING)


def _unreachable_key(document: Document, trigger: Written) -> Iterator[Problem]:
    """The key is one part of the address that is called, and a `/` ends that part."""
    key = trigger.data.get("key")
    if trigger.type_name.endswith(".Webhook") and isinstance(key, str) and "/" in key and "{{" not in key:
        message = f"`{trigger.id}` can never be called: its `key` is one part of an address, and a `/` in it makes two"
        yield document.problem("webhook-key", message, (*trigger.path, "key"), severity=Severity.WARNING)


def _without_effect(document: Document, trigger: Written) -> Iterator[Problem]:
    """A word of the release candidates of 2.0."""
    window = trigger.data.get("window")
    if isinstance(window, dict) and "fireOnce" in window:
        path = (*trigger.path, "window", "fireOnce")
        span = document.key_span(path)
        yield document.problem("no-effect", _FIRE_ONCE, path, span=span, severity=Severity.WARNING)
