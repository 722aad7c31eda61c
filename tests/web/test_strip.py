from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.live.strip import STATES, UNKNOWN, Piece, Strip, numbered

R, IDLE, D = (STATES.index(word) for word in ("running", "idle", "down"))


def strip(*pieces: Piece, end_ms: int) -> Strip:
    made = Strip()
    made.replace(0, list(pieces), end_ms)
    return made


def test_a_later_word_replaces_all_from_its_moment_on() -> None:
    known = strip((0, R), (50, IDLE), (80, D), end_ms=100)

    fits = known.replace(60, [(60, R), (90, IDLE)], 120)

    assert fits
    assert known.pieces == [(0, R), (50, IDLE), (60, R), (90, IDLE)]
    assert known.end_ms == 120


def test_equal_neighbours_become_one_piece() -> None:
    known = strip((0, R), end_ms=60)

    known.replace(60, [(60, R)], 120)

    assert known.pieces == [(0, R)]


def test_time_that_was_not_heard_is_unknown_until_the_history_fills_it() -> None:
    known = strip((0, R), end_ms=60)

    fits = known.replace(180, [(180, R)], 240)
    assert not fits
    assert known.pieces == [(0, R), (60, UNKNOWN), (180, R)]

    known.fill(60, [(60, R), (100, D), (150, R)], 180)
    assert known.pieces == [(0, R), (100, D), (150, R)]
    assert known.end_ms == 240


def test_filling_the_beginning_leaves_what_came_live() -> None:
    known = strip(end_ms=0)
    known.replace(100, [(100, R), (150, IDLE)], 200)

    known.fill(0, [(0, D), (40, R)], 100)

    assert known.pieces == [(0, D), (40, R), (150, IDLE)]
    assert known.end_ms == 200


def test_forgetting_keeps_the_piece_that_lasts_over_the_moment() -> None:
    known = strip((0, R), (50, IDLE), (80, D), end_ms=100)

    known.forget(60)

    assert known.pieces == [(50, IDLE), (80, D)]


def test_a_state_from_the_future_is_unknown() -> None:
    assert numbered([(0, "running"), (9, "dreaming")]) == [(0, R), (9, UNKNOWN)]


def state_by_second(known: Strip) -> list[int]:
    pieces = known.pieces
    ends = [start for start, _ in pieces[1:]] + [known.end_ms]
    return [
        state for (start, state), end in zip(pieces, ends, strict=True) for _ in range(start, end)
    ]  # fmt: skip


@settings(derandomize=True)
@given(
    truth=st.lists(st.sampled_from([R, IDLE, D]), min_size=30, max_size=30),
    cuts=st.lists(st.tuples(st.integers(1, 30), st.integers(0, 29)), min_size=1, max_size=12),
)
def test_however_the_words_overlap_the_strip_is_what_was_last_said(
    truth: list[int], cuts: list[tuple[int, int]]
) -> None:
    """Each word tells the seconds from some moment on, up to a now that only grows."""
    known = Strip()
    now = 0
    for grow, back in cuts:
        before, now = now, min(30, now + grow)
        from_s = min(back, before)
        if now > from_s:
            known.replace(from_s, [(second, truth[second]) for second in range(from_s, now)], now)

    assert state_by_second(known) == truth[:now]
