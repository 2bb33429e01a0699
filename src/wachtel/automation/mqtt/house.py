"""The house as it is told at the broker: what is true of cameras and sites, as messages that lie at topics."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Protocol

from wachtel.automation.known_events import KnownEvents
from wachtel.automation.mqtt.link import BrokerLink
from wachtel.automation.post import CameraStates
from wachtel.automation.running_events import RunningEvents
from wachtel.base.clock import Clock
from wachtel.base.errors import WachtelError
from wachtel.model.alarm import AlarmWord, ArmedBy
from wachtel.model.camera import Camera, CameraCondition, RecordingMode, Site
from wachtel.model.event import Event
from wachtel.model.footage import LastingGap
from wachtel.model.rule import ArmState
from wachtel.model.sound import SoundWant, SoundWish
from wachtel.model.stream import StreamName
from wachtel.protocols.mqtt import topics as names
from wachtel.protocols.mqtt.documents import Documents, NeedsCode, camera_states, site_states
from wachtel.protocols.mqtt.topics import Topics
from wachtel.storage.state import State

log = logging.getLogger(__name__)

LARGEST_PICTURE_BYTES = 262_144
PICTURE_PAUSE_S = 1.0
LOUD = SoundWish(-30.0, 300)
"""As loud as rules take for loud where nobody says otherwise."""


class Gaps(Protocol):
    """Gaps of this moment."""

    def lasting(self, camera: str) -> LastingGap | None: ...


class Pictures(Protocol):
    """Stills of events."""

    async def event_snapshot(self, event: Event) -> bytes: ...


class Panels(Protocol):
    """How sites are armed, by site; what is not named is as it is stored."""

    def armed(self) -> Mapping[str, ArmState]: ...

    def words(self) -> Mapping[str, AlarmWord]:
        """What each alarm panel does; sites without one are not named."""
        ...


class House:
    """Lives in the loop; `begin` first."""

    def __init__(
        self,
        state: State,
        catalog: KnownEvents,
        states: CameraStates,
        gaps: Gaps,
        pictures: Pictures,
        clock: Clock,
    ) -> None:
        self._state = state
        self._states = states
        self._gaps = gaps
        self._pictures = pictures
        self._clock = clock
        self._cameras: dict[str, Camera] = {}
        self._sites: dict[str, Site] = {}
        self._armed: dict[str, ArmState] = {}
        self._coded: dict[str, NeedsCode] = {}
        self._running = RunningEvents(catalog)
        self._shown: dict[str, tuple[str, bool]] = {}
        self._wanted: dict[str, Event] = {}
        self._loud: set[str] = set()
        self._wake = asyncio.Event()

    async def begin(self) -> None:
        """Takes up what is stored, and the events that run."""
        await self._running.begin()
        await self.load()

    async def load(self) -> None:
        """Takes up what is stored: cameras, sites, and how they are armed."""
        self._cameras, self._sites, self._armed, self._coded = await asyncio.to_thread(self._read)

    async def reconcile(self) -> None:
        """Looks whether events ended unheard."""
        await self._running.reconcile()

    def _read(self) -> tuple[dict[str, Camera], dict[str, Site], dict[str, ArmState], dict[str, NeedsCode]]:
        sites = {site.id: site for site in self._state.sites.all()}
        armed = {site: self._state.site_facts.get(site).armed for site in sites}
        panels = self._state.alarms.all()
        coded = {
            site: NeedsCode(panel.settings.code_to_arm)
            for site, panel in panels.items()
            if ArmedBy.MQTT not in panel.settings.without_code and self._state.alarms.codes(site)
        }
        return {camera.id: camera for camera in self._state.cameras.all()}, sites, armed, coded

    def event(self, event: Event) -> None:
        """An event began, changed or ended."""
        self._running.event(event)
        seen = (event.id, event.end is not None)
        if event.snapshot and self._shown.get(event.camera) != seen:
            self._shown[event.camera] = seen
            self._wanted[event.camera] = event
            self._wake.set()

    def sounds(self) -> tuple[SoundWant, ...]:
        """What has to be heard: the cameras whose sound may be recorded."""
        return tuple(
            SoundWant(camera.site, (camera.id,), LOUD)
            for camera in self._cameras.values()
            if camera.record_audio
        )

    def sound(self, camera: str, *, on: bool) -> None:
        """A camera became loud, or it is over."""
        (self._loud.add if on else self._loud.discard)(camera)

    def tell(self, link: BrokerLink, topics: Topics, documents: Documents, panels: Panels) -> None:
        """Says how everything is; the link sends what has changed."""
        armed, words = panels.armed(), panels.words()
        for site in self._sites.values():
            link.say(
                topics.document(topics.site_device(site.id)), documents.site(site, self._coded.get(site.id))
            )
            how = armed.get(site.id) or self._armed.get(site.id, ArmState.DISARMED)
            word = words.get(site.id) or AlarmWord(how.value)
            for topic, payload in site_states(topics, site.id, how, word).items():
                link.say(topic, payload)
        for camera in self._cameras.values():
            link.say(topics.document(topics.camera_device(camera.id)), documents.camera(camera))
            for topic, payload in self._said(topics, camera).items():
                link.say(topic, payload)
        self._take_back(link, topics)

    def tell_of(self, camera: str, link: BrokerLink, topics: Topics) -> None:
        """The same for one camera alone, as often as it wants."""
        found = self._cameras.get(camera)
        for topic, payload in self._said(topics, found).items() if found is not None else ():
            link.say(topic, payload)

    def _said(self, topics: Topics, camera: Camera) -> dict[str, bytes]:
        main = self._states.of(camera.id).get(StreamName.MAIN)
        moves = self._running.moves(camera.id)
        return camera_states(
            topics,
            camera,
            online=main is not None and main.condition is CameraCondition.LIVE,
            motion=moves,
            loud=camera.id in self._loud,
            keeping=self._keeping(camera, moves=moves),
        )

    def _keeping(self, camera: Camera, *, moves: bool) -> str:
        if camera.mode is RecordingMode.OFF:
            return "off"
        if self._gaps.lasting(camera.id) is not None:
            return "not_recording"
        return "recording" if moves or camera.mode is RecordingMode.CONTINUOUS else "waiting"

    def _take_back(self, link: BrokerLink, topics: Topics) -> None:
        """What is no longer there is said no longer."""
        ids = [
            *(topics.site_device(site) for site in self._sites),
            *(topics.camera_device(camera) for camera in self._cameras),
        ]
        known = {topic for one in ids for topic in topics.left_behind(topics.document(one))}
        for topic in link.topics():
            if topic not in known:
                link.take_back(topic)

    async def show(self, link: BrokerLink, topics: Topics) -> None:
        """Says the pictures of events as they come, at most one a second; the newest of each camera."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._wanted:
                camera, event = next(iter(self._wanted.items()))
                del self._wanted[camera]
                try:
                    jpeg = await self._pictures.event_snapshot(event)
                except WachtelError as error:
                    log.info("no picture for MQTT: %s", error)
                    continue
                if camera in self._cameras and len(jpeg) <= LARGEST_PICTURE_BYTES:
                    link.say(topics.camera(camera, names.PICTURE), jpeg)
                await self._clock.sleep(PICTURE_PAUSE_S)
