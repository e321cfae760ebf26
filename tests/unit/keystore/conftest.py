# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests of key stores share."""

from __future__ import annotations

import pytest
from keystore_world import World, make_world, rules_with

from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.material import Rules


@pytest.fixture(scope="session")
def world() -> World:
    return make_world()


@pytest.fixture
def rules() -> Rules:
    return rules_with({})
