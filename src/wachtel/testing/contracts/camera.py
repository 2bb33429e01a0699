"""What every camera driver must do (`wachtel.cameras.api`), as tests that a driver's author inherits.

::

    class TestMyCameras(CameraContract):
        @pytest.fixture
        def driver(self) -> CameraDriver: ...

        @pytest.fixture
        def device(self) -> Iterator[DeviceUnderTest]: ...
"""

import socket
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

import pytest

from wachtel.base.clock import Clock, SystemClock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.cameras.api import (
    CameraDriver,
    Device,
    DeviceOptions,
    WithEncoder,
    WithMotion,
    WithMovement,
    WithRelays,
    WithSnapshot,
)
from wachtel.media.jpeg import jpeg_size
from wachtel.model.device import Ability
from wachtel.protocols.camera_url import CameraUrl, parse_camera_url, parse_device_url

CLOSES_WITHIN_S = 1.0
ENDS_WITHIN_S = 10.0
SLACK_S = 5.0
IMPATIENT = DeviceOptions(allow_local=True, answer_timeout_s=0.5, whole_timeout_s=1.0)
PATIENT = DeviceOptions(allow_local=True)

NOBODY_THERE = frozenset(
    {ErrorKind.REFUSED, ErrorKind.UNREACHABLE, ErrorKind.TIMEOUT, ErrorKind.NOT_A_CAMERA}
)
SOMETHING_ELSE = NOBODY_THERE | {ErrorKind.BAD_DATA, ErrorKind.NO_SUCH_STREAM, ErrorKind.STREAM_ENDED}
SECRET = "hidden-canary"
LEVELS = frozenset({"ok", "warning", "error"})
PROTOCOLS = {
    Ability.EVENTS: WithMotion,
    Ability.SNAPSHOT: WithSnapshot,
    Ability.MOVE: WithMovement,
    Ability.RELAY: WithRelays,
    Ability.ENCODER: WithEncoder,
}
"""An ability that a report names is one that the device has."""


@dataclass(frozen=True, slots=True)
class DeviceUnderTest:
    """A device on this machine, and what can be done to it.

    ``url`` has the right log-in in it. ``wrong_tries`` counts passwords it was shown that were not right; None for a
    driver whose `Device.describe` shows none. ``set_motion`` lets the device see something, None where it cannot.
    """

    url: str
    wrong_tries: Callable[[], int] | None = None
    set_motion: Callable[[bool], None] | None = None


