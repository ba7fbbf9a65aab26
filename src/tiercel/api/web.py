"""Serves the built web UI below `/ui/`: its files, and its page for every path that is one of its own."""

from email.utils import formatdate
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.types import Receive, Scope, Send

FOLDER = Path(__file__).parent.parent / "web"
_NOT_BUILT = """<!doctype html><meta charset="utf-8"><title>Tiercel</title>
<p>The web UI is not built in this checkout. Build it with <code>make ui</code>; the API is at <code>/api/v1/main</code>."""
_FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}
_FRESH = {"Cache-Control": "no-cache"}


class WebUi:
    """Files with a hash in their name are kept by browsers for ever, the page itself is asked for each time."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder

    @staticmethod
    def is_meant(path: str) -> bool:
        return path in ("/", "/ui") or path.startswith("/ui/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._answer(scope)(scope, receive, send)

    def _answer(self, scope: Scope) -> Response:
        path = scope["path"]
        if path in ("/", "/ui"):
            return RedirectResponse(f"{scope.get('root_path', '')}/ui/", status_code=307)
        if not (self._folder / "index.html").is_file():
            return HTMLResponse(_NOT_BUILT, status_code=503)
        file = self._file(path.removeprefix("/ui/"))
        if file is None:
            return FileResponse(self._folder / "index.html", headers=_FRESH)
        return self._unless_known(file, Headers(scope=scope))

    def _file(self, name: str) -> Path | None:
        file = (self._folder / name).resolve()
        return file if name and file.is_file() and file.is_relative_to(self._folder.resolve()) else None

    def _unless_known(self, file: Path, headers: Headers) -> Response:
        modified = formatdate(file.stat().st_mtime, usegmt=True)
        if headers.get("if-modified-since") == modified:
            return Response(status_code=304)
        return FileResponse(file, headers=_FOREVER if file.parent.name == "assets" else _FRESH)
