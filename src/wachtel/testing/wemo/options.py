"""What a fake Wemo device is, and which quirks it has."""

from dataclasses import dataclass

from wachtel.protocols.wemo import WemoKind

UDN_WORDS = {
    WemoKind.SWITCH: "Socket-1_0",
    WemoKind.LIGHT_SWITCH: "Lightswitch-1_0",
    WemoKind.INSIGHT: "Insight-1_0",
    WemoKind.DIMMER: "Dimmer-1_0",
    WemoKind.OUTDOOR_PLUG: "OutdoorPlug-1_0",
    WemoKind.MAKER: "Maker-1_0",
    WemoKind.MOTION: "Sensor-1_0",
}
DEVICE_TYPES = {
    WemoKind.SWITCH: "controllee",
    WemoKind.LIGHT_SWITCH: "lightswitch",
    WemoKind.INSIGHT: "insight",
    WemoKind.DIMMER: "dimmer",
    WemoKind.OUTDOOR_PLUG: "OutdoorPlug",
    WemoKind.MAKER: "Maker",
    WemoKind.MOTION: "sensor",
}


@dataclass(frozen=True, slots=True)
class FakeWemoOptions:
    """Port 0 is any free one; None for ``ssdp_port`` answers no search, 0 hears what is sent to a free port directly.

    ``error_when_so``: a real one answers ``Error`` when it is told to be what it is already (jimmywarting/wemo-client
    issue 28). ``sends_events`` False never tells anybody anything, so clients have to ask. ``momentary``: a Maker
    whose relay falls back by itself. ``rules``: the file that FetchRules leads to.
    """

    kind: WemoKind = WemoKind.SWITCH
    host: str = "127.0.0.1"
    port: int = 0
    ssdp_port: int | None = None
    name: str = "Lamp"
    serial: str = "221424K1200001"
    error_when_so: bool = True
    sends_events: bool = True
    momentary: bool = False
    has_sensor: bool = True
    rules: bytes | None = None

    @property
    def udn(self) -> str:
        """The device's name among UPnP devices."""
        return f"uuid:{UDN_WORDS[self.kind]}-{self.serial}"

    @property
    def device_type(self) -> str:
        return f"urn:Belkin:device:{DEVICE_TYPES[self.kind]}:1"
