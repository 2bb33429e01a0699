"""A camera that drops its connection again and again costs the others nothing."""

from pathlib import Path

from flap_rig import FlapRig

from wachtel.testing.sample_film import SampleFilm, make_film


def test_the_other_camera_loses_nothing(tmp_path: Path) -> None:
    film = make_film(tmp_path / "film.mp4", SampleFilm(seconds=4, fps=10, gop=10))
    report = FlapRig(film, period_s=0.15, hasty=True).run(flaps=40, warm_up=10)
    assert report.steady_sessions == 1
    assert report.steady_lost == 0
    assert report.after.threads <= report.before.threads + 1
    assert report.after.handles <= report.before.handles + 2
