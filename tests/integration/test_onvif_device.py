"""The ONVIF driver and the virtual device over loopback."""

from dataclasses import replace

import pytest
from onvif_rig import GUARDED, JPEG, OPTIONS, PLAIN, STREAMS, opened
from quirks import quirk

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.device import Ability, DeviceReport, EncoderSettings
from wachtel.testing.fake_onvif.options import OnvifAuth, OnvifOptions, OnvifStream, Quirk
from wachtel.testing.fake_onvif.server import FakeOnvif


def described(options: OnvifOptions, **log_in: str | None) -> tuple[DeviceReport, FakeOnvif]:
    with FakeOnvif(options) as fake:
        return opened(fake, OPTIONS, **log_in).describe(), fake


def failure(options: OnvifOptions, **log_in: str | None) -> tuple[WachtelError, FakeOnvif]:
    with FakeOnvif(options) as fake, pytest.raises(WachtelError) as raised:
        opened(fake, OPTIONS, **log_in).describe()
    return raised.value, fake


def codes(report: DeviceReport) -> set[str]:
    return {finding.code for finding in report.findings}


@pytest.mark.parametrize("auth", list(OnvifAuth))
def test_a_device_is_described_however_it_wants_the_log_in(auth: OnvifAuth) -> None:
    report, fake = described(replace(GUARDED, auth=auth))
    assert report.main is not None and report.sub is not None
    assert (report.main.url, report.sub.url) == tuple(stream.uri for stream in STREAMS)
    assert (report.make, report.model) == ("Wachtel", "Virtual camera")
    assert (report.main.codec, report.main.width, report.main.height) == ("h264", 1920, 1080)
    assert set(report.abilities) == set(Ability)
    assert fake.state.wrong_tries == 0
    assert abs(report.clock_ahead_s or 0) < 60


@pytest.mark.parametrize(
    "habit",
    [
        pytest.param(
            Quirk.OTHER_PREFIXES,
            marks=quirk("onvif: prefixes are other ones than everybody's", "mnit-rtmc/iris#102", "evercam/ex_nvr#161"),
        ),
        pytest.param(
            Quirk.UNBOUND_PREFIXES,
            marks=quirk("onvif: prefixes are used that nothing declares",
                        "mvantellingen/python-zeep#1205", "home-assistant/home-assistant.io#40942"),
        ),
        pytest.param(
            Quirk.NO_SERVICES,
            marks=quirk("onvif: GetServices is not known", "quatanium/python-onvif#30", "agsh/onvif#155"),
        ),
        pytest.param(
            Quirk.STALE_NONCE,
            marks=quirk("onvif: the nonce of a log-in holds for one question or a few", "lumeohq/onvif-rs#131"),
        ),
        Quirk.CHUNKED,
        Quirk.OLD_FAULTS,
    ],
)  # fmt: skip
@pytest.mark.parametrize("auth", [OnvifAuth.DIGEST, OnvifAuth.TOKEN])
def test_habits_that_change_nothing(habit: Quirk, auth: OnvifAuth) -> None:
    report, _ = described(replace(GUARDED, auth=auth, quirks=frozenset({habit})))
    assert report.main is not None and report.sub is not None


@quirk(
    "onvif: it names an address that is not reached from here, as behind a router",
    "home-assistant/core#34218",
    "blakeblackshear/frigate#18352",
)
def test_a_device_that_names_another_host_is_asked_itself_and_it_is_told() -> None:
    report, _ = described(replace(PLAIN, quirks=frozenset({Quirk.WRONG_HOST})))
    assert report.main is not None
    assert report.main.url == STREAMS[0].uri
    assert report.snapshot_url.startswith("http://127.0.0.1:")
    assert "other_address" in codes(report)


@quirk(
    "onvif: its clock is wrong, and it refuses log-ins that are not of its time",
    "home-assistant/core#121952",
    "lumeohq/onvif-rs#121",
)
def test_a_clock_that_is_off_by_hours_is_told_and_no_obstacle_to_a_signed_log_in() -> None:
    report, _ = described(replace(GUARDED, auth=OnvifAuth.TOKEN, clock_ahead_s=-5 * 3600.0))
    assert report.clock_ahead_s == pytest.approx(-5 * 3600, abs=60)
    assert "clock_off" in codes(report)


