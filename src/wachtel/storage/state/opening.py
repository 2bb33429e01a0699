"""Opens state.sqlite of a data folder: makes it at first start, brings an older one up to date."""

import os
from dataclasses import dataclass
from pathlib import Path

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.storage.state.accounts import Accounts
from wachtel.storage.state.actuators import Actuators
from wachtel.storage.state.alarms import Alarms
from wachtel.storage.state.broker import BrokerBook
from wachtel.storage.state.business import BusinessBooks
from wachtel.storage.state.cameras import Cameras
from wachtel.storage.state.channels import Channels
from wachtel.storage.state.claim_files import ClaimFiles
from wachtel.storage.state.claims import ClaimBooks
from wachtel.storage.state.database import Database
from wachtel.storage.state.deliveries import Deliveries
from wachtel.storage.state.homekit import HomeKitBook
from wachtel.storage.state.links import LoginLinks
from wachtel.storage.state.migrating import migrate
from wachtel.storage.state.operator_key import OperatorKey
from wachtel.storage.state.outbox import Outbox
from wachtel.storage.state.outbox_marks import OutboxMarks
from wachtel.storage.state.own_keys import OwnKeys
from wachtel.storage.state.rule_work import RuleWork
from wachtel.storage.state.rules import Rules
from wachtel.storage.state.sealing import open_sealer
from wachtel.storage.state.seen import SeenMarks
from wachtel.storage.state.sessions import Sessions
from wachtel.storage.state.settings import Settings
from wachtel.storage.state.site_facts import SiteFactsBook
from wachtel.storage.state.sites import Sites
from wachtel.storage.state.snoozes import Snoozes
from wachtel.storage.state.surroundings import first_site_name, system_time_zone
from wachtel.storage.state.tokens import Tokens
from wachtel.storage.state.tries import Tries


@dataclass(frozen=True, slots=True)
class State:
    """Everything in state.sqlite, one narrow door per subject. Blocking; usable by any thread."""

    database: Database
    sites: Sites
    cameras: Cameras
    accounts: Accounts
    sessions: Sessions
    tokens: Tokens
    seen: SeenMarks
    tries: Tries
    links: LoginLinks
    outbox: Outbox
    outbox_marks: OutboxMarks
    channels: Channels
    deliveries: Deliveries
    settings: Settings
    business: BusinessBooks
    claims: ClaimBooks
    claim_files: ClaimFiles
    rules: Rules
    rule_work: RuleWork
    actuators: Actuators
    site_facts: SiteFactsBook
    alarms: Alarms
    operator_key: OperatorKey
    own_keys: OwnKeys
    snoozes: Snoozes
    broker: BrokerBook
    homekit: HomeKitBook

    def close(self) -> None:
        self.database.close()


def open_state(data: Path) -> State:
    """Opens the state of a data folder, and makes the first site in a new one.

    Raises `WachtelError` (disk_error, disk_full) when the file cannot be used, (conflict) when a newer
    program wrote it.
    """
    path = data / "state.sqlite"
    _make_private(path)
    database = Database(path)
    migrate(database)
    sealer = open_sealer(data / "keys")
    sites = Sites(database)
    sites.ensure_first(first_site_name(), system_time_zone())
    return State(
        database=database,
        sites=sites,
        cameras=Cameras(database, sealer),
        accounts=Accounts(database),
        sessions=Sessions(database),
        tokens=Tokens(database, sealer),
        seen=SeenMarks(database),
        tries=Tries(database),
        links=LoginLinks(database),
        outbox=Outbox(database),
        outbox_marks=OutboxMarks(database),
        channels=Channels(database, sealer),
        deliveries=Deliveries(database),
        settings=Settings(database),
        business=BusinessBooks(database),
        claims=ClaimBooks(database, sealer),
        claim_files=ClaimFiles(data, sealer),
        rules=Rules(database),
        rule_work=RuleWork(database),
        actuators=Actuators(database, sealer),
        site_facts=SiteFactsBook(database),
        alarms=Alarms(database),
        operator_key=OperatorKey(data / "keys"),
        own_keys=OwnKeys(database, sealer),
        snoozes=Snoozes(database),
        broker=BrokerBook(Settings(database), sealer),
        homekit=HomeKitBook(Settings(database), sealer),
    )


def _make_private(path: Path) -> None:
    """Only the owner of the data folder may read the file; SQLite gives its side files the same mode."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise WachtelError(
            ErrorKind.DISK_ERROR,
            f"{path} cannot be opened: {error.strerror}.",
            hint="Check the folder and its permissions.",
        ) from error
