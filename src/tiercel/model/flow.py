"""A flow as people write it: inputs, tasks, outputs, triggers. The source text stays the truth beside it."""

from enum import StrEnum
from typing import Annotated, Any, Literal, cast

from pydantic import AliasChoices, BeforeValidator, ConfigDict, Field

from tiercel.model.execution import Label
from tiercel.model.flowable import SomeTasks, Tasks
from tiercel.model.task import Authored, Duration, Retry, WorkerGroup, WorkerSelector


def _as_labels(raw: object) -> object:
    """Labels are written as a mapping or as a list of key and value; both become the list."""
    if not isinstance(raw, dict):
        return raw
    written = cast(dict[str, Any], raw)
    return tuple({"key": key, "value": value} for key, value in written.items())


def _as_text(value: object) -> object:
    """`yes` and `true` without quotes are texts where nothing but a text is wanted."""
    return str(value).lower() if isinstance(value, bool) else value


Text = Annotated[str, BeforeValidator(_as_text)]


class LabelText(Authored):
    key: str
    value: Text

    def label(self) -> Label:
        return Label(self.key, self.value)


Labels = Annotated[tuple[LabelText, ...], BeforeValidator(_as_labels)]


class InputType(StrEnum):
    STRING = "STRING"
    INT = "INT"
    FLOAT = "FLOAT"
    BOOL = "BOOL"
    BOOLEAN = "BOOLEAN"
    SELECT = "SELECT"
    ENUM = "ENUM"
    MULTISELECT = "MULTISELECT"
    DATETIME = "DATETIME"
    DATE = "DATE"
    TIME = "TIME"
    DURATION = "DURATION"
    FILE = "FILE"
    JSON = "JSON"
    YAML = "YAML"
    URI = "URI"
    EMAIL = "EMAIL"
    SECRET = "SECRET"
    ARRAY = "ARRAY"
    FORM = "FORM"
    REUSABLE_INPUTS = "REUSABLE_INPUTS"


class DependsOn(Authored):
    inputs: tuple[str, ...] = ()
    condition: Text | None = None


class Input(Authored):
    """A value an execution is started with. Which properties a type takes is checked by definition.inputs."""

    id: Annotated[
        str,
        Field(min_length=1, pattern=r"^[a-zA-Z0-9][.a-zA-Z0-9_-]*$", validation_alias=AliasChoices("id", "name")),
    ]
    type: InputType
    description: Text | None = None
    display_name: Annotated[Text | None, Field(max_length=64)] = None
    required: bool = True
    defaults: Any = None
    prefill: Any = None
    depends_on: DependsOn | None = None
    validator: str | None = None
    min: Any = None
    max: Any = None
    after: str | None = None
    before: str | None = None
    values: Annotated[tuple[Any, ...] | None, Field(validation_alias=AliasChoices("values", "options"))] = None
    expression: str | None = None
    allow_custom_value: bool = False
    is_radio: bool = False
    auto_select_first: bool = False
    item_type: InputType | None = None
    extension: str | None = None
    accept: Annotated[tuple[str, ...], Field(validation_alias=AliasChoices("accept", "allowedFileExtensions"))] = ()
    inputs: "tuple[Input, ...]" = ()
    """FORM: the inputs it groups."""
    ref: str | None = None
    """REUSABLE_INPUTS: the set of inputs meant; `namespace` and `revision` say which one."""
    namespace: str | None = None
    revision: int | None = None


class Output(Authored):
    id: Annotated[str, Field(min_length=1, pattern=r"^[a-zA-Z0-9][.a-zA-Z0-9_-]*$")]
    type: InputType
    value: Any
    description: Text | None = None
    display_name: Text | None = None
    required: bool = True
    item_type: InputType | None = None


class Trigger(Authored):
    """What every trigger has; properties of its own type are raw in `properties`."""

    model_config = ConfigDict(extra="allow")

    id: Annotated[str, Field(min_length=1, max_length=256, pattern=r"^[a-zA-Z0-9][a-zA-Z0-9_-]*$")]
    type: Annotated[str, Field(min_length=1)]
    version: str | None = None
    description: Text | None = None
    disabled: bool | str = False
    conditions: tuple[dict[str, Any], ...] = ()
    when: str | bool | None = None
    labels: Labels = ()
    inputs: dict[str, Any] | None = None
    stop_after: tuple[str, ...] = ()
    log_level: Annotated[str | None, Field(validation_alias=AliasChoices("logLevel", "minLogLevel"))] = None
    log_to_file: bool = False
    fail_on_trigger_error: bool = False
    allow_concurrent: bool = False
    worker_group: WorkerGroup | None = None
    worker_selector: WorkerSelector | None = None
    assets: dict[str, Any] | None = None
    policy_refs: tuple[str, ...] = ()

    @property
    def properties(self) -> dict[str, Any]:
        return self.model_extra or {}


class Concurrency(Authored):
    limit: Annotated[int, Field(ge=1)]
    behavior: Literal["QUEUE", "CANCEL", "FAIL"] = "QUEUE"


class Sla(Authored):
    id: Annotated[str, Field(min_length=1)]
    type: Literal["MAX_DURATION", "EXECUTION_ASSERTION"]
    duration: Duration | None = None
    assert_: Annotated[Text | None, Field(alias="assert")] = None
    behavior: Literal["FAIL", "CANCEL", "NONE"]
    labels: Labels = ()


class Check(Authored):
    when: Annotated[Text, Field(validation_alias=AliasChoices("when", "condition"))]
    message: Text
    style: Literal["ERROR", "SUCCESS", "WARNING", "INFO"] = "INFO"
    behavior: Literal["BLOCK_EXECUTION", "FAIL_EXECUTION", "CREATE_EXECUTION"] = "BLOCK_EXECUTION"


class Listener(Authored):
    description: Text | None = None
    conditions: tuple[dict[str, Any], ...] = ()
    tasks: SomeTasks


class PluginDefault(Authored):
    type: str
    values: dict[str, Any]
    forced: bool = False


class Flow(Authored):
    """The whole definition. `revision` is given by the server."""

    id: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[a-zA-Z0-9][a-zA-Z0-9._-]*$")]
    namespace: Annotated[str, Field(min_length=1, max_length=150, pattern=r"^[a-z0-9][a-z0-9._-]*$")]
    tenant_id: str | None = None
    revision: int | None = None
    updated: str | None = None
    description: Text | None = None
    labels: Labels = ()
    inputs: tuple[Input, ...] = ()
    variables: dict[str, Any] = {}
    tasks: SomeTasks
    errors: Tasks = ()
    finally_: Annotated[Tasks, Field(alias="finally")] = ()
    after_execution: Tasks = ()
    triggers: tuple[Trigger, ...] = ()
    outputs: tuple[Output, ...] = ()
    concurrency: Concurrency | None = None
    retry: Retry | None = None
    sla: tuple[Sla, ...] = ()
    checks: tuple[Check, ...] = ()
    quotas: tuple[dict[str, Any], ...] = ()
    plugin_defaults: Annotated[
        tuple[PluginDefault, ...],
        Field(validation_alias=AliasChoices("pluginDefaults", "taskDefaults", "plugin_defaults")),
    ] = ()
    policy_refs: tuple[str, ...] = ()
    worker_group: WorkerGroup | None = None
    worker_selector: WorkerSelector | None = None
    listeners: tuple[Listener, ...] = ()
    """1.x: run after the end, where their conditions hold."""
    disabled: bool = False
    draft: bool = False
    deleted: bool = False
    extend: dict[str, Any] | None = None
