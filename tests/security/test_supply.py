"""What the product is made of: locked with hashes, listed in a bill of materials, and audited honestly."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.broker.running import PROJECT
from tests.security.audit import LOCK, verdict_of

BILL = PROJECT / "sbom.json"
LOCKED = re.compile(r"^([a-z0-9.-]+)(?:\[[a-z,]+\])?==([^ ;\\]+)", re.MULTILINE)


def bill() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(BILL.read_text(encoding="utf-8"))
    return found


def test_the_bill_lists_every_locked_package_in_its_version_with_its_hashes() -> None:
    locked = set(LOCKED.findall(LOCK.read_text(encoding="utf-8")))
    listed = {(one["name"], one["version"]) for one in bill()["components"]}

    assert locked
    assert listed == locked
    hashes = {one["name"]: one.get("externalReferences", [])[0].get("hashes") for one in bill()["components"]}
    assert all(hashes.values()), hashes


def test_the_bill_is_what_make_sbom_writes_and_names_no_place_of_this_machine(tmp_path: Path) -> None:
    recipe = (PROJECT / "Makefile").read_text(encoding="utf-8").partition("\nsbom:")[2].partition("\n\n")[0]
    command = recipe.splitlines()[1].strip().removeprefix("$(BIN)/cyclonedx-py ").split()
    written = tmp_path / "sbom.json"
    given = [str(written) if one == "sbom.json" else one for one in command]
    # Whether it is a bill of that form at all, `make sbom` looks at; it takes a while.
    program = [sys.executable, "-m", "cyclonedx_py", *given, "--no-validate"]
    subprocess.run(program, cwd=PROJECT, check=True, capture_output=True)

    assert written.read_bytes() == BILL.read_bytes()
    assert "file:" not in BILL.read_text(encoding="utf-8")


def test_every_package_is_locked_with_a_hash() -> None:
    for entry in re.split(r"\n(?=[a-z0-9])", LOCK.read_text(encoding="utf-8").strip()):
        assert "--hash=sha256:" in entry, entry


def test_what_could_not_be_looked_up_is_not_taken_for_clean() -> None:
    report = {
        "dependencies": [
            {"name": "a", "version": "1", "vulns": []},
            {"name": "b", "skip_reason": "not found on PyPI"},
            {"name": "c", "version": "1", "vulns": [{"id": "PYSEC-1"}, {"id": "PYSEC-2"}]},
        ]
    }

    found = verdict_of(report)
    clean = verdict_of({"dependencies": report["dependencies"][:1]})
    unknown = verdict_of({"dependencies": report["dependencies"][1:2]})

    assert found.sentence() == (
        "2 locked packages were looked up; 1 were NOT AUDITED, b because: not found on PyPI; "
        "vulnerable: c: PYSEC-1, PYSEC-2"
    )
    assert [one.is_bad(strict=False) for one in (found, clean, unknown)] == [True, False, False]
    assert [one.is_bad(strict=True) for one in (found, clean, unknown)] == [True, False, True]
