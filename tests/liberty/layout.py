# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder of one test server: what is where in it, and writing it."""

from __future__ import annotations

import dataclasses
import errno
import json
import random
import secrets
import shutil
import socket
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from pki import Authority, write_private
from testbed import TestBedError

ADMIN_USER = "testbed"
BARE_SERVER_XML = Path(__file__).parent / "server.xml"
# The kernel takes the ports of outgoing connections from 32768 on; below, nobody else takes ours by chance.
PORTS = range(15000, 32000)
# Names of sockets that say to other processes which ports this one gave lately: a server opens its port much later.
_GIVEN: deque[socket.socket] = deque()
_MOST_GIVEN = 200

# A default drop-in is read before server.xml: the server's own file stays clean, may override the default endpoint,
# and one broken include in it does not switch the test bed off, as it would an override.
TESTBED_DROPIN = """\
<server description="The test bed's own way in. A stand-in's server.xml knows nothing of it.">
  <featureManager>
    <feature>appSecurity-2.0</feature>
    <feature>restConnector-2.0</feature>
    <feature>transportSecurity-1.0</feature>
  </featureManager>
  <config monitorInterval="200ms"/>

  <httpEndpoint id="defaultHttpEndpoint" httpPort="{http_port}" httpsPort="{https_port}"/>

  <httpEndpoint id="testBedAdmin" host="localhost" httpPort="-1" httpsPort="{admin_port}">
    <sslOptions sslRef="testBedAdmin"/>
  </httpEndpoint>
  <ssl id="testBedAdmin" keyStoreRef="testBedKeys" trustStoreRef="testBedTrust" clientAuthenticationSupported="true"/>
  <keyStore id="testBedKeys" location="{admin}/keys.p12" password="{password}"/>
  <keyStore id="testBedTrust" location="{admin}/trust.p12" password="{password}"/>

  <basicRegistry id="basic">
    <user name="{user}" password="{password}"/>
  </basicRegistry>
  <administrator-role>
    <user>{user}</user>
  </administrator-role>
</server>
"""


@dataclass(frozen=True)
class Layout:
    """Where everything of one server is, and its ports; what `liberty.json` holds."""

    directory: Path
    install: Path
    name: str
    http_port: int
    https_port: int
    admin_port: int

    @property
    def user_dir(self) -> Path:
        """Liberty's WLP_USER_DIR."""
        return self.directory / "usr"

    @property
    def server_dir(self) -> Path:
        """Liberty's server.config.dir, the folder of server.xml."""
        return self.user_dir / "servers" / self.name

    @property
    def admin_dir(self) -> Path:
        """Certificates and credentials of the test bed's own way in."""
        return self.directory / "admin"

    @property
    def dropin(self) -> Path:
        """The drop-in that is the test bed's own way in."""
        return self.server_dir / "configDropins" / "defaults" / "testbed.xml"

    @property
    def dropin_as_new(self) -> Path:
        """The same as it was at first: a declared port may be that of the default endpoint, which stands there."""
        return self.admin_dir / "testbed.xml"

    @property
    def admin_url(self) -> str:
        """Where the REST connector answers."""
        return f"https://localhost:{self.admin_port}"

    @property
    def messages_log(self) -> Path:
        """Liberty's log."""
        return self.server_dir / "logs" / "messages.log"

    @property
    def credentials_file(self) -> Path:
        """JSON of mode 0600: user and password, and the paths of ca, certificate and key (PEM)."""
        return self.admin_dir / "credentials.json"

    def save(self, *, pid: int) -> None:
        """Write `liberty.json` for those who did not start the server, as the last step of a start."""
        facts = dataclasses.asdict(self) | {
            "user_dir": self.user_dir,
            "server_dir": self.server_dir,
            "messages_log": self.messages_log,
            "admin_url": self.admin_url,
            "credentials_file": self.credentials_file,
            "pid": pid,
        }
        scratch = self.directory / ".liberty.json"
        scratch.write_text(json.dumps(facts, indent=2, default=str) + "\n", encoding="utf-8")
        scratch.rename(self.directory / "liberty.json")

    @classmethod
    def load(cls, directory: Path) -> Layout:
        """Read `liberty.json`.

        Raises:
            TestBedError: no server was started in this folder.
        """
        path = directory.resolve() / "liberty.json"
        try:
            facts = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise TestBedError(f"There is no {path}: no server was started in this folder.") from None
        known = {field.name: facts[field.name] for field in dataclasses.fields(cls)}
        return cls(**known | {"directory": Path(known["directory"]), "install": Path(known["install"])})


