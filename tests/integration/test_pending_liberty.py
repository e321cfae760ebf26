# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a real Liberty says in its log when it has read its files again is what the note of a run waits for."""

from __future__ import annotations

import contextlib
import time

import pytest
from launcher import Liberty
from layout import BARE_SERVER_XML
from pki import Cast

from ansible_collections.zosconnect.security.plugins.module_utils import leftovers, pending, placing, reading

pytestmark = pytest.mark.liberty

STORE = (
    '<config updateTrigger="mbean"/><keyStore id="told" location="told.p12" password="changeit" updateTrigger="mbean"/>'
)
CHANGED = '<zosconnect_zosConnectManager requireSecure="false"/>'


def server_xml(*content: str) -> str:
    return BARE_SERVER_XML.read_text(encoding="utf-8").replace("</server>", f"{''.join(content)}</server>")


def waits_for(liberty: Liberty) -> list[str]:
    return list(pending.found(str(liberty.server_dir))["kinds"])


def test_what_the_log_says(liberty: Liberty, pki: Cast) -> None:
    server, store = liberty.server_dir / "server.xml", liberty.server_dir / "resources" / "security" / "told.p12"
    store.parent.mkdir(parents=True, exist_ok=True)
    store.write_bytes(pki.server.pkcs12(alias="one", password="changeit"))
    uses = '<ssl id="told" keyStoreRef="told" trustStoreRef="told"/>'
    assert liberty.update(server_xml(STORE, uses)).applied
    before = [reading.sha256(path.read_bytes()) for path in (server, store)]

    server.write_text(server_xml(STORE, uses, CHANGED), encoding="utf-8")
    store.write_bytes(pki.server.pkcs12(alias="two", password="changeit"))
    changed = [
        pending.Changed(str(server), "configuration", before[0]),
        pending.Changed(str(store), "key_stores", before[1]),
    ]
    asked = {"directory": str(liberty.server_dir), "log": str(liberty.layout.messages_log), "told": "operator"}
    with contextlib.ExitStack() as stack:
        held = placing.hold(placing.Order(leftovers.note_in(str(liberty.server_dir)), b"", None), stack)
        assert pending.keep(held, asked, changed, frozenset()) == ""
    assert waits_for(liberty) == ["configuration", "key_stores"]

    since = liberty.position()
    liberty.refresh([server])
    assert liberty.wait_for_update(since).applied
    assert waits_for(liberty) == ["key_stores"]

    liberty.refresh([store])
    deadline = time.monotonic() + 30
    while waits_for(liberty) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert pending.found(str(liberty.server_dir))["state"] == "done", liberty.messages(since)
