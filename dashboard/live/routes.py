"""The addresses a page listens to: `/live/state`, `/live/stream?since=`, `/live/poll?since=`.

Each takes `machine=NAME` for the stream of one machine's page, which has its signals. A stream is packed
for whoever takes gzip, as every browser does; `curl` gets it plain.
"""

import threading
from collections.abc import Iterator
from functools import partial

import msgspec
from flask import Blueprint, Response, request

from dashboard.live.channel import Channel
from dashboard.live.hub import Hub
from dashboard.live.packing import packed, packed_stream

THREADS = 64
"""Threads of the server: a stream holds one as long as it is open."""
RESERVE = 16
"""Threads that streams leave free, so that pages and polls are always answered."""
PING_S = 10.0
SLICE_S = 1.0
"""How soon a stream notices that the server stops."""
MAX_DIGITS = 18
FRESH = {"Cache-Control": "no-store"}


def _piece(text: str) -> tuple[bytes, bytes]:
    return text.encode(), packed(text.encode())


_BEGINNING = _piece("retry: 2000\n\n")
_RESYNC = _piece("event: resync\ndata: 1\n\n")
_PING = _piece(": ping\n\n")


def live_routes(channel: Channel, *, streams: int = THREADS - RESERVE) -> Blueprint:
    """The routes of the live channel.

    Args:
        channel: What they hand out; started by the first request.
        streams: How many streams may be open at a time; further viewers poll.
    """
    routes = Blueprint("live", __name__, url_prefix="/live")
    slots = threading.BoundedSemaphore(streams)

    def hub() -> Hub:
        channel.start()
        return channel.hub(request.args.get("machine"))

    @routes.get("/state")
    def state() -> Response:
        age_s = channel.age_s()
        age_ms = None if age_s is None else round(age_s * 1_000)
        return Response(hub().state(age_ms=age_ms), mimetype="application/json", headers=FRESH)

    @routes.get("/poll")
    def poll() -> Response:
        later = hub().since(_number(request.args.get("since")))
        changes = None if later is None else [msgspec.Raw(one.text) for one in later]
        return Response(msgspec.json.encode(changes), mimetype="application/json", headers=FRESH)

    @routes.get("/stream")
    def stream() -> Response:
        if not slots.acquire(blocking=False):
            channel.turned_away += 1
            return Response("all streams are taken: poll /live/poll", status=503, mimetype="text/plain")
        since = _number(request.headers.get("Last-Event-ID") or request.args.get("since"))
        pieces = _events(hub(), since, channel.stopping)
        packs = request.accept_encodings["gzip"] > 0
        body = packed_stream(pieces) if packs else (plain for plain, _ in pieces)
        answer = Response(body, mimetype="text/event-stream")
        answer.headers.update(
            {"Cache-Control": "no-cache", "X-Accel-Buffering": "no", "Vary": "Accept-Encoding"}
        )
        if packs:
            answer.headers["Content-Encoding"] = "gzip"
        # Not in the generator: one that was never begun would not give its slot back.
        channel.stream(1)
        answer.call_on_close(partial(channel.stream, -1))
        answer.call_on_close(slots.release)
        return answer

    return routes


def _events(hub: Hub, seq: int, stopping: threading.Event) -> Iterator[tuple[bytes, bytes]]:
    """The pieces of a stream, each plain and packed."""
    yield _BEGINNING
    silent_s = 0.0
    while not stopping.is_set():
        later = hub.since(seq)
        if later is None:
            seq = hub.seq
            yield _RESYNC
        for one in later or ():
            seq = one.number
            yield one.event, one.packed
        if hub.wait(seq, SLICE_S):
            silent_s = 0.0
        else:
            silent_s += SLICE_S
            if silent_s >= PING_S:
                silent_s = 0.0
                # Only by writing does the server notice that a viewer is gone.
                yield _PING


def _number(text: str | None) -> int:
    """The number itself, 0 (which no change has) for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS else 0
