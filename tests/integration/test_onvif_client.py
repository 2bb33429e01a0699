"""A client that others wrote accepts the virtual ONVIF device."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from onvif_rig import GUARDED, PASSWORD, USER

from wachtel.testing.fake_onvif.options import OnvifAuth
from wachtel.testing.fake_onvif.server import FakeOnvif

onvif = pytest.importorskip("onvif", reason="onvif-zeep-async is not installed: no independent client here")


async def everything(fake: FakeOnvif) -> dict[str, Any]:
    wsdl = Path(onvif.__file__).parent / "wsdl"
    camera = onvif.ONVIFCamera("127.0.0.1", fake.port, USER, PASSWORD, wsdl_dir=str(wsdl))
    await camera.update_xaddrs()
    device, media = await camera.create_devicemgmt_service(), await camera.create_media_service()
    found: dict[str, Any] = {
        "information": await device.GetDeviceInformation(),
        "time": await device.GetSystemDateAndTime(),
        "relays": await device.GetRelayOutputs(),
        "io": await (await camera.create_deviceio_service()).GetRelayOutputs(),
        "profiles": await media.GetProfiles(),
    }
    token = found["profiles"][0].token
    setup = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
    found["stream"] = await media.GetStreamUri({"StreamSetup": setup, "ProfileToken": token})
    found["snapshot"] = await camera.get_snapshot(token)
    ptz = await camera.create_ptz_service()
    found["nodes"] = await ptz.GetNodes()
    found["presets"] = await ptz.GetPresets({"ProfileToken": token})
    await ptz.GotoPreset({"ProfileToken": token, "PresetToken": "2"})
    manager = await camera.create_pullpoint_manager(timedelta(seconds=60), lambda: None)
    service = manager.get_service()
    fake.set_motion(True)
    found["pulled"] = await service.PullMessages({"Timeout": timedelta(seconds=5), "MessageLimit": 10})
    await manager.shutdown()
    await camera.close()
    return found


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_an_independent_client_accepts_the_virtual_device() -> None:
    with FakeOnvif(replace(GUARDED, auth=OnvifAuth.TOKEN)) as fake:
        found = asyncio.run(everything(fake))
        assert fake.state.at_preset == "2"
    assert found["information"].Model == "Virtual camera"
    assert [profile.token for profile in found["profiles"]] == ["main", "sub"]
    assert found["profiles"][1].VideoEncoderConfiguration.H264.GovLength == 200
    assert found["stream"].Uri == "rtsp://127.0.0.1:8554/main"
    assert found["snapshot"].startswith(b"\xff\xd8")
    assert [preset.Name for preset in found["presets"]] == ["Gate", "Terrace"]
    assert found["relays"][0].token == "relay0"
    assert found["io"][0].token == "relay0"
    assert found["nodes"][0].SupportedPTZSpaces.ContinuousZoomVelocitySpace
    topics = [str(message.Topic._value_1) for message in found["pulled"].NotificationMessage]
    assert topics and all("CellMotionDetector/Motion" in topic for topic in topics)
