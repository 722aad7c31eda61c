"""What a person at the page asks of the office: reasons, hearing a call, forgetting or relearning a machine.

It travels on `<root>/_office/command` and is answered on `<root>/_office/result` once it is in the history.
A command that comes again, by its id, gets the same answer and changes nothing.
"""

from typing import Annotated

import msgspec

from protocol.contract import BESIDE, refusal_in
from protocol.messages import UNREADABLE, MessageError, Moment, Text, check_moments, in_words
from protocol.sentences import RefusalError
from protocol.topics import office_topic

MAX_NOTE_LENGTH = 500
READER = "the dashboard"
_Id = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]


class CommandError(RefusalError):
    """Raised when a command cannot be understood; says what is wrong and what is allowed."""

    def __init__(self, sentence: str, command: str = "") -> None:
        super().__init__(sentence)
        self.command = command
        """The command's id, as far as it can be read."""


class _Asked(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="what"):
    """What every command has."""

    id: _Id
    """Made up by who asks, different for every command."""


class GiveReason(_Asked, frozen=True, kw_only=True, tag="reason"):
    """Say what made a machine stop, or correct it; the newest word on a stop counts."""

    run: Text
    """The run; `""` without a simulated plant."""
    machine: _Name
    """The machine."""
    at: Moment
    """A moment within the stop."""
    reason: Text
    """The reason; `""` takes it back."""
    note: Annotated[str, msgspec.Meta(max_length=MAX_NOTE_LENGTH)] = ""
    """More, in words."""


class Forget(_Asked, frozen=True, kw_only=True, tag="forget"):
    """Take a machine that no file describes out of the run that is on, with all that is known of it."""

    machine: _Name
    """The machine."""


class Relearn(_Asked, frozen=True, kw_only=True, tag="relearn"):
    """Learn anew what tells running from stopped, from a moment on; earlier time stays as it is."""

    machine: _Name
    """The machine."""
    since: Moment
    """Plant time of the first reading to learn from."""


class Acknowledge(_Asked, frozen=True, kw_only=True, tag="acknowledge"):
    """Say that a call is heard: somebody will see to it."""

    call: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    """The id of the call."""
    by: Text = ""
    """Who; `""` for somebody at the page."""


class CommandResult(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a command, on `<root>/_office/result`."""

    id: str
    """The command; `""` when it could not be read."""
    ok: bool
    """Whether it was done."""
    message: str
    """What was done; or what was wrong, and what to do instead."""


Command = GiveReason | Forget | Relearn | Acknowledge

_ENCODER = msgspec.json.Encoder()
_COMMAND: msgspec.json.Decoder[Command] = msgspec.json.Decoder(Command)
_RESULT = msgspec.json.Decoder(CommandResult)
_ANY = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ID = msgspec.json.Decoder(_Id)


def command_topic(root: str) -> str:
    """Where commands to the office travel."""
    return office_topic(root, "command")


def result_topic(root: str) -> str:
    """Where the office answers them."""
    return office_topic(root, "result")


def encode(what: Command | CommandResult) -> bytes:
    """The JSON of a command or of its answer."""
    return _ENCODER.encode(what)


def decode_command(payload: bytes) -> Command:
    """The command in a payload.

    Raises:
        CommandError: It is none, of a later version, has a key that is not known, or a word that cannot
            be shown.
    """
    try:
        command = _COMMAND.decode(payload)
    except UNREADABLE as error:
        wrong = refusal_in(payload, READER) or f"not a command: {in_words(error)}"
        raise CommandError(wrong, _id_in(payload)) from error
    wrong = refusal_in(payload, READER) or _unknown_key_in(payload, command)
    if wrong:
        raise CommandError(wrong, command.id)
    try:
        check_moments(command)
    except MessageError as error:
        raise CommandError(str(error), command.id) from error
    for name in command.__struct_fields__:
        value = getattr(command, name)
        if isinstance(value, str) and not value.isprintable():
            raise CommandError(f"key {name!r}: {value[:64]!r}: allowed is printable text", command.id)
    return command


def decode_result(payload: bytes) -> CommandResult:
    """The answer in a payload.

    Raises:
        CommandError: It is none.
    """
    try:
        return _RESULT.decode(payload)
    except UNREADABLE as error:
        raise CommandError(f"not an answer: {in_words(error)}") from error


def _unknown_key_in(payload: bytes, command: Command) -> str:
    """What is wrong with a key that the command has not: done without it, it would be something else."""
    known = command.__struct_fields__
    for key in sorted(_ANY.decode(payload).keys() - {"v", "what", *known}):
        if not key.startswith(BESIDE):
            what = command.__struct_config__.tag
            return f"key {key[:64]!r} is not allowed beside {what!r}: {', '.join(known)}"
    return ""


def _id_in(payload: bytes) -> str:
    try:
        return _ID.decode(_ANY.decode(payload).get("id", msgspec.Raw(b'""')))
    except UNREADABLE:
        return ""
