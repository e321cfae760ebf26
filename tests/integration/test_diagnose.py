# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Liberty is broken in many ways, and diagnose names the cause from the server's own log each time.

One server, one break after the other. What the server had then (server.xml and the log of the break) is kept as a
server directory of its own, and one playbook diagnoses all of them.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from endpoints import endpoints
from launcher import Liberty, wait_for_port
from layout import BARE_SERVER_XML, free_port
from pki import Cast, Issued
from plays import play

from ansible_collections.zosconnect.security.plugins.action import diagnose

pytestmark = [pytest.mark.java, pytest.mark.ansible]

EC128, EC256 = "ECDHE-ECDSA-AES128-GCM-SHA256", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"
RSA256 = "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"
SECONDS, PATIENCE = 20, 60  # for an answer; for what a busy machine brings late
# As Liberty for z/OS says it; there is no RACF here.
NO_APPL = (
    "CWWKS2907E: SAF Service IRRSIA00_CREATE did not succeed because user CICSUSR has insufficient authority to access "
    "APPL-ID BBGZDFLT. SAF return code 0x00000008. RACF return code 0x00000008. RACF reason code 0x00000020."
)


@dataclass
class World:
    """The server, its certificates, and what callers do."""

    liberty: Liberty
    pki: Cast
    folder: Path
    called: dict[str, int] = field(default_factory=dict)
    number: int = 0
    taken: socket.socket | None = None

    def port_xml(
        self, ssl_attributes: str = "", *, key: str = "keys.p12", trust: str = "trust.p12", more: str = ""
    ) -> str:
        """An https port of its own; new numbers and names, because an old port may serve for a moment."""
        self.number = free_port()
        name = f"own{self.number}"
        stores = "".join(
            f'<keyStore id="{kind}{self.number}" location="{self.folder}/{file}" password="secret"/>'
            for kind, file in (("keys", key), ("trust", trust))
        )
        return (
            f'{stores}<ssl id="{name}" keyStoreRef="keys{self.number}" trustStoreRef="trust{self.number}" {ssl_attributes}/>\n'
            f'<httpEndpoint id="{name}" httpPort="-1" httpsPort="{self.number}"><sslOptions sslRef="{name}"/></httpEndpoint>\n'
            f"{more}"
        )

    def shake(self, *, trusting: bool = True, client: Issued | None = None, **settings: Any) -> None:
        """Make one handshake and ask for something; whatever becomes of it."""
        wait_for_port(self.number)
        context = ssl.create_default_context(cadata=self.pki.root.root_pem if trusting else None)
        for name, value in settings.items():
            getattr(context, name)(value) if callable(getattr(context, name)) else setattr(context, name, value)
        if client:
            pem = self.folder / "client.pem"
            pem.write_text(client.certificate_pem + client.chain_pem + client.key_pem())
            context.load_cert_chain(pem)
        connection = http.client.HTTPSConnection("localhost", self.number, context=context, timeout=SECONDS)
        self._ask(connection, "/")

    def shout(self) -> None:
        """Speak http to the https port."""
        wait_for_port(self.number)
        self._ask(http.client.HTTPConnection("localhost", self.number, timeout=SECONDS), "/")

    def call(self, name: str) -> int | None:
        """Use a requester by http."""
        wait_for_port(self.liberty.http_port)
        connection = http.client.HTTPConnection("localhost", self.liberty.http_port, timeout=SECONDS)
        return self._ask(connection, f"/zosConnect/apiRequesters/{name}")

    def _ask(self, connection: http.client.HTTPConnection, path: str) -> int | None:
        with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(connection):
            connection.request("GET", path)
            return connection.getresponse().status
        return None


Xml = Callable[[World], str]
Act = Callable[[World], object]


@dataclass(frozen=True)
class Break:
    """A way to break the server: what is added to server.xml, what callers do, and the causes by message."""

    name: str
    xml: Xml
    act: Act
    causes: dict[str, str]
    wait_for: str = ""
    messages: tuple[str, ...] = ()
    is_behind_attls: bool = False

    def options(self, world: World, kept: Path) -> dict[str, Any]:
        """What the module is given: the server, and what only other systems say."""
        attls = {"attls": {"ports": [world.liberty.http_port]}} if self.is_behind_attls else {}
        return {"server_dir": str(kept), **({"messages": list(self.messages)} if self.messages else {}), **attls}


