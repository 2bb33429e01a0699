"""Benchmark of the eyes: ``scripts/bench eyes`` prints a JSON line per clip and one over all, then the drawn scenes.

Clips with ground truth lie in ``../shared/footage`` beside the repository. Rules of scoring: an annotated
event is found when a detected one overlaps it (with the annotator's tolerance); an onset counts for the delay
only if no detected event ran in the half second before it; quiet time is what the annotation calls still;
time marked ambiguous is scored neither way. Drawn scenes: walkers of every size, and an hour of all kinds of quiet.
``--rival`` looks at the same clips with a plain MOG2 chain of OpenCV, which it installs beside. ``--cost`` adds what
the engine alone needs for a picture, ``--live 1,4,8`` what so many watched cameras cost beside Motion, busy and quiet,
as ``scripts/bench path`` does.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests/rigs"))

import bench_path
from eye_scenes import NEAR, WalkerSeen, events, quiet_scenes, spans, walkers, walkers_in_weather
from eye_variants import VARIANTS, ChangedDriver, Variant, at_speed
from harder_quiet import WALKS_AT_S, harder_scenes, with_walker
from mog2_rival import mog2_events
from standing_people import visits

from wachtel.detectors.api import Picture
from wachtel.detectors.motion import MotionDriver, driver
from wachtel.detectors.motion.engine import picture_size
from wachtel.detectors.motion.passes import NUMPY, Passes
from wachtel.model.camera import MotionSettings
from wachtel.pipeline.decoding import GrayScaler, PictureRate
from wachtel.pipeline.detect import Detection, FoundEvent, VideoFile, detect_file
from wachtel.testing.sample_film import make_film

FOOTAGE = Path(__file__).parents[1].parent / "shared" / "footage"
CLIPS = (
    "intel_car.mp4",
    "intel_car_h265.mp4",
    "intel_car_simnight.mp4",
    "intel_bottle.mp4",
    "wallflower_wavingtrees.mp4",
    "cdnet_highway.mp4",
    "cdnet_traffic.mp4",
    "dvrscan_brightness_change.avi",
)
TRUTH_OF = {"intel_car_h265": "intel_car", "intel_car_simnight": "intel_car"}
SCENE_GOALS = {"walkers_of_12": 11, "near_delay_p95_s": 0.3, "false_alarms_an_hour": 1}
STILL_IN_FRONT_S = {"dvrscan_brightness_change.avi": 30.0}
JUST_BEFORE_S = 0.5
COST_S = 60.0
HARDER_S = 120.0
TOLERANCE_S = 0.3
GOALS = {"delay_p95_s": 0.5, "precision": 0.95, "quiet_in_alarm": 0.03, "pieces": 1.3}

AS_IT_IS = Variant()

Span = tuple[float, float]


@dataclass(frozen=True)
class Truth:
    """Annotated events, and which time is scored as quiet; all in seconds of the clip."""

    events: tuple[Span, ...]
    ambiguous: tuple[Span, ...]
    labelled: Span
    tolerance_s: float
    moves: tuple[int | None, ...] | None
    fps: float

    def is_quiet(self, moment: float) -> bool:
        """True when nothing moves then, for sure."""
        if self.moves is not None:
            index = round(moment * self.fps)
            return index < len(self.moves) and self.moves[index] == 0
        spans = [(begin - self.tolerance_s, end + self.tolerance_s) for begin, end in self.events]
        return not any(begin <= moment <= end for begin, end in (*spans, *self.ambiguous))


@dataclass
class Score:
    """One clip's, or all clips' figures."""

    clip: str
    events: int = 0
    found: int = 0
    detected: int = 0
    right: int = 0
    pieces: int = 0
    quiet_s: float = 0.0
    alarm_s: float = 0.0
    delays_s: list[float] = field(default_factory=list)
    video_s: float = 0.0
    cpu_s: float = 0.0

    def add(self, other: "Score") -> None:
        """Sums up."""
        for name in (
            "events",
            "found",
            "detected",
            "right",
            "pieces",
            "quiet_s",
            "alarm_s",
            "video_s",
            "cpu_s",
        ):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.delays_s += other.delays_s

    def line(self) -> dict[str, Any]:
        """The figures people ask for."""
        return asdict(self) | {
            "delays_s": [round(delay, 2) for delay in self.delays_s],
            "delay_median_s": round(statistics.median(self.delays_s), 3) if self.delays_s else None,
            "delay_p95_s": round(quantile(self.delays_s, 0.95), 3) if self.delays_s else None,
            "precision": round(self.right / self.detected, 3) if self.detected else None,
            "quiet_in_alarm": round(self.alarm_s / self.quiet_s, 4) if self.quiet_s else None,
            "pieces_per_event": round(self.pieces / self.found, 2) if self.found else None,
            "quiet_s": round(self.quiet_s, 2),
            "alarm_s": round(self.alarm_s, 2),
            "times_real_time": round(self.video_s / self.cpu_s, 1) if self.cpu_s else None,
            "video_s": round(self.video_s, 1),
            "cpu_s": round(self.cpu_s, 2),
        }


def quantile(values: Sequence[float], share: float) -> float:
    """By linear interpolation."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def read_truth(clip: str, shift_s: float, speed: float = 1.0) -> Truth:
    """The annotation of a clip, moved by what was put in front of it, that then runs so many times as fast."""
    stem = Path(clip).stem
    data = json.loads((FOOTAGE / f"{TRUTH_OF.get(stem, stem)}.gt.json").read_text())
    fps = float(data["fps"])
    spans = tuple((event["start_s"] + shift_s, event["end_s"] + shift_s) for event in data["events"])
    ambiguous = tuple(
        (first / fps + shift_s, (last + 1) / fps + shift_s) for first, last in data.get("ambiguous", ())
    )
    labelled = data.get("labelled")
    span = (labelled[0] / fps, (labelled[1] + 1) / fps) if labelled else (shift_s, float("inf"))
    moves = tuple(data["per_frame"]["motion"]) if data["kind"] == "pixel" else None
    tolerance_s = data.get("tolerance_frames", 4) / fps / speed
    (span,) = _at(speed, (span,))
    return Truth(_at(speed, spans), _at(speed, ambiguous), span, tolerance_s, moves, fps * speed)


