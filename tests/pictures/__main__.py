"""Draw a simulated day of each kind: `python -m tests.pictures [DIR]`."""

import sys
from pathlib import Path

from tests.pictures.day import days_of
from tests.pictures.drawing import svg_of

ROOT = Path(__file__).parents[2]
SIGNALS = 3


def main(folder: Path) -> None:
    """Write one file for each kind."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, day in days_of(ROOT / "simulator", signals=SIGNALS).items():
        file = folder / f"{name}.svg"
        file.write_text(svg_of(day), encoding="utf-8")
        print(f"{file}: {file.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "kinds")
