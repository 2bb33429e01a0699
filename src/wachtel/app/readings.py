"""Numbers of the running engine for ``/metrics``."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from wachtel.automation.alarm_desk import AlarmDesk
from wachtel.automation.homekit.desk import HomeKitDesk
from wachtel.automation.mqtt.desk import MqttDesk
from wachtel.automation.post import Post
from wachtel.model.live import StorageTrouble
from wachtel.pipeline.engine import Engine
from wachtel.pipeline.gateway.desk import GatewayDesk
from wachtel.pipeline.gateway.messages import GatewayFigures
from wachtel.pipeline.messages import MediaFigures
from wachtel.pipeline.webrtc.desk import WebRtcDesk
from wachtel.storage.state.deliveries import DeliveryResult
from wachtel.web.ports.archive import Reading
from wachtel.web.settings import CertificateEnd, no_certificates

Sample = tuple[Mapping[str, str], float]

STREAM_COUNTERS = (
    ("packets_total", "Packets received.", "packets"),
    ("received_bytes_total", "Bytes of media received.", "bytes"),
    ("packets_lost_total", "Packets of the network that never came.", "lost"),
    ("sessions_total", "Connections made to cameras.", "sessions"),
    ("timestamp_shifts_total", "Corrections of camera clocks.", "shifts"),
    ("tap_losses_total", "Packets left out for slow readers.", "tap_losses"),
)

DISK_READINGS = (
    ("disk_rounds_total", "Times all open files were saved.", "rounds", True),
    ("disk_late_rounds_total", "Times that took longer than it may.", "late_rounds", True),
    ("disk_round_seconds", "How long the last time took.", "last_round_s", False),
    ("files_abandoned_total", "Files the disk refused to save.", "abandoned", True),
    ("disk_jobs_waiting", "Files and lines that wait for the disk.", "waiting", False),
)


class EngineReadings:
    """Reads counters; called for every scrape."""

    def __init__(
        self,
        engine: Engine,
        post: Post | None = None,
        gateway: GatewayDesk | None = None,
        webrtc: WebRtcDesk | None = None,
        alarms: AlarmDesk | None = None,
        certificates: Callable[[], Sequence[CertificateEnd]] = no_certificates,
        mqtt: MqttDesk | None = None,
        homekit: HomeKitDesk | None = None,
    ) -> None:
        self._engine = engine
        self._post = post
        self._gateway = gateway
        self._webrtc = webrtc
        self._alarms = alarms
        self._certificates = certificates
        self._mqtt = mqtt
        self._homekit = homekit

    def read(self) -> Sequence[Reading]:
        """All readings of this moment."""
        return [
            *self._streams(),
            *self._workers(),
            *self._analysis(),
            *self._main(),
            *self._messages(),
            *self._gaps(),
            *self._storage(),
            *self._panels(),
            *self._smart_home(),
            certificate_ends(self._certificates()),
        ]

    def _streams(self) -> Iterator[Reading]:
        states = self._engine.states
        conditions = Counter(
            state.condition.value for camera in states.cameras() for state in states.of(camera).values()
        )
        yield Reading(
            "streams",
            "Streams by condition.",
            [({"condition": name}, n) for name, n in sorted(conditions.items())],
        )
        figures = list(states.figures.values())
        for name, words, field in STREAM_COUNTERS:
            yield Reading(name, words, [_of_stream(one, field) for one in figures], counter=True)

    def _workers(self) -> Iterator[Reading]:
        doors = [desk.worker for desk in (self._gateway, self._webrtc) if desk is not None]
        workers = [*self._engine.workers(), *self._engine.converters.workers, *doors]
        restarts: list[Sample] = [({"worker": worker.name}, worker.restarts) for worker in workers]
        pids: list[Sample] = [({"worker": worker.name}, worker.pid or 0) for worker in workers]
        yield Reading(
            "worker_restarts_total", "Times a worker process was started again.", restarts, counter=True
        )
        yield Reading("worker_pid", "Process id of each worker, 0 while it is down.", pids)

    def _analysis(self) -> Iterator[Reading]:
        figures = list(self._engine.watches.figures.values())
        looked: list[Sample] = [({"camera": f.camera, "policy": f.policy}, f.pictures) for f in figures]
        lost: list[Sample] = [({"camera": f.camera}, f.losses) for f in figures]
        now: list[Sample] = [
            ({"camera": f.camera, "policy": f.policy, "reason": f.reason}, 1) for f in figures
        ]
        late: list[Sample] = [({"camera": f.camera}, f.late_s) for f in figures]
        yield Reading(
            "analysis_lateness_seconds", "How late its pictures were looked at, at worst lately.", late
        )
        yield Reading("analysis_policy", "1 for the way a camera is watched now.", now)
        yield Reading("pictures_analysed_total", "Pictures looked at.", looked, counter=True)
        yield Reading("analysis_losses_total", "Packets analysis was too slow for.", lost, counter=True)

    def _main(self) -> Iterator[Reading]:
        yield Reading("live_viewers", "Live views open now.", [({}, self._engine.live.viewers)])
        webrtc = 0 if self._webrtc is None else len(self._webrtc.views)
        yield Reading("webrtc_viewers", "Live views open now by WebRTC.", [({}, webrtc)])
        late = self._engine.lateness_p99_s()
        rtsp = GatewayFigures(0, 0, 0) if self._gateway is None else self._gateway.figures
        yield Reading("rtsp_sessions", "Streams played by RTSP now.", [({}, rtsp.sessions)])
        yield Reading(
            "rtsp_refused_total", "Wrong tokens at the RTSP port.", [({}, rtsp.refused)], counter=True
        )
        yield Reading("main_lateness_p99_seconds", "How late main's loop was, 99th percentile.", [({}, late)])
        yield Reading(
            "index_lines_waiting", "Journal lines not yet in the index.", [({}, self._engine.indexer.waiting)]
        )

    def _storage(self) -> Iterator[Reading]:
        retention, alarms = self._engine.retention, self._engine.storage_alarms
        standing = {alarm.kind for alarm in alarms.standing()}
        removed: list[Sample] = [({"why": why}, number) for why, number in retention.removed.items()]
        troubles: list[Sample] = [({"kind": kind.value}, kind in standing) for kind in StorageTrouble]
        held: list[Sample] = [({}, len(self._engine.holds.all()))]
        yield Reading("files_deleted_total", "Files deleted, by reason.", removed, counter=True)
        yield Reading("storage_alarm", "1 while something is wrong with the archive's volume.", troubles)
        yield Reading("holds", "Stretches of footage that nothing deletes.", held)
        space = retention.space
        free: list[Sample] = [] if space is None else [({}, space.free_bytes)]
        size: list[Sample] = [] if space is None else [({}, space.size_bytes)]
        yield Reading("volume_free_bytes", "Free on the archive's volume.", free)
        yield Reading("volume_size_bytes", "Size of the archive's volume.", size)
        figures = list(self._engine.storage.figures.values())
        for name, words, field, counter in DISK_READINGS:
            samples: list[Sample] = [({"worker": one.worker}, getattr(one, field)) for one in figures]
            yield Reading(name, words, samples, counter=counter)

    def _gaps(self) -> Iterator[Reading]:
        alarms, ledgers = self._engine.gap_alarms, self._engine.ledgers
        cameras = self._engine.states.cameras()
        lasting: list[Sample] = []
        for camera in cameras:
            gap = alarms.lasting(camera)
            if gap is not None:
                lasting.append(({"camera": camera, "reason": gap.reason.value}, ledgers.gap_s(gap)))
        standing: list[Sample] = [({"camera": camera}, alarms.alarmed(camera)) for camera in cameras]
        raised: list[Sample] = [({"camera": camera}, alarms.raised[camera]) for camera in cameras]
        shares: list[Sample] = [({"camera": camera}, share) for camera, share in ledgers.last_day.items()]
        yield Reading("gap_seconds", "How long the gap of a camera lasts, by reason.", lasting)
        yield Reading("gap_alarm", "1 while a gap is longer than the camera's limit.", standing)
        yield Reading("gap_alarms_total", "Gaps longer than the camera's limit.", raised, counter=True)
        yield Reading("coverage_day_ratio", "Share of the last 24 hours with footage.", shares)

    def _panels(self) -> Iterator[Reading]:
        alarms = self._alarms
        statuses = [] if alarms is None else alarms.statuses()
        now: list[Sample] = [({"site": one.site, "state": one.word.value}, 1) for one in statuses]
        sirens: list[Sample] = [({"site": one.site}, one.siren_until is not None) for one in statuses]
        told = sorted(alarms.told.items()) if alarms is not None else []
        counted: list[Sample] = [({"site": site, "what": what}, number) for (site, what), number in told]
        yield Reading("alarm_panel", "1 for what the alarm panel of a site does now.", now)
        yield Reading("alarm_siren", "1 while the sirens of a site should sound.", sirens)
        yield Reading("alarm_told_total", "What alarm panels told people.", counted, counter=True)

    def _messages(self) -> Iterator[Reading]:
        post = self._post
        waiting: list[Sample] = [] if post is None else [({"channel": c}, n) for c, n in post.waiting.items()]
        tries: list[Sample] = [
            ({"result": r.value}, 0 if post is None else post.results[r]) for r in DeliveryResult
        ]
        yield Reading("messages_waiting", "Messages not yet delivered.", waiting)
        yield Reading("deliveries_total", "Tries to deliver a message, by result.", tries, counter=True)

    def _smart_home(self) -> Iterator[Reading]:
        link = None if self._mqtt is None else self._mqtt.state
        connected: list[Sample] = [] if link is None else [({}, link.connected)]
        said: list[Sample] = [] if self._mqtt is None or link is None else [({}, self._mqtt.said)]
        bridge = None if self._homekit is None else self._homekit.state
        paired: list[Sample] = [] if bridge is None or not bridge.running else [({}, bridge.paired)]
        yield Reading("mqtt_connected", "1 while there is a connection to the MQTT broker.", connected)
        yield Reading("mqtt_messages_total", "Messages the MQTT broker took.", said, counter=True)
        yield Reading("homekit_paired", "Controllers that Apple Home is paired by.", paired)


def certificate_ends(certificates: Sequence[CertificateEnd]) -> Reading:
    """When the certificates end that visitors are shown."""
    ends: list[Sample] = [({"kind": one.kind}, one.ends.timestamp()) for one in certificates]
    return Reading("certificate_end_timestamp_seconds", "When a certificate ends, in Unix time.", ends)


def _of_stream(figures: MediaFigures, field: str) -> Sample:
    return {"camera": figures.camera, "stream": figures.stream.value}, getattr(figures, field)
