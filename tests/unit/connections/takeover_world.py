# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Servers that are there already, as text with words for their parts; and what a declaration makes of one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from connection_world import DIRECTORY, KEY, PEM, there

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections import conflicts
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.plan import plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.present import Present
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

Json = dict[str, Any]

POLICY_PATH = "/etc/pagent/SERVER.ttls"
_FEATURE = "<featureManager><feature>transportSecurity-1.0</feature></featureManager>"
_RULE = """TTLSRule {}
{{
  LocalPortRange {}
  Direction {}
  Priority 200
  TTLSGroupActionRef group
  {}
}}
"""
_ENVIRONMENT = "TTLSEnvironmentActionRef environment"
_POLICY = (
    _RULE.format("ZCEE_IN", 5004, "Inbound", _ENVIRONMENT)
    + _RULE.format("OTHER", 5006, "Inbound", _ENVIRONMENT)
    + _RULE.format("BARE", "5004 5005", "Inbound", "Jobname BARE")
    + _RULE.format(
        "OUT", "0\n  RemoteAddr 192.0.2.20\n  RemotePortRange 443\n  Jobname ZCEE*", "Outbound", _ENVIRONMENT
    )
    + """TTLSGroupAction group
{
  TTLSEnabled On
}
TTLSEnvironmentAction environment
{
  HandshakeRole Server
  TTLSKeyringParms
  {
    Keyring ZCEESRV/Server
  }
  TTLSCipherParms
  {
    V3CipherSuites TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384
  }
  TTLSEnvironmentAdvancedParms
  {
    SSLv2 Off
    SSLv3 Off
    TLSv1 Off
    TLSv1.1 Off
    TLSv1.2 On
    TLSv1.3 Off
  }
}
"""
)
# What words in braces stand for.
WORDS = {
    # IBM's samples for z/OS Connect have this default SSL configuration, and these names.
    "IBM": """
  <featureManager>
    <feature>zosconnect:zosConnect-2.0</feature>
    <feature>zosconnect:apiRequester-1.0</feature>
  </featureManager>
  <sslDefault sslRef="DefaultSSLSettings"/>
  <ssl id="DefaultSSLSettings" keyStoreRef="CellDefaultKeyStore" trustStoreRef="CellDefaultTrustStore"
    clientAuthentication="false"/>
  <keyStore id="CellDefaultKeyStore" location="safkeyring:///Keyring.LIBERTY" password="password"
    type="JCERACFKS" fileBased="false" readOnly="true"/>
  <keyStore id="CellDefaultTrustStore" location="safkeyring:///Keyring.LIBERTY" password="password"
    type="JCERACFKS" fileBased="false" readOnly="true"/>
  <safCredentials profilePrefix="BBGZDFLT" unauthenticatedUser="WSGUEST"/>
  <safRegistry id="saf"/>
  <httpEndpoint id="defaultHttpEndpoint" host="*" httpPort="9080" httpsPort="5002"/>
""",
    # A default SSL configuration, and one key store for all.
    "TLS": f'{_FEATURE}<sslDefault sslRef="S"/><ssl id="S" keyStoreRef="K" trustStoreRef="K"/>'
    '<keyStore id="K" location="safkeyring:///R" password="password"/>',
    "TLS1": f'{_FEATURE}<sslDefault sslRef="S"/><ssl id="S" keyStoreRef="K"/>'
    '<keyStore id="K" location="safkeyring:///R" password="password"/>',
    # One port with files.
    "FILES": f'{_FEATURE}<httpEndpoint id="e" httpsPort="5002" sslOptionsRef="o"/><sslOptions id="o" sslRef="s"/>'
    '<ssl id="s" keyStoreRef="k" trustStoreRef="t"/><keyStore id="t" location="t.p12" password="t"/>'
    '<keyStore id="k" location="${server.config.dir}/k.p12" password="{xor}MDM7"/>',
    # What this collection makes on a bare server.
    "OURS": f'{_FEATURE}<httpEndpoint id="defaultHttpEndpoint" httpPort="-1"/>'
    '<httpEndpoint id="cics" host="*" httpPort="-1" httpsPort="5002" sslOptionsRef="cics"/>'
    '<sslOptions id="cics" sslRef="cics"/><ssl id="cics" keyStoreRef="cics.keys" trustStoreRef="cics.trust"/>'
    '<keyStore id="cics.keys" location="a" password="x"/><keyStore id="cics.trust" location="b" password="x"/>',
    "POLICY": _POLICY,
}


def text(given: str) -> str:
    for word, meant in WORDS.items():
        given = given.replace(f"{{{word}}}", meant)
    return given


def present(case: Json) -> Present:
    """What is there in a case."""
    found = there(text(case["server"]))
    server = found.server
    assert server is not None
    for name, content in case.get("more", {}).items():
        whole = text(content)
        path = name if name.startswith("/") else f"{DIRECTORY}/{name}"
        server.content[path] = (f"<server>{whole}</server>" if name.endswith(".xml") else whole).encode()
    policies = (
        {"inbound": conflicts.present(text(case["policy"]).encode(), POLICY_PATH, None)} if "policy" in case else {}
    )
    return replace(found, policies=policies, neighbours=case.get("neighbours", {}))


def run(case: Json) -> Json:
    """What comes of a case: ``error``, or ``files``, ``policies`` and ``warnings``, as far as there are some."""
    declared = [_with_texts(item) for item in case["declared"]]
    places = {"inbound": {"path": POLICY_PATH}} if "policy" in case else {}
    try:
        made = plan(declared, present=present(case), policy_files=places, state=case.get("state", "present"))
    except SecurityError as e:
        return {"error": str(e)}
    found = {
        "files": {file["path"].removeprefix(f"{DIRECTORY}/"): file["elements"] for file in made["files"]},
        "policies": [file["config"] for file in made["policies"] if file["path"]],
        "warnings": made["warnings"],
    }
    return {key: value for key, value in found.items() if value}


def _with_texts(item: Any) -> Any:
    if isinstance(item, dict):
        return {key: _with_texts(value) for key, value in item.items()}
    return {"KEY": KEY, "PEM": PEM}.get(item, item) if isinstance(item, str) else item
