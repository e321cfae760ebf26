# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What mode, owner and group mean before a file gets its name."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.module_utils.basic import AnsibleModule
from target_world import NEW, order

from ansible_collections.zosconnect.security.plugins.module_utils import looks
from ansible_collections.zosconnect.security.plugins.module_utils.locks import PlaceError
from ansible_collections.zosconnect.security.plugins.module_utils.looks import FileOptions
from ansible_collections.zosconnect.security.plugins.module_utils.placing import Look, place

PRESENT = Look(0, 0, 0o644)
MODULE = SimpleNamespace(_symbolic_mode_to_octal=AnsibleModule._symbolic_mode_to_octal)


def options(**given: Any) -> FileOptions:
    return FileOptions(MODULE, given)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({}, PRESENT),
        ({"mode": "0600"}, Look(0, 0, 0o600)),
        ({"mode": 0o600}, Look(0, 0, 0o600)),
        ({"mode": "u=rw,g=r,o="}, Look(0, 0, 0o640)),
        ({"mode": "o-r"}, Look(0, 0, 0o640)),
        ({"mode": "g+x"}, Look(0, 0, 0o654)),
        ({"owner": "nobody", "group": "daemon"}, Look(65534, 1, 0o644)),
        ({"owner": "12345", "group": 7}, Look(12345, 7, 0o644)),
        ({"owner": None, "mode": None}, PRESENT),
    ],
)
def test_what_is_asked(given: dict[str, Any], wanted: Look) -> None:
    assert options(**given).look(PRESENT) == wanted
    assert options(**given).differ("/nonexistent", PRESENT) is (wanted != PRESENT)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"mode": "rwx"}, "mode: rwx is no mode; give something like 0640 or u=rw,g=r,o=."),
        ({"mode": "100644"}, "mode: 100644 has more than permission bits; give something like 0640."),
        ({"owner": "no-such-user"}, "owner: no-such-user is not known on this host; nothing was changed."),
        ({"group": "no-such-group"}, "group: no-such-group is not known on this host; nothing was changed."),
    ],
)
def test_what_nobody_can_mean(given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(PlaceError) as caught:
        options(**given).look(PRESENT)
    assert str(caught.value) == sentence


@pytest.mark.parametrize("mode", ["0600", "0666"])
def test_a_mode_counts_from_the_first_byte(tmp_path: Path, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "server.xml"
    path.write_bytes(b"old")
    path.chmod(0o644)
    modes: list[int] = []
    real = os.fchmod
    monkeypatch.setattr(os, "fchmod", lambda fd, mode: (modes.append(mode), real(fd, mode)))
    place(order(path, look=options(mode=mode).look))
    assert (modes, path.read_bytes()) == ([int(mode, 8)], NEW), "never the old one in between"


@pytest.mark.parametrize(
    ("kind", "name", "known"),
    [
        ("owner", "root", True),
        ("owner", "no-such-user", False),
        ("group", "0", True),
        ("group", "no-such-group", False),
    ],
)
def test_who_is_known(kind: str, name: str, known: bool) -> None:  # noqa: FBT001
    assert looks.is_known(kind, name) is known
