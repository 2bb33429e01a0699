"""The process that speaks to Wemo devices. A library that hangs or a device that lies costs nothing but itself."""

import logging
import socket
import threading
import time

from wachtel.actuators.wemo import wemo_library
from wachtel.actuators.wemo.device import WemoDevice
from wachtel.actuators.wemo.ears import Ears
from wachtel.actuators.wemo.finding import search_for
from wachtel.actuators.wemo.lane import Lane
from wachtel.actuators.wemo.messages import (
    Drive,
    FetchRules,
    FromWemo,
    KnowDevice,
    Listen,
    Moved,
    Place,
    ToWemo,
    Unlisten,
    WorkerUp,
)
from wachtel.base.wire import Channel

log = logging.getLogger(__name__)

SEARCH_S = 2.0
SEARCH_EVERY_S = 60.0
"""The network is asked for one and the same lost device no more often than this."""


class WemoWorker:
    """One thread reads orders; each device has its own."""

    def __init__(self, control: socket.socket) -> None:
        self._control: Channel[ToWemo] = Channel(control, ToWemo)
        self._sending = threading.Lock()
        self._lanes: dict[str, Lane] = {}
        self._ears = Ears()
        self._searched: dict[str, float] = {}

    def run(self) -> None:
        """Works until main closes the control socket."""
        self.tell(WorkerUp())
        try:
            while True:
                for message in self._control.receive():
                    self._take(message)
        except (EOFError, OSError):
            log.debug("main is gone")

    def tell(self, message: FromWemo) -> None:
        """Any thread may."""
        with self._sending:
            try:
                self._control.send(message)
            except OSError:
                log.debug("main is gone")

    def _take(self, message: ToWemo) -> None:
        match message:
            case Drive(place=place):
                self._lane(place).drive(message)
            case FetchRules(place=place):
                self._lane(place).fetch_rules(message)
            case KnowDevice(place):
                self._lane(place).know()
            case Listen(place):
                self._lane(place).listen(place)
            case Unlisten(udn):
                if udn in self._lanes:
                    self._lanes[udn].listen(None)
                    self._ears.forget(udn)

    def _lane(self, place: Place) -> Lane:
        lane = self._lanes.get(place.udn)
        if lane is None:
            device = WemoDevice(place, self._search, lambda found: self.tell(Moved(found)))
            lane = self._lanes[place.udn] = Lane(device, self._ears, self.tell)
        return lane

    def _search(self, udn: str, near: str) -> tuple[str, int] | None:
        """Called by the device's own thread."""
        now = time.monotonic()
        if now - self._searched.get(udn, -SEARCH_EVERY_S) < SEARCH_EVERY_S:
            return None
        self._searched[udn] = now
        return search_for(udn, near, SEARCH_S)


def wemo_worker(control: socket.socket) -> None:
    """The entry of the process."""
    wemo_library.set_habits()
    logging.getLogger("pywemo").setLevel(logging.CRITICAL)
    WemoWorker(control).run()
