# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Backing out where telling the server fails: it is down, or it refuses and somebody changes the file meanwhile."""

from __future__ import annotations

import http.server
import multiprocessing
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from jobs import MARKER, Job, run_job
from layout import free_port
from pki import Cast
from role_world import Json, Place, prefixed

pytestmark = [pytest.mark.ansible, pytest.mark.both_cores]


@contextmanager
def rude_server(pki: Cast, folder: Path, touch: Path) -> Iterator[int]:
    """An https server that appends a comment to a file when it is told of a change, and says that it cannot help."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            touch.write_text(touch.read_text(encoding="utf-8") + "<!-- somebody else -->\n", encoding="utf-8")
            self.send_error(500)

        def do_GET(self) -> None:
            body = b"{}"
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    pem = folder / "rude.pem"
    pem.write_text(pki.server.certificate_pem + pki.server.chain_pem + pki.server.key_pem(), encoding="ascii")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server = http.server.HTTPServer(("localhost", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    # A process of its own: ansible-runner forks this one.
    process = multiprocessing.get_context("fork").Process(target=server.serve_forever, daemon=True)
    process.start()
    try:
        yield server.server_address[1]
    finally:
        process.kill()
        process.join()
        server.server_close()


@dataclass(frozen=True)
class Played:
    job: Job
    places: dict[str, Place]
    before: dict[str, bytes]
    urls: dict[str, str]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory, pki: Cast) -> Iterator[Played]:
    """One job for a server that is down, and for a rude one. Their keys are in rings, so only server.xml changes."""
    folder = tmp_path_factory.mktemp("back_out")
    places = {name: Place.make(folder / name, pki) for name in ("down", "rude")}
    before = {name: place.server_xml.read_bytes() for name, place in places.items()}
    with rude_server(pki, folder, places["rude"].server_xml) as port:
        urls = {"down": f"https://localhost:{free_port()}", "rude": f"https://localhost:{port}"}
        hosts: dict[str, Json] = {
            name: prefixed(
                server_dir=str(place.server_dir),
                key_store="safkeyring:///Ring",
                trust_store="safkeyring:///Ring",
                port=free_port(),
                refresh="mbean",
                refresh_url=urls[name],
                refresh_username="admin",
                refresh_password=f"{MARKER}admin",
                refresh_ca=pki.root.root_pem,
                verify_seconds=1,
            )
            for name, place in places.items()
        }
        yield Played(run_job(folder / "job", "mutual_tls_requester", hosts), places, before, urls)


@pytest.mark.chosen
def test_a_server_that_is_down(played: Played) -> None:
    """It is asked before anything is touched."""
    path, url = played.places["down"].server_xml, played.urls["down"]
    assert path.read_bytes() == played.before["down"]
    assert played.job.failure("down") == (
        f"connections_refresh_url: {url}: the server could not be told of changes: nobody listens there (connection "
        "refused); start the server, or correct the port."
    )
    assert "down" not in played.job.statistics["zosconnect_security"]


def test_somebody_else_s_change_is_not_undone(played: Played) -> None:
    path, url = played.places["rude"].server_xml, played.urls["rude"]
    assert path.read_text(encoding="utf-8").endswith("</server>\n<!-- somebody else -->\n<!-- somebody else -->\n")
    report = played.job.statistics["zosconnect_security"]["rude"]
    silence = f"{url}: the server was not told: HTTP status 500, Internal Server Error."
    assert (report["verdict"], report["put_back"], report["left"]) == ("left", [], [str(path)])
    assert report["failed"] == silence
    said = played.job.failure("rude")
    left = f"{path}: somebody else has changed it since, so it was left. Its old content is in {path}."
    assert said.startswith(f"{silence} {left}")
    assert said.endswith(f"The server could not be told of that: {silence}")
