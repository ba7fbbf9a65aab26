"""A task as people write it: the base properties are known here, the rest stays raw for the class that runs it."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal, cast

from pydantic import AfterValidator, AliasChoices, BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from tiercel.model.durations import parse_duration


def _check_shift(written: str | float) -> str | int | float:
    """The duration as written; what holds an expression is trusted until it is rendered."""
    if not (isinstance(written, str) and "{{" in written):
        parse_duration(written)
    return written


def _check_duration(written: str | float) -> str | int | float:
    if not (isinstance(written, str) and "{{" in written) and parse_duration(written) < timedelta(0):
        raise ValueError(f"{written!r} is less than nothing: a duration here cannot be negative")
    return written


Shift = Annotated[str | int | float, AfterValidator(_check_shift), Field(examples=["PT30S"])]
"""By how much something comes later, or earlier: a duration that may be negative."""

Duration = Annotated[str | int | float, AfterValidator(_check_duration), Field(examples=["PT30S"])]
"""A duration as written: ISO-8601, seconds, or an expression that gives one."""


class Authored(BaseModel):
    """Base of everything people write: frozen, camelCase outside, unknown properties kept out.

    A number where a text is wanted is that text; a property that is null is absent.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True, coerce_numbers_to_str=True
    )

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, raw: object) -> object:
        if not isinstance(raw, dict):
            return raw
        written = cast(dict[str, Any], raw)
        return {name: value for name, value in written.items() if value is not None}


class RetryBehavior(StrEnum):
    RETRY_FAILED_TASK = "RETRY_FAILED_TASK"
    CREATE_NEW_EXECUTION = "CREATE_NEW_EXECUTION"


class Retry(Authored):
    """When and how often a failed task is tried again."""

    type: Literal["constant", "exponential", "random"]
    """How the wait before the next attempt is found."""
    interval: Duration | None = None
    """Constant: the wait. Exponential: the first wait."""
    max_interval: Duration | None = None
    """Exponential, random: the longest wait."""
    min_interval: Duration | None = None
    """Random: the shortest wait."""
    delay_factor: float = 2.0
    """Exponential: by how much each wait is longer than the one before."""
    max_attempts: Annotated[
        int | None, Field(ge=1, validation_alias=AliasChoices("maxAttempts", "maxAttempt", "max_attempts"))
    ] = None
    """Attempts in all, the first one included."""
    max_duration: Duration | None = None
    """After this time since the first attempt no other is begun."""
    warning_on_retry: bool = False
    """Whether a success after a retry is shown as a warning."""
    behavior: RetryBehavior = RetryBehavior.RETRY_FAILED_TASK
    """Whether the task is tried again, or the whole flow as a new execution."""

    @model_validator(mode="after")
    def _has_its_intervals(self) -> "Retry":
        needed = {
            "constant": ("interval",),
            "exponential": ("interval", "max_interval"),
            "random": ("min_interval", "max_interval"),
        }
        missing = [to_camel(name) for name in needed[self.type] if getattr(self, name) is None]
        if missing:
            raise ValueError(f"a {self.type} retry needs {' and '.join(missing)}")
        return self


class TaskCache(Authored):
    enabled: bool
    """Whether earlier outputs are used."""
    ttl: Duration | None = None
    """How old they may be; any age, where nothing is said."""


Tag = Annotated[str, Field(max_length=64, pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")]


class WorkerSelector(Authored):
    tags: Annotated[tuple[Tag, ...], Field(max_length=20)] = ()
    """Tags of workers, at most 20: lower-case letters, digits and `-`."""
    match: Literal["ALL", "ANY"] = "ALL"
    """Whether a worker needs all of the tags, or any of them."""
    fallback: Literal["FAIL", "WAIT", "CANCEL", "IGNORE"] = "FAIL"
    """What becomes of the task where no such worker is there."""


class WorkerGroup(Authored):
    key: str | None = None
    """The tag of the workers."""
    fallback: Literal["FAIL", "WAIT", "CANCEL"] = "WAIT"
    """What becomes of the task where no such worker is there."""


class Task(Authored):
    """What every task has. Properties of its own type are in `properties`, as written."""

    model_config = ConfigDict(extra="allow")

    id: Annotated[str, Field(min_length=1, max_length=256, pattern=r"^[a-zA-Z0-9][a-zA-Z0-9_-]*$")]
    """Its name within the flow: `outputs.<id>`. Letters, digits, `_` and `-`."""
    type: Annotated[str, Field(min_length=1)]
    """What it does. The beginning `io.kestra.plugin.` may be left out."""
    version: str | None = None
    """Accepted; the version that is installed is used."""
    description: str | None = None
    """For people, in Markdown."""
    disabled: bool = False
    """Whether it is left out: no task run is created."""
    retry: Retry | None = None
    """How it is tried again where it fails; without it as the nearest task around it says, or the flow."""
    timeout: Duration | None = None
    """How long one attempt may take, by the clock on the wall; then it fails. Of tasks that run on a worker, and of Sleep; Pause and Approval give it a meaning of their own. May be an expression."""
    run_if: Annotated[
        str | bool | int | float | None, Field(validation_alias=AliasChoices("when", "runIf", "run_if"))
    ] = None
    """An expression: the task is skipped where it renders to nothing, `false` or 0. Once `runIf`."""
    allow_failure: bool = False
    """Whether the execution goes on where it fails, and ends with WARNING."""
    allow_warning: bool = False
    """Whether a WARNING of it counts as a SUCCESS."""
    log_level: Literal["TRACE", "DEBUG", "INFO", "WARN", "ERROR"] | None = None
    """The least level of its lines that is kept."""
    log_to_file: bool = False
    """Whether its lines go to a file of internal storage, as `logFile` of the attempt."""
    task_cache: TaskCache | None = None
    """Whether its outputs are taken from an earlier run with the same properties."""
    worker_group: WorkerGroup | None = None
    """1.x: the workers that take it, by their `key`. As with `workerSelector`, every worker takes every task so far."""
    worker_selector: WorkerSelector | None = None
    """The workers that take it, by their tags. It is read and kept; so far every worker takes every task."""
    assets: dict[str, Any] | None = None
    """Of the commercial edition of the original: read and kept."""
    policy_refs: tuple[str, ...] = ()
    """Of the commercial edition of the original: read and kept."""

    @property
    def properties(self) -> dict[str, Any]:
        """The properties of the task's own type, raw."""
        return self.model_extra or {}