def write_layout(directory: Path, *, install: Path, name: str, server_xml: str) -> Layout:
    """Fill a folder with a fresh server; what an earlier one left in it goes.

    Args:
        directory: made when missing.
        install: Liberty's folder.
        name: of the server.
        server_xml: its text, written as UTF-8.
    """
    http_port, https_port, admin_port = free_ports(3)
    layout = Layout(directory.resolve(), install, name, http_port, https_port, admin_port)
    for old in (layout.user_dir, layout.admin_dir):
        shutil.rmtree(old, ignore_errors=True)
    (layout.directory / "java.exit").unlink(missing_ok=True)
    layout.dropin.parent.mkdir(parents=True)
    text = _write_admin(layout)
    for path in (layout.dropin, layout.dropin_as_new):
        write_private(path, text)
    write_private(layout.server_dir / "server.xml", server_xml)
    return layout


def _write_admin(layout: Layout) -> str:
    """Write the test bed's certificates and credentials; return its drop-in.

    The administrator has a certificate as well as a password: a server that is told to accept certificates only must
    still let the test bed in.
    """
    layout.admin_dir.mkdir(mode=0o700)
    password = secrets.token_hex(16)
    authority = Authority("Test bed", key_type="ec")
    server = authority.issue("localhost", sans=["localhost", "127.0.0.1"], key_type="ec", client=False)
    admin = authority.issue(ADMIN_USER, key_type="ec", server=False)
    written = {
        "ca": write_private(layout.admin_dir / "ca.pem", authority.root_pem),
        "certificate": write_private(layout.admin_dir / "client.pem", admin.certificate_pem),
        "key": write_private(layout.admin_dir / "client.key", admin.key_pem()),
    }
    write_private(layout.admin_dir / "keys.p12", server.pkcs12(alias="testbed", password=password))
    write_private(layout.admin_dir / "trust.p12", authority.java_truststore(password))
    credentials = {"user": ADMIN_USER, "password": password} | {name: str(path) for name, path in written.items()}
    write_private(layout.credentials_file, json.dumps(credentials, indent=2))
    return TESTBED_DROPIN.format(
        http_port=layout.http_port,
        https_port=layout.https_port,
        admin_port=layout.admin_port,
        admin=layout.admin_dir,
        user=ADMIN_USER,
        password=password,
    )


def free_port() -> int:
    """A port that nobody listens on, on any address of this machine."""
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """Different ports that nobody listens on."""
    found: list[int] = []
    for port in random.sample(PORTS, len(PORTS)):
        if len(found) == count:
            return found
        if is_free(port) and _keep(port):
            found.append(port)
    raise TestBedError(f"Fewer than {count} ports between {PORTS.start} and {PORTS.stop - 1} are free.")


def _keep(port: int) -> bool:
    """Keep a port from other processes that look for one, until this one ends or gave many more; no file remains."""
    name = socket.socket(socket.AF_UNIX)
    try:
        name.bind(f"\0zosconnect-port-{port}")
    except OSError:
        name.close()
        return False
    _GIVEN.append(name)
    if len(_GIVEN) > _MOST_GIVEN:
        _GIVEN.popleft().close()
    return True


def is_free(port: int) -> bool:
    """Whether a server could listen on this port, on all addresses, IPv4 and, where there is one, IPv6."""
    for family, address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
        try:
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((address, port))
        except OSError as problem:
            if problem.errno not in (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL):
                return False
    return True
