"""`make audit`: which locked packages have known vulnerabilities, and of how many that could be looked up.

pip-audit says "no known vulnerabilities" of a package that its database does not know, and of all of them
where it reaches a mirror without advisories. So what was not answered is counted and said here. It fails
on a vulnerability alone, because a test without a network may not say that the product is wrong;
`--strict` fails on what could not be asked, too, and is for a release.
"""

import argparse
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parents[2]
LOCK = PROJECT / "requirements.lock"
PATIENCE_S = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What came of it."""

    asked: int
    """Packages of which the database knows."""
    unanswered: dict[str, str]
    """Packages of which it does not, with why."""
    vulnerable: dict[str, list[str]]
    """Packages with known vulnerabilities, and the names of those."""

    def sentence(self) -> str:
        """One sentence for a log."""
        said = [f"{self.asked} locked packages were looked up"]
        if self.unanswered:
            name, why = next(iter(self.unanswered.items()))
            said.append(f"{len(self.unanswered)} were NOT AUDITED, {name} because: {why}")
        found = "; ".join(f"{name}: {', '.join(ids)}" for name, ids in self.vulnerable.items())
        return "; ".join([*said, f"vulnerable: {found}" if found else "no vulnerability of those is known"])

    def is_bad(self, *, strict: bool) -> bool:
        """Whether it has to fail."""
        return bool(self.vulnerable) or (strict and bool(self.unanswered))


def verdict_of(report: dict[str, Any]) -> Verdict:
    """What pip-audit's report says, with nothing taken for clean that was not looked up."""
    asked, unanswered, vulnerable = 0, {}, {}
    for one in report["dependencies"]:
        if "skip_reason" in one:
            unanswered[one["name"]] = one["skip_reason"]
            continue
        asked += 1
        if one.get("vulns"):
            vulnerable[one["name"]] = [found["id"] for found in one["vulns"]]
    return Verdict(asked=asked, unanswered=unanswered, vulnerable=vulnerable)


def audit() -> Verdict:
    """Ask about every package in the lock."""
    command = [
        sys.executable, "-m", "pip_audit", "--requirement", str(LOCK), "--require-hashes", "--disable-pip",
        "--format", "json", "--progress-spinner", "off", "--timeout", "10",
    ]  # fmt: skip
    try:
        ended = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
        return verdict_of(json.loads(ended.stdout))
    except subprocess.TimeoutExpired:
        return Verdict(asked=0, unanswered={"every package": "no answer in time"}, vulnerable={})
    except (ValueError, KeyError):
        why = (ended.stderr.strip().splitlines() or ["it says nothing"])[-1]
        return Verdict(asked=0, unanswered={"every package": why[:200]}, vulnerable={})


def main() -> int:
    """Audit, say what came of it, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.security.audit", description=__doc__)
    parser.add_argument("--strict", action="store_true", help="fail on what could not be looked up, too")
    strict = parser.parse_args().strict
    verdict = audit()
    print(f"audit: {verdict.sentence()}.")  # noqa: T201 - it answers by printing
    return int(verdict.is_bad(strict=strict))


if __name__ == "__main__":
    sys.exit(main())
