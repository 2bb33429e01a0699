"""From away: the page finds the way through the owner's TURN server when there is no other."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from page_rig import House, Look, look_at, open_house, until, until_moving
from playwright.sync_api import Browser
from turn_rig import PASSWORD, USER, Turn, turn_server

pytestmark = pytest.mark.timeout(120)

_ONLY_RELAYED = """
const Direct = RTCPeerConnection;
globalThis.RTCPeerConnection = class extends Direct {
  constructor() {
    super({ iceTransportPolicy: "relay" });
    globalThis.connection = this;
  }
  setConfiguration(wanted) {
    super.setConfiguration({ ...wanted, iceTransportPolicy: "relay" });
  }
};
"""
_WAY_IN_USE = """async () => {
  const all = [...(await connection.getStats()).values()];
  const transport = all.find((one) => one.type === "transport");
  const pair = all.find((one) => one.id === transport.selectedCandidatePairId);
  return all.find((one) => one.id === pair.localCandidateId).candidateType;
}"""


@pytest.fixture(scope="module")
def turn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Turn]:
    with turn_server(tmp_path_factory.mktemp("turn")) as opened:
        yield opened


@pytest.fixture(scope="module")
def house(scene: tuple[Path, Path], turn: Turn, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WACHTEL_TURN_USER", USER)
        patch.setenv("WACHTEL_TURN_PASSWORD", PASSWORD)
        with open_house(tmp_path_factory.mktemp("away"), scene, ["--ice-server", turn.url]) as opened:
            yield opened


def test_the_page_goes_through_the_owners_turn_server(browser: Browser, house: House, turn: Turn) -> None:
    with look_at(browser, Look()) as page:
        page.add_init_script(_ONLY_RELAYED)
        house.log_in(page.context)
        page.goto(f"{house.origin}/#/camera/garten")
        stands = "document.querySelector('video[data-shown]')?.srcObject != null"
        until(lambda: page.evaluate(stands), 30, "WebRTC has taken over", page)
        until_moving(page, 20)
        assert page.evaluate(_WAY_IN_USE) == "relay"


def test_only_who_may_look_is_told_the_servers(house: House, turn: Turn) -> None:
    path = "/api/v1/cameras/garten/whep"
    with house.server.client() as client:
        link = client.options(path).headers["link"]
        assert link.startswith(
            f'<{turn.url}>; rel="ice-server"; username="{USER}"; credential="of \\"two\\", words"'
        )
        client.headers.pop("Authorization", None)
        refused = client.options(path)
    assert refused.status_code == 401
    assert "link" not in refused.headers
