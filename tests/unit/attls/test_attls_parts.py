# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of statements, conditions and ciphers: small things that the tables of cases do not reach."""

from __future__ import annotations

import pytest

from ansible_collections.zosconnect.security.plugins.plugin_utils import codepages, redact
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import criteria, regions, statements
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Policy
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.stack import Stack
from ansible_collections.zosconnect.security.plugins.plugin_utils.source import Source

UTF8 = codepages.for_name("UTF-8")
assert UTF8


def policy(text: str) -> Policy:
    assert UTF8
    return Policy(Source("policy", text, UTF8))


def test_the_table_is_whole() -> None:
    for statement in statements.STATEMENTS.values():
        for known in statement.parameters.values():
            assert known.target is None or statements.find(known.target), known.name
            assert all(value is None or not known.options or value in known.options for _r, value in known.defaults)
            assert known.kind != "option" or len(known.options) > 1


def test_redaction_knows_every_secret() -> None:
    assert statements.secret_keywords() == {"keyringpw", "gsk_ldap_user_pw"}
    for keyword in statements.secret_keywords():
        assert redact.is_secret_name(keyword)
        assert redact.text(f"  {keyword.upper()}\tone two # three\nnext") == f"  {keyword.upper()}\t********\nnext"


@pytest.mark.parametrize(
    ("keyword", "release", "value"),
    [
        ("TLSv1", "2.1", "On"),
        ("TLSv1.2", "3.1", "Off"),
        ("TLSv1.2", "3.2", "On"),
        ("TLSv1", "3.2", "Off"),
        ("TLSv1.3", "3.2", "Off"),
        ("TLSv1.3", "2.3", None),
        ("TLSv1.3", "2.5", "Off"),
        ("ClientAuthType", "3.2", "Required"),
    ],
)
def test_defaults_of_releases(keyword: str, release: str, value: str | None) -> None:
    known = statements.STATEMENTS["ttlsenvironmentadvancedparms"].parameter(keyword)
    assert known
    assert known.default(release) == value


@pytest.mark.parametrize(
    ("kind", "keyword", "value"),
    [
        ("ttlsenvironmentadvancedparms", "TLSv1.2", None),
        ("ttlsenvironmentadvancedparms", "SSLv3", "Off"),
        ("ttlssignatureparms", "ServerKexECurves", "00230024002500210019"),
        ("ttlssignatureparms", "ServerKeyShareGroups", "002100230024002500290030"),
    ],
)
def test_defaults_where_nobody_says_the_release(kind: str, keyword: str, value: str | None) -> None:
    known = statements.STATEMENTS[kind].parameter(keyword)
    assert known
    assert known.default(None) == value


GROUPS = """
PortGroup ports
{
  PortRange
  {
    Port 1-9
  }
  PortRangeRef more
}
PortRange more
{
  Port 5003
}
IpAddrGroup addresses
{
  IpAddr
  {
    Addr 192.0.2.1
  }
  IpAddrSetRef net
}
IpAddrSet net
{
  Prefix 2001:db8::/32
}
"""


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        ("", "", True),
        ("Direction Inbound", "Direction Outbound", False),
        ("Direction Inbound", "direction BOTH", True),
        ("Jobname CICS*", "Jobname CICSA", True),
        ("Jobname CICS*", "Jobname CI*", True),
        ("Jobname CICS*", "Jobname IMS*", False),
        ("Userid A", "Jobname A", True),
        ("Userid A", "Userid B", False),
        ("RemotePortRange 1-10", "RemotePortRange 10 20", True),
        ("RemotePortRange 1-9", "RemotePortRange 10:20", False),
        ("RemotePortRange 0", "RemotePortRange 10", True),
        ("RemotePortRange 1", "LocalPortRange 10", True),
        ("RemotePortGroupRef ports", "RemotePortRange 5003", True),
        ("RemotePortGroupRef ports", "RemotePortRange 5004", False),
        ("RemotePortGroupRef nowhere", "RemotePortRange 5004", True),
        ("RemoteAddr 192.0.2.0/24", "RemoteAddr 192.0.2.9-192.0.3.1", True),
        ("RemoteAddr 192.0.2.0/24", "RemoteAddr 192.0.3.1", False),
        ("RemoteAddr ::1", "RemoteAddr 0.0.0.1", False),
        ("RemoteAddr All", "RemoteAddr 192.0.3.1", True),
        ("RemoteAddr 0.0.0.0", "RemoteAddr 192.0.2.1", True),
        ("Jobname cics*", "Jobname CICSPRD", True),
        ("LocalAddrGroupRef addresses", "LocalAddr 192.0.2.1", True),
        ("LocalAddrGroupRef addresses", "LocalAddr 2001:db8::9", True),
        ("LocalAddrGroupRef addresses", "LocalAddr 2001:db9::9", False),
    ],
)
def test_which_rules_meet(one: str, other: str, meet: bool) -> None:  # noqa: FBT001
    text = f"TTLSRule a\n{{\n{one}\n}}\nTTLSRule b\n{{\n{other}\n}}\n{GROUPS}"
    whole = policy(text)
    first, second = (criteria.of_rule(Stack((whole,)), rule) for rule in whole.rules)
    assert (regions.overlaps(first, second), regions.overlaps(second, first)) == (meet, meet)


def test_names_are_compared_as_ebcdic() -> None:
    """There small letters come before capitals, and capitals before digits."""
    assert sorted("1Aa", key=lambda name: criteria.precedence(1, name)) == ["a", "A", "1"]


def test_where_references_lead() -> None:
    found = policy(
        "TTLSEnvironmentAction e\n{\nTTLSKeyringParmsRef k\nTTLSCipherParms\n{\n}\n}\nttlskeyringparms k\n{\n}\n"
    )
    environment, ring = found.statements
    assert environment.part("TTLSKeyringParms") is ring
    assert environment.part("TTLSCipherParms") is environment.children[0]
    assert environment.part("TTLSSignatureParms") is None
    assert found.target(environment.parameter("Trace")) is None
    assert (ring.kind, ring.line, found.find("TTLSKeyringParms", "K")) == ("TTLSKeyringParms", 8, None)


def test_what_all_rules_say_is_what_each_says() -> None:
    rules = (
        "TTLSRule a\n{\n  RemotePortRange 1-2 # three\n}\n",
        "TTLSRule b\n{\n  # RemotePortRange 3\n  remoteportrange\t4 more\n  RemotePortRange 5:6\n}\n",
        "TTLSRule c # d\n{\n  Priority 7\n}\n",
        " TTLSRule d\n {\n  RemotePortRange 8\n  Inside x\n  {\n    RemotePortRange 9\n  }\n }\n",
        "RemotePortRange 10\n",
        "TTLSRule e\n{\n  RemotePortRange\n}",
    )
    page = codepages.for_name("UTF-8")
    assert page
    policy = Policy(Source("policy", "".join(rules), page))
    assert [one.name for one in policy.rules] == ["a", "b", "c", "d", "e"]
    said = policy.said("RemotePortRange")
    assert [said[id(one)] for one in policy.rules] == ["1-2", "5:6", None, "8", ""]
    assert [said[id(one)] for one in policy.rules] == [one.get("RemotePortRange") for one in policy.rules]
    assert len(policy.rules[0].items) == 1
    assert policy.rules[0].get("RemotePortRange") == "1-2"
