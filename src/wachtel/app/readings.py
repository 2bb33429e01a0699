"""Numbers of the running engine for ``/metrics``."""

from collections import Counter
from collections.abc import Mapping, Sequence

from wachtel.pipeline.engine import Engine
from wachtel.web.ports import Reading

Sample = tuple[Mapping[str, str], float]


class EngineReadings:
    """Reads counters; called for every scrape."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def read(self) -> Sequence[Reading]:
        """All readings of this moment."""
        engine = self._engine
        figures = list(engine.states.figures.values())
        labels = [{"camera": one.camera, "stream": one.stream.value} for one in figures]
        conditions = Counter(
            state.condition.value
            for one in engine.states.cameras()
            for state in engine.states.of(one).values()
        )
        restarts: list[Sample] = [({"worker": worker.name}, worker.restarts) for worker in engine.workers()]
        watched = list(engine.analysis_figures.values())
        return [
            Reading("streams", "Streams by condition.", [({"condition": k}, v) for k, v in sorted(conditions.items())]),
            Reading("packets_total", "Packets received.", _zip(labels, [f.packets for f in figures]), True),
            Reading("received_bytes_total", "Bytes of media received.", _zip(labels, [f.bytes for f in figures]), True),
            Reading("sessions_total", "Connections made to cameras.", _zip(labels, [f.sessions for f in figures]), True),
            Reading("timestamp_shifts_total", "Corrections of camera clocks.", _zip(labels, [f.shifts for f in figures]), True),
            Reading("tap_losses_total", "Packets left out for slow readers.", _zip(labels, [f.tap_losses for f in figures]), True),
            Reading("worker_restarts_total", "Times a worker process was started again.", restarts, True),
            Reading("worker_pid", "Process id of each worker.", [({"worker": w.name}, w.pid or 0) for w in engine.workers()]),
            Reading("pictures_analysed_total", "Pictures looked at.", [({"camera": f.camera, "policy": f.policy}, f.pictures) for f in watched], True),
            Reading("live_viewers", "Live views open now.", [({}, engine.live.viewers)]),
            Reading("index_lines_waiting", "Journal lines not yet in the index.", [({}, engine.indexer.waiting)]),
        ]  # fmt: skip


def _zip(labels: Sequence[Mapping[str, str]], values: Sequence[float]) -> list[Sample]:
    return list(zip(labels, values, strict=True))
