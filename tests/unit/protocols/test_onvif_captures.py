"""Answers recorded from a device and its twins, outside of this repository."""

import re
from pathlib import Path

import pytest

from wachtel.base.units import US_PER_S
from wachtel.protocols.onvif import device, discovery, events, media, ptz
from wachtel.protocols.onvif.envelope import Fault, read_answer
from wachtel.protocols.xml_reader import Element

CAPTURES = Path(__file__).parents[4] / "shared/footage/onvif"
if not CAPTURES.is_dir():
    pytest.skip("the ONVIF captures are not here (../shared/footage/onvif)", allow_module_level=True)


def recorded(name: str) -> bytes:
    """The capture; the places a template left open are filled in."""
    data = (CAPTURES / f"{name}.xml").read_bytes()
    data = re.sub(rb"\{\{[?~].*?\}\}", b"", data, flags=re.DOTALL)
    return re.sub(rb"\{\{.*?\}\}", b"X", data, flags=re.DOTALL)


def read(name: str) -> Element:
    answer = read_answer(recorded(name))
    assert isinstance(answer, Element)
    return answer


PLAIN_ANSWERS = (
    "GetCapabilities", "GetCapabilitiesEncoder", "GetConfigurationOptions", "GetConfigurations",
    "GetDeviceInformation", "GetEventProperties", "GetHostname", "GetNodes", "GetProfiles", "GetScopes",
    "GetServiceCapabilities", "GetServices", "GetSnapshotUri", "GetStatus", "GetStreamUri",
    "GetSystemDateAndTime", "GetVideoSourceConfigurations", "GetVideoSourcesEncoder", "PullMessages",
    "SetScopes", "SetSystemDateAndTime", "SystemReboot", "Unsubscribe", "device.CreateUsers",
    "device.DeleteUsers", "device.GetDNS", "device.GetNTP", "device.GetNetworkDefaultGateway",
    "device.GetNetworkInterfaces", "device.GetUsers", "device.GetZeroConfiguration", "device.SetDNS",
    "device.SetNTP", "device.SetNetworkDefaultGateway", "device.SetNetworkInterfaces",
    "device.SetSystemFactoryDefault", "device.SetUser", "events.CreatePullPointSubscription",
    "events.GetServiceCapabilities", "imaging.GetCurrentPreset", "imaging.GetImagingSettings",
    "imaging.GetOptions", "imaging.GetServiceCapabilities", "imaging.SetCurrentPreset",
    "imaging.SetImagingSettings", "media.AddAudioEncoderConfiguration", "media.AddAudioSourceConfiguration",
    "media.AddVideoEncoderConfiguration", "media.AddVideoSourceConfiguration", "media.CreateProfile",
    "media.DeleteProfile", "media.GetAudioEncoderConfiguration", "media.GetAudioEncoderConfigurationOptions",
    "media.GetAudioEncoderConfigurations", "media.GetAudioSources", "media.GetServiceCapabilities",
    "media.GetVideoEncoderConfiguration", "media.GetVideoEncoderConfigurationOptions",
    "media.GetVideoEncoderConfigurations", "media.GetVideoSources", "media.RemoveAudioEncoderConfiguration",
    "media.RemoveAudioSourceConfiguration", "media.SetAudioEncoderConfiguration",
    "media.SetVideoEncoderConfiguration", "ptz.AbsoluteMove", "ptz.ContinuousMove", "ptz.GetPresets",
    "ptz.GotoHomePosition", "ptz.GotoPreset", "ptz.RelativeMove", "ptz.RemovePreset", "ptz.SetHomePosition",
    "ptz.SetPreset", "ptz.Stop",
)  # fmt: skip
ANSWERS = {name: name.rpartition(".")[2].removesuffix("Encoder") + "Response" for name in PLAIN_ANSWERS} | {
    "Probe": "ProbeMatches",
    "device.SendAuxiliaryCommand": "AuxiliaryCommandResponse",
}


@pytest.mark.parametrize(("name", "expected"), ANSWERS.items(), ids=ANSWERS)
def test_every_capture_is_soap_with_the_answer_in_its_name(name: str, expected: str) -> None:
    assert read(name).name == expected


def test_a_capture_of_a_refusal() -> None:
    answer = read_answer(recorded("Error"))
    assert answer == Fault(("fault code", "fault subcode", "fault subcode"), "fault reason")


def test_who_the_device_is_and_what_time_it_has() -> None:
    known = device.read_information(read("GetDeviceInformation"))
    assert known == device.Information("Mockup Manufacturer", "Mockup Model", "Mockup_15_14_13", "00000000")
    at = device.read_date_and_time(read("GetSystemDateAndTime"))
    assert at == 1_419_448_477 * US_PER_S, "2014-12-24T19:14:37Z"


def test_which_services_it_has() -> None:
    assert device.read_services(read("GetServices")).media
    assert device.read_capabilities(read("GetCapabilities")).media


def test_streams_and_their_encoders() -> None:
    [profile] = media.read_profiles(read("GetProfiles"))
    assert profile.token == "main" and profile.movable and profile.encoder is not None
    encoder = profile.encoder
    assert (encoder.codec, encoder.width, encoder.height, encoder.fps) == ("h264", 1920, 1080, 5.0)
    assert encoder.key_frames_s == 6.0
    assert media.read_uri(read("GetStreamUri")) == "rtsp://192.168.68.111/h264main"
    assert media.read_uri(read("GetSnapshotUri")).startswith("http")
    options = media.read_encoder_options(read("media.GetVideoEncoderConfigurationOptions"))
    assert options is not None and (1920, 1080) in options.sizes


def test_motion_presets_and_discovery() -> None:
    messages = events.read_messages(read("PullMessages"))
    assert [(message.topic, message.motion()) for message in messages] == [
        ("RuleEngine/CellMotionDetector/Motion", True)
    ] * 2
    assert ptz.read_presets(read("ptz.GetPresets"))
    [match] = discovery.read_matches(recorded("Probe"))
    assert (match.name, match.hardware) == ("PREDATOR", "HD_PREDATOR")
    assert match.types == ("NetworkVideoTransmitter", "Device")
    assert events.read_subscription(read("events.CreatePullPointSubscription")).startswith("http://X:X")
