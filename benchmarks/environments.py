"""Other people's packages in environments of their own: nothing of theirs comes near the product's."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

UV = Path(sys.executable).with_name("uv")


def environment(folder: Path, *packages: str, python: str) -> Path:
    """An environment with some packages from the registry; returns its folder of programs.

    Args:
        folder: Where it is made.
        packages: As the registry knows them, `oee==0.2.0`.
        python: The version of Python that they need, `3.13`.

    Raises:
        SystemExit: There is no such Python, or the registry does not answer.
    """
    uv = str(UV) if UV.is_file() else shutil.which("uv")
    if uv is None:
        sys.exit("uv is missing: it comes with the development requirements (make lint)")
    for command in (
        [uv, "venv", "--quiet", "--python", _python(python), str(folder)],
        [uv, "pip", "install", "--quiet", "--python", str(folder / "bin" / "python"), *packages],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - uv
        if done.returncode:
            sys.exit(f"{' '.join(packages)} for Python {python}: {done.stderr.strip()}")
    return folder / "bin"


def _python(version: str) -> str:
    """The interpreter of a version that is installed; the version itself where uv has to find or fetch it."""
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    kept = sorted(root.glob(f"{version}.*/bin/python"))
    return str(kept[-1]) if kept else shutil.which(f"python{version}") or version
