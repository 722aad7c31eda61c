"""A step of a tour, checked when it is read: what it points at, says, reads, asks of the plant, waits for."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from dashboard.live.command_routes import BadCommandError, check_command
from dashboard.tour.fields import Fields

DOES = ("speed", "fault", "clear", "add", "remove")
"""What a tour may ask of the plant: what it can undo, and what undoes it."""
FORMS = ("words", "count", "percent", "duration", "signed")
"""How a number of the API is written: as it is, whole, as a share, as a duration of seconds, signed."""
MOST_SENTENCES = 3
LONGEST_SENTENCE, LONGEST_TITLE = 240, 60
SHORTEST_STAY_S, LONGEST_STAY_S = 1, 120
LONGEST_WAIT_S, USUAL_WAIT_S = 180, 20
GAP = re.compile(r"\{([^{}]*)\}")
"""Where a number stands in a sentence."""
_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
_NUMBER = re.compile(r"[a-z][a-z_]{0,31}")
_OF_AN_ADDRESS = frozenset({"epoch"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """What stands in the place of a name in a caption, read while the step is shown."""

    text: str | None = None
    """A selector: the text of the first element of the page that it fits."""
    count: str | None = None
    """A selector: how many elements it fits."""
    list: str | None = None
    """A selector: the texts of all elements that it fits, with commas between them."""
    api: str | None = None
    """An address of the API; `{epoch}` in it is the beginning of the run, others are parts of the cast."""
    value: str | None = None
    """Where the number stands in its answer: `lines.0.gained`, `calls[state=closed][repair_s].s`."""
    form: str = "words"
    """One of `FORMS`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Who plays a part in the tour: a machine, say, that is found in the history when it is first needed."""

    api: str
    """An address of the API."""
    value: str
    """Where its name stands in the answer."""
    otherwise: str
    """Who plays the part where nothing is found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """What has to be there, or gone, before a caption is true."""

    there: str | None
    """A selector that fits an element in sight."""
    gone: str | None
    """A selector that fits none in sight."""
    text: str | None
    """What the element has to say, among other things."""
    limit_s: float
    """Real seconds after which the tour says `otherwise` and goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Where one may go on from here."""

    words: str
    """What is there."""
    page: str
    """Its address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One stop of the tour."""

    name: str
    """What stands in the address, `?tour=losses`."""
    page: str
    """Address of the page, with what is chosen on it, and `{name}` where a part of the cast is named."""
    point: str
    """Selector of the element that the tour points at."""
    title: str
    """The caption's title."""
    text: tuple[str, ...]
    """The caption's sentences, with `{name}` where a number is read."""
    stay_s: float
    """Real seconds for which it stays by itself."""
    read: Mapping[str, Number]
    """What its numbers are, by name."""
    does: Mapping[str, Any] | None
    """A command to the plant that it begins with; the tour undoes it in the end."""
    wait: Wait | None
    """What it waits for."""
    otherwise: str
    """The sentence in the caption's place when what it waits for, or a number of it, is not there."""
    links: tuple[Link, ...]
    """Where one may go on from here."""


def step_of(fields: Fields, cast: Collection[str]) -> Step:
    """The step that a table of the file says.

    Args:
        fields: The table.
        cast: The parts of the tour, which may be named in it.

    Raises:
        TourError: Names the file, the step, the key, the value and what is allowed.
    """
    name = fields.text("name", _NAME, "a small letter, then small letters, digits and hyphens, at most 32")
    fields = fields.named(f"step {name!r}")
    step = Step(
        name=name,
        page=_page(fields),
        point=fields.line("point", LONGEST_SENTENCE),
        title=fields.line("title", LONGEST_TITLE),
        text=fields.lines("text", MOST_SENTENCES, LONGEST_SENTENCE),
        stay_s=fields.number("stay_s", SHORTEST_STAY_S, LONGEST_STAY_S),
        read={key: _number(one, key) for key, one in fields.table_of_tables("read").items()},
        does=_does(fields),
        wait=_wait(fields),
        otherwise=fields.line("otherwise", LONGEST_SENTENCE, default=""),
        links=tuple(_link(one) for one in fields.tables("links", MOST_SENTENCES + 1, least=0)),
    )
    fields.done()
    _captions(fields, step, cast)
    if (step.wait is not None or step.read) and not step.otherwise:
        raise fields.refused("otherwise", None, "a sentence for when what it waits for or reads is not there")
    return step


def _page(fields: Fields, key: str = "page") -> str:
    page: str = fields.line(key, LONGEST_SENTENCE)
    split = urlsplit(page)
    away = bool(split.scheme or split.netloc) or not page.startswith("/") or "\\" in page
    if away or any(name == "tour" for name, _ in parse_qsl(split.query)):
        raise fields.refused(
            key, page, "an address of a page of this dashboard that begins with /, without ?tour="
        )
    return page


