# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A z/OS Connect 3.0 server: its API requesters are web applications whose callers need the role `invoke`."""

from __future__ import annotations

import base64
import http.client
import json
import ssl
import zipfile
from pathlib import Path

from launcher import Liberty

# In server-oas3.xml: a user with the role, and one without it.
CALLER, OUTSIDER = "cicsuser:cics-password", "outsider:outsider-password"
OAS3_SERVER_XML = Path(__file__).with_name("server-oas3.xml")
WEB_XML = """\
<web-app xmlns="http://xmlns.jcp.org/xml/ns/javaee" version="3.1">
  <security-constraint>
    <web-resource-collection>
      <web-resource-name>requester</web-resource-name>
      <url-pattern>/*</url-pattern>
    </web-resource-collection>
    <auth-constraint><role-name>invoke</role-name></auth-constraint>
  </security-constraint>
  <security-role><role-name>invoke</role-name></security-role>
</web-app>
"""
# The test bed brings it for its stand-in of z/OS Connect 2.0; whether a server of 3.0 has it is its own affair.
_APPLICATION_SECURITY = "    <feature>appSecurity-2.0</feature>\n"


def write_requester(server_dir: Path, name: str) -> None:
    """Write `apps/NAME.war`, which answers `/answer.json`, and has the constraint that IBM's requesters have."""
    war = server_dir / "apps" / f"{name}.war"
    war.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(war, "w") as archive:
        archive.writestr("WEB-INF/web.xml", WEB_XML)
        archive.writestr("answer.json", json.dumps({"requester": name}))


def make_oas3(server: Liberty) -> None:
    """Make of a server one of z/OS Connect 3.0 that nobody made secure, with the requester `orders`."""
    testbed = server.server_dir / "configDropins" / "defaults" / "testbed.xml"
    write_requester(server.server_dir, "orders")
    server.update(OAS3_SERVER_XML.read_text(encoding="utf-8"))
    text = testbed.read_text(encoding="utf-8")
    since = server.position()
    testbed.write_text(text.replace(_APPLICATION_SECURITY, ""), encoding="utf-8")
    server.refresh([testbed])
    server.wait_for_update(since)
    server.settle()


def ask(port: int, *, ca: str | None = None, login: str = "") -> int:
    """Call the requester `orders` and return the status: by TLS if there is a ``ca`` to trust, else in clear.

    Raises ConnectionError where nobody listens.
    """
    headers = {"Authorization": "Basic " + base64.b64encode(login.encode()).decode()} if login else {}
    connection: http.client.HTTPConnection
    if ca:
        context = ssl.create_default_context(cadata=ca)
        connection = http.client.HTTPSConnection("localhost", port, context=context, timeout=20)
    else:
        connection = http.client.HTTPConnection("localhost", port, timeout=20)
    try:
        connection.request("GET", "/orders/answer.json", headers=headers)
        response = connection.getresponse()
        body = response.read()
        if response.status == 200 and json.loads(body) != {"requester": "orders"}:
            raise ConnectionError(f"somebody else answers on port {port}: {body[:80]!r}")
        return response.status
    finally:
        connection.close()
