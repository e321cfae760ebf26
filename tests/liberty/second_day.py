# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that somebody else set up: IBM's names, ports from bootstrap.properties, API requesters in an include."""

from __future__ import annotations

from pathlib import Path

from launcher import Liberty
from pki import Cast, write_private

SERVER_XML = Path(__file__).with_name("server-second-day.xml")
REQUESTERS_XML = """\
<server>
    <zosconnect_apiRequesters>
        <apiRequester name="orders_1.0.0" />
        <apiRequester name="stock_1.0.0" />
    </zosconnect_apiRequesters>
</server>
"""


def second_day_server(cast: Cast, *, keys: str, trust: str) -> Liberty:
    """Return it, not yet started: https on its `https_port`, http on its `http_port`, both of the default endpoint.

    Args:
        cast: the server's certificate is its server's, and it trusts its root.
        keys: the password of its key store.
        trust: the password of its trust store.
    """
    text = SERVER_XML.read_text(encoding="utf-8").replace("@KEYS@", keys).replace("@TRUST@", trust)
    server = Liberty(server_xml=text)
    home, stores = server.server_dir, server.server_dir / "resources" / "security"
    stores.mkdir(parents=True)
    write_private(stores / "keys.p12", cast.server.pkcs12(alias="zceesrv1", password=keys))
    write_private(stores / "trust.p12", cast.root.java_truststore(trust))
    (home / "requesters.xml").write_text(REQUESTERS_XML, encoding="utf-8")
    ports = f"http.port={server.http_port}\nhttps.port={server.https_port}\n"
    (home / "bootstrap.properties").write_text(ports, encoding="utf-8")
    return server
