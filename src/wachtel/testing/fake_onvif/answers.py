"""What a virtual device answers, as XML."""

from xml.sax.saxutils import escape, quoteattr

from wachtel.protocols.onvif.envelope import NAMESPACES
from wachtel.testing.fake_onvif.options import OnvifOptions, OnvifStream, Quirk
from wachtel.testing.fake_onvif.state import OnvifState

_TER = "http://www.onvif.org/ver10/error"
_TOPICS = "http://www.onvif.org/ver10/topics"


def envelope(body: str, quirks: frozenset[Quirk], action: str = "") -> bytes:
    """A whole answer."""
    prefixes = {**NAMESPACES, "ter": _TER, "tns1": _TOPICS}
    header = f"<a:Action>{escape(action)}</a:Action>" if action else ""
    text = f"<s:Header>{header}</s:Header><s:Body>{body}</s:Body>"
    if Quirk.OTHER_PREFIXES in quirks:
        for number, prefix in enumerate(list(prefixes)):
            for before in ("<", "</"):
                text = text.replace(f"{before}{prefix}:", f"{before}n{number}:")
            prefixes[f"n{number}"] = prefixes[prefix]
    root = "n0" if Quirk.OTHER_PREFIXES in quirks else "s"
    known = {} if Quirk.UNBOUND_PREFIXES in quirks else prefixes
    declared = " ".join(f"xmlns:{prefix}={quoteattr(uri)}" for prefix, uri in known.items())
    whole = f"<{root}:Envelope {declared}>{text}</{root}:Envelope>"
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + whole.encode()


def fault(code: str, subcode: str, reason: str, quirks: frozenset[Quirk]) -> str:
    """A refusal (ONVIF Core section 5.8.2), or the old form of one."""
    if Quirk.OLD_FAULTS in quirks:
        return (
            f"<s:Fault><faultcode>s:Client.{subcode}</faultcode>"
            f"<faultstring>{escape(reason)}</faultstring></s:Fault>"
        )
    return (
        f"<s:Fault><s:Code><s:Value>s:{code}</s:Value>"
        f"<s:Subcode><s:Value>ter:{subcode}</s:Value></s:Subcode></s:Code>"
        f'<s:Reason><s:Text xml:lang="en">{escape(reason)}</s:Text></s:Reason></s:Fault>'
    )


def services(base: str) -> str:
    """``GetServicesResponse``."""
    found = (
        ("http://www.onvif.org/ver10/device/wsdl", "device_service"),
        ("http://www.onvif.org/ver10/media/wsdl", "media_service"),
        ("http://www.onvif.org/ver10/events/wsdl", "event_service"),
        ("http://www.onvif.org/ver20/ptz/wsdl", "ptz_service"),
        ("http://www.onvif.org/ver10/deviceIO/wsdl", "io_service"),
    )
    inside = "".join(
        f"<tds:Service><tds:Namespace>{name}</tds:Namespace><tds:XAddr>{base}/onvif/{path}</tds:XAddr>"
        "<tds:Version><tt:Major>2</tt:Major><tt:Minor>40</tt:Minor></tds:Version></tds:Service>"
        for name, path in found
    )
    return f"<tds:GetServicesResponse>{inside}</tds:GetServicesResponse>"


def capabilities(base: str) -> str:
    """``GetCapabilitiesResponse``."""
    events = (
        "<tt:WSSubscriptionPolicySupport>true</tt:WSSubscriptionPolicySupport>"
        "<tt:WSPullPointSupport>true</tt:WSPullPointSupport>"
        "<tt:WSPausableSubscriptionManagerInterfaceSupport>false"
        "</tt:WSPausableSubscriptionManagerInterfaceSupport>"
    )
    streaming = (
        "<tt:StreamingCapabilities><tt:RTPMulticast>false</tt:RTPMulticast>"
        "<tt:RTP_TCP>true</tt:RTP_TCP><tt:RTP_RTSP_TCP>true</tt:RTP_RTSP_TCP></tt:StreamingCapabilities>"
    )
    return (
        "<tds:GetCapabilitiesResponse><tds:Capabilities>"
        f"<tt:Device><tt:XAddr>{base}/onvif/device_service</tt:XAddr></tt:Device>"
        f"<tt:Events><tt:XAddr>{base}/onvif/event_service</tt:XAddr>{events}</tt:Events>"
        f"<tt:Media><tt:XAddr>{base}/onvif/media_service</tt:XAddr>{streaming}</tt:Media>"
        f"<tt:PTZ><tt:XAddr>{base}/onvif/ptz_service</tt:XAddr></tt:PTZ>"
        "</tds:Capabilities></tds:GetCapabilitiesResponse>"
    )


