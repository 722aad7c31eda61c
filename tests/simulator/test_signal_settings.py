"""What a file may say of a signal, and the sentences with which it is refused."""

from typing import Any

import pytest

from simulator.specs.settings import SpecError
from tests.simulator.factory import plain

WEARS = {
    "tool": {
        "phase": "setup",
        "every_h": 1,
        "mean_s": 60,
        "cv": 0,
        "causes": {"tool change": 1},
        "symptom": "tool",
    }
}
CYCLE = {"title": "cushion", "unit": "mm", "per": "cycle", "running": 6}


def refusal(signals: dict[str, Any], **settings: Any) -> str:
    """The sentence with which a kind with these signals is refused."""
    with pytest.raises(SpecError) as caught:
        plain(signals=signals, **settings)
    return str(caught.value)


def vibration(**keys: Any) -> dict[str, Any]:
    return {"vibration_mm_s": keys}


@pytest.mark.parametrize(
    ("signals", "sentence"),
    [
        (
            vibration(period_ms=1_500),
            "'signals.vibration_mm_s.period_ms': 1500 is not allowed: a multiple of",
        ),
        (
            vibration(period_ms=50),
            "'signals.vibration_mm_s.period_ms': 50 is not allowed: a whole number from",
        ),
        ({"power_kw": {"period_ms": 2_000}}, "power is in every reading, as the machine's 1000 ms say"),
        (
            {"power_kw": {"ambient": {"swing": 1}}},
            "'signals.power_kw.ambient': {'swing': 1} is not allowed: none",
        ),
        ({"power_kw": {"quantisation": 5}}, "clearly more than idle, 2, at every point of the cycle"),
        (vibration(per="part"), "'signals.vibration_mm_s.per': 'part' is not allowed: cycle, or no such key"),
        (vibration(per="cycle"), "'signals.vibration_mm_s.idle': 0 is not allowed: none beside per"),
        (vibration(of_cycle=1), "only beside per"),
        ({"cushion_mm": {**CYCLE, "of_cycle": 1}}, "either this or of_cycle, and not both"),
        (
            {"cushion_mm": {**CYCLE, "tau_s": 3}},
            "'signals.cushion_mm.tau_s': 3 is not allowed: none beside per",
        ),
        (
            {"cushion_mm": {**CYCLE, "stuck": {"per_day": 1, "length_s": 9}}},
            'none beside per = "cycle", which has a value for each cycle alone',
        ),
        (vibration(worn={"gain": 0.2}), "key 'signals.vibration_mm_s.worn.component' is missing"),
        (vibration(worn={"component": "tool"}), "key 'signals.vibration_mm_s.worn.gain' is missing"),
        (vibration(worn={"component": "tool", "gain": -1}), "-1 is not allowed: from -0.9, up to 10"),
        (
            vibration(worn={"component": "tool", "gain": 1, "shape": "round"}),
            "'round' is not allowed: linear (evenly over the life) or end (sharply at its end)",
        ),
        (
            vibration(worn={"component": "belt", "gain": 1}),
            "'signals.vibration_mm_s.worn.component': 'belt' is not allowed: what wears of this kind: tool",
        ),
        (vibration(worn={"component": "tool", "gain": 1, "begin": 2}), "worn.begin' is not known"),
        (
            vibration(growth={"component": "tool", "begins": 0.9}),
            "'signals.vibration_mm_s.growth.to' is missing: the level at the end of the life, or zones",
        ),
        (
            vibration(growth={"component": "tool", "begins": 1, "to": 4}),
            "'signals.vibration_mm_s.growth.begins': 1 is not allowed: from 0, up to 0.999",
        ),
        (
            vibration(growth={"component": "tool", "begins": 0.9, "to": 0.5}),
            "a growth from a running level above 0 to more than it; that is 1 to 0.5",
        ),
        (vibration(zones="3-soft"), "one of 1-rigid, 1-flexible, 2-rigid, 2-flexible (ISO 10816-3:2009), or"),
        (vibration(zones=[1, 2]), "or three rising numbers A/B, B/C, C/D"),
        (vibration(zones=[1, 3, 2]), "or three rising numbers A/B, B/C, C/D"),
        (vibration(zones=[1, 2, True]), "or three rising numbers A/B, B/C, C/D"),
        ({"temperature_c": {"worn": {"component": "tool", "gain": 1}}}, "either worn or tau_s"),
        (
            {"temperature_c": {"ambient": {"swing": 1, "warmest_h": 25}}},
            "25 is not allowed: from 0, up to 24",
        ),
        (
            {"temperature_c": {"ambient": {"swings": 1}}},
            "key 'signals.temperature_c.ambient.swing' is missing",
        ),
        (
            {"torque_nm": {"title": "t", "unit": "Nm", "quotient": {"of": "power_kw", "by": "speed_rpm"}}},
            "'signals.torque_nm.quotient.by': 'speed_rpm' is not allowed: another signal that is measured",
        ),
        (
            {"torque_nm": {"title": "t", "unit": "Nm", "idle": 1, "quotient": {"of": "power_kw", "by": "x"}}},
            "'signals.torque_nm.idle': 1 is not allowed: none beside quotient, which says all of its value",
        ),
        (
            {"pressure_bar": {"title": "t", "unit": "bar", "column": "pressure_bar"}},
            "what the plant works out for this kind: none: only a machine with a receiver has one",
        ),
        (vibration(quantisation=-1), "-1 is not allowed: from 0, up to"),
        (vibration(stuck={"per_day": 1}), "key 'signals.vibration_mm_s.stuck.length_s' is missing"),
        (vibration(stuck={"per_day": 1, "length_s": 9_999}), "more than 0, up to 3600"),
        (
            vibration(spike={"per_day": 1, "length_s": 3}),
            "key 'signals.vibration_mm_s.spike.size' is missing",
        ),
        (vibration(spike={"per_day": 1e-9, "size": 3}), "0, or from 0.000001 on"),
        (vibration(dropout=3), "key 'signals.vibration_mm_s.dropout': 3 is not allowed: a table"),
        (vibration(dropouts={}), "'signals.vibration_mm_s.dropouts' is not known"),
    ],
)
def test_a_wrong_signal_is_refused_with_key_value_and_what_is_allowed(
    signals: dict[str, Any], sentence: str
) -> None:
    message = refusal(signals, stops=WEARS)

    assert sentence in message
    assert message.startswith("plain.toml: key 'signals.")


