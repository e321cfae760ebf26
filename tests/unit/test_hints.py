# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which name that is given may be a misspelt one."""

from __future__ import annotations

import pytest

from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import slip


@pytest.mark.parametrize("given", ["prot", "Port", "prt", "portt", "oprt", "fort", "p_ort", "por"])
def test_one_slip_of_the_pen(given: str) -> None:
    assert slip("port", ["host", given, "name"]) == given


@pytest.mark.parametrize("given", ["host", "ports_", "inbound", "", "tropp", "p" * 10_000])
def test_another_name_is_none(given: str) -> None:
    assert slip("outbound", [given]) is None
    assert slip("key_store", ["trust_store"]) is None
    assert slip("server_dir", ["server_address", "server_host", "server_tls"]) is None
