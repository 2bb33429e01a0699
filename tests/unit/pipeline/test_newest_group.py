"""What a newcomer begins with."""

from wachtel.pipeline.newest_group import LARGEST_GROUP_BYTES, NewestGroup


def test_nothing_is_kept_before_a_key_frame() -> None:
    group: NewestGroup[str] = NewestGroup()
    group.add("p", 1, key=False)
    assert not group
    assert group.size == 0


def test_a_key_frame_begins_anew_and_leaves_handed_out_lists_alone() -> None:
    group: NewestGroup[str] = NewestGroup()
    group.add("k1", 3, key=True)
    group.add("p1", 2, key=False)
    before = group.items
    group.add("k2", 4, key=True)
    assert (before, group.items, group.size) == (["k1", "p1"], ["k2"], 4)


def test_a_group_that_is_too_large_is_not_kept_and_the_next_one_is() -> None:
    group: NewestGroup[str] = NewestGroup()
    group.add("k1", LARGEST_GROUP_BYTES, key=True)
    group.add("p1", 1, key=False)
    group.add("p2", 1, key=False)
    assert not group
    group.add("k2", 1, key=True)
    assert group.items == ["k2"]
