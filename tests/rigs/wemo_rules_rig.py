"""Files with rules as the Wemo app kept them, with the tables that pywemo knows."""

import io
import sqlite3
import zipfile
from collections.abc import Iterable
from typing import Any

from pywemo.ouimeaux_device.api.rules_db import ALL_TABLES

LAMP, PLUG, MOTION, NETCAM, MAKER = (
    "uuid:Socket-1_0-LAMP",
    "uuid:Insight-1_0-PLUG",
    "uuid:Sensor-1_0-MOTION",
    "uuid:NetCamSensor-1_0-CAM",
    "uuid:Maker-1_0-MAKER",
)


def target(rule: int, device: str, **more: Any) -> dict[str, Any]:
    """A device that a rule switches: on for 15 minutes after motion, all day, every day."""
    row = {
        "RuleID": rule, "DeviceID": device, "GroupID": 0, "DayID": 0, "StartTime": 60, "RuleDuration": 86340,
        "StartAction": 1.0, "EndAction": 0.0, "SensorDuration": 900, "Type": -1, "Value": -1, "Level": -1,
    }  # fmt: skip
    return row | more


def sensor(rule: int, device: str, **more: Any) -> dict[str, Any]:
    """A sensor of a rule."""
    return (
        target(
            rule,
            device,
            DayID=-1,
            StartAction=1.0,
            EndAction=-1.0,
            SensorDuration=-1,
            Type=0,
            Value=0,
            Level=1,
        )
        | more
    )


def rule(number: int, name: str, kind: str, state: str = "1") -> dict[str, Any]:
    """A rule."""
    return {
        "RuleID": number,
        "Name": name,
        "Type": kind,
        "RuleOrder": number,
        "State": state,
        "Sync": "NOSYNC",
    }


def link(number: int, sensor: str, device: str) -> dict[str, Any]:
    """That sensor is for this device."""
    return {"RuleID": number, "SensorID": sensor, "SensorGroupID": 0, "DeviceID": device, "DeviceGroupID": 0}


def database(**tables: Iterable[dict[str, Any]]) -> bytes:
    """A SQLite file with these rows."""
    connection = sqlite3.connect(":memory:")
    for kind in ALL_TABLES:
        kind.create_sqlite_table_from_row_schema(connection.cursor())  # type: ignore[no-untyped-call]
    for table, rows in tables.items():
        for row in rows:
            names, marks = ", ".join(row), ", ".join("?" * len(row))
            connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(row.values()))
    connection.commit()
    data = bytes(connection.serialize())
    connection.close()
    return data


def zipped(data: bytes, name: str = "temppluginRules.db") -> bytes:
    """As devices give it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return packed.getvalue()


def house() -> bytes:
    """The rules of a house."""
    return database(
        RULES=[
            rule(1, "Licht im Flur", "Motion Controlled"),
            rule(2, "Kamera", "Motion Controlled", "0"),
            rule(3, "Sag Bescheid", "Notify Me"),
            rule(4, "Tor", "Maker Sensor Rule"),
            rule(5, "Abends", "Time Interval"),
            rule(6, "Urlaub", "Away Mode"),
            rule(7, "Erst danach", "Motion Controlled"),
        ],
        RULEDEVICES=[
            target(1, LAMP), sensor(1, MOTION),
            target(2, PLUG, DayID=8, StartTime=64800, RuleDuration=21600), sensor(2, NETCAM),
            sensor(3, MOTION),
            target(4, LAMP, EndAction=-1.0), sensor(4, MAKER, Level=0),
            target(5, PLUG, DayID=2, StartTime=72000, RuleDuration=10800, SensorDuration=-1),
            target(7, LAMP, StartAction=2.0, EndAction=1.0), sensor(7, MOTION),
        ],
        DEVICECOMBINATION=[link(1, MOTION, LAMP), link(2, NETCAM, PLUG)],
    )  # fmt: skip
