# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""CICS clients through the filter: the texts mean what was declared, and every contradiction is one sentence."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from clients_world import URIMAP, Json, cases, changed, parse_dfhcsdup, parse_sit
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zosconnect.security.plugins.filter.cics_urimap import FilterModule, cics_urimap

SHOWN = {"client_certificate": "required", "certificate": "CICS client"}
BOTH = {"caller_tls": "attls", "server_tls": "attls"}
C2 = changed(URIMAP, SHOWN)


def test_it_has_the_name_of_its_documentation() -> None:
    assert FilterModule().filters() == {"cics_urimap": cics_urimap}


@pytest.mark.parametrize("case", cases("urimap"))
def test_the_sentence(case: Json) -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        cics_urimap(case["whole"] if "whole" in case else changed(URIMAP, case["set"]))
    assert str(caught.value) == case["error"]


@pytest.mark.parametrize(
    ("keys", "scheme"),
    [
        ({"port": 5002}, "HTTPS"),
        ({"port": 5002, **SHOWN}, "HTTPS"),
        ({"server_tls": "attls", "port": 5004}, "HTTPS"),
        ({"server_tls": "attls", "port": 5004, **SHOWN}, "HTTPS"),
        ({"caller_tls": "attls", "port": 5003}, "HTTP"),
        ({**BOTH, "port": 5004}, "HTTP"),
        ({**BOTH, "port": 5004, "client_certificate": "required"}, "HTTP"),
        ({**BOTH, "port": 5004, "scheme": "HTTP", "outbound_rule": True}, "HTTP"),
    ],
)
@pytest.mark.parametrize(("feature", "name"), [("zosConnect-2.0", "BAQURIMP"), ("zosConnect-3.0", "BAQHZCON")])
def test_ibm_s_figure(keys: Json, scheme: str, feature: str, name: str) -> None:
    whole = {**URIMAP, **keys}
    result = cics_urimap({**whole, "feature": feature})
    [(command, operands)] = parse_dfhcsdup(result["dfhcsdup"])
    description = f"z/OS Connect, caller_tls {whole['caller_tls']}, server_tls {whole['server_tls']}"
    label = {"CERTIFICATE": keys["certificate"]} if "certificate" in keys else {}
    assert (command, operands) == (
        "DEFINE",
        {
            "URIMAP": name,
            "GROUP": "ZCEECLNT",
            "DESCRIPTION": description,
            "USAGE": "CLIENT",
            "SCHEME": scheme,
            "HOST": "zceesrv1.example.com",
            "PORT": str(keys["port"]),
            "PATH": "/",
            **label,
            "AUTHENTICATE": "NO",
            "STATUS": "ENABLED",
        },
    )
    assert (result["name"], result["scheme"], result["sit"]) == (name, scheme, None)


def test_the_text_is_as_people_write_it() -> None:
    assert cics_urimap({**C2, "authenticate": "BASIC", "replace": True})["dfhcsdup"] == (
        "* CICS does TLS and shows a certificate, the server does TLS itself\n"
        "DELETE URIMAP(BAQURIMP) GROUP(ZCEECLNT)\n"
        "DEFINE URIMAP(BAQURIMP) GROUP(ZCEECLNT)\n"
        "       DESCRIPTION(z/OS Connect, caller_tls cics, server_tls jsse)\n"
        "       USAGE(CLIENT)\n"
        "       SCHEME(HTTPS)\n"
        "       HOST(zceesrv1.example.com)\n"
        "       PORT(5002)\n"
        "       PATH(/)\n"
        "       CERTIFICATE(CICS client)\n"
        "       AUTHENTICATE(BASIC)\n"
        "       STATUS(ENABLED)\n"
    )


def test_cmci_says_the_same_as_dfhcsdup() -> None:
    result = cics_urimap({**C2, "ciphers": "strong.xml", "socket_close": 30, "host": "ZCEESRV1.example.com"})
    [(_define, operands)] = parse_dfhcsdup(result["dfhcsdup"])
    names = {"URIMAP": "name", "GROUP": "csdgroup"}
    assert result["cmci"] == {
        "type": "CICSDefinitionURIMap",
        "create_parameters": [{"name": "csd"}],
        "attributes": {names.get(key, key.lower()): value for key, value in operands.items()},
    }
    assert (operands["CIPHERS"], operands["SOCKETCLOSE"]) == ("strong.xml", "30")
    assert operands["HOST"] == "zceesrv1.example.com", "CICS makes it lower case itself"


_NAME = st.from_regex(r"[A-Z@#$][A-Z0-9@#$]{0,7}", fullmatch=True).filter(lambda name: not name.startswith("DFH"))
_TEXT = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="()*"), min_size=1)


