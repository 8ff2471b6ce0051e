"""Who may ask: browsers that reach the server by its own name, from its own pages, with bodies of a bounded size.

A page of any site can send a browser to 127.0.0.1 under a name of its own (DNS rebinding); the name gives it away. Where
other machines reach the server, a browser must have come by the link with the token once; a cookie remembers it.
"""

from __future__ import annotations

import hmac
import ipaddress
import logging
import os
import re
import secrets
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

import flask
from dash import Dash
from dash.exceptions import CallbackException, DependencyException
from werkzeug.http import parse_cookie

from postlens.core.contract.problems import fail
from postlens.core.host.config import Config

log = logging.getLogger(__name__)
VARIABLE = "POSTLENS_TOKEN"
_COOKIE = "postlens_token"
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


def token_for(host: str, config: Config) -> str:
    """What the start-up link has that protects an address other machines reach; empty where none is needed.

    The environment may give it as POSTLENS_TOKEN, so that it stays the same when the server is started again.

    Raises:
        PostlensError: the address is not loopback, no token is wanted, and `hosts` is empty.
    """
    if is_loopback(host):
        return ""
    if config.server.token:
        return os.environ.get(VARIABLE) or secrets.token_urlsafe(24)
    if not config.server.hosts:
        raise fail(
            f"Postlens will not listen on {host} without a token: everybody who reaches it would see all posts.",
            why="It has no passwords of its own.",
            hint='Put a server with a login before it, and name it: [server] hosts = ["postlens.agency.example"].',
        )
    return ""


class Gate:
    """Whom a server answers: browsers that call it by a name of its own, from a page of its own, with its token."""

    def __init__(self, config: Config, token: str = "", host: str = "localhost") -> None:
        own = {name.strip("[]").lower() for name in (config.server.host, host) if is_loopback(name)}
        self.token = token
        self._names = _OWN | own | {name.lower() for name in config.server.hosts}
        self._any_name = bool(token) and not config.server.hosts

    def refusal(self, host: str, origin: str | None) -> str:
        """Why a request by that name, from that page, is not answered; empty where it may be."""
        if not self._any_name and _name_of(f"//{host}") not in self._names:
            return "This server is not known by that name. Add it to [server] hosts in config.toml."
        if origin is not None and origin.partition("://")[2] != host:
            return "Requests from pages of other sites are not answered."
        return ""

    def refusal_of_body(self, headers: Mapping[str, str]) -> str:
        """Why a request with something to send is not answered, told by its headers, before what it sends is taken.

        Args:
            headers: by their names as WSGI writes them, without `HTTP_`.
        """
        host = headers.get("HOST", "")
        if reason := self.refusal(host, headers.get("ORIGIN")):
            return reason
        cookies = parse_cookie(headers.get("COOKIE", ""))
        return _WITHOUT_IT if self.token and not _same(cookies.get(_cookie_at(host), ""), self.token) else ""


def guard(server: flask.Flask, config: Config, token: str = "", host: str = "localhost") -> None:
    """Answer only requests that the gate lets in, up to a size."""
    server.config["MAX_CONTENT_LENGTH"] = max_body(config)
    gate = Gate(config, token, host)

    @server.before_request
    def from_here() -> flask.Response | None:
        request = flask.request
        if reason := gate.refusal(request.host, request.headers.get("Origin")):
            return _refused(reason)
        return _by_token(token) if token else None


