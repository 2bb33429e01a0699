"""Builds the web application out of the state, the engine's ports and a few settings."""

from typing import Any

from fastapi import FastAPI
from starlette.middleware import Middleware

from wachtel import __version__
from wachtel.accounts.alarm_codes import AlarmCodes
from wachtel.accounts.links import Links
from wachtel.accounts.log_in import LogIn
from wachtel.accounts.members import Members
from wachtel.accounts.sessions import BrowserSessions
from wachtel.accounts.tokens import AccessTokens
from wachtel.automation.actuators import ActuatorBook
from wachtel.automation.channels import ChannelBook
from wachtel.automation.push_devices import PushDevices, link_signer
from wachtel.service.claim_desk import ClaimDesk
from wachtel.service.sunset_desk import SunsetDesk
from wachtel.storage.state import State
from wachtel.web.accounts import AccountRoutes
from wachtel.web.actuators import ActuatorRoutes
from wachtel.web.alarm import AlarmRoutes
from wachtel.web.answers import add_error_handlers
from wachtel.web.archive import ArchiveRoutes
from wachtel.web.authority import AuthorityRoutes
from wachtel.web.camera_controls import ControlRoutes
from wachtel.web.cameras import CameraBook, CameraRoutes
from wachtel.web.certificates import CertificateRoutes
from wachtel.web.channels import ChannelRoutes
from wachtel.web.claims import ClaimRoutes
from wachtel.web.claims_work import ClaimWorkRoutes
from wachtel.web.control import control_app
from wachtel.web.discovery import DiscoveryRoutes
from wachtel.web.door import Door, declarations
from wachtel.web.events import EventRoutes
from wachtel.web.export_log import ExportLog
from wachtel.web.exports import ExportRoutes
from wachtel.web.footage import FootageRoutes
from wachtel.web.guard import Guard, On
from wachtel.web.headers import BodyLimit, SecurityHeaders
from wachtel.web.health import HealthRoutes
from wachtel.web.hls import HlsRoutes
from wachtel.web.holds import HoldRoutes
from wachtel.web.homekit import HomeKitRoutes
from wachtel.web.hosts import HostCheck
from wachtel.web.identify import Identities
from wachtel.web.imports import ImportRoutes
from wachtel.web.lasting import Lasting
from wachtel.web.ledger import LedgerRoutes
from wachtel.web.live import LiveRoutes
from wachtel.web.message_pictures import MessagePictureRoutes
from wachtel.web.mqtt import MqttRoutes
from wachtel.web.news import NewsRoutes
from wachtel.web.page import PageRoutes
from wachtel.web.page_address import PageAddressRoutes
from wachtel.web.pictures import PictureRoutes
from wachtel.web.plans import PlanRoutes
from wachtel.web.ports import WebPorts
from wachtel.web.push import PushRoutes
from wachtel.web.record_as import RecordAsRoutes
from wachtel.web.replays import ReplayRoutes
from wachtel.web.rules import RuleRoutes
from wachtel.web.server_certificates import ServerCertificateRoutes
from wachtel.web.session import SessionRoutes
from wachtel.web.settings import DEFAULT_SETTINGS, WebSettings
from wachtel.web.site_facts import SiteFactsRoutes
from wachtel.web.sites import SiteRoutes
from wachtel.web.snoozing import SnoozeRoutes
from wachtel.web.storage_effects import StorageEffectRoutes
from wachtel.web.storage_state import StorageRoutes
from wachtel.web.sub_streams import SubStreamRoutes
from wachtel.web.sunset import SunsetRoutes
from wachtel.web.threads import OneThread
from wachtel.web.timeline import TimelineRoutes
from wachtel.web.tokens import TokenRoutes
from wachtel.web.wemo import WemoRoutes
from wachtel.web.wemo_imports import WemoImportRoutes
from wachtel.web.wemo_shown import WemoShownRoutes
from wachtel.web.whep import WhepRoutes

__all__ = ["control_app", "create_app"]

_NO_TELEMETRY: Any = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}
"""The framework can report to a collector named in the environment; nothing of ours leaves the house."""


def create_app(state: State, ports: WebPorts, settings: WebSettings = DEFAULT_SETTINGS) -> FastAPI:
    """The application, to be served over TCP; see `control_app` for the control socket.

    Raises `LookupError` when a route does not declare what it needs. It needs no lifespan events.
    """
    app = FastAPI(
        title="Wachtel",
        version=__version__,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry=_NO_TELEMETRY,
        middleware=[
            Middleware(SecurityHeaders, always_encrypted=settings.always_encrypted),
            Middleware(HostCheck, names=settings.hosts),
            Middleware(BodyLimit),
        ],
    )
    app.router.routes.clear()
    add_error_handlers(app)
    _add_routes(app, state, ports, settings)
    declarations(app.routes)
    return app