@quirk(
    "onvif: it refuses to say where its stills are", "home-assistant/core#74794", "home-assistant/core#33902"
)
def test_without_stills_the_rest_is_there() -> None:
    report, _ = described(replace(PLAIN, quirks=frozenset({Quirk.NO_SNAPSHOT})))
    assert report.snapshot_url == ""
    assert Ability.SNAPSHOT not in report.abilities


def test_what_is_wrong_with_the_encoders_is_told() -> None:
    only_large = OnvifStream("main", "rtsp://127.0.0.1:8554/main", codec="H265", gop=400)
    report, _ = described(replace(PLAIN, streams=(only_large,)))
    assert {"only_h265", "no_sub_stream", "far_key_frames"} <= codes(report)


@quirk(
    "onvif: a few wrong passwords lock the account or the address",
    "CamioCam/rtsp#34",
    "evercam/evercam-server#91",
    "geerlingguy/pi-nvr#11",
)
@pytest.mark.parametrize("auth", [OnvifAuth.DIGEST, OnvifAuth.TOKEN])
def test_a_wrong_password_is_tried_once(auth: OnvifAuth) -> None:
    error, fake = failure(replace(GUARDED, auth=auth, quirks=frozenset({Quirk.LOCKS})), password="wrong")
    assert (error.kind, error.code) == (ErrorKind.WRONG_PASSWORD, "password_wrong")
    assert fake.state.wrong_tries == 1
    assert not fake.state.locked


@pytest.mark.parametrize("auth", [OnvifAuth.DIGEST, OnvifAuth.TOKEN])
def test_a_missing_password_is_asked_for_and_no_try_is_made(auth: OnvifAuth) -> None:
    error, fake = failure(replace(GUARDED, auth=auth), user=None, password=None)
    assert (error.kind, error.code) == (ErrorKind.WRONG_PASSWORD, "password_needed")
    assert fake.state.wrong_tries == 0


def test_a_locked_account_is_told_from_a_wrong_password() -> None:
    options = replace(GUARDED, auth=OnvifAuth.TOKEN, quirks=frozenset({Quirk.LOCKS}))
    with FakeOnvif(options) as fake:
        for _ in range(3):
            with pytest.raises(WachtelError):
                opened(fake, password="wrong").describe()
        with pytest.raises(WachtelError) as raised:
            opened(fake).describe()
    assert raised.value.code == "account_locked"


def test_a_device_without_profiles_is_told() -> None:
    error, _ = failure(replace(PLAIN, quirks=frozenset({Quirk.NO_MEDIA})))
    assert (error.kind, error.code) == (ErrorKind.NO_SUCH_STREAM, "no_profiles")


def test_the_small_stream_is_set_up() -> None:
    with FakeOnvif(GUARDED) as fake:
        device = opened(fake)
        plan = device.sub_stream()
        assert plan.now == EncoderSettings(640, 360, 10, 200)
        assert plan.proposed == EncoderSettings(640, 360, 10, 20)
        assert device.set_sub_stream(plan.proposed).proposed is None
        fake.state.encoders["sub"]["GovLength"] = 300
        assert device.sub_stream().now.gop == 300, "somebody else changed it"
        fake.state.encoders["sub"]["GovLength"] = 20
        report = device.describe()
        assert fake.state.encoders == {
            "sub": {"Width": 640, "Height": 360, "FrameRateLimit": 10, "GovLength": 20}
        }
    assert report.sub is not None
    assert report.sub.key_frames_s == 2.0


def test_a_second_stream_that_is_too_large_is_made_small() -> None:
    both = (STREAMS[0], replace(STREAMS[1], width=1920, height=1080, fps=25))
    with FakeOnvif(replace(GUARDED, streams=both)) as fake:
        device = opened(fake)
        assert device.describe().sub is None
        plan = device.sub_stream()
        assert (plan.stream, plan.now.width) == ("sub", 1920) and plan.proposed is not None
        device.set_sub_stream(plan.proposed)
        sub = device.describe().sub
        assert sub is not None and (sub.width, sub.height) == (640, 360)
        device.set_sub_stream(plan.now)
        assert device.describe().sub is None, "as it was before"


def test_one_stream_alone_cannot_be_made_two() -> None:
    with FakeOnvif(replace(GUARDED, streams=STREAMS[:1])) as fake:
        with pytest.raises(WachtelError, match="small stream") as raised:
            opened(fake).sub_stream()
        assert raised.value.code == "device_lacks"