def calling(name: str) -> Xml:
    """A requester that calls one of the endpoints of the test bed."""

    def xml(world: World) -> str:
        return f"""<ssl id="out" keyStoreRef="outTrust" trustStoreRef="outTrust"/>
<keyStore id="outTrust" location="{world.folder}/trust.p12" password="secret"/>
<zosconnect_zosConnectManager requireSecure="false" requireAuth="false"/>
<zosconnect_endpointConnection id="backend" host="https://localhost" port="{world.called[name]}" sslCertsRef="out"/>
<zosconnect_apiRequesters><apiRequester name="orders" connectionRef="backend"/></zosconnect_apiRequesters>"""

    return xml


def call(world: World) -> None:
    """Call until the requester answers: the web application follows a moment after the configuration."""
    deadline = time.monotonic() + PATIENCE
    while world.call("orders") not in (200, 502) and time.monotonic() < deadline:
        time.sleep(0.2)


def requester(_world: World) -> str:
    """A requester that demands TLS, by default."""
    return '<zosconnect_apiRequesters><apiRequester name="orders"/></zosconnect_apiRequesters>'


def redirected(world: World) -> None:
    """Call it in clear: the stand-in answers as IBM's page says."""
    deadline = time.monotonic() + PATIENCE
    while (status := world.call("orders")) != 302 and time.monotonic() < deadline:
        time.sleep(0.2)
    assert status == 302


def nothing(_world: World) -> None:
    """The configuration alone is the mistake."""


def store(world: World, password: str = "secret", **attributes: str) -> str:
    file = attributes.pop("file", "keys.p12")
    rest = " ".join(f'{name}="{value}"' for name, value in attributes.items())
    world.number = free_port()
    return f"""<keyStore id="bad{world.number}" location="{world.folder}/{file}" password="{password}" {rest}/>
<ssl id="own{world.number}" keyStoreRef="bad{world.number}"/>
<httpEndpoint id="own{world.number}" httpPort="-1" httpsPort="{world.number}">
  <sslOptions sslRef="own{world.number}"/>
</httpEndpoint>"""


def taken_port(world: World) -> str:
    """A port on which another program, this one, listens."""
    world.taken = socket.create_server(("127.0.0.1", 0))
    return f'<httpEndpoint id="taken" host="127.0.0.1" httpPort="{world.taken.getsockname()[1]}"/>'


def same_port(world: World) -> str:
    port = free_port()
    return "".join(f'<httpEndpoint id="{name}" host="127.0.0.1" httpPort="{port}"/>\n' for name in ("one", "two"))