def _captions(fields: Fields, step: Step, cast: Collection[str]) -> None:
    """Whether every number of a caption is read, and every number that is read is in it."""
    sentences = (step.title, *step.text, step.otherwise)
    gaps = {gap for sentence in sentences for gap in GAP.findall(sentence)}
    for key, sentence in (
        ("title", step.title),
        *(("text", one) for one in step.text),
        ("otherwise", step.otherwise),
    ):
        if any(letter.isdigit() for letter in GAP.sub("", sentence)):
            raise fields.refused(
                key,
                sentence,
                "words, and {name} with [step.read] for each number: numbers are read, not typed",
            )
    if unread := sorted(gaps - set(step.read) - set(cast)):
        known = ", ".join([*step.read, *cast]) or "none"
        raise fields.refused("text", f"{{{unread[0]}}}", f"one of [step.read] or [cast]: {known}")
    if twice := sorted(set(step.read) & set(cast)):
        raise fields.refused("read", twice[0], "a name that is no part of [cast]")
    addresses = (step.page, step.point, *(one.api or "" for one in step.read.values()))
    for address in addresses:
        for gap in GAP.findall(address):
            if gap not in {*cast, *_OF_AN_ADDRESS} or (gap not in cast and address in addresses[:2]):
                raise fields.refused(
                    "page", address, f"in braces a part of [cast], {', '.join(cast) or 'none'}"
                )
    if unsaid := sorted(set(step.read) - gaps):
        raise fields.refused("read", unsaid[0], "a name that stands in the caption, {" + unsaid[0] + "}")


def _number(fields: Fields, key: str) -> Number:
    if not _NUMBER.fullmatch(key):
        raise fields.refused("read", key, "a name of small letters and _, at most 32")
    fields = fields.named(f"read.{key}")
    number = Number(
        text=fields.line("text", LONGEST_SENTENCE, default=None),
        count=fields.line("count", LONGEST_SENTENCE, default=None),
        list=fields.line("list", LONGEST_SENTENCE, default=None),
        api=fields.line("api", LONGEST_SENTENCE, default=None),
        value=fields.line("value", LONGEST_SENTENCE, default=None),
        form=fields.one_of("form", FORMS, default="words"),
    )
    fields.done()
    given = [name for name in ("text", "count", "list", "api") if getattr(number, name) is not None]
    if len(given) != 1:
        raise fields.refused("text", ", ".join(given) or None, "one of text, count, list and api")
    if (number.api is None) != (number.value is None):
        raise fields.refused(
            "value", number.value, "where the number stands in the answer of api, and only with it"
        )
    if number.api is not None and not number.api.startswith("/api/"):
        raise fields.refused("api", number.api, "an address that begins with /api/")
    return number


def part_of(fields: Fields, name: str) -> Part:
    """A part of the cast.

    Raises:
        TourError: Names the file, the part, the key, the value and what is allowed.
    """
    if not _NUMBER.fullmatch(name):
        raise fields.refused("cast", name, "a name of small letters and _, at most 32")
    fields = fields.named(f"cast.{name}")
    part = Part(
        api=fields.line("api", LONGEST_SENTENCE),
        value=fields.line("value", LONGEST_SENTENCE),
        otherwise=fields.line("otherwise", LONGEST_TITLE),
    )
    fields.done()
    if not part.api.startswith("/api/") or set(GAP.findall(part.api)) - _OF_AN_ADDRESS:
        raise fields.refused(
            "api", part.api, "an address that begins with /api/, with {epoch} alone in braces"
        )
    return part


def _wait(fields: Fields) -> Wait | None:
    inner = fields.table("wait")
    if inner is None:
        return None
    wait = Wait(
        there=inner.line("there", LONGEST_SENTENCE, default=None),
        gone=inner.line("gone", LONGEST_SENTENCE, default=None),
        text=inner.line("text", LONGEST_TITLE, default=None),
        limit_s=inner.number("limit_s", 1, LONGEST_WAIT_S, default=USUAL_WAIT_S),
    )
    inner.done()
    if (wait.there is None) == (wait.gone is None):
        raise inner.refused("there", wait.there, "either there or gone")
    if wait.text is not None and wait.there is None:
        raise inner.refused("text", wait.text, "only beside there")
    return wait


def _does(fields: Fields) -> Mapping[str, Any] | None:
    asked = fields.raw("do")
    if asked is None:
        return None
    if not isinstance(asked, dict) or asked.get("what") not in DOES:
        said = asked.get("what") if isinstance(asked, dict) else asked
        raise fields.refused("do", said, f"a command whose what is one of {', '.join(DOES)}")
    try:
        check_command(asked)
    except BadCommandError as error:
        raise fields.refused(
            "do", error.body["value"], f"in {error.body['key']!r} {error.body['allowed']}"
        ) from error
    return asked


def _link(fields: Fields) -> Link:
    link = Link(words=fields.line("words", LONGEST_TITLE), page=_page(fields))
    fields.done()
    return link
