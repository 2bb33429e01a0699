"""The UPnP texts of the sensor: description, services, SOAP answers and event messages."""

from html import escape

from wachtel.testing.netcam.options import NetCamOptions

DEVICE_TYPE = "urn:Belkin:device:NetCamSensor:1"
BASIC_EVENT = "urn:Belkin:service:basicevent:1"
CONTROL, EVENTS, SERVICES = "/upnp/control/basicevent1", "/upnp/event/basicevent1", "/eventservice.xml"
_OTHERS = ("WiFiSetup", "timesync", "firmwareupdate", "rules", "metainfo", "remoteaccess", "deviceinfo")


def udn(options: NetCamOptions) -> str:
    """The device's name among UPnP devices."""
    return f"uuid:NetCamSensor-1_0-{options.serial}"


def setup_xml(options: NetCamOptions, binary_state: int) -> str:
    """The description, with the fields a real one was seen to have (homebridge-platform-wemo issue 58)."""
    services = "".join(_service(name) for name in ("basicevent", *_OTHERS))
    return f"""<?xml version="1.0"?>
<root xmlns="urn:Belkin:device-1-0">
<specVersion><major>1</major><minor>0</minor></specVersion>
<device>
<deviceType>{DEVICE_TYPE}</deviceType>
<friendlyName>{escape(options.friendly_name)}</friendlyName>
<manufacturer>Belkin International Inc.</manufacturer>
<manufacturerURL>http://www.belkin.com</manufacturerURL>
<modelDescription>Belkin Plugin Socket 1.0</modelDescription>
<modelName>{escape(options.model)}</modelName>
<modelNumber>1.0</modelNumber>
<modelURL>http://www.belkin.com/plugin/</modelURL>
<serialNumber>{escape(options.serial)}</serialNumber>
<UDN>{escape(udn(options))}</UDN>
<UPC>123456789</UPC>
<macAddress>{escape(options.mac)}</macAddress>
<firmwareVersion>WeMo_NetCam_WW_2.00.10684.PVT</firmwareVersion>
<iconVersion>1|49153</iconVersion>
<binaryState>{binary_state}</binaryState>
<iconList><icon><mimetype>jpg</mimetype><width>100</width><height>100</height><depth>100</depth>
<url>icon.jpg</url></icon></iconList>
<serviceList>{services}</serviceList>
<presentationURL>/pluginpres.html</presentationURL>
</device>
</root>
"""


def _service(name: str) -> str:
    own = name == "basicevent"
    return (
        f"<service><serviceType>urn:Belkin:service:{name}:1</serviceType>"
        f"<serviceId>urn:Belkin:serviceId:{name}1</serviceId>"
        f"<controlURL>/upnp/control/{name}1</controlURL><eventSubURL>/upnp/event/{name}1</eventSubURL>"
        f"<SCPDURL>{SERVICES if own else f'/{name}.xml'}</SCPDURL></service>\n"
    )


def services_xml(name: str) -> str:
    """The actions of a service; only basicevent has any here."""
    actions = "".join(
        _action(action, way) for action, way in (("GetBinaryState", "out"), ("SetBinaryState", "in"))
    )
    listed = actions if name == SERVICES else ""
    return f"""<?xml version="1.0"?>
<scpd xmlns="urn:Belkin:service-1-0">
<specVersion><major>1</major><minor>0</minor></specVersion>
<actionList>{listed}</actionList>
<serviceStateTable><stateVariable sendEvents="yes"><name>BinaryState</name><dataType>Boolean</dataType>
<defaultValue>0</defaultValue></stateVariable></serviceStateTable>
</scpd>
"""


def _action(name: str, direction: str) -> str:
    return (
        f"<action><name>{name}</name><argumentList><argument><name>BinaryState</name><retval/>"
        f"<relatedStateVariable>BinaryState</relatedStateVariable><direction>{direction}</direction></argument>"
        f"</argumentList></action>\n"
    )


def soap_answer(action: str, binary_state: int) -> str:
    """What the camera says to an action; a sensor lets nobody set its state."""
    if action == "GetBinaryState":
        body = (
            f'<u:GetBinaryStateResponse xmlns:u="{BASIC_EVENT}"><BinaryState>{binary_state}</BinaryState>'
            "</u:GetBinaryStateResponse>"
        )
    else:
        body = (
            "<s:Fault><faultcode>s:Client</faultcode><faultstring>UPnPError</faultstring><detail>"
            '<UPnPError xmlns="urn:schemas-upnp-org:control-1-0"><errorCode>401</errorCode>'
            "<errorDescription>Invalid Action</errorDescription></UPnPError></detail></s:Fault>"
        )
    return (
        '<?xml version="1.0"?>\n<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" '
        's:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body>'
        f"{body}</s:Body></s:Envelope>"
    )


def property_set(binary_state: int) -> str:
    """An event message (UPnP Device Architecture 1.1 section 4.3.2)."""
    return (
        '<e:propertyset xmlns:e="urn:schemas-upnp-org:event-1-0"><e:property>'
        f"<BinaryState>{binary_state}</BinaryState></e:property></e:propertyset>\n"
    )
