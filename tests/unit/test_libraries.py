# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Libraries of the controller: loaded ahead where they are there, missed where they are needed."""

from __future__ import annotations

import sys

import pytest

from ansible_collections.zosconnect.security.plugins.plugin_utils import libraries
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError


def test_what_is_missing_is_no_matter_before_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    libraries.ahead("no_such_library", "colorsys")
    assert "colorsys" in sys.modules
    with pytest.raises(SecurityError, match=r"^The Python library nothing is missing on the Ansible controller \("):
        libraries.require("no_such_library", "nothing")
