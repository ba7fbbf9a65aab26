"""The way to executions for those who are asked from outside: the API, the scheduler, the command line.

An Executor of this process is a door; `services.remote_door` is one to executors of other processes.
"""

from datetime import datetime
from typing import Any, Protocol

from tiercel.engine.events import AnyEvent
from tiercel.model.execution import Execution
from tiercel.services.creator import Wish
from tiercel.services.executor import Creation
from tiercel.services.residents import Told


class Door(Protocol):
    """Creates executions and tells them things. Everything is durable when it returns."""

    def moment(self) -> tuple[datetime, int]:
        """`at` and `seed` for an event that happens now."""
        ...

    async def start(self, wish: Wish) -> Execution:
        """Start an execution and return it as it was created; what is decided first is not waited for.

        Raises what the creator raises, and Overloaded.
        """
        ...

    async def create(self, wish: Wish) -> Creation:
        """Start an execution and wait for its first decision. Raises like `start`."""
        ...

    async def tell(self, execution_id: str, event: AnyEvent) -> Told:
        """Tell an execution something and wait until it is durable. Raises NoSuchExecution, NoAnswer."""
        ...

    async def replay(
        self,
        source: str,
        *,
        task_run: str | None = None,
        revision: int | None = None,
        inputs: dict[str, Any] | None = None,
        breakpoints: tuple[str, ...] = (),
        is_restart: bool = False,
    ) -> Told:
        """Start a copy of an execution, from one of its task runs or from its start; see `engine.events.Replay`.

        `inputs` are typed already: `services.replayer.replayed_inputs`. Raises NoSuchExecution, NoSuchFlow,
        UnreadableFlow, NotReplayable.
        """
        ...
