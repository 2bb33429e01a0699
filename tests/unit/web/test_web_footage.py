"""Events, clips, recordings and stills."""

import pytest
from conftest import House
from web_client import AppClient
from web_fakes import FILM, JPEG, START, MemoryClip, an_event, running_clip

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import US_PER_S, WallUs
from wachtel.model.access import Scope
from wachtel.model.event import Event
from wachtel.model.stream import Codec, StreamFormat, VideoFormat
from wachtel.web.byte_range import parse_range
from wachtel.web.ports.footage import Clip

CLIP = "/api/v1/events/20261121T140100000Z-flur/clip.mp4"
RECORDING = "/api/v1/cameras/flur/recording.mp4"
DAY = {"start": "2026-11-21T00:00:00Z", "end": "2026-11-22T00:00:00+01:00"}


@pytest.fixture
def viewer(house: House) -> AppClient:
    return house.client(house.token(Scope.VIEW))


def ids(client: AppClient, query: str = "") -> list[str]:
    return [
        event["id"][9:13] + event["camera"] for event in client.get(f"/api/v1/events{query}").json()["events"]
    ]


def test_events_come_newest_first(viewer: AppClient) -> None:
    assert ids(viewer) == ["1403vorzelt", "1402flur", "1401flur"]
    assert ids(viewer, "?camera=flur") == ["1402flur", "1401flur"]
    assert ids(viewer, "?site=caravan") == ["1403vorzelt"]
    assert ids(viewer, "?from=2026-11-21T14:32:00Z&to=2026-11-21T14:33:00Z") == ["1402flur"]
    assert ids(viewer, "?camera=nobody") == []


def test_pages_of_events(viewer: AppClient) -> None:
    first = viewer.get("/api/v1/events?limit=2").json()
    assert first["next"] == first["events"][-1]["id"]
    second = viewer.get(f"/api/v1/events?limit=2&before={first['next']}").json()
    assert [event["camera"] for event in second["events"]] == ["flur"]
    assert second["next"] is None


def test_an_event_as_it_is_shown(viewer: AppClient) -> None:
    event = viewer.get("/api/v1/events/20261121T140100000Z-flur").json()
    assert event["start"] == "2026-11-21T14:31:00.000000Z"
    assert event["end"] == "2026-11-21T14:31:05.000000Z"
    assert event["why"] == {"travel": 0.0, "within_s": 0.0, "area": 0.0, "line": "", "direction": ""}
    assert (event["seen"], event["snapshot"], event["recovered"]) == (False, True, False)


def test_seen_is_per_account_and_never_goes_back(house: House, viewer: AppClient) -> None:
    for number in (2, 1):
        body = {"up_to": f"20261121T140{number}00000Z-flur"}
        assert viewer.post("/api/v1/events/seen", json=body).status_code == 204
    seen = {event["id"]: event["seen"] for event in viewer.get("/api/v1/events").json()["events"]}
    assert list(seen.values()) == [False, True, True]
    sites = {site["id"]: site["state"] for site in viewer.get("/api/v1/sites").json()}
    assert sites["home"] == {"kind": "quiet", "new_events": 0, "trouble": []}
    assert sites["caravan"]["new_events"] == 1
    other = house.client(house.token(Scope.CONTROL))
    assert [event["seen"] for event in other.get("/api/v1/events").json()["events"]] == [False] * 3


def test_marking_a_foreign_event(house: House) -> None:
    client = house.client(house.token(Scope.VIEW, frozenset({"home"})))
    body = {"up_to": "20261121T140300000Z-vorzelt"}
    assert client.post("/api/v1/events/seen", json=body).status_code == 404


@pytest.mark.parametrize("path", ["..", "%2e%2e%2f%2e%2e", "x" * 200, "a%00b", "%ff", "ä"])
def test_event_ids_that_are_none(viewer: AppClient, path: str) -> None:
    assert viewer.get(f"/api/v1/events/{path}/snapshot.jpg").status_code == 404


def test_a_whole_clip(viewer: AppClient) -> None:
    answer = viewer.get(CLIP)
    assert (answer.status_code, answer.content) == (200, FILM)
    assert answer.headers["content-length"] == str(len(FILM))
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["etag"] == '"abc123"'
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["wachtel-gaps"] == "2026-11-21T14:30:05.000000Z/2026-11-21T14:30:09.000000Z"
    head = viewer.head(CLIP)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(FILM))


@pytest.mark.parametrize(
    ("header", "first", "last"),
    [
        ("bytes=0-99", 0, 99),
        ("bytes=5000-", 5000, 10239),
        ("bytes=-7", 10233, 10239),
        ("bytes=0-99999", 0, 10239),
    ],
)
def test_a_part_of_a_clip(viewer: AppClient, header: str, first: int, last: int) -> None:
    answer = viewer.get(CLIP, headers={"range": header})
    assert (answer.status_code, answer.content) == (206, FILM[first : last + 1])
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{len(FILM)}"
    assert answer.headers["content-length"] == str(last - first + 1)


def test_a_part_behind_the_end(viewer: AppClient) -> None:
    for header in ("bytes=10240-", "bytes=-0", "bytes=99999-100000"):
        answer = viewer.get(CLIP, headers={"range": header})
        assert answer.status_code == 416
        assert answer.headers["content-range"] == "bytes */10240"


