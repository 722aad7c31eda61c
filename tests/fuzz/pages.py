"""What a browser or a program may ask of the web process: addresses, query strings, callbacks, commands.

Each answer has a status and a content that the OpenAPI document names, and none is an error of the server.
"""

from __future__ import annotations

import json
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import msgspec
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from dashboard.api.openapi import document
from dashboard.app import make_app
from dashboard.live.command_routes import _COMMANDS, BadCommandError, check_command
from dashboard.pages.loss_view import LossView
from protocol.messages import UNREADABLE, in_words
from tests.api.asking import settings
from tests.fuzz.hostile import DEPTH, MOMENTS, NUMBERS, TEXTS
from tests.fuzz.mutations import altered, hostile
from tests.fuzz.target import Refusal, Target
from tests.ingest.office_of_a_day import EPOCH_MS, MINUTE, RUN, close, give, minutes, open_office

if TYPE_CHECKING:
    from random import Random

    from dash import Dash
    from werkzeug.test import TestResponse

COUNT = 10
NOW_MS = EPOCH_MS + COUNT * MINUTE
SERVER_ERROR = 500
NOT_HERE = 503
BEYOND = (b"[" * 16_000, b'{"what":' + b"[" * 15_000, b'{"what":"speed","speed":' + b"9" * 5_000 + b"}")
GOOD: dict[str, tuple[str, ...]] = {
    "run": (RUN,), "machine": ("mill-1", "press-1"), "line": ("machining", "pressing"),
    "signal": ("power_kw",),
    "from": ("2026-01-05T06:00:00Z", "1767592800000"), "to": ("2026-01-05T06:09:00Z",
    "2026-01-05T06:05:00+00:00"),
    "shift": ("2026-01-05/early",), "margin": ("12.50", "machining:1,pressing:2"), "kpi": ("oee", "uptime"),
    "window": ("shift", "8h"), "against": ("before", "machine:press-1"),
}  # fmt: skip
"""Values that mean something in the history of the mill and the press."""
COMMANDS: tuple[bytes, ...] = (
    b'{"what":"reason","run":"a1b2c3d4","machine":"mill-1","at":"2026-01-05T06:01:00Z","reason":"jam","note":"x"}',
    b'{"what":"start-over","seed":7}', b'{"what":"speed","speed":600,"id":"c1"}',
    b'{"what":"speed","speed":"max"}',
    b'{"what":"fault","machine":"press-1","fault":"stuck","signal":"power_kw","severity":0.5,"duration_s":900}',
    b'{"what":"assume","values":{"rounds_s":600,"calls":false,"on_shift":["anna"]}}',
    b'{"what":"bench","on":true}',
    b'{"what":"add","machine":"mill-9","text":"kind = 1"}',
    b'{"what":"relearn","machine":"m","since":"2026-01-05T06:00:00Z"}',
    b'{"what":"check","machine":"mill-9","text":"kind = 1","name":"mill-1"}', b'{"what":"step","seconds":5}',
)  # fmt: skip
PATHS = (
    "/", "/losses", "/gain", "/proof", "/lab", "/industry", "/machines", "/wall", "/doctor",
    "/machine/mill-1",
    "/machine/nobody", "/nowhere",
)  # fmt: skip


def pages() -> list[Target]:
    """The routes of the web process, without a broker."""
    asked = st.randoms(use_true_random=True)
    return [
        Target(name="API, query strings", inputs=asked.map(_question), take=_answered),
        Target(name="API, commands", inputs=asked.map(_command), take=_commanded),
        Target(
            name="API, sessions",
            inputs=asked.map(lambda random: altered(random, (b'{"password":"x"}',))),
            take=_signed_in,
        ),
        Target(name="page, addresses", inputs=asked.map(_address), take=_opened),
        Target(name="page, callbacks", inputs=asked.map(_callback), take=_called),
        Target(name="page, what losses are asked for", inputs=asked.map(_search), take=LossView.asked),
        Target(name="command, before it is sent", inputs=asked.map(_command), take=_checked),
    ]


@cache
def app() -> Dash:
    """The application, on a history of ten minutes of a mill and a press."""
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    office = open_office(folder, NOW_MS)
    give(office, minutes(COUNT))
    close(office, NOW_MS)
    made, _ = make_app(settings(f"sqlite:///{folder}/history.db"))
    # What nobody foresaw is to be seen as it is, and not as a page that says so.
    made.server.testing = True
    return made


def _question(random: Random) -> tuple[str, list[tuple[str, str]]]:
    path = random.choice(sorted(path for path, methods in document()["paths"].items() if "get" in methods))
    described = document()["paths"][path]["get"]["parameters"]
    asked = []
    for one in described:
        if one.get("required") or random.randrange(3) == 0:
            good = GOOD.get(one["name"]) or tuple(one["schema"].get("enum", ())) or ("10", "100")
            bad = (random.choice(TEXTS), str(random.choice(MOMENTS)), str(random.choice(NUMBERS))[:400])
            asked.append((one["name"], random.choice(good) if random.randrange(3) else random.choice(bad)))
    if random.randrange(6) == 0:
        asked.append((random.choice(("run", "x", "machine", *TEXTS)), random.choice(TEXTS)))
    return path, asked