BREAKS = (
    Break("password", lambda w: store(w, "wrong-one"), nothing, {"CWPKI0033E": "store-password", "CWPKI0809W": "follows"}, "CWPKI0809W"),
    Break("missing", lambda w: store(w, file="gone.p12"), nothing, {"CWPKI0807W": "store-missing"}, "CWPKI0809W"),
    Break("damaged", lambda w: store(w, file="garbage.p12"), nothing, {"CWPKI0033E": "store-damaged"}, "CWPKI0809W"),
    Break("type", lambda w: store(w, type="BOGUS"), nothing, {"CWPKI0033E": "store-type"}, "CWPKI0809W"),
    Break("alias", lambda w: w.port_xml('serverKeyAlias="nobody"'), World.shake, {"CWPKI0024E": "alias-absent"}, "CWPKI0024E"),
    Break("keyless", lambda w: w.port_xml(key="trust.p12"), World.shake, {"CWWKO0801E": "no-key"}, "CWWKO0801E"),
    Break("plain", lambda w: w.port_xml(), World.shout, {"CWWKO0801E": "plain-caller"}, "CWWKO0801E"),
    Break("no_client", lambda w: w.port_xml('clientAuthentication="true"'), World.shake, {"CWWKO0801E": "no-client-certificate"}, "CWWKO0801E"),
    Break("stranger", lambda w: w.port_xml('clientAuthentication="true"'), lambda w: w.shake(client=w.pki.stranger), {"CWPKI0022E": "issuer-untrusted", "CWWKO0801E": "client-untrusted"}, "CWWKO0801E"),
    Break("trusts_nobody", lambda w: w.port_xml('clientAuthentication="true"', trust="keys.p12"), lambda w: w.shake(client=w.pki.mapped), {"CWPKI0022E": "trusts-nobody", "CWWKO0801E": "client-untrusted"}, "CWPKI0022E"),
    Break("narrow", lambda w: w.port_xml('sslProtocol="TLSv1.3"'), lambda w: w.shake(maximum_version=ssl.TLSVersion.TLSv1_2), {"CWWKO0801E": "narrow-server"}, "CWWKO0801E"),
    Break("ciphers", lambda w: w.port_xml(f'enabledCiphers="{EC256}"'), lambda w: w.shake(maximum_version=ssl.TLSVersion.TLSv1_2, set_ciphers=EC128), {"CWWKO0801E": "nothing-in-common"}, "CWWKO0801E"),
    Break("unfit", lambda w: w.port_xml(f'enabledCiphers="{RSA256}"'), World.shake, {"CWWKO0801E": "unfit-ciphers"}, "CWWKO0801E"),
    Break("expired", lambda w: w.port_xml(key="expired.p12"), World.shake, {"CWWKO0801E": "served-expired"}, "CWWKO0801E"),
    Break("unknown_ca", lambda w: w.port_xml(), lambda w: w.shake(trusting=False, maximum_version=ssl.TLSVersion.TLSv1_2), {"CWWKO0801E": "caller-trusts-not"}, "CWWKO0801E"),
    Break("protocol", lambda w: w.port_xml('sslProtocol="TLSv1.2, TLSv1.3"'), nothing, {"CWPKI0832E": "protocol-value"}, "CWPKI0832E"),
    Break("taken", taken_port, nothing, {"CWWKO0221E": "port-held"}, "CWWKO0221E"),
    Break("twice", same_port, nothing, {"CWWKO0221E": "port-named-twice"}, "CWWKO0221E"),
    Break("host", lambda _w: f'<httpEndpoint id="far" host="nowhere.invalid" httpPort="{free_port()}"/>', nothing, {"CWWKO0224E": "host-elsewhere"}, "CWWKO0224E"),
    Break("call_untrusted", calling("untrusted"), call, {"CWPKI0823E": "issuer-untrusted"}, "CWPKI0823E"),
    Break("call_wrong_name", calling("wrong_name"), call, {"CWPKI0824E": "host-name"}, "CWPKI0824E"),
    Break("call_expired", calling("expired"), call, {"CWPKI0312E": "partner-expired"}, "CWPKI0312E"),
    Break("redirected", requester, redirected, {"BAQ-STATUS-CODE": "requester-in-clear"}, messages=("BAQ-STATUS-CODE 302 orders",)),
    Break("behind_attls", requester, redirected, {"BAQ-STATUS-CODE": "requester-behind-attls"}, messages=("BAQ-STATUS-CODE 302 orders",), is_behind_attls=True),
    Break("appl", requester, nothing, {"CWWKS2907E": "access-denied"}, messages=(NO_APPL,)),
)  # fmt: skip