def check_questions(app: Dash) -> None:
    """Answer 400 to what no page of Postlens asks, before Dash takes it for a question."""
    server: flask.Flask = app.server
    said = _Seldom()

    @server.before_request
    def well_formed() -> flask.Response | None:
        request = flask.request
        if request.method != "POST" or not request.path.endswith("/_dash-update-component"):
            return None
        if _scattered(request.get_data()):
            return _no_question()
        try:
            body = request.get_json(silent=True)
        except RecursionError:
            body = None
        asked = body.get("output") if isinstance(body, dict) else None
        answered = isinstance(asked, str) and "callback" in app.callback_map.get(asked, {})
        return None if answered and _parts(body or {}) else _no_question()

    def unfit(error: Exception) -> flask.Response:
        """Values that no page sends: a number where a list belongs. Logged, for it may be a bug of ours."""
        if "/_dash-component-suites/" in flask.request.path:
            return flask.Response("There is no such file.\n", status=404, mimetype="text/plain")
        if not flask.request.path.endswith("/_dash-update-component"):
            raise error
        # The error's own words may hold a whole page, captions and all: they are for who asks for details.
        said.of(type(error).__name__, time.monotonic())
        log.debug("question not understood", exc_info=error)
        return _no_question()

    for kind in _UNFIT:
        server.register_error_handler(kind, unfit)


_LARGE, _MOST_PARTS = 1_000_000, 50_000


def _scattered(body: bytes) -> bool:
    """Whether a large body is of very many small parts, which take twenty times their bytes: a file's is one long text."""
    return len(body) > _LARGE and sum(body.count(sign) for sign in (b",", b"{", b"[")) > _MOST_PARTS


class _Seldom:
    """Says what was not understood once a minute for each kind, with how often since: whoever forges questions fills no disk."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}
        self._unsaid: dict[str, int] = {}

    def of(self, kind: str, now: float) -> None:
        """Log a question of that kind, or count it."""
        if now < self._until.get(kind, now):
            self._unsaid[kind] = self._unsaid.get(kind, 0) + 1
            return
        self._until[kind] = now + _QUIET
        more = self._unsaid.pop(kind, 0)
        log.error("question not understood: %s%s", kind, f", and {more:,} more before it" if more else "")


_QUIET = 60.0  # Seconds.
_UNFIT = (TypeError, ValueError, KeyError, IndexError, AttributeError, CallbackException, DependencyException)


def _no_question() -> flask.Response:
    return flask.Response("This is no question of a page of Postlens.\n", status=400, mimetype="text/plain")


def _parts(body: dict[str, Any]) -> bool:
    """Whether inputs and states are components with a property, or lists of such."""
    given = [body.get("inputs", []), body.get("state", [])]
    if not all(isinstance(part, list) for part in given) or not isinstance(body.get("changedPropIds", []), list):
        return False
    each = [item for part in given for item in part]
    flat = [one for item in each for one in (item if isinstance(item, list) else [item])]
    return all(isinstance(one, dict) and "id" in one and "property" in one for one in flat)


def _by_token(token: str) -> flask.Response | None:
    """None for a browser that has the token; one that brings it gets the page without it in its address."""
    request = flask.request
    cookie = _cookie_at(request.host)
    if _same(request.cookies.get(cookie, ""), token):
        return None
    if not _same(request.args.get("token", ""), token):
        return _refused(_WITHOUT_IT)
    rest = [(k, v) for k, v in request.args.items(multi=True) if k != "token"]
    path = "/" + re.sub(r"[\x00-\x20\x7f]", "", request.path).lstrip("/\\")
    response = flask.redirect(path + (f"?{urlencode(rest)}" if rest else ""))
    response.set_cookie(cookie, token, httponly=True, samesite="Lax", secure=request.is_secure)
    return flask.make_response(response)


_WITHOUT_IT = "This Postlens asks for the token of its start-up link: open that link, as the terminal shows it."


def _cookie_at(host: str) -> str:
    return f"{_COOKIE}_{host.rpartition(':')[2] if ':' in host else 80}"  # Cookies know no ports.


def _same(said: str, token: str) -> bool:
    return hmac.compare_digest(said.encode(), token.encode())


def _name_of(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").lower()
    except ValueError:
        return ""


def _refused(reason: str) -> flask.Response:
    return flask.Response(reason + "\n", status=403, mimetype="text/plain")
