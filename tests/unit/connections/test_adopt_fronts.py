# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why nobody can tell whether an AT-TLS rule is in front of a port, in words that say what to give."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import stack
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt.fronts import Fronts

RULE = """TTLSRule ZCEE_IN
{{
  Direction Inbound
  LocalPortRange 5004
  {}
  TTLSGroupActionRef group
  TTLSEnvironmentActionRef environment
}}
TTLSGroupAction group
{{
  TTLSEnabled On
}}
TTLSEnvironmentAction environment
{{
  HandshakeRole Server
  TTLSKeyringParms
  {{
    Keyring ZCEESRV/Server
  }}
}}
"""


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("Jobname ZCEE1", "rule ZCEE_IN (in.ttls:1) asks for its job name. Give connections_job_name."),
        ("Userid ZCEESRV", "rule ZCEE_IN (in.ttls:1) asks for its user ID, which is not known here."),
    ],
)
def test_what_is_not_known(asked: str, said: str) -> None:
    policy = stack.parse(RULE.format(asked), "in.ttls")
    port: object = SimpleNamespace(host="*", port=5004)
    assert Fronts({"inbound": policy}).front(port) == (None, said)  # type: ignore[arg-type]
