"""Playlists: what is listed, in which order, and that recorded pieces lie where the film has them."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wachtel.base.errors import WachtelError
from wachtel.base.units import US_PER_S, WallUs
from wachtel.media.boxes import box
from wachtel.media.fmp4 import segment_index
from wachtel.media.hls import KEPT, LISTED, Film, LiveWindow, film_of, recorded_playlist

SECOND = 90_000


def filled(groups: int, seconds: float = 2.0) -> LiveWindow:
    window = LiveWindow()
    window.begin(b"init")
    for number in range(groups):
        for picture in range(4):
            at = WallUs(int((number * seconds + picture * seconds / 4) * US_PER_S))
            window.add(b"%d/%d " % (number, picture), at, key=picture == 0)
    return window


def test_a_piece_is_a_group_of_pictures() -> None:
    window = filled(3)
    assert window.segment(0) == b"0/0 0/1 0/2 0/3 "
    assert window.segment(2) is None
    assert window.head(0) == b"init"
    assert "#EXTINF:2.000000,\n0.m4s\n" in window.playlist()


def test_short_groups_are_put_together_to_a_second() -> None:
    window = filled(9, 0.25)
    assert [one.duration_us for one in window.segments] == [US_PER_S, US_PER_S]


def test_old_pieces_go_and_the_numbers_go_on() -> None:
    window = filled(30)
    numbers = [int(name) for name in re.findall(r"^(\d+)\.m4s", window.playlist("?stream=sub"), re.M)]
    assert numbers == list(range(29 - LISTED, 29))
    assert len(window.segments) == KEPT
    assert f"#EXT-X-MEDIA-SEQUENCE:{numbers[0]}\n" in window.playlist()
    assert "28.m4s?stream=sub" in window.playlist("?stream=sub")


def test_another_format_is_a_break_with_a_head_of_its_own() -> None:
    window = filled(2)
    window.begin(b"other")
    for number in range(2, 5):
        window.add(b"x", WallUs(number * 2 * US_PER_S), key=True)
    text = window.playlist()
    assert text.index('URI="head0.mp4"') < text.index("#EXT-X-DISCONTINUITY") < text.index('URI="head1.mp4"')
    assert (window.head(0), window.head(1)) == (b"init", b"other")


@given(st.lists(st.tuples(st.integers(1, 1 << 30), st.integers(1, 9 * SECOND)), min_size=1, max_size=60))
def test_recorded_pieces_lie_end_to_end_as_the_film_has_them(groups: list[tuple[int, int]]) -> None:
    beginning = box(b"ftyp", b"isom") + box(b"moov", b"...")
    index = segment_index(0, groups)
    film = film_of("1-{first}-{last}.m4s", WallUs(0), beginning + index + b"\0\0\0\x10moof")
    assert film.map_bytes == len(beginning)
    assert film.first == len(beginning) + len(index)
    text = recorded_playlist([film])
    assert f'#EXT-X-MAP:URI="1-0-{len(beginning) - 1}.m4s"' in text
    found = re.findall(r"^1-(\d+)-(\d+)\.m4s", text, re.M)
    parts = [(int(first), int(last) - int(first) + 1) for first, last in found]
    assert parts[0][0] == film.first
    assert all(at + size == then for (at, size), (then, _) in pairwise(parts))
    assert sum(size for _, size in parts) == sum(size for size, _ in groups)
    longest = max(float(one) for one in re.findall(r"#EXTINF:([\d.]+),", text))
    assert longest <= int(re.findall(r"TARGETDURATION:(\d+)", text)[0])


def test_two_films_are_parted() -> None:
    film = Film("1-{first}-{last}.m4s", WallUs(0), 10, 20, ((100, 5 * SECOND),))
    other = Film("2-{first}-{last}.m4s", WallUs(5 * US_PER_S), 10, 20, ((50, SECOND),))
    text = recorded_playlist([film, other])
    assert text.count("#EXT-X-MAP") == 2
    assert text.count("#EXT-X-DISCONTINUITY") == 1
    assert text.endswith("\n2-20-69.m4s\n#EXT-X-ENDLIST\n")


def test_a_film_without_an_index_is_refused() -> None:
    with pytest.raises(WachtelError):
        film_of("film.mp4", WallUs(0), box(b"ftyp") + box(b"moov"))
