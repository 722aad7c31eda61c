"""The settings of the webhook, and which events of a call it wants."""

from dataclasses import asdict, replace

import pytest

from dashboard.calls.record import CallRecord
from dashboard.calls.rules import CallRules, CallsError
from dashboard.calls.webhook import Webhook, events_of, sentence

CALL = CallRecord(
    run="a1b2c3d4", machine="mill-1", rule="stopped", cause="jam", since_ms=100_000, raised_ms=220_000
)


def test_nothing_is_posted_unless_somebody_asks_for_it() -> None:
    assert CallRules().webhook == CallRules.read().webhook == Webhook()
    assert Webhook().url is None


def test_an_address_a_choice_and_a_secret_are_read() -> None:
    rules = CallRules.of(
        """
        [webhook]
        url = "https://hooks.example/calls"
        rules = ["stopped"]
        when = ["raised", "closed"]
        timeout_s = 2.5
        header = "X-Token"
        secret = "env:WEBHOOK_TOKEN"
        """
    )

    assert asdict(rules.webhook) == {
        "url": "https://hooks.example/calls",
        "rules": ("stopped",),
        "when": ("raised", "closed"),
        "timeout_ms": 2_500,
        "header": "X-Token",
        "secret": "env:WEBHOOK_TOKEN",
    }
    assert rules.webhook.wants("stopped", "closed")
    assert not rules.webhook.wants("stopped", "escalated")
    assert not rules.webhook.wants("no-data", "closed")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("webhook = 3", "calls.toml: key 'webhook': 3 is no section: allowed is [webhook]"),
        ("[webhook]\nurls = 3", "calls.toml: [webhook]: unknown key 'urls': allowed are url, rules, when"),
        ('[webhook]\nurl = "file:"\nrules = ["stop"]', "key 'rules': ['stop'] is none of its values"),
        ('[webhook]\nwhen = "raised"', "key 'when': 'raised' is none of its values: allowed is \"all\" or"),
        (
            "[webhook]\ntimeout_s = 0",
            "key 'timeout_s': 0 is none of its values: allowed is seconds from 1 to 60",
        ),
        ('[webhook]\nheader = "a: b"', "key 'header': 'a: b' is none of its values: allowed is a name of"),
    ],
)
def test_a_wrong_setting_is_refused_in_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(CallsError) as refused:
        CallRules.of(text)

    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    "value",
    [
        "ftp://hook.example/x", "file:///etc/passwd", "hook.example", "http://",
        "http://me:hunter2@hook.example",
        "http://hook.example:hunter2/", "http://hook.example/a b", "http://hook.example/\\nX: hunter2",
        "hunter2",
    ],
)  # fmt: skip
def test_an_address_that_nothing_can_be_posted_to_is_refused_and_not_repeated(value: str) -> None:
    for key in ("url", "secret"):
        if value.startswith("file:") and key == "secret":
            continue
        if value.startswith("file:"):
            # That is a file which holds an address: what it holds is looked at when it is read.
            assert CallRules.of(f'[webhook]\nurl = "{value}"').webhook.url == value
            continue
        with pytest.raises(CallsError) as refused:
            CallRules.of(f'[webhook]\n{key} = "{value}"')

        assert f"[webhook]: key '{key}': allowed is false" in str(refused.value)
        assert "hunter2" not in str(refused.value)


def test_an_event_is_what_a_call_is_and_was_not() -> None:
    escalated = replace(CALL, escalated_ms=1_120_000)
    closed = replace(escalated, closed_ms=1_200_000)

    assert list(events_of(None, CALL)) == [("raised", 220_000)]
    assert list(events_of(CALL, CALL)) == []
    assert list(events_of(CALL, escalated)) == [("escalated", 1_120_000)]
    assert list(events_of(escalated, closed)) == [("closed", 1_200_000)]
    assert [what for what, _ in events_of(None, closed)] == ["raised", "escalated", "closed"]


def test_a_missed_call_has_no_events() -> None:
    assert list(events_of(None, replace(CALL, missed=True, closed_ms=300_000))) == []


def test_an_event_is_said_in_a_sentence() -> None:
    assert sentence("raised", CALL) == "mill-1 needs somebody: stopped, jam"
    for cause in ("", "stopped"):
        assert sentence("closed", replace(CALL, cause=cause)) == "mill-1 is well again: stopped"
