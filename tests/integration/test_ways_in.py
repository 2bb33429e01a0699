"""The ways in from outside as docs/guide/watch-from-away.md has them: nginx with that very text, and WireGuard."""

import os
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from running_server import RunningServer, free_port, listens, wachtel, wait_until
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from wachtel.app.tls.authority import Authority
from wachtel.app.tls.names import Names
from wachtel.base.clock import SystemClock

GUIDE = Path(__file__).parents[2] / "docs/guide/watch-from-away.md"
NAME = "cameras.example.org"
NGINX = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
WIREGUARD = all(map(shutil.which, ("ip", "wg", "wireguard-go", "curl"))) and os.geteuid() == 0


@dataclass(frozen=True)
class Proxy:
    """nginx on a port of this machine, before a server that knows its public name."""

    server: RunningServer
    port: int
    context: ssl.SSLContext

    @contextmanager
    def browser(self, **headers: str) -> Iterator[httpx.Client]:
        """Somebody who opens the public name."""
        base = f"https://127.0.0.1:{self.port}"
        sent = {"host": NAME, "origin": f"https://{NAME}"} | headers
        hooks = {"request": [lambda request: request.extensions.update(sni_hostname=NAME)]}
        with httpx.Client(
            base_url=base, verify=self.context, headers=sent, trust_env=False, event_hooks=hooks
        ) as client:
            yield client


