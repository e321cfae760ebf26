# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""server_config_info with predict, as a user calls it: stores are opened by the host's keytool, no secret is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pki import Authority
from plays import play

pytestmark = [pytest.mark.ansible, pytest.mark.chosen]
MODULE = "zosconnect.security.server_config_info"
PASSWORD, WRONG = "marker-of-a-secret-1", "marker-of-a-secret-2"
SERVER_XML = f"""\
<server>
  <featureManager><feature>zosconnect:zosConnect-2.0</feature></featureManager>
  <httpEndpoint id="good" httpPort="-1" httpsPort="5002"><sslOptions sslRef="good"/></httpEndpoint>
  <ssl id="good" keyStoreRef="good" trustStoreRef="gone"/>
  <keyStore id="good" location="keys.p12" password="{PASSWORD}"/>
  <httpEndpoint id="bad" httpPort="-1" httpsPort="5003"><sslOptions sslRef="bad"/></httpEndpoint>
  <ssl id="bad" keyStoreRef="bad"/>
  <keyStore id="bad" location="keys.p12" password="{WRONG}"/>
</server>
"""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The result with and without predict; the second time in check mode."""
    server = tmp_path_factory.mktemp("predict") / "servers" / "s"
    keys = server / "resources" / "security" / "keys.p12"
    keys.parent.mkdir(parents=True)
    keys.write_bytes(Authority(key_type="ec").issue("zceesrv1", key_type="ec").pkcs12(alias="own", password=PASSWORD))
    (server / "server.xml").write_text(SERVER_XML)
    task: dict[str, Any] = {MODULE: {"server_dir": str(server), "predict": True}}
    without = {MODULE: {"server_dir": str(server)}}
    played = play(Path(tmp_path_factory.mktemp("play")), [task, {**task, "check_mode": True}, without])
    assert PASSWORD not in played.output
    assert WRONG not in played.output
    return list(played.results)


def test_the_messages(results: list[dict[str, Any]]) -> None:
    told = {one["id"]: one for one in results[0]["predicted"]["messages"]}
    assert set(told) == {"CWWKG0033W", "CWPKI0033E", "CWPKI0809W", "CWPKI0819I", "CWWKO0219I"}
    assert told["CWWKG0033W"]["message"].endswith(
        "trustStoreRef of <ssl> refers to <keyStore> 'gone', which does not exist; Liberty ignores the reference."
    )
    assert (told["CWPKI0033E"]["element_id"], told["CWPKI0033E"]["certainty"]) == ("bad", "certain")
    assert told["CWPKI0033E"]["means"]


def test_the_ports(results: list[dict[str, Any]]) -> None:
    by_number = {one["port"]: one for one in results[0]["predicted"]["ports"]}
    assert (by_number[5002]["opens"], by_number[5002]["alias"], by_number[5002]["subject"]) == (
        True,
        "own",
        "CN=zceesrv1",
    )
    assert by_number[5002]["not_after"]
    assert by_number[5003]["opens"] is False


def test_check_mode_tells_the_same_and_without_predict_no_store_is_read(results: list[dict[str, Any]]) -> None:
    assert results[1]["predicted"] == results[0]["predicted"]
    assert results[2]["predicted"] is None
