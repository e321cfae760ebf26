# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is desired and something else overrules: the table shadows.yml, and a law."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from generate import generate
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import desired, plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.document import read_source
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import server as servers
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import shadows

CASES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("shadows.yml").read_text(encoding="utf-8"))
FOLDER = "/u/servers/s"
cases = st.builds(generate, st.integers(0, 10**9), st.just(0))


def judged(files: dict[str, bytes], path: str, want: list[dict[str, Any]]) -> tuple[servers.Server, bytes, list[str]]:
    """Return the server, what would be written, and what is said of it."""
    server = servers.from_options({"server_dir": FOLDER})
    for name, data in files.items():
        server.content[f"{FOLDER}/{name}"] = data
    wanted = desired.check(want, desired.Options())
    source = read_source(files[path], name=f"{FOLDER}/{path}")
    data = plan.plan(source, wanted, elsewhere=server.ids()).result.data
    return server, data, shadows.judge(server, f"{FOLDER}/{path}", data, wanted)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_case(case: dict[str, Any]) -> None:
    assert set(case) <= {"name", "path", "xml", "files", "desired", "shadowed"}
    files = {"server.xml": f"<server>\n{case.get('xml', '')}\n</server>", **case.get("files", {})}
    path = case.get("path", "server.xml")
    _server, _data, told = judged({name: text.encode() for name, text in files.items()}, path, case["desired"])
    assert told == [sentence.format(dir=FOLDER) for sentence in case.get("shadowed", [])]


@given(cases, st.booleans())
def test_what_is_desired_is_effective_or_said_not_to_be(case: Any, secure: bool) -> None:  # noqa: FBT001
    """Whatever else the server's files hold."""
    want = [{"element": "zosconnect_zosConnectManager", "attributes": {"requireSecure": secure}}]
    files = {"server.xml": b"<server/>", **case.render()}
    files["server.xml"] = b"<server><include location='case.xml'/></server>"
    files["case.xml"] = case.files["server.xml"].render() if "server.xml" in case.files else b"<server/>"
    server, data, told = judged(files, "server.xml", want)
    after = server.with_planned(f"{FOLDER}/server.xml", data)
    manager = None if after.assembly.refused else after.one("zosconnect_zosConnectManager")
    assert told or (manager and manager.get("requireSecure") is secure)
    if told and manager:
        assert manager.origin("requireSecure").source != f"{FOLDER}/server.xml"
