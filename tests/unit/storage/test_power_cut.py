"""The power goes at any operation: nothing that was reported as safe may be missing afterwards."""

import random
from contextlib import suppress

import pytest
from archive_samples import Camera
from stories import Story, violations, volume_on

from wachtel.storage.files.flusher import Flusher
from wachtel.storage.files.recovery import recover_camera
from wachtel.testing.simulated_disk import PowerCut, SimulatedDisk

CUTS = 2000
OPERATIONS = 300
MUTANT_CUTS = 280
MUTANT_CAUGHT = 200


def live_through(seed: int, cut_at: int) -> list[str]:
    """One life: record, lose power at an operation, come up again, and look."""
    disk = SimulatedDisk()
    story = Story(disk, random.Random(seed))
    disk.cut_at = disk.operations + cut_at
    with suppress(PowerCut):
        story.run()
    after = disk.after_power_cut(random.Random(seed * 7919 + cut_at))
    camera = Camera(volume_on(after), clock=story.camera.clock)
    return violations(story, after, recover_camera(camera.volume, camera.journal))


@pytest.mark.parametrize("first", range(0, CUTS, CUTS // 4))
def test_what_was_safe_stays_safe(first: int) -> None:
    for seed in range(first, first + CUTS // 4):
        cut = random.Random(seed).randint(1, OPERATIONS)
        assert live_through(seed, cut) == [], f"seed {seed}, cut {cut}"


def test_a_journal_line_before_the_sync_of_its_file_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Flusher, "_sync", lambda self, opened: True)
    cuts = ((seed, random.Random(seed).randint(1, OPERATIONS)) for seed in range(MUTANT_CUTS))
    assert sum(bool(live_through(seed, cut)) for seed, cut in cuts) >= MUTANT_CAUGHT


def test_the_power_may_go_again_while_it_comes_up() -> None:
    for seed in range(20):
        disk = SimulatedDisk()
        story = Story(disk, random.Random(seed))
        disk.cut_at = disk.operations + 40 + seed * 5
        with pytest.raises(PowerCut):
            story.run()
        for again in (3, 6, 9, 13, 1000):
            disk = disk.after_power_cut(random.Random(seed))
            disk.cut_at = again
            try:
                camera = Camera(volume_on(disk), clock=story.camera.clock)
                recovered = recover_camera(camera.volume, camera.journal)
            except PowerCut:
                continue
            assert violations(story, disk, recovered) == [], f"seed {seed}"
            break
