"""What the original calls its classes, and which properties each says it knows: the words its clients see.

We take more than it does (spellings of 1.x, for one); its sentence names what it would take.
"""

FLOW = "io.kestra.core.models.flows.FlowWithSource"
_RETRIES = "io.kestra.core.models.tasks.retrys."
_ONLY_OURS = frozenset(
    {
        *("workerGroup", "policyRefs", "conditions", "scheduleConditions", "minLogLevel", "maxAttempt", "name"),
        *("preconditions", "onMiss", "overlap", "signature"),
        *("taskDefaults", "listeners", "draft", "extend", "tests"),
    }
)
_OF_RETRIES = {
    "constant": frozenset({"interval"}),
    "exponential": frozenset({"interval", "maxInterval", "delayFactor"}),
    "random": frozenset({"minInterval", "maxInterval"}),
}
_OF_EVERY_RETRY = frozenset({"type", "behavior", "maxAttempts", "maxDuration", "warningOnRetry"})
_MORE = {
    FLOW: frozenset({"source"}),
    "io.kestra.plugin.core.trigger.Schedule": frozenset({"interval"}),
}


def retry_class(type_name: str) -> str:
    """The class of a retry of some type."""
    return _RETRIES + type_name.capitalize()


def input_class(type_name: str) -> str:
    """The class of an input of some type."""
    short = {"DATETIME": "DateTime", "URI": "URI"}.get(type_name, type_name.title())
    return f"io.kestra.core.models.flows.input.{short}Input"


def unrecognized(name: str, class_name: str, known: frozenset[str]) -> str:
    """The original's sentence for a property it does not know."""
    listed = _listed(class_name, known)
    names = ", ".join(f'"{one}"' for one in sorted(listed))
    return (
        f'Unrecognized field "{name}" (class {class_name}), not marked as ignorable'
        f" ({len(listed)} known properties: {names})"
    )


def _listed(class_name: str, known: frozenset[str]) -> frozenset[str]:
    if class_name.startswith(_RETRIES):
        return _OF_EVERY_RETRY | _OF_RETRIES.get(class_name.removeprefix(_RETRIES).lower(), frozenset())
    is_task = {"runIf", "allowFailure"} <= known
    return (known - _ONLY_OURS - ({"when"} if is_task else set())) | _MORE.get(class_name, frozenset())