def nginx_of_the_guide(folder: Path, port: int, upstream: str) -> str:
    """The server block of the page, with the paths and ports of this test."""
    block = re.findall(r"^```nginx\n(.*?)^```", GUIDE.read_text(), re.MULTILINE | re.DOTALL)[0]
    for written, here in (
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        (f"/etc/letsencrypt/live/{NAME}", str(folder)),
        ("http://127.0.0.1:8090", upstream.rstrip("/")),
    ):
        assert written in block, written
        block = block.replace(written, here)
    paths = "".join(
        f"{name}_temp_path {folder}/{name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;\n" if os.geteuid() == 0 else ""
    return (
        f"{user}daemon off;\nworker_processes 1;\npid {folder}/pid;\nerror_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{paths}{block}\n}}\n"
    )


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    if NGINX is None:
        pytest.skip("needs nginx: apt-get install nginx-light")
    folder = tmp_path_factory.mktemp("proxy")
    names, now = Names.typed([NAME], []), SystemClock().wall_us()
    authority = Authority.make(names, now)
    served = authority.issue(names, now).decode()
    start = served.index("-----BEGIN CERT")
    (folder / "privkey.pem").write_text(served[:start])
    (folder / "fullchain.pem").write_text(served[start:])
    port = free_port()
    trusting = ssl.create_default_context(cadata=authority.certificate.public_bytes(Encoding.PEM).decode())
    with RunningServer(folder / "data", options=["--public-name", NAME]) as server:
        (folder / "nginx.conf").write_text(nginx_of_the_guide(folder, port, server.url))
        running = subprocess.Popen([NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf")])
        try:
            wait_until(lambda: listens(port), 30, "nginx listens")
            with server.client() as client:
                account = {"name": "Anna", "password": "garden gate 42", "scope": "view"}
                client.post("/api/v1/accounts", json=account).raise_for_status()
            yield Proxy(server, port, trusting)
        finally:
            running.terminate()
            running.wait(10)


LOG_IN = {"name": "Anna", "password": "garden gate 42"}


def test_page_and_log_in_go_through_the_proxy(proxy: Proxy) -> None:
    with proxy.browser() as browser:
        page = browser.get("/healthz")
        assert page.json()["status"] == "ok" and "max-age" in page.headers["strict-transport-security"]
        logged_in = browser.post("/api/v1/session", json=LOG_IN)
        assert logged_in.status_code == 200
        assert "secure" in logged_in.headers["set-cookie"].lower()
        foreign = {"origin": "https://evil.example"}
        assert browser.post("/api/v1/session", json=LOG_IN, headers=foreign).status_code == 403


def test_websockets_go_through_the_proxy(proxy: Proxy) -> None:
    wachtel("camera", "add", "rtsp://127.0.0.1:9/x", "--name", "Garden", "--data", proxy.server.data)
    headers = {"Authorization": f"Bearer {proxy.server.token('ws')}"}

    def live(camera: str, **more: str) -> str | bytes:
        address = f"wss://{NAME}/api/v1/cameras/{camera}/live"
        with connect(
            address, sock=socket.create_connection(("127.0.0.1", proxy.port), 10), ssl=proxy.context,
            additional_headers=headers | more,
        ) as view:  # fmt: skip
            return view.recv(30)

    assert '"type":"state"' in str(live("garden")).replace(" ", "")
    with pytest.raises(InvalidStatus, match="404"):
        live("nowhere")


def test_another_name_is_refused_behind_the_proxy_too(proxy: Proxy) -> None:
    with proxy.browser(host="evil.example") as browser:
        assert browser.get("/healthz").status_code == 421


def test_what_a_visitor_says_about_his_address_is_not_believed(proxy: Proxy) -> None:
    with proxy.browser() as browser:
        codes = [
            browser.post(
                "/api/v1/session",
                json={"name": "nobody", "password": "wrong"},
                headers={"x-forwarded-for": f"198.51.100.{number}", "x-real-ip": f"198.51.100.{number}"},
            ).status_code
            for number in range(8)
        ]
    assert codes[:5] == [401] * 5
    assert codes[-1] == 429


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


class Tunnel:
    """A house and a road, each a network of its own, with one wire between them and WireGuard over it."""

    HOUSE, ROAD = "wachtel-house", "wachtel-road"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: list[subprocess.Popen[bytes]] = []
        self._undo = ExitStack()

    def __enter__(self) -> "Tunnel":
        try:
            self._wire()
            self._encrypt()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._running:
            process.terminate()
            process.wait(10)
        self._undo.close()

    def _wire(self) -> None:
        for space in (self.HOUSE, self.ROAD):
            ip("netns", "add", space)
            self._undo.callback(ip, "netns", "del", space)
            ip("-n", space, "link", "set", "lo", "up")
        ip("link", "add", "wachtel-h", "type", "veth", "peer", "name", "wachtel-r")
        for space, end, address in ((self.HOUSE, "wachtel-h", "1"), (self.ROAD, "wachtel-r", "2")):
            ip("link", "set", end, "netns", space)
            ip("-n", space, "addr", "add", f"203.0.113.{address}/24", "dev", end)
            ip("-n", space, "link", "set", end, "up")

    def _encrypt(self) -> None:
        keys = {space: self._key() for space in (self.HOUSE, self.ROAD)}
        for number, space in enumerate((self.HOUSE, self.ROAD), 1):
            other = self.ROAD if space == self.HOUSE else self.HOUSE
            tunnel = f"wg-{space[8:]}"
            command = ["ip", "netns", "exec", space, "wireguard-go", "-f", tunnel]
            self._running.append(subprocess.Popen(command, stderr=subprocess.DEVNULL))
            control = Path(f"/var/run/wireguard/{tunnel}.sock")
            wait_until(control.exists, 20, "wireguard-go listens")
            settings = f"[Interface]\nPrivateKey = {keys[space][0]}\nListenPort = 51820\n[Peer]\n"
            settings += f"PublicKey = {keys[other][1]}\nAllowedIPs = 10.9.0.{3 - number}/32\n"
            settings += f"Endpoint = 203.0.113.{3 - number}:51820\nPersistentKeepalive = 25\n"
            path = self._folder / f"{tunnel}.conf"
            path.write_text(settings)
            ip("netns", "exec", space, "wg", "setconf", tunnel, str(path))
            ip("-n", space, "addr", "add", f"10.9.0.{number}/24", "dev", tunnel)
            ip("-n", space, "link", "set", tunnel, "up")

    def _key(self) -> tuple[str, str]:
        private = subprocess.run(["wg", "genkey"], check=True, capture_output=True, text=True).stdout
        public = subprocess.run(["wg", "pubkey"], input=private, check=True, capture_output=True, text=True)
        return private.strip(), public.stdout.strip()

    def from_the_road(self, *command: str) -> "subprocess.CompletedProcess[str]":
        """Runs a command on the road."""
        words = ["ip", "netns", "exec", self.ROAD, *command]
        return subprocess.run(words, capture_output=True, text=True, timeout=60)


@pytest.mark.skipif(not WIREGUARD, reason="needs root, iproute2, wireguard-tools, wireguard-go and curl")
def test_through_wireguard_and_not_past_it(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with Tunnel(tmp_path) as tunnel:
        wachtel("tls", "create", "--data", data, "--address", "10.9.0.1")
        pem = (data / "keys/tls-authority.pem").read_text()
        (tmp_path / "ca.pem").write_text(pem[pem.index("-----BEGIN CERT") :])
        inside = ["ip", "netns", "exec", Tunnel.HOUSE]
        with RunningServer(data, options=["--host", "10.9.0.1"], wrapper=inside) as server:
            port = server.url.rstrip("/").rpartition(":")[2]
            assert server.url == f"https://10.9.0.1:{port}/"
            curl = ["curl", "-sS", "--max-time", "20", "--cacert", str(tmp_path / "ca.pem")]
            through = tunnel.from_the_road(*curl, f"{server.url}healthz")
            assert '"ok"' in through.stdout, through.stderr
            past = tunnel.from_the_road(*curl, "-k", f"https://203.0.113.1:{port}/healthz")
            assert past.returncode == 7
