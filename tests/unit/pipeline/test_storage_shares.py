"""Which footage is there for which reason, and what other settings would delete."""

from dataclasses import replace

import pytest
from test_retention import NOW, SIZE, Book, book, days, index

from wachtel.model.camera import Camera
from wachtel.pipeline.storage_shares import effect_of, share_of
from wachtel.storage.index import Index

__all__ = ["book", "index"]

DOOR = Camera("door", "home", "Door", "rtsp://192.168.1.2/", keep_days=5, keep_event_days=20)


@pytest.fixture
def filled(book: Book) -> Book:
    """One file of each kind, ten days old, and a fresh one; the held one is of an event, too."""
    for minutes in (days(10), days(10) - 100, days(10) - 200, 30):
        book.segment("door", minutes)
    book.event("door", days(10) - 100)
    book.event("door", days(10) - 200)
    return book


def test_every_file_counts_once(filled: Book, index: Index) -> None:
    hold = filled.hold("door", days(10) - 200)
    share = share_of(index, DOOR, [hold])
    assert (share.continuous_bytes, share.event_bytes, share.held_bytes) == (2 * SIZE, SIZE, SIZE)


def test_what_goes_by_age_is_what_retention_would_delete(filled: Book, index: Index) -> None:
    usual = effect_of(index, DOOR, [], NOW)
    assert (usual.files, usual.size_bytes) == (1, SIZE)
    shorter = effect_of(index, replace(DOOR, keep_event_days=5), [], NOW)
    assert (shorter.files, shorter.size_bytes) == (3, 3 * SIZE)
    assert shorter.start is not None and shorter.end is not None and shorter.start < shorter.end < NOW
    held = effect_of(index, replace(DOOR, keep_event_days=5), [filled.hold("door", days(10) - 200)], NOW)
    assert held.files == 2
    assert effect_of(index, replace(DOOR, keep_days=100, keep_event_days=100), [], NOW).start is None


def test_a_limit_takes_the_oldest_first_and_spares_the_last_minutes(filled: Book, index: Index) -> None:
    patient = replace(DOOR, keep_days=100, keep_event_days=100)
    half = effect_of(index, replace(patient, most_gb=2 * SIZE / 1e9), [], NOW)
    assert (half.files, half.size_bytes) == (2, 2 * SIZE)
    assert effect_of(index, replace(patient, most_gb=4 * SIZE / 1e9), [], NOW).files == 0
