import os
from collections.abc import Callable
from pathlib import Path

import pytest

from protocol.messages import PlantResult, encode
from protocol.moments import from_ms
from simulator.specs.kind import load_kinds
from simulator.telling.folder import LOOK_S, SETTLE_S, MachinesFolder, News
from simulator.telling.opening import KINDS_FOLDER

KINDS = load_kinds(KINDS_FOLDER)
MILL = 'kind = "cnc-mill"\nline = "machining"\n'


class Watch:
    """A folder, its watcher, and a clock that goes on with every look."""

    def __init__(self, folder: Path) -> None:
        self.path = folder
        self.now_s = 0.0
        self.folder = MachinesFolder(folder, KINDS, clock=lambda: self.now_s)

    def write(self, name: str, text: str) -> None:
        """Write a file, changed at a moment that no file was before."""
        file = self.path / f"{name}.toml"
        file.write_text(text, encoding="utf-8")
        self._stamp = getattr(self, "_stamp", 1_000_000_000) + 1_000_000_000
        os.utime(file, ns=(self._stamp, self._stamp))

    def look(self) -> list[News]:
        """Look, half a second later."""
        self.now_s += LOOK_S
        return self.folder.look()


def test_a_new_file_is_a_machine_once(tmp_path: Path) -> None:
    watch = Watch(tmp_path)
    watch.write("mill-1", MILL)

    (news,) = watch.look()

    assert news.spec is not None
    assert (news.name, news.spec.location, news.wrong) == ("mill-1", ("machining",), "")
    assert news.file == str(tmp_path / "mill-1.toml")
    assert watch.look() == []


def test_a_changed_file_is_news_and_a_touched_one_is_not(tmp_path: Path) -> None:
    watch = Watch(tmp_path)
    watch.write("mill-1", MILL)
    watch.look()

    watch.write("mill-1", MILL)
    assert watch.look() == []
    watch.write("mill-1", MILL + "controller = false\n")
    (news,) = watch.look()

    assert news.spec is not None
    assert not news.spec.controller


def test_a_file_that_goes_takes_its_machine_along(tmp_path: Path) -> None:
    watch = Watch(tmp_path)
    watch.write("mill-1", MILL)
    watch.look()

    (tmp_path / "mill-1.toml").unlink()

    assert watch.look() == [News(file=str(tmp_path / "mill-1.toml"), name="mill-1")]
    assert watch.look() == []


def test_a_file_that_is_still_being_written_is_given_time(tmp_path: Path) -> None:
    watch = Watch(tmp_path)
    watch.write("mill-1", 'kind = "cnc-')
    assert watch.look() == []
    watch.write("mill-1", MILL)

    (news,) = watch.look()

    assert news.spec is not None


def test_a_wrong_file_is_refused_once_and_disturbs_nothing(tmp_path: Path) -> None:
    watch = Watch(tmp_path)
    watch.write("mill-1", MILL)
    watch.write("mill-2", 'kind = "cnc-mil"\nline = "machining"\n')

    news = [one for _ in range(round(SETTLE_S / LOOK_S) + 3) for one in watch.look()]

    assert [(one.name, bool(one.wrong)) for one in news] == [("mill-1", False), ("mill-2", True)]
    assert "mill-2.toml" in news[1].wrong
    assert "'kind'" in news[1].wrong
    assert "cnc-mil" in news[1].wrong
    assert "cnc-mill" in news[1].wrong


def test_a_machine_whose_file_becomes_wrong_goes_on_as_it_was(tmp_path: Path) -> None:
    watch = Watch(tmp_path)
    watch.write("mill-1", MILL)
    watch.look()
    watch.write("mill-1", "kind =")
    wrong = [one for _ in range(4) for one in watch.look()]
    watch.write("mill-1", MILL)

    assert [bool(one.wrong) for one in wrong] == [True]
    assert watch.look() == []


