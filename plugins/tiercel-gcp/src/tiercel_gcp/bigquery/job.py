"""One BigQuery job of a task run: begun or taken over, waited for, sent again, stopped with its task.

The job's id is made of task run and attempt, so that nothing is done twice: a job that is there already is taken over,
and so is one of an earlier attempt whose worker was lost before it could tell how the job ended.
"""

import asyncio
import random
import re
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any, TypeVar

from tiercel.sdk import RunContext
from tiercel.sdk.retry import wait_before_next
from tiercel_gcp.bigquery.client import BigQueryTask, failures, patience, problems

T = TypeVar("T")
Begin = Callable[[str, threading.Event], Any]
"""Sends a job under an id and returns it. Ends early, by an error, once the event is set."""

FIRST_PAUSE, LONGEST_PAUSE = 0.05, 2.0
"""Seconds between two looks at a job; they grow."""
STOP_SECONDS = 10.0


class JobRun:
    """`ended` gives the job that came through."""

    def __init__(self, task: BigQueryTask[Any], ctx: RunContext, client: Any, *, location: str | None) -> None:
        self._task = task
        self._ctx = ctx
        self._client = client
        self._location = location
        self._stopped = threading.Event()

    async def ended(self, begin: Begin) -> Any:
        """Begin the job and wait for its end. Raises what the library raised where it did not come through."""
        job = await self._found()
        if job is None:
            job = await self._sent_until_it_holds(begin)
        seconds = (job.ended - job.started).total_seconds() if job.ended and job.started else 0.0
        self._ctx.timer("duration", seconds)
        return job

    async def _sent_until_it_holds(self, begin: Begin) -> Any:
        started = time.monotonic()
        for tries in count(1):
            identifier = self._id(self._ctx.info.attempt, tries)
            self._ctx.log.debug(f"job {identifier}")
            try:
                return await self._done(await self._begun(begin, identifier))
            except failures() as error:
                wait = self._wait(error, tries, timedelta(seconds=time.monotonic() - started))
                if wait is None:
                    raise
                self._ctx.log.warning(f"BigQuery could not finish the job, next try in {wait}: {error}")
                await asyncio.sleep(wait.total_seconds())
        raise AssertionError

    def _wait(self, error: Exception, tries: int, elapsed: timedelta) -> timedelta | None:
        reasons = {problem.get("reason") for problem in problems(error)}
        is_passing = not reasons.isdisjoint(self._task.retry_reasons) or any(
            text in str(error) for text in self._task.retry_messages
        )
        if not is_passing:
            return None
        return wait_before_next(self._task.retry_auto, tries=tries, elapsed=elapsed, draw=random.random())

    # earlier attempts -----------------------------------------------------------------------------------------------

    async def _found(self) -> Any:
        """A job of an earlier attempt that came through, or still runs and then does; None where there is none."""
        for attempt in range(self._ctx.info.attempt - 1, 0, -1):
            for tries in count(1):
                job = await asyncio.to_thread(self._get, self._id(attempt, tries))
                if job is None:
                    break
                if await self._came_through(job):
                    self._ctx.log.info(f"job {job.job_id} of attempt {attempt} is taken over")
                    return job
        return None

    async def _came_through(self, job: Any) -> bool:
        try:
            await self._done(job)
        except failures():
            return False
        return True

    def _get(self, identifier: str) -> Any:
        from google.api_core.exceptions import NotFound

        try:
            return self._client.get_job(identifier, location=self._location, retry=patience())
        except NotFound:
            return None

    def _id(self, attempt: int, tries: int) -> str:
        run = re.sub(r"[^A-Za-z0-9_-]", "_", self._ctx.info.task_run_id)
        again = f"_{tries}" if tries > 1 else ""
        return f"tiercel_{run}_{attempt}{again}"

    # one job --------------------------------------------------------------------------------------------------------

    async def _begun(self, begin: Begin, identifier: str) -> Any:
        """The job as sent now. A kill waits for the sending to end, so that nothing begins after it."""
        sending = asyncio.ensure_future(asyncio.to_thread(self._send, begin, identifier))
        sending.add_done_callback(_heard)
        try:
            return await asyncio.shield(sending)
        except asyncio.CancelledError:
            self._stopped.set()
            await asyncio.wait([sending], timeout=STOP_SECONDS)
            await asyncio.to_thread(self._cancel, identifier)
            raise

    def _send(self, begin: Begin, identifier: str) -> Any:
        from google.api_core.exceptions import Conflict

        try:
            return begin(identifier, self._stopped)
        except Conflict:
            return self._client.get_job(identifier, location=self._location, retry=patience())

    async def _done(self, job: Any) -> Any:
        """The job at its end. A thread is held for each look only, not for the hours a job may take."""
        pause = FIRST_PAUSE
        try:
            while job.state != "DONE":
                await asyncio.sleep(pause)
                pause = min(pause * 1.5, LONGEST_PAUSE)
                await asyncio.to_thread(job.reload, retry=patience())
        except asyncio.CancelledError:
            await asyncio.to_thread(self._cancel, job.job_id, job.location)
            raise
        error = job.exception() if job.error_result else None
        if error is not None:
            raise error
        return job

    def _cancel(self, identifier: str, location: str | None = None) -> None:
        try:
            self._client.cancel_job(identifier, location=location or self._location, retry=None, timeout=STOP_SECONDS)
        except failures():
            return  # it ended, or never began: nothing is left to stop


def _heard(sending: "asyncio.Future[Any]") -> None:
    """Look at the error of a sending that nobody awaits any more, so that the loop does not complain."""
    if not sending.cancelled():
        sending.exception()
