"""Which user of the machine PostgreSQL runs as: ourselves, or an ordinary user when we are root, since it refuses root."""

import os
import pwd
import stat
from pathlib import Path
from typing import Any, NamedTuple

from tiercel.adapters.postgres.errors import DatabaseError, NotReachable

_ORDINARY = ("tiercel", "postgres", "nobody")
"""Tried in this order. Whoever it is, only root may log in to the database: see `Account.peers`."""


class Account(NamedTuple):
    """A user of the machine."""

    name: str
    uid: int
    gid: int

    @property
    def is_ours(self) -> bool:
        return self.uid == os.geteuid()

    @property
    def peers(self) -> tuple[str, ...]:
        """The users who may log in over the socket: the one who runs us, and nobody else."""
        return (pwd.getpwuid(os.geteuid()).pw_name,)

    def child_options(self) -> dict[str, Any]:
        """What `subprocess` needs to run as this user."""
        return {} if self.is_ours else {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, folder: Path) -> Path:
        """Make a folder that is this user's alone."""
        folder.mkdir(mode=0o700, parents=False, exist_ok=True)
        if not self.is_ours:
            os.chown(folder, self.uid, self.gid)
        folder.chmod(0o700)
        return folder

    def can_enter(self, folder: Path) -> bool:
        """Whether the user may walk down to the folder and list it."""
        ancestors = [folder, *folder.parents]
        return self.is_ours or all(self._passes(ancestor.stat()) for ancestor in ancestors)

    def require_way_to(self, folder: Path) -> None:
        """Raise NotReachable, naming the first folder that bars the way."""
        barred = [
            each for each in reversed([folder, *folder.parents]) if not self.is_ours and not self._passes(each.stat())
        ]
        if barred:
            raise NotReachable(barred[0], user=self.name)

    def _passes(self, status: os.stat_result) -> bool:
        if status.st_uid == self.uid:
            return bool(status.st_mode & stat.S_IXUSR)
        return bool(status.st_mode & (stat.S_IXGRP if status.st_gid == self.gid else stat.S_IXOTH))


def account() -> Account:
    """Ourselves, or the first ordinary user that this machine has when we are root."""
    uid = os.geteuid()
    if uid != 0:
        return _known(uid)
    for name in _ORDINARY:
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(user.pw_name, user.pw_uid, user.pw_gid)
    raise DatabaseError(
        "PostgreSQL does not run as root, and this machine has no ordinary user to run it as: make one named 'tiercel', "
        "or give the address of a database"
    )


def _known(uid: int) -> Account:
    try:
        user = pwd.getpwuid(uid)
    except KeyError:
        raise DatabaseError(
            f"PostgreSQL does not run as the user id {uid}, which has no name on this machine: give it a line in "
            "/etc/passwd, or give the address of a database"
        ) from None
    return Account(user.pw_name, user.pw_uid, user.pw_gid)
