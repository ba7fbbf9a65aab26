"""A batch as one statement: the text is made once for each combination of parts that occurs, and prepared by its session.

The net effect is the caller's duty: the parts share a snapshot, so no row may occur in two of them.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from tiercel.adapters.postgres import rows as to
from tiercel.adapters.postgres.partitions import Partitions
from tiercel.adapters.postgres.parts import Key, Part, body, chained, shifted
from tiercel.ports.journal import Batch

_FENCE = "commit/fence"
_UPDATES = {"commit/executions_updated", "commit/runs_updated"}

_PLAIN: tuple[tuple[str, Callable[[Sequence[Any]], to.Columns]], ...] = (
    ("executions_created", to.execution_columns),
    ("runs_created", to.run_columns),
    ("events", to.columns),
    ("logs", to.log_columns),
    ("labels", to.columns),
    ("labels_gone", to.columns),
    ("messages", to.columns),
    ("jobs", to.columns),
    ("jobs_ended", to.columns),
    ("jobs_killed", to.columns),
    ("timers", to.columns),
    ("timers_gone", to.columns),
    ("triggers", to.columns),
    ("windows", to.columns),
    ("children_told", to.columns),
)
"""Parts that take rows as they are; the field of the batch has the same name but for the first and the last."""
_FIELDS = {"executions_created": "created", "children_told": "kill_children_of"}

_PARTED: tuple[tuple[str, str, Callable[[Sequence[Any]], to.Columns]], ...] = (
    ("executions_updated", "updated", to.changed_columns),
    ("runs_updated", "runs_updated", to.changed_run_columns),
    ("runs_removed", "runs_removed", to.columns),
)
"""Parts that name the partition of their ids."""


def parts_of(batch: Batch, partitions: Partitions, *, epoch: int) -> list[Part]:
    """The parts of the statement, the fence first. Everything is encoded here: the working set moves on meanwhile."""
    return [Part(_FENCE, [epoch]), *_plain(batch), *_parted(batch, partitions), *_lists(batch, epoch)]


def _plain(batch: Batch) -> Iterator[Part]:
    for name, encode in _PLAIN:
        rows = getattr(batch, _FIELDS.get(name, name))
        if rows:
            yield Part(f"commit/{name}", encode(rows))


def _parted(batch: Batch, partitions: Partitions) -> Iterator[Part]:
    for name, field, encode in _PARTED:
        rows = getattr(batch, field)
        for partition, some in to.by_partition(rows, partitions).items() if rows else ():
            yield Part(f"commit/{name}", encode(some), partition)


def _lists(batch: Batch, epoch: int) -> Iterator[Part]:
    if batch.messages_handled:
        yield Part("commit/messages_handled", [batch.messages_handled])
    if batch.triggers_freed:
        yield Part("commit/triggers_freed", to.columns(batch.triggers_freed))
        yield Part("commit/watches_over", [[row.execution_id for row in batch.triggers_freed]])
    if batch.counts:
        yield Part("commit/counts", [*to.columns(batch.counts), epoch])


def notices_of(batch: Batch) -> list[tuple[str, str]]:
    """Whom to wake: those the batch names, and workers elsewhere when there is work for them."""
    waiting = any(job.worker is None for job in batch.jobs)
    return [*batch.notices, ("jobs", "")] if waiting else batch.notices


@lru_cache(maxsize=1000)
def statement(keys: tuple[Key, ...], *, notices: bool) -> str:
    """The whole text. Its arguments: those of the parts, the number of rows of each update, the notices."""
    chain, free = chained(keys)
    updates = [key for key in keys if key.name in _UPDATES]
    checks = [_all_there(key, free + place) for place, key in enumerate(updates)]
    wakes = list(_wakes(keys))
    if notices:
        wakes.append(f"({shifted(body('commit/notices', ''), free + len(updates) - 1)})")
    return f"WITH {chain}\nSELECT fence, {', '.join([*checks, *wakes, 'true'])}\nFROM _fence"


@lru_cache(maxsize=100)
def posted(keys: tuple[Key, ...]) -> str:
    """The text for a process that owns nothing: no fence, no updates."""
    chain, _ = chained(keys)
    return f"WITH {chain}\nSELECT {', '.join([*_wakes(keys), 'true'])}"


def updated_numbers(parts: Sequence[Part]) -> list[int]:
    """How many rows each update must find."""
    return [len(part.arguments[0]) for part in parts if part.name in _UPDATES]  # pyright: ignore[reportArgumentType]


def _all_there(key: Key, argument: int) -> str:
    """Refuse the commit when an update missed a row: the text that is no number says which part it was."""
    found = f"(SELECT count(*) FROM {key.alias})"
    return f"CASE WHEN {found} = ${argument}::bigint THEN 0 ELSE ('missing in {key.alias}' || {found})::int END"


def _wakes(keys: Sequence[Key]) -> Iterator[str]:
    aliases = {key.alias for key in keys}
    for name in ("messages", "children_told"):
        if f"_{name}" in aliases:
            yield f"({body('commit/owners_woken', '').format(sent=f'_{name}')})"
    if "_jobs_killed" in aliases:
        yield f"({body('commit/workers_woken', '')})"
    if "_triggers_freed" in aliases:
        yield f"({body('commit/scheduler_woken', '')})"