def nodes(*, turns: bool) -> str:
    """``GetNodesResponse`` (ONVIF PTZ section 5.1.1): one node that zooms and, mostly, turns."""

    def space(name: str, ranges: str) -> str:
        uri = "http://www.onvif.org/ver10/tptz/PanTiltSpaces/VelocityGenericSpace"
        return f"<tt:{name}><tt:URI>{uri}</tt:URI>{ranges}</tt:{name}>"

    one = "<tt:{0}><tt:Min>-1</tt:Min><tt:Max>1</tt:Max></tt:{0}>"
    both = one.format("XRange") + one.format("YRange")
    turning = space("ContinuousPanTiltVelocitySpace", both) if turns else ""
    return (
        '<tptz:GetNodesResponse><tptz:PTZNode token="node" FixedHomePosition="false"><tt:Name>node</tt:Name>'
        f"<tt:SupportedPTZSpaces>{turning}{space('ContinuousZoomVelocitySpace', one.format('XRange'))}"
        "</tt:SupportedPTZSpaces><tt:MaximumNumberOfPresets>8</tt:MaximumNumberOfPresets>"
        "<tt:HomeSupported>false</tt:HomeSupported></tptz:PTZNode></tptz:GetNodesResponse>"
    )


def relays(tokens: tuple[str, ...], service: str, *, pulse: bool) -> str:
    """``GetRelayOutputsResponse`` of the device service (``tds``) or DeviceIO (``tmd``)."""
    mode, delay = ("Monostable", "PT3S") if pulse else ("Bistable", "PT0S")
    inside = "".join(
        f"<{service}:RelayOutputs token={quoteattr(token)}><tt:Properties><tt:Mode>{mode}</tt:Mode>"
        f"<tt:DelayTime>{delay}</tt:DelayTime><tt:IdleState>open</tt:IdleState></tt:Properties>"
        f"</{service}:RelayOutputs>"
        for token in tokens
    )
    return f"<{service}:GetRelayOutputsResponse>{inside}</{service}:GetRelayOutputsResponse>"


def information(options: OnvifOptions) -> str:
    """``GetDeviceInformationResponse``."""
    return (
        f"<tds:GetDeviceInformationResponse><tds:Manufacturer>{escape(options.make)}</tds:Manufacturer>"
        f"<tds:Model>{escape(options.model)}</tds:Model>"
        f"<tds:FirmwareVersion>{escape(options.firmware)}</tds:FirmwareVersion>"
        f"<tds:SerialNumber>{escape(options.serial)}</tds:SerialNumber>"
        "<tds:HardwareId>virtual</tds:HardwareId></tds:GetDeviceInformationResponse>"
    )


def profiles(options: OnvifOptions, state: OnvifState) -> str:
    """``GetProfilesResponse``."""
    inside = "".join(_profile(stream, state, movable=bool(options.presets)) for stream in options.streams)
    return f"<trt:GetProfilesResponse>{inside}</trt:GetProfilesResponse>"


