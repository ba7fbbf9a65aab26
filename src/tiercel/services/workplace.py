"""What running tasks need of the world around them, in one place: storage, logs, answers, time, folders, settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tiercel.model.sealed import Cipher
from tiercel.model.spilled import OutputLimits
from tiercel.ports.clock import Clock
from tiercel.ports.kv import KvStore
from tiercel.ports.logs import LogStore
from tiercel.ports.storage import Storage
from tiercel.services.log_writer import LogWriter
from tiercel.services.namespace_files import NamespaceFiles
from tiercel.services.office import Office
from tiercel.services.rendering import World


@dataclass(frozen=True, kw_only=True)
class Workplace:
    """Given to whoever runs jobs."""

    storage: Storage
    kv: KvStore
    namespace_files: NamespaceFiles
    logs: LogStore
    office: Office = field(default_factory=Office)
    """What tasks may ask of the server."""
    writer: LogWriter
    """Takes the lines of all runs to `logs`; entered and left by whoever made it."""
    world: World
    """Answers what expressions ask; see services.host."""
    clock: Clock
    cipher: Cipher | None = None
    """The server's key, if it has one."""
    limits: OutputLimits = field(default_factory=OutputLimits)
    """How large outputs may be."""
    folder: Path
    """Working folders of runs lie in it."""
    state: Path | None = None
    """The folder that all runs of this machine share; None: one in `folder`."""
    configuration: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Instance-wide settings of plugins, by dotted name."""