class CameraContract(ABC):
    """Inherit, fill in the two fixtures, and run pytest."""

    @pytest.fixture
    @abstractmethod
    def driver(self) -> CameraDriver:
        """The driver under test."""

    @pytest.fixture
    @abstractmethod
    def device(self) -> Iterator[DeviceUnderTest]:
        """A running device at a loopback address that offers at least one stream."""

    @pytest.fixture
    def clock(self) -> Clock:
        """The machine's clock: a driver talks to a real socket."""
        return SystemClock()

    @pytest.fixture
    def opened(self, driver: CameraDriver, device: DeviceUnderTest, clock: Clock) -> Iterator[Device]:
        """The device, with its right log-in."""
        found = driver.open(parse_device_url(device.url), PATIENT, clock)
        yield found
        found.close()

    def test_schemes_are_ones_that_a_devices_url_can_have(self, driver: CameraDriver) -> None:
        assert driver.schemes
        for scheme in driver.schemes:
            assert parse_device_url(f"{scheme}://192.168.1.20").scheme == scheme

    def test_opening_contacts_nobody(self, driver: CameraDriver, clock: Clock) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(0.2)
            driver.open(_at(driver, listener), PATIENT, clock).close()
            with pytest.raises(TimeoutError):
                listener.accept()

    def test_a_report_has_a_stream_and_no_secrets(self, opened: Device, device: DeviceUnderTest) -> None:
        report = opened.describe()
        assert report.kind and report.main is not None and report.main in report.streams
        assert report.url == parse_device_url(device.url).public()
        for offer in report.streams:
            assert parse_camera_url(offer.url).user is None
        password = parse_device_url(device.url).password
        assert not password or password not in repr(report)

    def test_findings_are_sentences_with_codes(self, opened: Device) -> None:
        for finding in opened.describe().findings:
            assert finding.level in LEVELS and finding.code and finding.what.endswith((".", "!", "?"))

    def test_it_can_do_what_its_report_says(self, opened: Device) -> None:
        for ability in opened.describe().abilities:
            assert isinstance(opened, PROTOCOLS[ability]), ability

    def test_a_still_is_a_picture(self, opened: Device) -> None:
        if Ability.SNAPSHOT not in opened.describe().abilities:
            pytest.skip("this device gives no stills")
        assert isinstance(opened, WithSnapshot)
        width, height = jpeg_size(opened.snapshot())
        assert width > 0 and height > 0

    def test_its_motion_is_told_and_closing_ends_the_telling(
        self, opened: Device, device: DeviceUnderTest
    ) -> None:
        if device.set_motion is None:
            pytest.skip("this device sees no motion")
        assert isinstance(opened, WithMotion)
        ear = _Ear(opened)
        assert ear.heard(False), "at first nothing moves"
        device.set_motion(True)
        assert ear.heard(True)
        opened.close()
        assert ear.ended(CLOSES_WITHIN_S + SLACK_S) and ear.error is None

    def test_a_wrong_password_is_said_and_tried_once(
        self, driver: CameraDriver, device: DeviceUnderTest, clock: Clock
    ) -> None:
        if device.wrong_tries is None:
            pytest.skip("this driver describes a device without a log-in")
        url = replace(parse_device_url(device.url), password=SECRET)
        with pytest.raises(WachtelError) as raised:
            driver.open(url, PATIENT, clock).describe()
        assert raised.value.kind is ErrorKind.WRONG_PASSWORD
        assert device.wrong_tries() <= 1, "cameras lock accounts"
        assert SECRET not in f"{raised.value} {raised.value.details}"

    def test_a_closed_port_is_said_in_words_without_the_password(
        self, driver: CameraDriver, clock: Clock
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            url = _at(driver, taken)
        with pytest.raises(WachtelError) as raised:
            driver.open(url, IMPATIENT, clock).describe()
        assert raised.value.kind in NOBODY_THERE and str(raised.value)
        assert SECRET not in f"{raised.value} {raised.value.details}"

    def test_silence_ends_in_time(self, driver: CameraDriver, clock: Clock) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            began = clock.monotonic_s()
            with pytest.raises(WachtelError) as raised:
                driver.open(_at(driver, silent), IMPATIENT, clock).describe()
            assert raised.value.kind in NOBODY_THERE
            assert clock.monotonic_s() - began < IMPATIENT.whole_timeout_s + SLACK_S

    def test_somebody_else_at_the_address_is_an_error_in_words(
        self, driver: CameraDriver, clock: Clock
    ) -> None:
        with _WebServer() as server, pytest.raises(WachtelError) as raised:
            driver.open(_at(driver, server.listener), IMPATIENT, clock).describe()
        assert raised.value.kind in SOMETHING_ELSE
        assert SECRET not in f"{raised.value} {raised.value.details}"

    def test_closing_ends_whatever_waits_and_may_happen_twice(
        self, driver: CameraDriver, clock: Clock
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            device = driver.open(_at(driver, silent), PATIENT, clock)
            asking = _Asking(device)
            silent.accept()[0].close()
            device.close()
            device.close()
            assert asking.ended(CLOSES_WITHIN_S + SLACK_S)

    def test_an_address_of_this_machine_needs_the_users_word(
        self, driver: CameraDriver, device: DeviceUnderTest, clock: Clock
    ) -> None:
        with pytest.raises(WachtelError) as raised:
            driver.open(parse_device_url(device.url), DeviceOptions(allow_local=False), clock).describe()
        assert raised.value.kind is ErrorKind.FORBIDDEN_URL


def _at(driver: CameraDriver, listener: socket.socket) -> CameraUrl:
    scheme = sorted(driver.schemes)[0]
    return CameraUrl(scheme, "127.0.0.1", listener.getsockname()[1], "/", "anna", SECRET)


class _Asking:
    """Describes a device in a thread of its own."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._thread = threading.Thread(target=self._ask, daemon=True)
        self._thread.start()

    def _ask(self) -> None:
        with suppress(WachtelError):
            self._device.describe()

    def ended(self, within_s: float) -> bool:
        self._thread.join(within_s)
        return not self._thread.is_alive()


class _Ear:
    """Listens to a device's motion in a thread of its own, as the product does."""

    def __init__(self, device: WithMotion) -> None:
        self.error: WachtelError | None = None
        self._device = device
        self._reports: list[bool] = []
        self._more = threading.Condition()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        try:
            for report in self._device.motion():
                with self._more:
                    self._reports += [] if report is None else [report.active]
                    self._more.notify_all()
        except WachtelError as error:
            self.error = error

    def heard(self, active: bool) -> bool:
        with self._more:
            return self._more.wait_for(lambda: self._reports[-1:] == [active], ENDS_WITHIN_S)

    def ended(self, within_s: float) -> bool:
        self._thread.join(within_s)
        return not self._thread.is_alive()


class _WebServer:
    """Somebody's web page, which answers everything in the same way."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> "_WebServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with client:
                client.settimeout(2)
                try:
                    client.recv(65_536)
                    client.sendall(
                        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>"
                    )
                except OSError:
                    pass