def encoder(stream: OnvifStream, state: OnvifState) -> str:
    """The inside of a ``VideoEncoderConfiguration``."""
    now = state.encoders.get(stream.token, {})
    gop = f"<tt:GovLength>{now.get('GovLength', stream.gop)}</tt:GovLength>"
    h264 = f"<tt:H264>{gop}<tt:H264Profile>High</tt:H264Profile></tt:H264>"
    return (
        f"<tt:Name>{stream.token}</tt:Name><tt:UseCount>1</tt:UseCount>"
        f"<tt:Encoding>{stream.codec}</tt:Encoding><tt:Resolution>"
        f"<tt:Width>{now.get('Width', stream.width)}</tt:Width>"
        f"<tt:Height>{now.get('Height', stream.height)}</tt:Height></tt:Resolution>"
        f"<tt:Quality>5</tt:Quality><tt:RateControl>"
        f"<tt:FrameRateLimit>{now.get('FrameRateLimit', stream.fps)}</tt:FrameRateLimit>"
        "<tt:EncodingInterval>1</tt:EncodingInterval><tt:BitrateLimit>1000</tt:BitrateLimit></tt:RateControl>"
        f"{h264}<tt:Multicast><tt:Address><tt:Type>IPv4</tt:Type><tt:IPv4Address>0.0.0.0</tt:IPv4Address>"
        "</tt:Address><tt:Port>0</tt:Port><tt:TTL>0</tt:TTL><tt:AutoStart>false</tt:AutoStart></tt:Multicast>"
        "<tt:SessionTimeout>PT60S</tt:SessionTimeout>"
    )


def _profile(stream: OnvifStream, state: OnvifState, *, movable: bool) -> str:
    turning = (
        '<tt:PTZConfiguration token="ptz"><tt:Name>ptz</tt:Name><tt:UseCount>1</tt:UseCount>'
        "<tt:NodeToken>node</tt:NodeToken></tt:PTZConfiguration>"
    )
    token = quoteattr(stream.token)
    return (
        f'<trt:Profiles token={token} fixed="true"><tt:Name>{escape(stream.token)}</tt:Name>'
        '<tt:VideoSourceConfiguration token="source"><tt:Name>source</tt:Name><tt:UseCount>1</tt:UseCount>'
        '<tt:SourceToken>sensor</tt:SourceToken><tt:Bounds x="0" y="0" width="1920" height="1080"/>'
        "</tt:VideoSourceConfiguration>"
        f"<tt:VideoEncoderConfiguration token={token}>{encoder(stream, state)}</tt:VideoEncoderConfiguration>"
        f"{turning if movable else ''}</trt:Profiles>"
    )


def encoder_options() -> str:
    """``GetVideoEncoderConfigurationOptionsResponse``."""
    sizes = "".join(
        f"<tt:ResolutionsAvailable><tt:Width>{width}</tt:Width><tt:Height>{height}</tt:Height>"
        "</tt:ResolutionsAvailable>"
        for width, height in ((1280, 720), (640, 480), (640, 360), (320, 240))
    )
    ranges = "".join(
        f"<tt:{name}><tt:Min>1</tt:Min><tt:Max>{most}</tt:Max></tt:{name}>"
        for name, most in (("GovLengthRange", 400), ("FrameRateRange", 25), ("EncodingIntervalRange", 1))
    )
    return (
        "<trt:GetVideoEncoderConfigurationOptionsResponse><trt:Options>"
        "<tt:QualityRange><tt:Min>1</tt:Min><tt:Max>6</tt:Max></tt:QualityRange>"
        f"<tt:H264>{sizes}{ranges}<tt:H264ProfilesSupported>High</tt:H264ProfilesSupported></tt:H264>"
        "</trt:Options></trt:GetVideoEncoderConfigurationOptionsResponse>"
    )


def motion_message(active: bool, at: str, operation: str) -> str:
    """One ``NotificationMessage`` about motion."""
    return (
        "<wsnt:NotificationMessage>"
        '<wsnt:Topic Dialect="http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet">'
        "tns1:RuleEngine/CellMotionDetector/Motion</wsnt:Topic><wsnt:Message>"
        f'<tt:Message UtcTime="{at}" PropertyOperation="{operation}"><tt:Source>'
        '<tt:SimpleItem Name="VideoSourceConfigurationToken" Value="source"/>'
        '<tt:SimpleItem Name="Rule" Value="MyMotionDetectorRule"/></tt:Source><tt:Data>'
        f'<tt:SimpleItem Name="IsMotion" Value="{"true" if active else "false"}"/></tt:Data></tt:Message>'
        "</wsnt:Message></wsnt:NotificationMessage>"
    )