def _add_routes(app: FastAPI, state: State, ports: WebPorts, settings: WebSettings) -> None:
    database, hashing = OneThread("state"), OneThread("hashing")
    sessions = BrowserSessions(state, ports.clock)
    tokens = AccessTokens(state, ports.clock)
    book = CameraBook(
        state.cameras, state.sites, ports.states, ports.gaps, ports.watches, database, ports.clock
    )
    sites = SiteRoutes(state.sites, book, ports.states, ports.events, state.seen, database, ports.recording)
    events = EventRoutes(ports.events, ports.footage, ports.holds, state.seen, state.sites, database)
    channel_book = ChannelBook(state.channels, ports.clock)
    push, signer = PushDevices(channel_book, state, ports.clock), link_signer(state)
    channels = ChannelRoutes(channel_book, state, ports.messages, database, ports.clock)
    rules = RuleRoutes(state, ports.rules, ports.rule_pictures, database, ports.clock)
    actuators = ActuatorRoutes(ActuatorBook(state.actuators, ports.clock), database)
    guard = Guard(
        Identities(sessions, tokens, database),
        {
            On.SITE: sites.find,
            On.CAMERA: book.find,
            On.EVENT: events.find,
            On.CHANNEL: channels.find,
            On.RULE: rules.find,
            On.ACTUATOR: actuators.find,
        },
    )
    lasting = Lasting(guard, ports.clock)
    log_in = LogIn(state, sessions, ports.clock)
    links, members = Links(state, ports.clock), Members(state, ports.clock)
    door = Door(app, guard)
    sunset = SunsetDesk(state.business, state.operator_key, ports.clock, state.sites.first_zone)
    claims = ClaimDesk(state.claims, state.claim_files, state.settings, ports.clock)
    for routes in (
        HealthRoutes(book, ports.states, ports.readings),
        SessionRoutes(state.accounts, log_in, links, sessions, database, hashing),
        sites,
        CameraRoutes(
            book, state.cameras, state.sites, ports.recording, ports.prober, ports.certificates, database
        ),
        ControlRoutes(ports.controls),
        RecordAsRoutes(ports.pricing),
        SubStreamRoutes(ports.controls, state.cameras, ports.prober, ports.recording, database),
        CertificateRoutes(state.cameras, ports.certificates, ports.recording, database, ports.clock),
        DiscoveryRoutes(ports.searches, ports.clock),
        FootageRoutes(ports.snapshots, ports.footage),
        LiveRoutes(ports.live, lasting),
        WhepRoutes(ports.whep, lasting),
        HlsRoutes(ports.live, ports.footage, ports.clock),
        PictureRoutes(ports.snapshots, lasting, ports.clock),
        events,
        LedgerRoutes(ports.ledgers, state.sites, database, ports.clock),
        TimelineRoutes(ports.ledgers, ports.events, book),
        HoldRoutes(ports.holds, book),
        ExportRoutes(ports.exports, book, ExportLog(ports.clock)),
        StorageRoutes(ports.storage, state.settings, database),
        NewsRoutes(ports.announcements, ports.holds, book, state.seen, lasting, database, ports.clock),
        channels,
        PushRoutes(push, state.accounts, ports.messages, database),
        SnoozeRoutes(state, signer, ports.messages, database, ports.clock),
        MessagePictureRoutes(signer, ports.events, ports.footage, ports.clock),
        PageAddressRoutes(state.settings, ports.page_address, database),
        rules,
        actuators,
        HomeKitRoutes(state, ports.homekit, database),
        MqttRoutes(state.broker, state.sites, ports.mqtt, database),
        WemoRoutes(ports.wemo),
        WemoShownRoutes(ports.wemo),
        AlarmRoutes(state, AlarmCodes(state, ports.clock), ports.alarms, database, hashing),
        WemoImportRoutes(ports.wemo),
        SiteFactsRoutes(state.site_facts, ports.rules, database),
        TokenRoutes(state.tokens, tokens, database),
        AccountRoutes(state.accounts, members, database, hashing),
        ArchiveRoutes(ports.archive, ports.care),
        StorageEffectRoutes(ports.shares),
        ImportRoutes(ports.imports),
        ReplayRoutes(ports.replays, state.sites, database, ports.clock),
        AuthorityRoutes(settings.authority),
        ServerCertificateRoutes(settings.certificates, ports.clock),
        PlanRoutes(sunset.billing, database, state.sites.first_zone),
        SunsetRoutes(sunset, database),
        ClaimRoutes(claims, ports.clock),
        ClaimWorkRoutes(claims, state.claims),
        PageRoutes(settings.page),
    ):
        routes.add_to(door)
