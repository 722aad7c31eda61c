"""Who is the operator: the password and its file, wrong tries, and who has signed in."""

import logging
from dataclasses import dataclass, field
from http import HTTPStatus
from math import ceil

from flask import Request, Response

from dashboard.gate.hosts import Hosts
from dashboard.gate.origin import is_from_this_page
from dashboard.gate.password import PagePassword
from dashboard.gate.refusals import Refusals
from dashboard.gate.sessions import LASTS_S, Sessions
from dashboard.gate.tries import Tries

logger = logging.getLogger(__name__)

USER = "operator"
"""As whom programs sign in with each request, by HTTP's basic scheme."""
COOKIE, SECURE_COOKIE = "operator", "__Host-operator"
"""The second one a browser takes and sends over TLS alone, and from this very host alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why somebody may not."""

    status: HTTPStatus
    """The answer's status."""
    sentence: str
    """What is said."""
    wait_s: int | None = None
    """After how many seconds to ask again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What stands between a request and what it asks for."""

    password: PagePassword | None = None
    """What the operator has to know; None where whoever reaches the page may command."""
    hosts: Hosts = field(default_factory=Hosts)
    """The names that the page is asked for by."""
    tries: Tries = field(default_factory=Tries)
    """Wrong passwords of late."""
    sessions: Sessions = field(default_factory=Sessions)
    """Who has signed in."""
    refusals: Refusals = field(default_factory=Refusals)
    """What was refused."""

    def refusal(self, request: Request) -> Refusal | None:
        """Why a request may not command; None when it may."""
        if self.password is None:
            return None
        if not self.password.line():
            return _no_password()
        if self.is_signed_in(request):
            return None
        said = request.authorization
        if said is None or said.type != "basic":
            return _wrong("commands from here need the operator's password")
        if said.username != USER:
            return _wrong(f"the user of commands is {USER}")
        return self.try_password(said.password or "", address_of(request))

    def try_password(self, said: str, address: str) -> Refusal | None:
        """Why somebody who says a password is not let in; None when it is the right one."""
        if self.password is None:
            return None
        if not self.password.line():
            return _no_password()
        wait_s = ceil(self.tries.begin(address))
        if wait_s:
            return Refusal(
                status=HTTPStatus.TOO_MANY_REQUESTS,
                sentence=f"too many wrong passwords: ask again in {wait_s} s",
                wait_s=wait_s,
            )
        if not self.password.is_right(said):
            return _wrong("that is not the operator's password")
        self.tries.right(address)
        return None

    def is_signed_in(self, request: Request) -> bool:
        """Whether a request is of this page, in a browser that has signed in."""
        token = request.cookies.get(cookie_name(request), "")
        if not token or self.password is None:
            return False
        # A cookie comes with whatever a browser sends; that this page sent it, the browser has to say.
        safe = request.method in {"GET", "HEAD"} or is_from_this_page(request)
        return safe and self.sessions.has(token, self.password.line())

    def let_in(self, request: Request, answer: Response) -> None:
        """Begin a session, and let the browser keep its token."""
        line = "" if self.password is None else self.password.line()
        answer.set_cookie(
            cookie_name(request),
            self.sessions.begin(line),
            max_age=int(LASTS_S),
            secure=request.is_secure,
            httponly=True,
            samesite="Strict",
            path="/",
        )

    def see_off(self, request: Request, answer: Response) -> None:
        """End the session of a browser."""
        name = cookie_name(request)
        self.sessions.end(request.cookies.get(name, ""))
        answer.delete_cookie(name, secure=request.is_secure, httponly=True, samesite="Strict", path="/")

    def note(self, request: Request, why: str) -> None:
        """Log that something was refused."""
        self.refusals.note(address_of(request), request.method, request.path, why)


def address_of(request: Request) -> str:
    """Who asks: the address of the connection, which alone cannot be made up."""
    return request.remote_addr or "nowhere"


def cookie_name(request: Request) -> str:
    """The cookie's name on a connection like that of a request."""
    return SECURE_COOKIE if request.is_secure else COOKIE


def _wrong(sentence: str) -> Refusal:
    return Refusal(status=HTTPStatus.UNAUTHORIZED, sentence=sentence)


def _no_password() -> Refusal:
    return Refusal(
        status=HTTPStatus.FORBIDDEN,
        sentence="others reach this page, and no password for commands has been set: "
        "broker-config/make_credentials.py --page-password sets it",
    )