def _at(speed: float, spans: Sequence[Span]) -> tuple[Span, ...]:
    return tuple((begin / speed, end / speed) for begin, end in spans)


def overlaps(event: FoundEvent, span: Span, tolerance_s: float) -> bool:
    return event.start_s <= span[1] + tolerance_s and event.end_s >= span[0] - tolerance_s


def score(clip: str, detection: Detection, truth: Truth) -> Score:
    """Compares."""
    result = Score(clip, events=len(truth.events), cpu_s=detection.cpu_s)
    result.video_s = detection.frames / detection.fps
    for span in truth.events:
        mine = [event for event in detection.events if overlaps(event, span, truth.tolerance_s)]
        result.found += bool(mine)
        result.pieces += len(mine)
        ran = any(event.start_s < span[0] - JUST_BEFORE_S < event.end_s for event in detection.events)
        if mine and not ran:
            result.delays_s.append(min(event.reported_s for event in mine) - span[0])
    scored = [event for event in detection.events if overlaps(event, truth.labelled, 0)]
    known = (*truth.events, *truth.ambiguous)
    result.detected = len(scored)
    result.right = sum(any(overlaps(event, span, truth.tolerance_s) for span in known) for event in scored)
    for moment in moments(truth.labelled, result.video_s):
        if truth.is_quiet(moment):
            result.quiet_s += STEP_S
            result.alarm_s += STEP_S * any(
                event.start_s <= moment <= event.end_s for event in detection.events
            )
    return result


STEP_S = 0.04


def moments(labelled: Span, length_s: float) -> Iterator[float]:
    """The time that is scored, in small steps."""
    first, last = int(labelled[0] / STEP_S), int(min(labelled[1], length_s) / STEP_S)
    return (number * STEP_S for number in range(first, last))


def put_still_in_front(source: Path, target: Path, seconds: float) -> Path:
    """A copy of a clip whose first frame stands still for a while before it starts."""
    with av.open(str(source)) as before, av.open(str(target), "w") as after:
        stream = before.streams.video[0]
        rate = stream.average_rate or Fraction(12)
        copy = after.add_stream("libx264", rate=rate, options={"crf": "18", "preset": "veryfast", "bf": "0"})
        copy.width, copy.height, copy.pix_fmt = stream.width, stream.height, "yuv420p"
        number = 0
        for index, frame in enumerate(before.decode(stream)):
            for _ in range(1 if index else int(seconds * rate) + 1):
                frame.pts, frame.time_base = number, 1 / rate
                after.mux(copy.encode(frame))
                number += 1
        after.mux(copy.encode(None))
    return target


