"""Many browsers at once, over real sockets."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Callable

from waitress.server import create_server

from postlens.app.clients import Clients
from postlens.app.web.server import create_app
from postlens.app.web.serving import server_options
from postlens.app.workspace import Workspace


def test_fifty_browsers_with_six_connections_each_keep_nobody_out(workspace_for: Callable[..., Workspace]) -> None:
    """A server that admits a hundred connections would let the next one wait until others time out."""
    workspace = workspace_for("")
    app = create_app(Clients(workspace))
    server = create_server(app.server, host="127.0.0.1", port=0, **server_options(workspace.deployment.config))
    threading.Thread(target=server.run, daemon=True).start()
    idle = [socket.create_connection(("127.0.0.1", server.effective_port)) for _ in range(300)]
    visitor = http.client.HTTPConnection("127.0.0.1", server.effective_port, timeout=20)
    try:
        visitor.request("GET", "/healthz")
        assert b"ok" in visitor.getresponse().read()
    finally:
        visitor.close()
        for line in idle:
            line.close()
        server.close()