def test_ranges_that_are_ignored(viewer: AppClient) -> None:
    for header in (
        "bytes=0-1,5-6",
        "items=0-1",
        "bytes=x-",
        "bytes=-",
        "bytes=9-3",
        "bytes=" + "9" * 99 + "-",
    ):
        assert viewer.get(CLIP, headers={"range": header}).status_code == 200


def test_conditional_requests(viewer: AppClient) -> None:
    assert viewer.get(CLIP, headers={"if-none-match": '"x", W/"abc123"'}).status_code == 304
    stale = viewer.get(CLIP, headers={"range": "bytes=0-9", "if-range": '"old"'})
    assert stale.status_code == 200
    fresh = viewer.get(CLIP, headers={"range": "bytes=0-9", "if-range": '"abc123"'})
    assert fresh.status_code == 206


def test_a_clip_that_still_grows(house: House, viewer: AppClient) -> None:
    house.engine.event_clip = running_clip()
    answer = viewer.get(CLIP, headers={"range": "bytes=0-9"})
    assert (answer.status_code, answer.content) == (200, FILM)
    assert answer.headers["accept-ranges"] == "none"
    assert "content-length" not in answer.headers
    assert "etag" not in answer.headers
    assert "content-length" not in viewer.head(CLIP).headers


def test_any_stretch_of_the_past(house: House, viewer: AppClient) -> None:
    answer = viewer.get(RECORDING, params=DAY)
    assert (answer.status_code, answer.content) == (200, FILM)
    assert answer.headers["wachtel-end"] == "2026-11-21T23:00:00.000000Z"
    assert viewer.get(RECORDING, params={"start": DAY["end"], "end": DAY["start"]}).status_code == 422
    assert (
        viewer.get(RECORDING, params={"start": "2026-11-21T00:00:00", "end": DAY["end"]}).status_code == 422
    )
    assert viewer.get(RECORDING).json()["error"]["details"]["field"] == "start"
    house.engine.recorded = None
    assert viewer.get(RECORDING, params=DAY).status_code == 404


def test_a_range_with_a_change_of_codec_has_parts(house: House, viewer: AppClient) -> None:
    other = StreamFormat(VideoFormat(Codec.H265, 1920, 1080))
    behind = WallUs(START + 60 * US_PER_S)
    house.engine.later_parts = [MemoryClip(4, "second", behind, behind, (), b"film", (other,))]
    wanted = {"start": "2026-11-21T14:30:00Z", "end": "2026-11-21T14:32:00+00:00"}
    parts = viewer.get(RECORDING.removesuffix(".mp4"), params=wanted).json()["parts"]
    assert [(one["part"], one["size_bytes"]) for one in parts] == [(1, len(FILM)), (2, 4)]
    assert [one["video"] for one in parts] == [
        [{"codec": "h264", "width": 640, "height": 360}],
        [{"codec": "h265", "width": 1920, "height": 1080}],
    ]
    assert viewer.get(parts[1]["url"]).content == b"film"
    largest = viewer.get(RECORDING, params=wanted)
    assert (largest.content, largest.headers["wachtel-part"]) == (FILM, "1/2")
    assert largest.headers["link"] == f'<{parts[1]["url"]}>; rel="next"'
    assert viewer.get(parts[1]["url"]).headers["link"] == f'<{parts[0]["url"]}>; rel="prev"'
    assert viewer.get(RECORDING, params=wanted | {"part": 3}).status_code == 404
    assert viewer.get(RECORDING, params=wanted | {"part": 0}).status_code == 422
    house.engine.later_parts = []
    whole = viewer.get(RECORDING, params=wanted)
    assert whole.headers["wachtel-part"] == "1/1" and "link" not in whole.headers


def test_stills(viewer: AppClient) -> None:
    now = viewer.get("/api/v1/cameras/flur/snapshot.jpg")
    assert (now.content, now.headers["content-type"], now.headers["cache-control"]) == (
        JPEG,
        "image/jpeg",
        "no-store",
    )
    path = "/api/v1/events/20261121T140100000Z-flur/snapshot.jpg"
    kept = viewer.get(path)
    assert kept.content == JPEG
    assert viewer.get(path, headers={"if-none-match": kept.headers["etag"]}).status_code == 304


def test_a_camera_that_does_not_answer_is_no_fault_of_ours(house: House, viewer: AppClient) -> None:
    async def silent(camera: str) -> bytes:
        raise WachtelError(
            ErrorKind.TIMEOUT, "The camera rtsp://anna:canary@x/ does not answer.", hint="Is it on?"
        )

    house.engine.latest = silent  # type: ignore[method-assign]
    answer = viewer.get("/api/v1/cameras/flur/snapshot.jpg")
    assert answer.status_code == 504
    assert "canary" not in answer.text


def test_a_bug_is_told_without_its_inside(house: House, viewer: AppClient) -> None:
    async def broken(event: Event) -> Clip:
        raise ZeroDivisionError("geheim-canary")

    house.engine.clip = broken  # type: ignore[method-assign]
    answer = viewer.get(CLIP)
    assert answer.status_code == 500
    assert answer.json()["error"]["kind"] == "internal"
    assert "canary" not in answer.text


def test_ranges_of_nothing() -> None:
    with pytest.raises(WachtelError):
        parse_range("bytes=0-", 0)
    assert parse_range(None, 0) is None
    assert an_event(1).camera == "flur"