def prepared(clip: str, folder: Path) -> tuple[Path, float]:
    """A clip as it is scored, and how much later its annotation begins."""
    still_s = STILL_IN_FRONT_S.get(clip, 0.0)
    path = FOOTAGE / clip
    if still_s:
        path = put_still_in_front(path, folder / f"{path.stem}.mp4", still_s)
    return path, still_s


def run(clip: str, sensitivity: int, folder: Path, variant: Variant) -> Score:
    """One clip, or a variant of it, through the product's own command."""
    path, still_s = prepared(clip, folder)
    if variant.speed != 1:
        path = at_speed(path, folder / f"{path.stem}-other-speed.mp4", variant.speed)
    detection = detect_file(path, MotionSettings(sensitivity=sensitivity), ChangedDriver(driver, variant))
    return score(clip, detection, read_truth(clip, still_s, float(variant.speed)))


def watch_walkers(seeds: Sequence[int], *, encoded: bool, enters: bool) -> list[str]:
    """Prints who was seen how soon; the goals missed."""
    seen = [one for seed in seeds for one in walkers(seed, encoded=encoded, enters=enters)]
    delays = [one.delay_s for one in seen if one.delay_s is not None]
    near = [one.delay_s for one in seen if one.delay_s is not None and one.height >= NEAR]
    fewest = min(_seen(seen[begin : begin + 12]) for begin in range(0, len(seen), 12))
    line = {
        "walkers_of_12": fewest,
        "near_delay_p95_s": round(float(quantile(near, 0.95)), 3),
        "delay_median_s": round(float(statistics.median(delays)), 3),
        "false_alarms": sum(one.false_alarms for one in seen),
    }
    bad = (fewest < SCENE_GOALS["walkers_of_12"], line["near_delay_p95_s"] > SCENE_GOALS["near_delay_p95_s"])
    missed = [name for name, is_bad in zip(("walkers_of_12", "near_delay_p95_s"), bad, strict=True) if is_bad]
    kind = "walkers from the edge" if enters else "walkers"
    print(json.dumps({"scenes": kind, "encoded": encoded, **line, "missed": missed}), flush=True)
    return missed


def watch_weather(seeds: Sequence[int]) -> list[str]:
    """Prints who was seen through rain and snow and before swaying trees; whom it missed of those at contrast 1."""
    missed = []
    for name, seen in walkers_in_weather(seeds):
        delays = [None if one.delay_s is None else round(one.delay_s, 2) for one in seen]
        hidden = _seen(seen) < len(seen)
        alarms = sum(one.false_alarms for one in seen)
        line = {"delays_s": delays, "seen": _seen(seen), "of": len(seen), "false_alarms": alarms}
        missed += [name] if hidden else []
        print(json.dumps({"scenes": name, **line, "missed": ["seen"] if hidden else []}), flush=True)
    return missed


def _seen(walkers: Sequence[WalkerSeen]) -> int:
    return sum(one.delay_s is not None for one in walkers)


def watch_quiet(seed: int, seconds: float, *, encoded: bool) -> list[str]:
    """Prints how often a quiet scene of each kind gave an event; the goals missed."""
    scenes = quiet_scenes(seed)
    found = {name: events(scene, seconds, encoded=encoded) for name, scene in scenes.items()}
    alarms = {name: [round(moment, 1) for moment in moments] for name, moments in found.items() if moments}
    an_hour = sum(map(len, alarms.values())) * 3600 / (seconds * len(scenes))
    missed = ["false_alarms_an_hour"] if an_hour > SCENE_GOALS["false_alarms_an_hour"] else []
    line = {"false_alarms_an_hour": round(an_hour, 2), "alarms": alarms, "seconds_of_each": seconds}
    print(
        json.dumps({"scenes": "quiet", "seed": seed, "encoded": encoded, **line, "missed": missed}),
        flush=True,
    )
    return missed


