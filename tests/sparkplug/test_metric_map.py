"""Which metric is what: by the map, and by guesses."""

import pytest

from dashboard.sparkplug.guesses import guessed
from dashboard.sparkplug.host import Born, Told
from dashboard.sparkplug.metric_map import DEFAULT_FILE, DeviceRule, MetricMap
from dashboard.sparkplug.refusal import SparkplugError
from protocol.sparkplug.datatypes import DataType
from protocol.sparkplug.payloads import Metric, Payload, Property, encode_payload
from protocol.states import State
from tests.sparkplug.said import AT_MS, node_birth
from tests.sparkplug.test_host import Listening

MAP = """
[[device]]
node = "Line 1"
device = "Press 7"
machine = "press-7"
line = "hall-1/pressing"
ideal_cycle_s = 12.5
parts = "Counts/Good and bad"
cause = "Status/Stop text"
guess = false
[device.signals]
power_kw = { metric = "Drive/Active power", factor = 0.001 }
temperature_c = "Drive/Temperature"
[device.state]
metric = "Status/Mode"
words = { "Automatic" = "running", "Hand" = "setup" }
"""


@pytest.mark.parametrize(
    ("name", "datatype", "unit", "what", "signal"),
    [
        ("Drive/Power", DataType.FLOAT, "kW", "signal", "power_kw"),
        ("power_kw", DataType.DOUBLE, "kW", "signal", "power_kw"),
        ("SpindleLoad", DataType.DOUBLE, "%", "signal", "spindle_load_pct"),
        ("2nd axis", DataType.INT16, "", "signal", "m_2nd_axis"),
        ("Status/State", DataType.STRING, "", "state", ""),
        ("StateCurrent", DataType.INT32, "", "state", ""),
        ("In Cycle", DataType.BOOLEAN, "", "signal", "running"),
        ("Parts", DataType.INT64, "", "parts", ""),
        ("Line/Reject Count", DataType.UINT32, "", "rejects", ""),
        ("Stop Reason", DataType.STRING, "", "cause", ""),
        ("Operator", DataType.STRING, "", "nothing", ""),
        ("Door open", DataType.BOOLEAN, "", "nothing", ""),
        ("Node Control/Rebirth", DataType.BOOLEAN, "", "nothing", ""),
        ("bdSeq", DataType.INT64, "", "nothing", ""),
        ("Recipe", DataType.DATASET, "", "nothing", ""),
    ],
)
def test_names_types_and_units_tell_what_a_metric_is(
    name: str, datatype: DataType, unit: str, what: str, signal: str
) -> None:
    said = {"engUnit": Property(DataType.STRING, unit)} if unit else {}

    meaning = guessed(Metric(name=name, datatype=datatype, properties=said))

    assert (meaning.what, meaning.signal) == (what, signal)


def test_what_the_map_names_counts_and_nothing_is_guessed_where_it_says_so() -> None:
    host = Listening(MetricMap.of(MAP))
    metrics = [
        Metric(name="Status/Mode", datatype=DataType.STRING, value="AUTOMATIC"),
        Metric(name="Drive/Active power", datatype=DataType.FLOAT, value=4500.0),
        Metric(name="Drive/Temperature", datatype=DataType.INT16, value=-4),
        Metric(name="Drive/Speed", datatype=DataType.INT16, value=100),
        Metric(name="Counts/Good and bad", datatype=DataType.UINT64, value=12),
    ]
    host.hear("NBIRTH", node_birth())

    born, told = host.hear("DBIRTH", encode_payload(Payload(at_ms=AT_MS, seq=1, metrics=metrics)), "Press 7")

    assert isinstance(born, Born)
    assert str(born.machine) == "shopfloor/hall-1/pressing/press-7/birth"
    assert born.birth.ideal_cycle_s == 12.5
    assert isinstance(told, Told)
    assert told.batch.state == State.RUNNING
    assert {name: column.tolist() for name, column in told.batch.signals.items()} == {
        "power_kw": [4.5], "temperature_c": [-4.0],
    }  # fmt: skip
    assert told.batch.changes[0].parts == 12


def test_a_machine_that_says_only_whether_it_runs_is_sensed_by_that() -> None:
    host = Listening()
    metrics = [Metric(name="Running", datatype=DataType.BOOLEAN, value=True)]
    host.hear("NBIRTH", node_birth())

    born, told = host.hear("DBIRTH", encode_payload(Payload(at_ms=AT_MS, seq=1, metrics=metrics)), "Press 7")

    assert isinstance(born, Born)
    assert born.machine.machine == "press-7"
    assert (born.birth.states, born.birth.threshold is not None) == ("sensed", True)
    assert isinstance(told, Told)
    assert told.batch.signals["running"].tolist() == [1.0]


def test_metrics_of_one_name_in_two_folders_are_two_signals() -> None:
    metrics = [Metric(name=f"Axis {i}/Load", datatype=DataType.DOUBLE, value=1.0) for i in (1, 2)]

    found = MetricMap.meanings(DeviceRule(), metrics)

    assert [said[0].signal for said in found.values()] == ["load", "axis_2_load"]


def test_the_shipped_map_has_an_example_that_is_not_in_use() -> None:
    text = DEFAULT_FILE.read_text(encoding="utf-8")
    example = "\n".join(line[2:] for line in text.splitlines() if line.startswith("# ["))

    assert MetricMap.read().rules == ()
    assert "[[device]]" in example
    used = text[text.index("# [[device]]") :].replace("\n# ", "\n").removeprefix("# ")
    assert MetricMap.of(used).rules[0].machine == "press-7"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("devices = 1", "only \\[\\[device\\]\\] tables"),
        ("[[device]]\ntopic = 'x'", "key 'topic'"),
        ("[[device]]\nmachine = 'a'", "together with the one device"),
        ("[[device]]\nperiod_s = 'x'", "a number from 0.1 to 86400"),
        ("[[device]]\nguess = 1", "true or false"),
        ("[[device]]\nline = 'a/b/c/d'", "up to 3 names"),
        ("[[device]]\nline = '_a'", "a name as in a topic"),
        ("[[device]]\nsignals = { '1' = 'x' }", "letters, digits"),
        ("[[device]]\nsignals = { power = 3 }", "a metric, or a table"),
        ("[[device]]\nsignals = { power = { factor = 2 } }", "the name of a metric"),
        ("[[device]]\nstate = { metric = 'x', words = { on = 'stopped' } }", "down, idle, running, setup"),
        ("[[device]]\nparts = 3", "the name of a metric"),
        ("[[device]", "not TOML"),
    ],
)
def test_what_is_wrong_with_a_map_is_said_with_key_value_and_what_is_allowed(text: str, words: str) -> None:
    with pytest.raises(SparkplugError, match=words):
        MetricMap.of(text)
