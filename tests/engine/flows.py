"""Random flows made of every kind of task, as plain data, for property tests."""

from typing import Any

from hypothesis import strategies as st
from tests.engine.dynamics import DYNAMIC

FLOW = "io.kestra.plugin.core.flow."
EXECUTION = "io.kestra.plugin.core.execution."

Data = dict[str, Any]

_RETRIES = st.one_of(
    st.none(),
    st.none(),
    st.builds(
        lambda kind, attempts, warn: {
            "type": kind,
            "interval": "PT1S",
            "minInterval": "PT1S",
            "maxInterval": "PT9S",
            "maxAttempts": attempts,
            "warningOnRetry": warn,
        },
        st.sampled_from(["constant", "exponential", "random"]),
        st.integers(1, 3),
        st.booleans(),
    ),
)
_CONDITIONS = st.sampled_from(
    [None, None, None, "true", "{{ 1 == 2 }}", "{{ kv('flag') }}", "{{ nothing.at.all }}", "{{ tasks is defined }}"]
)


@st.composite
def base(draw: st.DrawFn) -> Data:
    """Properties that any task may have."""
    written: Data = {"allowFailure": draw(st.sampled_from([False, False, False, True]))}
    written["allowWarning"] = draw(st.sampled_from([False, False, True]))
    written["disabled"] = draw(st.sampled_from([False, False, False, False, True]))
    optional = {"retry": draw(_RETRIES), "runIf": draw(_CONDITIONS)}
    return written | {name: value for name, value in optional.items() if value is not None}


@st.composite
def leaf(draw: st.DrawFn) -> Data:
    own = draw(
        st.sampled_from(
            [
                {"type": "test.Instant"},
                {"type": "test.Instant", "text": "{{ outputs }} {{ tasks }} {{ parents ?? '' }}"},
                {"type": "test.Work"},
                {"type": "test.Work", "text": "{{ outputs }}"},
                {"type": DYNAMIC},
                {"type": FLOW + "Sleep", "duration": "PT2S"},
                {"type": FLOW + "Sleep", "duration": "PT2S", "timeout": "PT1S"},
                {"type": EXECUTION + "SetVariables", "variables": {"a": "{{ execution.id }}"}},
                {"type": EXECUTION + "UnsetVariables", "variables": ["a"]},
                {"type": EXECUTION + "Labels", "labels": {"a": "{{ kv('label') }}"}},
                {"type": FLOW + "Subflow", "namespace": "test", "flowId": "child", "inputs": {"a": "{{ task.id }}"}},
                {"type": FLOW + "Subflow", "namespace": "test", "flowId": "child", "transmitFailed": False},
                {"type": FLOW + "Subflow", "namespace": "test", "flowId": "child", "wait": False},
                {"type": FLOW + "Subflow", "namespace": "test", "flowId": "nowhere"},
                {"type": FLOW + "ForEachItem", "items": "kestra:///f", "namespace": "test", "flowId": "child"},
                {
                    "type": FLOW + "ForEachItem",
                    "items": "kestra:///f",
                    "namespace": "test",
                    "flowId": "child",
                    "wait": False,
                },
                {"type": FLOW + "Approval", "timeout": "PT3S", "onWait": [{"type": "test.Work"}]},
                {
                    "type": FLOW + "Approval",
                    "autoApprove": "{{ kv('flag') }}",
                    "approveBehavior": "WARN",
                    "onApprove": [{"type": "test.Work"}],
                },
                {"type": FLOW + "Approval", "timeout": "PT3S", "expireBehavior": "{{ kv('state') }}"},
                {"type": FLOW + "Pause"},
                {"type": FLOW + "Pause", "timeout": "PT3S", "onPause": {"id": "?", "type": "test.Work"}},
                {"type": FLOW + "Pause", "pauseDuration": "PT3S", "behavior": "WARN"},
                {
                    "type": FLOW + "Pause",
                    "pauseDuration": "PT3S",
                    "behavior": "FAIL",
                    "errors": [{"type": "test.Work"}],
                },
            ]
        )
    )
    return {**draw(base()), **own}


_RARE = st.sampled_from(
    [
        {"type": EXECUTION + "Exit", "state": "{{ kv('state') }}"},
        {"type": EXECUTION + "Exit", "state": "KILLED"},
        {"type": FLOW + "Pause", "pauseDuration": "PT3S", "behavior": "CANCEL"},
    ]
)