def watch_harder(seeds: Sequence[int]) -> None:
    """Prints what is taken for an event in harder kinds of quiet, and when somebody in them is known."""
    for seed in seeds:
        for name, scene in harder_scenes(seed).items():
            alarms = events(scene, HARDER_S)
            known = [at for at in events(with_walker(scene), WALKS_AT_S + 15) if at >= WALKS_AT_S]
            delay_s = round(known[0] - WALKS_AT_S, 2) if known else None
            line = {"harder": name, "seed": seed, "seconds": HARDER_S, "false_alarms": len(alarms)}
            print(json.dumps({**line, "walker_delay_s": delay_s}), flush=True)


def watch_standing(seeds: Sequence[int], *, encoded: bool) -> None:
    """Prints of people who stand, cross slowly or come nearer: when known, in how many pieces, and what was false."""
    for seed in seeds:
        for name, visit in visits(seed).items():
            found = spans(visit.scene, visit.seconds, encoded=encoded)
            seen = [one for one in found if one[0] <= visit.end_s + TOLERANCE_S and one[1] >= visit.begin_s]
            line = {"standing": name, "seed": seed, "encoded": encoded, "pieces": len(seen)}
            if seen:
                line["delay_s"] = round(min(known for *_, known in seen) - visit.begin_s, 2)
                line["ends_late_s"] = round(max(end for _, end, _ in seen) - visit.end_s, 2)
            print(json.dumps({**line, "false_alarms": len(found) - len(seen)}), flush=True)


def tell_cost(seconds: float) -> None:
    """Prints milliseconds of CPU for a picture, the engine alone.

    Of each picture the least of six runs counts, for whatever else runs on the machine costs caches. ``wanted_ms``: the
    same when pictures are left out as the engine wishes while something is easily kept in sight. ``numpy_ms``: every
    picture, by the passes that are not compiled.
    """
    quiet = quiet_scenes(1)
    with tempfile.TemporaryDirectory() as folder:
        films = {
            f"coded, {kind}": _decoded(Path(folder) / f"{kind}.mp4", kind, seconds)
            for kind in ("quiet", "busy")
        }
    scenes = {"raw noise": "day", "rain": "rain", "snow": "snow"}
    for name, kind in scenes.items():
        films[name] = list(quiet[kind].pictures(seconds))
    for name, pictures in films.items():
        line = {
            "ms_per_picture": round(_engine_ms(pictures, leaves_out=False), 3),
            "wanted_ms": round(_engine_ms(pictures, leaves_out=True), 3),
            "numpy_ms": round(_engine_ms(pictures, leaves_out=False, passes=NUMPY), 3),
        }
        print(json.dumps({"cost": name, **line}), flush=True)


def _decoded(path: Path, kind: str, seconds: float) -> list[Picture]:
    """A film of ``scripts/bench path`` as the engine gets it."""
    video = VideoFile(make_film(path, replace(bench_path.FILMS[kind][1], seconds=seconds)))
    scaler = GrayScaler(picture_size(video.width, video.height))
    pictures = [Picture(at, scaler.scale(frame)) for at, frame in video.frames()]
    video.close()
    return pictures


def _engine_ms(pictures: Sequence[Picture], *, leaves_out: bool, passes: Passes = driver.passes) -> float:
    runs = [_look_costs_s(pictures, leaves_out=leaves_out, passes=passes) for _ in range(6)]
    least_s: list[float] = [min(costs) for costs in zip(*runs, strict=True)]
    return 1000 * sum(least_s) / len(pictures)


def _look_costs_s(pictures: Sequence[Picture], *, leaves_out: bool, passes: Passes) -> list[float]:
    """What each picture cost; 0 for one left out."""
    detector = MotionDriver(passes).create(MotionSettings(), bench_path.SUB.width, bench_path.SUB.height)
    rate = PictureRate(detector.most_fps)
    costs = []
    for picture in pictures:
        begun_s = time.thread_time()
        if not leaves_out or rate.wants(picture.at):
            detector.look(picture)
        costs.append(time.thread_time() - begun_s)
        rate.allow(detector.most_fps)
    return costs


