"""One answer of a device becomes one `FoundDevice`. Pure: the sender's address counts, not what the answer claims."""

from wachtel.actuators.wemo.finding import location_port
from wachtel.base.errors import WachtelError
from wachtel.model.device import FoundDevice
from wachtel.protocols import mdns, ssdp
from wachtel.protocols.camera_url import DEFAULT_PORTS, DEVICE_PORTS, parse_camera_url
from wachtel.protocols.onvif import discovery
from wachtel.protocols.onvif.device import DEVICE_PATH, shown

_HTTP = {"http": DEFAULT_PORTS["http"], "https": DEFAULT_PORTS["https"]}


def from_ws_discovery(data: bytes, sender: str, message_ids: frozenset[str]) -> list[FoundDevice]:
    """Answers to our own question only."""
    try:
        matches = discovery.read_matches(data)
    except WachtelError:
        return []
    return [_camera(match, sender) for match in matches if match.relates_to in message_ids]


def _camera(match: discovery.Match, sender: str) -> FoundDevice:
    return FoundDevice(
        address=sender,
        url=_onvif_url(match.addresses, sender),
        kinds=("onvif",),
        what="camera",
        model=match.hardware,
        name=match.name,
        identity=match.identity,
    )


def _host(sender: str) -> str:
    """As in a URL."""
    return f"[{sender}]" if ":" in sender else sender


def _onvif_url(addresses: tuple[str, ...], sender: str) -> str:
    """At the sender, whatever host it names; the one that names the sender is asked for port and path first."""
    urls = []
    for given in addresses:
        try:
            urls.append(parse_camera_url(given, _HTTP))
        except WachtelError:
            continue
    plain = sender.partition("%")[0]
    chosen = next((url for url in urls if url.host == plain), urls[0] if urls else None)
    if chosen is None:
        return f"onvif://{_host(sender)}"
    scheme, usual = ("onvifs", 443) if chosen.scheme == "https" else ("onvif", 80)
    port = "" if chosen.port == usual else f":{chosen.port}"
    path = "" if chosen.path == DEVICE_PATH else chosen.path
    return f"{scheme}://{_host(sender)}{port}{path}"


def from_ssdp(data: bytes, sender: str) -> list[FoundDevice]:
    """Belkin's cameras and switches by name, anything else as what it is."""
    answer = ssdp.read_answer(data)
    if answer is None:
        return []
    belkin, identity = answer.belkin, shown(answer.identity)
    if belkin is None:
        name = shown(answer.server)
        return [FoundDevice(sender, "", ("upnp",), "other", name=name, identity=identity)]
    kind, what, model = belkin
    url = f"netcam://{_host(sender)}" if kind == "netcam" else _wemo_url(answer.location, sender)
    return [FoundDevice(sender, url, (kind,), what, make="Belkin", model=model, identity=identity)]


def _wemo_url(location: str, sender: str) -> str:
    port = location_port(location)
    return "" if port is None else f"wemo://{_host(sender)}:{port}"


def from_mdns(data: bytes, sender: str) -> list[FoundDevice]:
    """Services that cameras offer. Which path of RTSP has the stream is not told: the usual ones are for the driver."""
    return [_service(one, sender) for one in mdns.read_services(data)]


def _service(service: mdns.Service, sender: str) -> FoundDevice:
    kind = service.kind.partition(".")[0].lstrip("_")
    if kind == "rtsp":
        port = f":{service.port}" if service.port not in (0, DEVICE_PORTS["camera"]) else ""
        return FoundDevice(sender, f"camera://{_host(sender)}{port}", ("rtsp",), "camera", name=service.name)
    port = f":{service.port}" if service.port not in (0, 80) else ""
    return FoundDevice(sender, f"onvif://{_host(sender)}{port}", ("onvif",), "camera", name=service.name)
