"""Who may ask: browsers that reach the server by its own name, from its own pages, with bodies of a bounded size.

A page of any site can send a browser to 127.0.0.1 under a name of its own (DNS rebinding); the name gives it away.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

import flask

from postlens.core.contract.problems import fail
from postlens.core.host.config import Config

_OWN = frozenset({"localhost", "127.0.0.1", "::1"})
_SMALLEST_BODY = 10_000_000  # Bytes; a question with its filters has some thousands.


def max_body(config: Config) -> int:
    """Bytes of the largest request: some files at the limit, in the 4/3 of base64."""
    return max(_SMALLEST_BODY, 4 * config.data.upload_mb * 1_000_000 * 4 // 3)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def check_host(host: str, hosts: Iterable[str]) -> None:
    """Refuse to listen for other machines before it is said under which names.

    Raises:
        PostlensError: the address is not loopback, and `hosts` is empty.
    """
    if not is_loopback(host) and not list(hosts):
        raise fail(
            f"Postlens will not listen on {host}: everybody who reaches it sees all posts.",
            why="It has no passwords of its own.",
            hint='Put a server with a login before it, and name it: [server] hosts = ["postlens.agency.example"].',
        )


def guard(server: flask.Flask, config: Config) -> None:
    """Answer only requests by a name of this server, from a page of this server, up to a size."""
    server.config["MAX_CONTENT_LENGTH"] = max_body(config)
    names = _OWN | {host.lower() for host in config.server.hosts}
    if is_loopback(config.server.host):
        names |= {config.server.host}

    @server.before_request
    def from_here() -> flask.Response | None:
        request = flask.request
        if _name_of(f"//{request.host}") not in names:
            return _refused("This server is not known by that name. Add it to [server] hosts in config.toml.")
        origin = request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != request.host:
            return _refused("Requests from pages of other sites are not answered.")
        return None


def _name_of(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").lower()
    except ValueError:
        return ""


def _refused(reason: str) -> flask.Response:
    return flask.Response(reason + "\n", status=403, mimetype="text/plain")