def test_presets_movement_outputs_and_stills() -> None:
    with FakeOnvif(GUARDED) as fake:
        device = opened(fake)
        assert [preset.name for preset in device.presets()] == ["Gate", "Terrace"]
        device.go_to("2")
        device.move(0.5, -2.0, 0.0)
        assert (fake.state.at_preset, fake.state.moving) == ("2", (0.5, -1.0, 0.0))
        device.stop()
        device.switch(device.relays()[0].id, on=True)
        assert (fake.state.moving, fake.state.relays) == ((0.0, 0.0, 0.0), {"relay0": True})
        assert device.snapshot() == JPEG
        with pytest.raises(WachtelError, match="no preset '9'"):
            device.go_to("9")
        with pytest.raises(WachtelError, match="does not offer the output"):
            device.switch("relay7", on=True)


@pytest.mark.parametrize(
    "habit",
    [
        pytest.param(
            Quirk.NO_NODES,
            marks=quirk("onvif: a camera that turns does not say how", "milg0/onvif-java-lib#17"),
        ),
        pytest.param(
            Quirk.ZOOM_ONLY,
            marks=quirk("onvif: it zooms only, and refuses every word about turning", "agsh/onvif#268"),
        ),
        pytest.param(
            Quirk.NO_MOVE_TIMEOUT,
            marks=quirk("onvif: it refuses a movement with a time limit", "Jazea/Onvif.Core#30"),
        ),
        Quirk.NO_STOP,
        Quirk.WRONG_HOST,
    ],
)
def test_a_movable_camera_moves_and_stops_whatever_its_habits(habit: Quirk) -> None:
    with FakeOnvif(replace(GUARDED, quirks=frozenset({habit}))) as fake:
        device = opened(fake)
        assert device.reach().turns is (habit is not Quirk.ZOOM_ONLY)
        device.move(0.5, 0.0, 1.0)
        assert fake.state.moving == ((0.0 if habit is Quirk.ZOOM_ONLY else 0.5), 0.0, 1.0)
        assert fake.state.move_limit == ("" if habit is Quirk.NO_MOVE_TIMEOUT else "PT5S")
        device.stop()
        assert fake.state.moving == (0.0, 0.0, 0.0)
        refused = fake.state.asked.count("ContinuousMove")
        device.move(0.0, 0.0, -1.0)
        assert fake.state.asked.count("ContinuousMove") == refused + 1, "what was learnt is not tried again"


@pytest.mark.parametrize("quirks", [frozenset({Quirk.RELAYS_IN_IO}), frozenset({Quirk.PULSE_RELAYS})])
def test_outputs_of_either_service_and_those_that_fall_back(quirks: frozenset[Quirk]) -> None:
    with FakeOnvif(replace(GUARDED, relays=("light", "gate"), quirks=quirks)) as fake:
        device = opened(fake)
        assert [relay.id for relay in device.relays()] == ["light", "gate"]
        assert device.relays()[0].pulse_s == (3.0 if Quirk.PULSE_RELAYS in quirks else None)
        device.switch("gate", on=True)
        assert fake.state.relays == {"light": False, "gate": True}
        assert Ability.RELAY in device.describe().abilities


@quirk("onvif: PullMessages answers at once instead of waiting", "opensensor/lightNVR#450")
@pytest.mark.parametrize("quirks", [frozenset[Quirk](), frozenset({Quirk.HASTY_PULL, Quirk.WRONG_HOST})])
def test_motion_comes_as_the_device_sees_it(quirks: frozenset[Quirk]) -> None:
    with FakeOnvif(replace(GUARDED, quirks=quirks)) as fake:
        device = opened(fake)
        reports = (report for report in device.motion() if report is not None)
        assert not next(reports).active
        fake.set_motion(True)
        began = next(reports)
        fake.set_motion(False)
        ended = next(reports)
        assert (began.active, ended.active) == (True, False)
        assert began.source == ended.source != ""
        assert began.at <= ended.at
        device.close()
        assert list(reports) == []


def test_a_subscription_that_is_forgotten_ends_with_an_error() -> None:
    with FakeOnvif(PLAIN) as fake:
        reports = opened(fake).motion()
        assert next(reports) is not None
        fake.state.pull_points.clear()
        with pytest.raises(WachtelError, match="no such subscription"):
            list(reports)
