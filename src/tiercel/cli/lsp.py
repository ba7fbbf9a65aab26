"""`tiercel lsp`: the language server, for editors."""

from typing import Annotated

from cyclopts import Parameter


def lsp(
    *,
    tcp: Annotated[
        int | None,
        Parameter(help="Listen on this port of this machine for one editor, instead of talking over standard input."),
    ] = None,
) -> None:
    """Help an editor with flows: problems, completion, texts, outline. Editors start it by themselves."""
    # Imported here: no other command pays for the protocol.
    from tiercel.lsp.server import serve, serve_port

    if tcp is None:
        serve()
    else:
        serve_port(tcp, waiting=lambda port: print(f"waiting for an editor on 127.0.0.1:{port}", flush=True))
