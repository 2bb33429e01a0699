"""Files with Wemo rules: read as they are, and harmless whatever is in them."""

import io
import sqlite3
import zipfile

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from wemo_rules_rig import LAMP, house, zipped

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.storage.foreign import wemo_rules
from wachtel.storage.foreign.wemo_rules import read_wemo_rules

HOUSE = house()


def made_by(*statements: str) -> bytes:
    connection = sqlite3.connect(":memory:")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    data = bytes(connection.serialize())
    connection.close()
    return data


def refusal(data: bytes) -> str:
    with pytest.raises(WachtelError) as caught:
        read_wemo_rules(data)
    assert caught.value.kind is ErrorKind.BAD_DATA
    return caught.value.what


def test_zipped_or_not_it_is_the_same() -> None:
    file = read_wemo_rules(zipped(HOUSE))
    assert file == read_wemo_rules(HOUSE)
    assert [row["Name"] for row in file.rows("RULES")][:2] == ["Licht im Flur", "Kamera"]
    assert (
        file.rows("RULEDEVICES")[0]["DeviceID"] == LAMP and file.rows("RULEDEVICES")[0]["StartAction"] == 1.0
    )
    assert file.rows("TARGETDEVICES") == [] and file.cut == ()


def test_a_bomb_is_not_unpacked() -> None:
    bomb = zipped(b"SQLite format 3\x00" + bytes(64 << 20))
    assert len(bomb) < 200_000 and "eight megabytes" in refusal(bomb)
    assert "four megabytes" in refusal(bytes(5 << 20))


def test_a_directory_that_lies_about_sizes_gains_nothing() -> None:
    bomb = bytearray(zipped(b"SQLite format 3\x00" + bytes(16 << 20)))
    at = bomb.rindex(b"PK\x01\x02")
    bomb[at + 24 : at + 28] = (100).to_bytes(4, "little")
    refusal(bytes(bomb))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04",
        b"SQLite format 3\x00",
        b"SQLite format 3\x00" + bytes(5000),
        HOUSE[:3000],
        zipped(b"no database"),
        made_by("CREATE TABLE other (a)"),
    ],
)
def test_what_is_no_such_file_is_refused(data: bytes) -> None:
    refusal(data)


def test_a_view_in_the_place_of_a_table_is_not_asked() -> None:
    view = "CREATE VIEW RULES AS SELECT 1 AS RuleID, 'x' AS Name, 'Motion Controlled' AS Type, '1' AS State"
    refusal(made_by("CREATE TABLE x (a)", view))
    forever = (
        "CREATE VIEW RULES AS WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) "
        "SELECT n AS RuleID, n AS Name, n AS Type, n AS State FROM t"
    )
    refusal(made_by(forever))


def test_a_column_that_computes_something_is_not_read() -> None:
    computed = (
        "CREATE TABLE RULES (RuleID, Type, State, Name GENERATED ALWAYS AS (hex(zeroblob(1000))) VIRTUAL)"
    )
    data = made_by(computed, "INSERT INTO RULES VALUES (1, 'x', '1')")
    assert read_wemo_rules(data).rows("RULES") == [{"RuleID": 1, "Type": "x", "State": "1"}]


def test_text_that_carries_sql_stays_text() -> None:
    evil = "1); DROP TABLE RULES; --"
    data = made_by(
        "CREATE TABLE RULES (RuleID, Name, Type, State)",
        f"INSERT INTO RULES VALUES ('{evil}', '\x01\x02{'y' * 9000}', x'00ff', '1')",
    )
    (row,) = read_wemo_rules(data).rows("RULES")
    assert row["RuleID"] == evil and row["Type"] is None and len(str(row["Name"])) <= 200


def test_more_rows_than_a_house_needs_are_cut() -> None:
    many = "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t LIMIT 3000)"
    data = made_by(
        "CREATE TABLE RULES (RuleID, Name, Type, State)", f"INSERT INTO RULES {many} SELECT n, n, n, n FROM t"
    )
    file = read_wemo_rules(data)
    assert len(file.rows("RULES")) == wemo_rules.MOST_ROWS and file.cut == ("RULES",)


def test_it_works_no_longer_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wemo_rules, "MOST_STEPS", 1000)
    many = "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t LIMIT 1900)"
    refusal(
        made_by(
            "CREATE TABLE RULES (RuleID, Name, Type, State)",
            f"INSERT INTO RULES {many} SELECT n, n, n, n FROM t",
        )
    )


def test_a_virtual_table_is_not_asked() -> None:
    refusal(made_by("CREATE VIRTUAL TABLE RULES USING fts5(RuleID, Name, Type, State)"))


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(HOUSE) - 1), st.integers(0, 255)), max_size=30))
@example([(18, 2), (19, 2)])
@example([(100, 0)])
def test_no_damage_upsets_the_reader(changes: list[tuple[int, int]]) -> None:
    data = bytearray(HOUSE)
    for at, value in changes:
        data[at] = value
    try:
        read_wemo_rules(bytes(data))
    except WachtelError as error:
        assert error.kind is ErrorKind.BAD_DATA


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_no_zip_upsets_the_reader(tail: bytes) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("x", tail)
    data = packed.getvalue()
    for broken in (data, data[: len(data) // 2] + tail, b"PK\x03\x04" + tail):
        try:
            read_wemo_rules(broken)
        except WachtelError as error:
            assert error.kind is ErrorKind.BAD_DATA