@pytest.fixture(scope="module")
def world(liberty: Liberty, pki: Cast, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("stores")
    (folder / "keys.p12").write_bytes(pki.server.pkcs12(alias="server", password="secret"))
    (folder / "trust.p12").write_bytes(pki.root.java_truststore("secret"))
    (folder / "garbage.p12").write_bytes(b"this is no key store")
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    old = pki.root.issue("localhost", sans=["localhost"], not_before=long_ago, days=1, key_type="ec", client=False)
    (folder / "expired.p12").write_bytes(old.pkcs12(alias="server", password="secret"))
    with endpoints(pki, folder) as ports:
        made = World(liberty, pki, folder, ports)
        yield made
        if made.taken:
            made.taken.close()


def broken(world: World, one: Break, folder: Path) -> Path:
    """Break the server, and keep what it has then as a server directory."""
    liberty = world.liberty
    since = liberty.position()
    text = BARE_SERVER_XML.read_text(encoding="utf-8").replace("</server>", f"{one.xml(world)}\n</server>")
    said = liberty.update(text)
    assert said.applied, said.text
    one.act(world)
    deadline = time.monotonic() + PATIENCE
    while one.wait_for not in liberty.messages(since) and time.monotonic() < deadline:
        time.sleep(0.1)
    kept = folder / one.name
    shutil.copytree(liberty.server_dir / "configDropins", kept / "configDropins")
    (kept / "server.xml").write_text(text, encoding="utf-8")
    (kept / "logs").mkdir()
    (kept / "logs" / "messages.log").write_text(liberty.messages(since), encoding="utf-8")
    return kept


# One Python for many calls, each in a child of its own that ends as a module does.
WORKER = """
import json, os, sys
from ansible.module_utils import basic
from ansible_collections.zosconnect.security.plugins.modules import target_read, target_tail
for line in sys.stdin:
    name, arguments = json.loads(line)
    if not os.fork():
        basic._ANSIBLE_ARGS, basic._ANSIBLE_PROFILE = json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode(), "legacy"
        {"target_read": target_read, "target_tail": target_tail}[name].main()
    os.wait()
    print("END", flush=True)
"""


class Action(diagnose.ActionModule):
    """The action without Ansible around it, which would take minutes: a worker is the target."""

    def __init__(self, worker: subprocess.Popen[str], options: dict[str, Any]) -> None:
        self._task, self._load_name = SimpleNamespace(args=options), "zosconnect.security.diagnose"
        self._worker, self._vars = worker, {"inventory_hostname": "zceesrv1"}

    def send(self, data: bytes) -> str:
        descriptor, path = tempfile.mkstemp()
        os.write(descriptor, data)
        os.close(descriptor)
        return path

    def run_on_target(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        assert self._worker.stdin is not None
        assert self._worker.stdout is not None
        self._worker.stdin.write(json.dumps([name, {"_ansible_remote_tmp": "/tmp", **arguments}]) + "\n")
        self._worker.stdin.flush()
        return json.loads("".join(iter(self._worker.stdout.readline, "END\n")))


@pytest.fixture(scope="module")
def worker() -> Iterator[subprocess.Popen[str]]:
    started = subprocess.Popen([sys.executable, "-c", WORKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    yield started
    started.communicate(timeout=30)


def diagnosed(worker: subprocess.Popen[str], options: dict[str, Any]) -> dict[str, Any]:
    action = Action(worker, options)
    result: dict[str, Any] = action.work(action._options())
    return result


def test_the_cause_is_named_each_time(world: World, worker: subprocess.Popen[str], tmp_path: Path) -> None:
    kept = {one.name: broken(world, one, tmp_path / "servers") for one in BREAKS}
    wrong = {}
    for one in BREAKS:
        result = diagnosed(worker, one.options(world, kept[one.name]))
        named = {told["id"]: told["cause"] for told in result["diagnosed"] if told["decided"]}
        assert "secret" not in json.dumps(result["diagnosed"])
        # What is decided besides is right, too: nothing but the mistake was made.
        if not one.causes.items() <= named.items() or set(named.values()) - set(one.causes.values()) - {"follows"}:
            wrong[one.name] = result["lines"]
    assert wrong == {}


def made_again(world: World) -> str:
    """Take an https port away together with its ssl, and make it again with another number."""
    bare, first = BARE_SERVER_XML.read_text(encoding="utf-8"), world.port_xml()
    for text in (bare.replace("</server>", f"{first}\n</server>"), bare):
        assert world.liberty.update(text).applied
        opened(world, 1)
    return first.replace(f'httpsPort="{world.number}"', f'httpsPort="{free_port()}"')


def opened(world: World, times: int) -> None:
    """Wait until the server has opened the port so often."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        lines = world.liberty.messages().splitlines()
        if sum("CWWKO0219I" in line and f"own{world.number}-ssl" in line for line in lines) >= times:
            return
        time.sleep(0.1)


def test_a_port_that_the_server_remembers(world: World, worker: subprocess.Popen[str], tmp_path: Path) -> None:
    again = Break("again", made_again, lambda w: opened(w, 2), {}, "CWWKO0219I")
    kept = broken(world, again, tmp_path)
    result = diagnosed(worker, {"server_dir": str(kept)})
    (told,) = (one for one in result["diagnosed"] if one["id"] == "CWWKO0219I")
    assert told["cause"] == "port-not-as-configured", result
    assert f"port {world.number}" in told["text"]


@pytest.mark.chosen
def test_with_ansible(world: World, tmp_path: Path) -> None:
    """The playbook's way, once: a log that only grows, and lines that somebody gives."""
    kept = broken(world, BREAKS[0], tmp_path / "servers")
    module = "zosconnect.security.diagnose"
    tasks = [{module: {"server_dir": str(kept)}}, {module: {"messages": NO_APPL}}, {module: {}}]
    first, second, third = play(tmp_path, tasks).results
    assert {told["id"]: told["cause"] for told in first["diagnosed"]}["CWPKI0033E"] == "store-password"
    assert first["changed"] is second["changed"] is False
    assert second["diagnosed"][0]["remedy"][0] == {"command": "PERMIT BBGZDFLT CLASS(APPL) ID(CICSUSR) ACCESS(READ)"}
    assert third["msg"] == "there is nothing to diagnose; give messages, log, server_dir, or host and port."