def main() -> int:
    """Prints the lines; 1 when a goal was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", choices=("both", "only", "none"), default="both")
    parser.add_argument("--encoded", action="store_true", help="scenes pass through an H.264 encoder")
    parser.add_argument("--quiet-seconds", type=float, default=257.2, help="of each of 14 kinds of quiet")
    parser.add_argument("--quiet-seeds", type=int, nargs="+", default=[1], help="that many times the hour")
    parser.add_argument("--sensitivity", type=int, default=50)
    parser.add_argument("--variants", action="store_true", help="each clip in five variants as well")
    parser.add_argument("--harder", action="store_true", help="quiet that is harder: water, clouds, branches")
    parser.add_argument("--standing", action="store_true", help="people who stand, cross slowly, come nearer")
    parser.add_argument("--rival", action="store_true", help="the clips by a plain MOG2 chain as well")
    parser.add_argument("clips", nargs="*", default=CLIPS)
    parser.add_argument("--cost", action="store_true", help="what the engine alone needs for a picture")
    parser.add_argument("--live", default="", help="numbers of cameras to be watched live beside Motion")
    parser.add_argument("--live-seconds", type=float, default=20.0)
    args = parser.parse_args()
    missed = []
    if args.scenes != "only":
        missed += watch_clips(args.clips, args.sensitivity)
        for name, variant in VARIANTS.items() if args.variants else ():
            missed += watch_clips(args.clips, args.sensitivity, name, variant)
        if args.rival:
            watch_rival(args.clips)
    if args.scenes != "none" and args.clips == CLIPS:
        missed += watch_scenes(args.quiet_seeds, args.quiet_seconds, encoded=args.encoded)
    if args.standing:
        watch_standing((1, 2), encoded=args.encoded)
    if args.harder:
        watch_harder((1, 2, 3))
    if args.cost:
        tell_cost(COST_S)
    if args.live:
        with tempfile.TemporaryDirectory() as folder:
            counts = [int(count) for count in args.live.split(",")]
            bench_path.watch(Path(folder), counts, args.live_seconds, ("busy", "quiet"))
    return 1 if missed else 0


def watch_scenes(quiet_seeds: Sequence[int], quiet_s: float, *, encoded: bool) -> list[str]:
    """All that is drawn."""
    missed = watch_walkers((1, 2, 3), encoded=encoded, enters=False)
    missed += watch_walkers((1, 2, 3, 4, 5, 6, 7), encoded=encoded, enters=True)
    missed += watch_weather((1, 2))
    for seed in quiet_seeds:
        missed += watch_quiet(seed, quiet_s, encoded=encoded)
    return missed


def watch_clips(
    clips: Sequence[str], sensitivity: int, name: str = "", variant: Variant = AS_IT_IS
) -> list[str]:
    """Prints a line per clip and one over all, of a variant only the last; the goals missed."""
    if not FOOTAGE.is_dir():
        print(f"There is no footage in {FOOTAGE}.", file=sys.stderr)
        return ["footage"]
    total = Score(f"all, {name}" if name else "all")
    with tempfile.TemporaryDirectory() as folder:
        for clip in clips:
            result = run(clip, sensitivity, Path(folder), variant)
            total.add(result)
            if not name:
                print(json.dumps(result.line()), flush=True)
    missed = goals_missed(total)
    print(json.dumps(total.line() | {"goals": GOALS, "missed": missed}), flush=True)
    return missed


def watch_rival(clips: Sequence[str]) -> None:
    """Prints what a plain MOG2 chain finds in the clips: a line each and one over all."""
    total = Score("all, plain MOG2 chain")
    with tempfile.TemporaryDirectory() as folder:
        for clip in clips:
            path, still_s = prepared(clip, Path(folder))
            said = mog2_events(path)
            events = tuple(FoundEvent(**event, score=1.0, zones=()) for event in said["events"])
            found = Detection(events, said["fps"], said["frames"], said["cpu_s"])
            result = score(f"{clip}, plain MOG2 chain", found, read_truth(clip, still_s))
            total.add(result)
            print(json.dumps(result.line()), flush=True)
    print(json.dumps(total.line()), flush=True)


def goals_missed(total: Score) -> list[str]:
    """By name."""
    line = total.line()
    figures = (
        ("found", total.found < total.events),
        ("delay_p95_s", (line["delay_p95_s"] or 0) > GOALS["delay_p95_s"]),
        ("precision", (line["precision"] or 0) < GOALS["precision"]),
        ("quiet_in_alarm", (line["quiet_in_alarm"] or 0) > GOALS["quiet_in_alarm"]),
        ("pieces", (line["pieces_per_event"] or 0) > GOALS["pieces"]),
    )
    return [name for name, bad in figures if bad]


if __name__ == "__main__":
    sys.exit(main())
