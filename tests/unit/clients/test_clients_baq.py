# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""IMS and batch clients through the filter: the texts mean what was declared, and no password is in them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from clients_world import CLIENT, Json, cases, changed, parse_ceeopts, parse_ceexopt
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zosconnect.security.plugins.filter.baq_environment import FilterModule, baq_environment

# Too much for both forms; and an asterisk where the second record of ENVAR's string begins.
_LONG = {"MANY": {f"V{number:02}": "x" * 64 for number in range(57)}, "ASTERISK": {"A": "x" * 69 + "*"}}


def declared(keys: Json) -> Json:
    long = keys.get("variables")
    if isinstance(long, dict) and long.get("A") in _LONG:
        keys = {**keys, "variables": _LONG[long["A"]]}
    return changed(CLIENT, keys)


def test_it_has_the_name_of_its_documentation() -> None:
    assert FilterModule().filters() == {"baq_environment": baq_environment}


@pytest.mark.parametrize("case", cases("baq"))
def test_the_sentence(case: Json) -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        baq_environment(case["whole"] if "whole" in case else declared(case["set"]))
    assert str(caught.value) == case["error"]
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("keys", "port", "kind"),
    [
        ({}, 5003, "https"),
        ({"http_port": 9080}, 5003, "https"),
        ({"server_tls": "attls", "http_port": 5004}, 5004, "http"),
        ({"server_tls": "attls", "http_port": "5004", "https_port": None}, 5004, "http"),
    ],
)
def test_baqport_is_the_port_where_tls_is_answered(keys: Json, port: int, kind: str) -> None:
    result = baq_environment(changed(CLIENT, keys))
    assert (result["port"], result["port_kind"]) == (port, kind)
    assert parse_ceeopts(result["text"]) == {
        "POSIX": ["ON"],
        "ENVAR": ["BAQURI=zceesrv1.example.com", f"BAQPORT={port}"],
    }


def test_the_text_is_as_ibm_s_samples_are() -> None:
    keys = {"identity": "basic", "username": "BATCH1", "timeout": 30, "trace": "ERROR", "variables": {"TZ": "UTC"}}
    assert baq_environment({**CLIENT, **keys})["text"] == (
        "POSIX(ON),\n"
        'ENVAR("BAQURI=zceesrv1.example.com",\n'
        '"BAQPORT=5003",\n'
        '"BAQUSERNAME=BATCH1",\n'
        '"BAQPASSWORD=<PASSWORD>",\n'
        '"BAQTIMEOUT=30",\n'
        '"BAQVERBOSE=ERROR",\n'
        '"TZ=UTC")\n'
    )


def test_the_macro_is_as_the_assembler_wants_it() -> None:
    text = baq_environment({**CLIENT, "form": "ceexopt", "variables": {"A": "it's & so on"}})["text"]
    assert text == (
        "         CEEXOPT POSIX=((ON),OVR),                                     X\n"
        "               ENVAR=(('BAQURI=zceesrv1.example.com',                  X\n"
        "               'BAQPORT=5003',                                         X\n"
        "               'A=it''s && so on'),OVR)\n"
    )


_VALUE = st.text(st.characters(min_codepoint=32, max_codepoint=126, exclude_characters='"=*'), max_size=90)
_VARIABLES = st.dictionaries(st.from_regex(r"[C-L][C-L]{0,20}", fullmatch=True), _VALUE, max_size=4)


@given(_VARIABLES, st.from_regex(r"[a-z][a-z.-]{0,254}", fullmatch=True))
def test_what_is_written_is_read_back(variables: dict[str, str], host: str) -> None:
    declaration = {**CLIENT, "host": host, "variables": variables}
    expected = {"BAQURI": host, "BAQPORT": "5003", **variables}
    result = baq_environment(declaration)
    assert result["values"] == expected
    strings = [f"{key}={value}" for key, value in expected.items()]
    assert parse_ceeopts(result["text"]) == {"POSIX": ["ON"], "ENVAR": strings}
    assert parse_ceexopt(baq_environment({**declaration, "form": "ceexopt"})["text"]) == expected


def test_a_string_that_is_too_long_fills_its_record() -> None:
    text = baq_environment({**CLIENT, "host": "h" * 255})["text"]
    assert [len(line) for line in text.splitlines()] == [10, 72, 72, 72, 55, 15]
    assert parse_ceeopts(text)["ENVAR"][0] == "BAQURI=" + "h" * 255


def test_a_program_gives_its_parameters_to_baqinit() -> None:
    keys = {"feature": "zosConnect-3.0", "program": "ims", "identity": "basic", "username": "IMSUSR", "trace": "OFF"}
    result = baq_environment({**CLIENT, **keys, "timeout": "10"})
    assert result["text"] is None
    assert result["values"] == {
        "BAQHAPI-Server-Host": "zceesrv1.example.com",
        "BAQHAPI-Server-Port": "5003",
        "BAQHAPI-Server-Username": "IMSUSR",
        "BAQHAPI-Server-Password": "<PASSWORD>",
        "BAQHAPI-Server-Timeout": "10",
        "BAQHAPI-Trace-Verbose": "OFF",
    }


@pytest.mark.parametrize(
    ("keys", "note"),
    [
        (
            {},
            "The program speaks http to the server's https port 5003. Until the stack holds the outbound rule that is clear text, and nothing fails: install the rule first, and prove it.",
        ),
        (
            {},
            "Let the program get a PassTicket (R_ticketserv, IRRSPK00) for the profilePrefix of the server's safCredentials, and set it as the password before each call; it lives about ten minutes.",
        ),
        (
            {"identity": "basic", "username": "BATCH1"},
            "<PASSWORD> is a placeholder: whoever installs the text puts the password there, where everybody who may read it sees it. A PassTicket needs no stored password.",
        ),
        (
            {"server_tls": "attls", "http_port": 5004},
            "Behind an AT-TLS inbound rule the server sees no client certificate, so nobody logs in with one.",
        ),
        ({}, "A CEEOPTS DD must be RECFM F or FB; it is ignored under CICS, and for programs started by exec()."),
        (
            {"form": "ceexopt"},
            "A CEEROPT module counts only where CEEROPT(ALL) is in effect; CEEUOPT is bound to the program.",
        ),
        (
            {"timeout": 5},
            "The program waits 5 seconds for the server. The timeouts of the endpoint that the server calls must be shorter, or the program gives up before it learns what went wrong.",
        ),
        ({"program": "ims"}, "The message processing region needs SBAQLIB in its STEPLIB."),
    ],
)
def test_people_are_told(keys: Json, note: str) -> None:
    assert note in baq_environment({**CLIENT, **keys})["notes"]


_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(key=st.sampled_from([*CLIENT, "http_port", "identity", "username", "variables", "form", "timeout"]), value=_JSON)
def test_whatever_is_given_is_taken_or_met_with_a_sentence(key: str, value: Any) -> None:
    said = "client"
    try:
        baq_environment({**CLIENT, key: value})
    except AnsibleFilterError as e:
        said = str(e)
    assert said.startswith("client")
