# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names that are no UTF-8: ansible-core takes no answer with one, so they are shown by their codes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.zosconnect.security.plugins.module_utils import reading, returned

NAME = b"\xffa\x80.xml"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a", "a"),
        ("\u00e9\U0001f600", "\u00e9\U0001f600"),
        (os.fsdecode(NAME), "\\xffa\\x80.xml"),
        ("\ud800\u00e9", "\\ud800\u00e9"),
        ({"\udcff": ["\udcff", ("\udcff",)], "n": None}, {"\\xff": ["\\xff", ["\\xff"]], "n": None}),
        (True, True),
        (1.5, 1.5),
    ],
)
def test_what_is_returned_is_utf8(value: Any, shown: Any) -> None:
    found = returned.utf8(value)
    assert found == shown
    assert type(found) is type(shown)


def test_a_file_of_such_a_name_is_not_changed(tmp_path: Path) -> None:
    """A check run must say so, too."""
    path = os.path.join(tmp_path, os.fsdecode(NAME))
    Path(path).write_bytes(b"<server/>")
    assert returned.utf8(reading.describe(path)["obstacle"]) == (
        f"{tmp_path}/\\xffa\\x80.xml: its name is no UTF-8, so Ansible cannot name it; nothing was changed. Rename the file."
    )
