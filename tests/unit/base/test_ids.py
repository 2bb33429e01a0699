from hypothesis import given
from hypothesis import strategies as st

from wachtel.base.ids import SLUG, compact_time, event_id, slug
from wachtel.base.units import WallUs


def test_slug_reads_like_the_name() -> None:
    assert slug("Küche & Flur") == "kueche-flur"
    assert slug("Straße 3") == "strasse-3"


def test_slug_of_a_name_without_latin_letters_is_the_fallback() -> None:
    assert slug("Ωμέγα 🚪") == "camera"
    assert slug("", fallback="site") == "site"


def test_slug_avoids_what_is_taken() -> None:
    assert slug("Tor", {"tor", "tor-2"}) == "tor-3"


@given(st.text(max_size=400))
def test_every_name_gives_a_slug(name: str) -> None:
    assert SLUG.fullmatch(slug(name))


def test_times_sort_as_text() -> None:
    assert compact_time(WallUs(1_795_000_000_250_000)) == "20261118T110640250Z"
    assert event_id("tor", WallUs(0)) == "19700101T000000000Z-tor"
