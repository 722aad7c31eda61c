"""Which machines a run has: those that are there, and those that have gone."""

from pathlib import Path

from dashboard.app import make_app
from tests.api.asking import ask, settings
from tests.ingest.office_of_a_day import EPOCH_MS, MINUTE, close, give, minutes, open_office

NOW_MS = EPOCH_MS + 10 * MINUTE


def test_a_machine_that_has_gone_is_asked_for_by_itself(tmp_path: Path) -> None:
    office = open_office(tmp_path, NOW_MS)
    give(office, [*minutes(10), ("shopfloor/machining/mill-1/birth", b"")])
    close(office, NOW_MS)
    app, _ = make_app(settings(f"sqlite:///{tmp_path}/history.db"))
    client = app.server.test_client()

    there, gone = ask(client, "/api/machines"), ask(client, "/api/machines?retired=yes")
    wrong = ask(client, "/api/machines?retired=maybe", 400)

    assert [one["name"] for one in there] == ["press-1"]
    assert [one["name"] for one in gone] == ["mill-1"]
    assert wrong["allowed"] == "no or yes"
