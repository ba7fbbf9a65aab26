"""Processes that a task starts: found by their group and by a mark in their environment, ended together.

The record lies in the working folder: whoever finds one without an owner can end what it names.
"""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

MARKER = "TIERCEL_TASK_RUN"
"""Environment variable by which processes are found that left their group."""
PRIVATE = ".tiercel"
"""Folder in a working folder for what is ours: the record, downloads, the folder of outputs."""
RECORD = "process.json"
_PROC = Path("/proc/self")
_POLL_SECONDS = 0.05
_DYING_SECONDS = 0.01
_ROUNDS = 20
"""How often those are looked for again that were born while the others were killed."""


class ProcessGroup(msgspec.Struct, frozen=True):
    """All processes of one task run."""

    leader: int
    mark: str

    def write(self, folder: Path) -> None:
        """Leave the record in a working folder."""
        (folder / PRIVATE / RECORD).write_bytes(msgspec.json.encode(self))

    @classmethod
    def read(cls, folder: Path) -> "ProcessGroup | None":
        """The record of a working folder; None where there is none that can be read."""
        try:
            return msgspec.json.decode((folder / PRIVATE / RECORD).read_bytes(), type=cls)
        except (OSError, msgspec.MsgspecError):
            return None

    def members(self) -> list[int]:
        """Those alive in the group, and those with the mark wherever they went."""
        return [id for id in _ids() if (_group_of(id) == self.leader and _is_alive(id)) or _has_mark(id, self.mark)]

    def is_there(self) -> bool:
        """Whether one with the mark lives. An id alone may be another's by now."""
        return any(_has_mark(id, self.mark) for id in _ids())

    async def kill(self) -> None:
        """End what a leader has left that is over and not reaped yet: its group, and those that left it."""
        signal_group(self.leader, signal.SIGKILL)
        for _ in range(_ROUNDS):
            strays = self._strays()
            if not strays:
                return
            for id in strays:
                send(id, signal.SIGKILL)
            await asyncio.sleep(_DYING_SECONDS)

    def _strays(self) -> list[int]:
        """Those with the mark that were started after the leader. Most leaders start nothing: that is seen at once."""
        youngest = _youngest()
        if youngest == self.leader:
            return []
        return [id for id in _ids() if (id > self.leader or youngest < self.leader) and _has_mark(id, self.mark)]

    async def end(self, *, grace: float) -> None:
        """Ask them to end; after `grace` seconds they have to. Returns when none is left that a signal reaches."""
        self._signal(signal.SIGTERM)
        await self._gone(within=grace)
        for _ in range(_ROUNDS):
            if not self._is_alive():
                return
            self._signal(signal.SIGKILL)
            await asyncio.sleep(_POLL_SECONDS)

    async def _gone(self, *, within: float) -> None:
        asked = set(self.members())
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                while self._is_alive():
                    await asyncio.sleep(_POLL_SECONDS)
                    for id in set(self.members()) - asked:  # born after the others were asked
                        send(id, signal.SIGTERM)
                        asked.add(id)

    def _signal(self, number: signal.Signals) -> None:
        """The group at one stroke: one by one, a shell would start its next command meanwhile."""
        members = self.members()
        if self.leader in [_group_of(id) for id in members] or not _PROC.exists():
            signal_group(self.leader, number)
        for id in members:
            if _group_of(id) != self.leader:
                send(id, number)

    def _is_alive(self) -> bool:
        if _PROC.exists():
            return bool(self.members())
        try:
            os.killpg(self.leader, 0)
        except (ProcessLookupError, PermissionError):
            return False
        return True


def send(id: int, number: signal.Signals) -> None:
    """A signal to a process that may be gone, or may be another user's by now."""
    with suppress(ProcessLookupError, PermissionError):
        os.kill(id, number)


def signal_group(id: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(id, number)


def _group_of(id: int) -> int | None:
    try:
        return os.getpgid(id)
    except (ProcessLookupError, PermissionError):
        return None


def _ids() -> Iterator[int]:
    """None where the system has no /proc."""
    return (int(name) for name in os.listdir("/proc") if name.isdigit()) if _PROC.exists() else iter(())


def _is_alive(id: int) -> bool:
    """The dead that nobody has reaped do not count."""
    state = _of_proc(id, "stat").rpartition(b")")[2].split()[:1]
    return bool(state) and state[0] not in (b"Z", b"X")


def _has_mark(id: int, mark: str) -> bool:
    return f"{MARKER}={mark}".encode() in _of_proc(id, "environ")


def _of_proc(id: int, name: str) -> bytes:
    """Nothing where it ended, or is another user's."""
    try:
        with open(f"/proc/{id}/{name}", "rb", buffering=0) as file:
            return file.read()
    except OSError:
        return b""


def _youngest() -> int:
    """The id that was given last; smaller than that of an older process when the ids began anew."""
    try:
        return int(Path("/proc/loadavg").read_bytes().split()[-1])
    except (OSError, ValueError):
        return 0
