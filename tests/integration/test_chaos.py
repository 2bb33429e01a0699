"""Sixty cameras that have lost their mind over time: every file decodes, without a word from FFmpeg."""

import shutil
from collections.abc import Iterator

import av.logging
import pytest
from chaos_rig import ChaosRig

from wachtel.testing.chaos import Material, chaotic_stream, make_material

GROUPS, IN_EACH = 6, 10


@pytest.fixture(scope="module")
def material() -> Material:
    return make_material()


@pytest.fixture(scope="module")
def rig(material: Material, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChaosRig]:
    before = av.logging.get_level()
    av.logging.set_level(av.logging.ERROR)
    opened = ChaosRig(tmp_path_factory.mktemp("chaos"), material)
    yield opened
    opened.close()
    av.logging.set_level(before)


@pytest.mark.parametrize("group", range(GROUPS))
def test_every_file_of_a_chaotic_camera_decodes(group: int, rig: ChaosRig, material: Material) -> None:
    for seed in range(group * IN_EACH, (group + 1) * IN_EACH):
        judged = rig.judge(
            chaotic_stream(seed, material), by_program=seed % 20 == 0 and shutil.which("ffmpeg") is not None
        )
        assert judged.complaints == [], seed
        assert judged.pictures or not judged.files


def test_the_same_seed_gives_the_same_stream(material: Material) -> None:
    one, two = (chaotic_stream(7, material).datagrams for _ in range(2))
    assert [len(datagram.data) for datagram in one] == [len(datagram.data) for datagram in two]
    assert [datagram.arrival for datagram in one] == [datagram.arrival for datagram in two]