def test_no_machine_is_called_like_a_line_nor_a_line_like_a_machine(tmp_path: Path) -> None:
    watch = Watch(tmp_path)
    watch.write("mill-1", MILL)
    watch.look()
    watch.write("machining", 'kind = "press"\nline = "forming"\n')
    watch.write("press-1", 'kind = "press"\nline = "mill-1"\n')

    wrong = {one.name: one.wrong for _ in range(4) for one in watch.look()}

    assert wrong.keys() == {"machining", "press-1"}
    assert "called like a line" in wrong["machining"]
    assert "called like a machine" in wrong["press-1"]


def test_what_a_run_knows_already_is_no_news(tmp_path: Path) -> None:
    watch = Watch(tmp_path)
    watch.write("mill-1", MILL)
    watch.write("mill-2", MILL)
    specs = {one.name: one.spec for one in watch.look() if one.spec is not None}
    later = Watch(tmp_path)
    later.folder.adopt(specs)
    (tmp_path / "mill-2.toml").unlink()
    later.write("mill-3", MILL)

    news = {one.name: one.spec is not None for one in later.look()}

    assert news == {"mill-2": False, "mill-3": True}


def test_a_folder_that_cannot_be_looked_into_takes_no_machine_away(tmp_path: Path) -> None:
    inner = tmp_path / "machines"
    inner.mkdir()
    watch = Watch(inner)
    watch.write("mill-1", MILL)
    watch.look()

    inner.rename(tmp_path / "elsewhere")

    assert watch.look() == []


def a_pipe(file: Path) -> None:
    os.mkfifo(file)


def a_loop(file: Path) -> None:
    file.symlink_to(file.name)


def a_link_to_nowhere(file: Path) -> None:
    file.symlink_to("nowhere")


def a_folder(file: Path) -> None:
    file.mkdir()


def a_large_one(file: Path) -> None:
    file.write_text(MILL + "#" * 10_000_000, encoding="utf-8")


def a_long_number(file: Path) -> None:
    file.write_text(f"{MILL}cycle_s = 0x{'f' * 5_000}\n", encoding="utf-8")


def not_utf_8(file: Path) -> None:
    file.write_bytes(b'kind = "\xe9"')


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (a_pipe, "cannot be read: no regular file: allowed is a TOML file"),
        (a_loop, "cannot be read: Too many levels of symbolic links"),
        (a_link_to_nowhere, "cannot be read: No such file or directory"),
        (a_folder, "cannot be read: "),
        (a_large_one, f"{len(MILL) + 10_000_000} bytes are too many: allowed are 65536"),
        (a_long_number, "not TOML: key 'cycle_s': a whole number of 20000 bits is not allowed: 64 are"),
        (not_utf_8, "not TOML: byte 8 is not UTF-8"),
    ],
)
def test_what_is_no_machine_is_refused_and_another_comes(
    tmp_path: Path, make: Callable[[Path], None], why: str
) -> None:
    watch = Watch(tmp_path)
    make(tmp_path / "odd.toml")
    news = [one for _ in range(4) for one in watch.look()]
    watch.write("mill-1", MILL)

    (odd,) = news
    (mill,) = watch.look()

    assert odd.wrong.startswith(f"odd.toml: {why}")
    assert mill.spec is not None


@pytest.mark.parametrize("name", [b"\xff", b"a\nb", "a\N{RIGHT-TO-LEFT OVERRIDE}b".encode()])
def test_a_name_that_cannot_be_said_is_refused_in_words_that_travel(tmp_path: Path, name: bytes) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name + b".toml")).write_text(MILL, encoding="utf-8")
    watch = Watch(tmp_path)

    (news,) = [one for _ in range(4) for one in watch.look()]

    assert f"{news.file} {news.wrong}".isprintable()
    assert "is not allowed: 1 to 40 of a-z, 0-9 and -" in news.wrong
    assert encode(PlantResult(at=from_ms(0), ok=False, what=news.file, message=news.wrong))