def _flowables(children: st.SearchStrategy[Data]) -> st.SearchStrategy[Data]:
    some, any_number = st.lists(children, min_size=1, max_size=3), st.lists(children, max_size=2)

    @st.composite
    def flowable(draw: st.DrawFn) -> Data:
        kind = draw(
            st.sampled_from(
                [
                    "Sequential",
                    "Parallel",
                    "Dag",
                    "If",
                    "Switch",
                    "AllowFailure",
                    "ForEach",
                    "EachSequential",
                    "EachParallel",
                    "Loop",
                    "Loop",
                    "LoopUntil",
                    "WorkingDirectory",
                    "Template",
                ]
            )
        )
        written: Data = {**draw(base()), "type": FLOW + kind, "finally": draw(any_number), "errors": draw(any_number)}
        match kind:
            case "If":
                condition = draw(st.sampled_from(["{{ true }}", "false", "{{ kv('flag') }}", "{{ nothing }}"]))
                return written | {"condition": condition, "then": draw(some), "else": draw(any_number)}
            case "Switch":
                return written | {"value": "{{ kv('a') }}", "cases": {"a": draw(some)}, "defaults": draw(any_number)}
            case "Dag":
                return written | {"tasks": _with_needs(draw(some), draw(st.integers(0, 7))), **draw(_SIDE_BY_SIDE)}
            case "Parallel":
                return written | {"tasks": draw(some), **draw(_SIDE_BY_SIDE)}
            case "ForEach":
                values = draw(st.sampled_from([[], ["x"], ["x", "y", "x", 3], "{{ range(1, 4) }}", "{{ 3 }}"]))
                limit = draw(st.integers(0, 2))
                return written | {"tasks": draw(some), "values": values, "concurrencyLimit": limit}
            case "EachSequential" | "EachParallel":
                more = {"concurrent": draw(st.integers(0, 2))} if kind == "EachParallel" else {}
                return written | {"tasks": draw(some), "value": draw(st.sampled_from([["x", "y"], "[1, 2]"])), **more}
            case "WorkingDirectory":
                return written | {"tasks": draw(st.lists(_RUNNABLES, min_size=1, max_size=3))}
            case "Loop":
                return written | {"tasks": draw(some), **draw(_LOOP)}
            case "LoopUntil":
                return written | {"tasks": draw(some), **draw(_UNTIL)}
            case "Template":
                # As it is once the tasks of the stored template are put in.
                named = {"namespace": "test", "templateId": "t", "args": {"a": "{{ kv('a') }}"}, "refusal": ""}
                return written | {"tasks": draw(some), **named}
            case _:
                return written | {"tasks": draw(some)}

    return flowable()


_RUNNABLES = st.builds(
    lambda written, kind: {**written, "type": kind}, base(), st.sampled_from(["test.Work", "test.Instant", DYNAMIC])
)

_LOOP = st.fixed_dictionaries(
    {
        "values": st.sampled_from(
            [[], ["x"], ["x", "y", 3], {"k": "v"}, "{{ range(1, 4) }}", "{{ 3 }}", "kestra:///f"]
        ),
        "concurrencyLimit": st.integers(0, 2),
        "transmitFailed": st.booleans(),
        "outputs": st.sampled_from(
            [[], [{"id": "o", "type": "STRING", "value": "{{ item.value ~ (kv('a') ?? no) }}"}]]
        ),
    },
    optional={
        "breakWhen": st.sampled_from(["{{ item.index == 1 }}", "{{ iteration.state == kv('state') }}", "{{ nothing }}"])
    },
)

_UNTIL = st.fixed_dictionaries(
    {
        "condition": st.sampled_from(
            ["true", "{{ kv('flag') }}", "{{ nothing }}", "{{ (taskrun.iteration ?? 0) > 0 }}"]
        ),
        "failOnMaxReached": st.booleans(),
        "checkFrequency": st.sampled_from(
            [{"maxIterations": 2}, {"maxIterations": "{{ 1 + 1 }}", "interval": "PT1S"}, {"maxDuration": "PT90S"}]
        ),
    }
)


_SIDE_BY_SIDE = st.fixed_dictionaries(
    {"concurrent": st.integers(0, 2), "onChildFailure": st.sampled_from(["FAIL", "CANCEL", "CONTINUE"])}
)


def _with_needs(tasks: list[Data], bits: int) -> list[Data]:
    """Each task may depend on the one before; ids are given later, so the dependency is by place."""
    return [
        {"task": task, "dependsOn": [place - 1] if place and bits >> place & 1 else []}
        for place, task in enumerate(tasks)
    ]


def tasks(depth: int) -> st.SearchStrategy[Data]:
    strategy: st.SearchStrategy[Data] = st.one_of(
        leaf(), leaf(), leaf(), st.builds(lambda a, b: {**b, **a}, _RARE, base())
    )
    for _ in range(depth):
        strategy = st.one_of(leaf(), _flowables(strategy))
    return strategy


@st.composite
def flows(draw: st.DrawFn, *, depth: int = 3) -> Data:
    few = st.lists(tasks(1), max_size=2)
    written: Data = {
        "id": "parent",
        "tasks": draw(st.lists(tasks(depth), min_size=1, max_size=3)),
        "errors": draw(few),
        "finally": draw(few),
        "afterExecution": draw(few),
        "outputs": [
            {
                "id": "o",
                "type": "STRING",
                "value": draw(st.sampled_from(["{{ flow.id }}", "{{ kv('o') }}", "{{ no }}"])),
            }
        ],
    }
    retry = draw(_RETRIES)
    if retry is not None:
        written["retry"] = retry | {"behavior": draw(st.sampled_from(["RETRY_FAILED_TASK", "CREATE_NEW_EXECUTION"]))}
    return numbered(written)


def numbered(flow: Data) -> Data:
    """Every task gets an id of its own; dependencies by place become ids."""
    names = iter(range(10_000))

    def named(value: Any) -> Any:
        if isinstance(value, list):
            return [named(entry) for entry in value]
        if not isinstance(value, dict):
            return value
        task: Data = {name: named(entry) for name, entry in value.items()}
        if "type" in task and task["type"] != "STRING" and "interval" not in task:  # neither an output nor a retry
            task["id"] = f"t{next(names)}"
        if str(task.get("type")).endswith("Dag"):
            ids = [entry["task"]["id"] for entry in task["tasks"]]
            task["tasks"] = [
                {**entry, "dependsOn": [ids[place] for place in entry["dependsOn"]]} for entry in task["tasks"]
            ]
        return task

    return {**named(flow), "id": flow["id"]}