def test_steps_drifts_and_spikes_have_a_unit_and_belong_to_a_signal() -> None:
    message = refusal({}, imperfections={"spike": {"per_day": 1, "size": 3}})

    assert message == (
        "plain.toml: key 'imperfections.spike': {'per_day': 1, 'size': 3} is not allowed: "
        "only in [signals.NAME], in the unit of that signal; here stuck and dropout"
    )


def test_a_value_a_cycle_needs_a_cycle_that_ends_in_a_part_and_is_not_too_short() -> None:
    assert "only where a cycle ends in a part" in refusal({"cushion_mm": CYCLE}, makes_parts=False)
    message = refusal({"cushion_mm": CYCLE}, cycle_s=4)
    assert (
        "only with a period_ms, whose highest value is told: a cycle of 4 s is shorter than 10 s" in message
    )
    slow = plain(cycle_s=4, signals={"cushion_mm": {**CYCLE, "period_ms": 10_000}})
    assert slow.sensors[-1].period_ms == 10_000


def test_boundary_b_c_is_the_top_of_the_normal_range_unless_it_is_said() -> None:
    def high(**keys: Any) -> float | None:
        kind = plain(signals=vibration(**keys))
        return next(one.high for one in kind.sensors if one.name == "vibration_mm_s")

    # FACTS 4.2: ISO 10816-3:2009 values.
    assert high(zones="2-rigid") == 2.8
    assert high(zones="1-flexible") == 7.1
    assert high(zones=[1.12, 2.8, 7.1]) == 2.8
    assert high(zones="2-rigid", high=3.3) == 3.3