def _answered(question: tuple[str, list[tuple[str, str]]]) -> object:
    path, asked = question
    query = urlencode([(name, value[:2_000]) for name, value in asked], errors="surrogatepass")
    return as_described("get", path, app().server.test_client().get(f"{path}?{query}"))


def _command(random: Random) -> bytes:
    if random.randrange(20) == 0:
        return random.choice(BEYOND)
    if random.randrange(4) == 0:
        keys = {key for needed, more in _COMMANDS.values() for key in (*needed, *more)}
        said = {key: hostile(random) for key in sorted(keys) if random.randrange(6) == 0}
        return json.dumps({**said, "what": random.choice(sorted(_COMMANDS))}).encode()
    return altered(random, COMMANDS)


def _commanded(body: bytes) -> object:
    answer = (
        app().server.test_client().post("/api/commands", data=body[:20_000], content_type="application/json")
    )
    return as_described("post", "/api/commands", answer)


def _signed_in(body: bytes) -> object:
    answer = (
        app().server.test_client().post("/api/session", data=body[:20_000], content_type="application/json")
    )
    return as_described("post", "/api/session", answer)


def _checked(body: bytes) -> object:
    try:
        said = msgspec.json.decode(body)
    except UNREADABLE as error:
        return Refusal(in_words(error))
    if not isinstance(said, dict):
        return Refusal("no object")
    try:
        check_command(said)
    except BadCommandError as error:
        return Refusal(error.body["error"])
    return None


def as_described(method: str, path: str, answer: TestResponse) -> object:
    """Hold an answer against the document: status, type and content."""
    described = document()
    responses = described["paths"][path][method]["responses"]
    status = str(answer.status_code)
    assert status in responses, f"{method} {path}: {status} is not described: {answer.text[:200]}"
    content = responses[status]["content"]
    assert answer.mimetype in content, f"{method} {path}: {answer.mimetype} is not described for {status}"
    body = msgspec.json.decode(answer.data) if answer.mimetype == "application/json" else answer.text
    schema = {**content[answer.mimetype]["schema"], "components": described["components"]}
    Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(body)
    if answer.status_code < 400:
        return answer.status_code
    return Refusal(body["error"] if isinstance(body, dict) else str(body))


def _address(random: Random) -> str:
    said = random.choice(
        (
            *PATHS,
            "/machine/" + random.choice(TEXTS),
            "/" + random.choice(TEXTS),
            "/api/" + random.choice(TEXTS),
        )
    )
    return quote(said[:2_000], errors="surrogatepass", safe="/") + (
        "?" + _search(random) if random.randrange(2) else ""
    )


def _opened(address: str) -> object:
    answer = app().server.test_client().get(address)
    assert answer.status_code < SERVER_ERROR, f"{answer.status_code}: {answer.text[:200]}"
    return answer.status_code


def _search(random: Random) -> str:
    names = (
        "window",
        "from",
        "to",
        "line",
        "machine",
        "against",
        "show",
        "by",
        "loss",
        "margin",
        "state",
        "pick",
    )
    said = []
    for name in names:
        if random.randrange(4) == 0:
            value = random.choice(
                (*GOOD.get(name, ("8h",)), random.choice(TEXTS), str(random.choice(MOMENTS)))
            )
            said.append((random.choice((name, name, name, random.choice(TEXTS)[:100])), value[:2_000]))
    return urlencode(said, errors="surrogatepass")


def _callback(random: Random) -> bytes:
    known = app().callback_map or {}
    output = random.choice(sorted(key for key, one in known.items() if "callback" in one))
    said: dict[str, Any] = {"output": output, "changedPropIds": [], "outputs": _outputs(output)}
    for part in ("inputs", "state"):
        said[part] = [{**one, "value": _value(random, one["property"])} for one in known[output][part]]
    if random.randrange(3) == 0:
        return altered(random, (json.dumps(said).encode(),))
    return json.dumps(said).encode()


def _outputs(output: str) -> Any:
    ids = [
        dict(zip(("id", "property"), one.split("@")[0].rsplit(".", 1), strict=True))
        for one in output.strip(".").split("...")
    ]
    return ids if output.startswith("..") else ids[0]


def _value(random: Random, name: str) -> Any:
    true = {
        "pathname": PATHS,
        "search": ("", "?window=8h", "?line=machining"),
        "data": ("shift", "?by=count", 3, None),
    }
    return random.choice(true.get(name, (1,))) if random.randrange(2) else hostile(random)


def _called(body: bytes) -> object:
    app().server.test_client().get("/_dash-dependencies")
    answer = (
        app()
        .server.test_client()
        .post("/_dash-update-component", data=body[: DEPTH * 2], content_type="application/json")
    )
    assert answer.status_code < SERVER_ERROR, f"{answer.status_code}: {answer.text[:200]}"
    if answer.status_code < 400:
        return answer.status_code
    return Refusal(answer.text)
