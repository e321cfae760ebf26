# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What connections_restore says where it goes well for a part only: what is done is told, and the server learns of it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.zosconnect.security.plugins.action.connections_restore import ActionModule
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.found import Found
from ansible_collections.zosconnect.security.plugins.plugin_utils.restoring import Pair, Saved

Json = dict[str, Any]
OPTIONS = {"host": None, "backup": True, "refresh": "mbean", "operator": "", "job_name": None, "prefix": ""}


def found(path: str, sha256: str) -> Found:
    place = {"directory": "/s", "directory_exists": True, "directory_writable": True, "user": "zceesrv"}
    return Found(path=path, real_path=path, data=b"", sha256=sha256, tag=None, attributes_differ=False, **place)


SERVER = Pair(Saved("/s/server.xml", "/s/server.xml~", "b", "a"), found("/s/server.xml", "a"), found("/s/x~", "b"))
STORES = [Pair(Saved(path, "", "", "a", made=True), found(path, "a"), None) for path in ("/s/k.p12", "/s/t.p12")]


class Target:
    """An action whose target refuses the calls of ``refused`` modules, after so many good ones."""

    def __init__(self, pairs: list[Pair], **refused: int) -> None:
        self.calls: list[tuple[str, Any]] = []
        self._refused = refused
        self._action = action = object.__new__(ActionModule)
        action._task = SimpleNamespace(check_mode=False)
        action._look = lambda *_: pairs
        action._members = SimpleNamespace(apply=self._apply)
        action.run_on_target = self._run

    def _apply(self, _texts: Any, order: Json, *_arguments: Any, **_options: Any) -> Json:
        files = [{"real_path": each["real_path"], "backup_file": f"{each['real_path']}.2~"} for each in order["files"]]
        return {"outcome": "applied", "files": files}

    def _run(self, name: str, arguments: Json) -> Json:
        if self._refused.get(name) == [each for each, _path in self.calls].count(name):
            raise SecurityError(f"{name} is refused.")
        self.calls.append((name, arguments.get("path") or arguments.get("files")))
        return {}

    def result(self) -> Json:
        """Restore all of it."""
        return self._action._work({**OPTIONS, "zosconnect_version": "2.0"}, [], [], {"url": "u"})


def test_all_of_it() -> None:
    target = Target([SERVER, *STORES])
    result = target.result()
    assert (result["changed"], "failed" in result, len(result["restored"])) == (True, False, 3)
    assert target.calls == [
        ("target_place", "/s/k.p12"),
        ("target_place", "/s/t.p12"),
        ("liberty_refresh", ["/s/server.xml"]),
    ]


def test_what_was_made_and_cannot_be_removed() -> None:
    """The other files are put back by then: the result says so, and the server is told."""
    target = Target([SERVER, *STORES], target_place=1)
    result = target.result()
    assert (result["failed"], result["changed"]) == (True, True)
    assert result["msg"] == (
        "target_place is refused. Before that, these were put back or removed: /s/server.xml, /s/k.p12. Run again."
    )
    assert [(one["path"], one.get("backup_file")) for one in result["restored"]] == [
        ("/s/server.xml", "/s/server.xml.2~"),
        ("/s/k.p12", None),
    ]
    assert target.calls[-1] == ("liberty_refresh", ["/s/server.xml"])
    assert result["lines"] == ["put back: /s/server.xml", "removed: /s/k.p12, made by that run", "the server was told"]


def test_nothing_at_all() -> None:
    with pytest.raises(SecurityError, match=r"^target_place is refused\.$"):
        Target(STORES, target_place=0).result()


def test_a_server_that_cannot_be_told() -> None:
    result = Target([SERVER], liberty_refresh=0).result()
    assert (result["failed"], result["changed"], len(result["restored"])) == (True, True, 1)
    assert result["msg"] == (
        "liberty_refresh is refused. The files are put back; run again when the server can be told."
    )
    assert result["lines"] == ["put back: /s/server.xml", "the server could not be told"]