@given(name=_NAME, group=_NAME, host=st.from_regex(r"[a-z][a-z.-]{0,115}", fullmatch=True), path=_TEXT, label=_TEXT)
def test_whatever_fits_is_read_back(name: str, group: str, host: str, path: str, label: str) -> None:
    keys = {"name": name, "group": group, "host": host, "path": f"/{path}"[:255], "certificate": label[:32]}
    [(_define, operands)] = parse_dfhcsdup(cics_urimap({**C2, **keys})["dfhcsdup"])
    read = [operands[key] for key in ("URIMAP", "GROUP", "HOST", "PATH", "CERTIFICATE")]
    assert read == list(keys.values())


def test_the_longest_values_fit_records_of_72_columns() -> None:
    path = "/" + "p" * 254
    text = cics_urimap({**URIMAP, "host": "h" * 116, "path": path, "description": "d" * 51})["dfhcsdup"]
    [(_define, operands)] = parse_dfhcsdup(text)
    assert (operands["HOST"], operands["PATH"], operands["DESCRIPTION"]) == ("h" * 116, path, "d" * 51)
    assert max(map(len, text.splitlines())) == 72


@pytest.mark.parametrize(
    ("region", "parameters"),
    [
        ({"cics_release": "5.6"}, {"MINTLSLEVEL": "TLS12"}),
        ({"cics_release": 6.1}, {"MINTLSLEVEL": "TLS12", "MAXTLSLEVEL": "TLS12"}),
        (
            {"cics_release": "6.2", "zos_release": "2.5", "protocols": "TLSv1.2, TLSv1.3"},
            {"MINTLSLEVEL": "TLS12", "MAXTLSLEVEL": "TLS13"},
        ),
        (
            {"cics_release": "6.1", "zos_release": "3.1", "protocols": ["TLSv1.3"]},
            {"MINTLSLEVEL": "TLS13", "MAXTLSLEVEL": "TLS13"},
        ),
    ],
)
def test_the_region(region: Json, parameters: Json) -> None:
    result = cics_urimap({**URIMAP, "region": {"keyring": "CICS.Ring", **region}})
    assert parse_sit(result["sit"]) == {"KEYRING": "CICS.Ring", **parameters}
    assert any("ICSF" in note for note in result["notes"]) == ("TLSv1.3" in region.get("protocols", ""))


@pytest.mark.parametrize(
    ("keys", "note"),
    [
        ({}, "DFHCSDUP only defines: install BAQURIMP with CEDA or CMCI, or put its group into a list of GRPLIST."),
        ({}, "DFHCSDUP refuses to define what is there already; replace removes it first."),
        (
            {},
            "The region needs KEYRING, MINTLSLEVEL and MAXTLSLEVEL; declare region to have them checked and written.",
        ),
        (
            {"authenticate": "BASIC"},
            "AUTHENTICATE(BASIC) takes user ID and password from the XWBAUTH exit, so the region needs that exit. Let it give a PassTicket (EXEC CICS REQUEST PASSTICKET) rather than a stored password; what a program puts on WEB SEND or WEB CONVERSE is ignored.",
        ),
        (
            {"client_certificate": "required", "certificate": "CICS client"},
            "Every program that calls through BAQURIMP shows the certificate CICS client, whose user is not the user of the task.",
        ),
        (
            {"server_tls": "attls", **SHOWN},
            "AT-TLS in front of the server takes the certificate. The server does not see it: nobody logs in with it.",
        ),
        (
            {"caller_tls": "attls"},
            "CICS speaks http to port 5002. Until the stack holds the outbound rule that is clear text, and nothing fails: install the rule first, and prove it.",
        ),
    ],
)
def test_people_are_told(keys: Json, note: str) -> None:
    assert note in cics_urimap({**URIMAP, **keys})["notes"]


def test_an_ipv6_address_is_a_host_and_one_with_a_port_is_not() -> None:
    assert cics_urimap({**URIMAP, "host": "2001:DB8::1"})["cmci"]["attributes"]["host"] == "2001:db8::1"
    with pytest.raises(AnsibleFilterError, match=re.escape("no URL")):
        cics_urimap({**URIMAP, "host": "[2001:db8::1]:5002"})


_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(key=st.sampled_from([*C2, "path", "scheme", "region", "replace", "socket_close", "ciphers"]), value=_JSON)
def test_whatever_is_given_is_taken_or_met_with_a_sentence(key: str, value: Any) -> None:
    said = f"urimap.{key}"
    try:
        cics_urimap({**C2, key: value})
    except AnsibleFilterError as e:
        said = str(e)
    assert said.startswith("urimap.")
