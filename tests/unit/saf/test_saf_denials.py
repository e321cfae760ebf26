# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each message of a server or the console leads back to what is missing, and the commands for it mend it."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from liberty_saf import Server
from racf import Racf
from saf_world import Json, cases, known, planned, without_ring

from ansible_collections.zosconnect.security.plugins.plugin_utils.saf import denials
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf.racdcert import RacfListing

ROLE = "BBGZDFLT.zos.connect.access.roles.zosConnectAccess"
ACCESS: Json = {
    "users": ["CICSPRD1"],
    "server_user": "LIBSERV",
    "identity_assertion": {"link_users": ["CICSPRD1"], "asserted_users": ["IMSPRD1"]},
}
SYSTEM: Json = {
    "users": {
        "CICSPRD1": {"uid": "1001", "group": "CICSGRP"},
        "IMSPRD1": {"uid": "1002", "group": "IMSGRP"},
        "LIBSERV": {"uid": "1003", "group": "LIBGRP"},
        "WSGUEST": {"uid": "1004", "group": "WSGUESTG", "attributes": "PROTECTED RESTRICTED"},
    },
    "groups": {"CICSGRP": "1", "IMSGRP": "2", "LIBGRP": "3", "WSGUESTG": "4"},
    "profiles": {
        "APPL": {"BBGZDFLT": {"WSGUEST": "READ", "CICSPRD1": "READ", "IMSPRD1": "READ"}},
        "EJBROLE": {ROLE: {"CICSPRD1": "READ"}},
        "SERVER": {
            "BBG.ANGEL": {"LIBSERV": "READ"},
            "BBG.ANGEL.ZCEE": {"LIBSERV": "READ"},
            "BBG.AUTHMOD.BBGZSAFM": {"LIBSERV": "READ"},
            "BBG.AUTHMOD.BBGZSAFM.SAFCRED": {"LIBSERV": "READ"},
            "BBG.SECPFX.BBGZDFLT": {"LIBSERV": "READ"},
        },
        "FACILITY": {"BPX.SERVER": {"LIBSERV": "READ"}},
        "SURROGAT": {"IMSPRD1.BAQASSRT": {"CICSPRD1": "READ"}},
    },
}
# The class and profile that is taken away, and a user ID if only its access is; the first message; the angel.
DENIED = [
    ("SERVER", "BBG.ANGEL", None, "CWWKB0118W", ""),
    ("SERVER", "BBG.ANGEL", "LIBSERV", "CWWKB0118W", ""),
    ("SERVER", "BBG.ANGEL.ZCEE", None, "CWWKB0118W", "ZCEE"),
    ("SERVER", "BBG.AUTHMOD.BBGZSAFM", None, "CWWKB0115I", ""),
    ("SERVER", "BBG.AUTHMOD.BBGZSAFM.SAFCRED", "LIBSERV", "CWWKB0104I", ""),
    ("SERVER", "BBG.SECPFX.BBGZDFLT", None, "CWWKS2909E", ""),
    ("SERVER", "BBG.SECPFX.BBGZDFLT", "LIBSERV", "CWWKS2909E", ""),
    ("APPL", "BBGZDFLT", "WSGUEST", "CWWKS2907E", ""),
    ("APPL", "BBGZDFLT", "CICSPRD1", "CWWKS2907E", ""),
    ("APPL", "BBGZDFLT", "IMSPRD1", "CWWKS2907E", ""),
    ("EJBROLE", ROLE, None, "CWWKS2911E", ""),
    ("EJBROLE", ROLE, "CICSPRD1", "ICH408I", ""),
    ("FACILITY", "BPX.SERVER", "LIBSERV", "ICH408I", ""),
    ("SURROGAT", "IMSPRD1.BAQASSRT", None, "ICH408I", ""),
    ("SURROGAT", "IMSPRD1.BAQASSRT", "CICSPRD1", "ICH408I", ""),
]


def lacking(kind: str, profile: str, user: str | None) -> Racf:
    """Return RACF with all that is needed but one thing."""
    given = copy.deepcopy(SYSTEM)
    if user is None:
        del given["profiles"][kind][profile]
    else:
        del given["profiles"][kind][profile][user]
    return Racf(**given)


def messages(system: Racf, angel: str) -> str:
    server = Server(system, angel=angel)
    return server.start() or server.call("CICSPRD1", asserted="IMSPRD1")


def wanted(angel: str) -> Any:
    return without_ring({"zosconnect_access": {**ACCESS, **({"angel_name": angel} if angel else {})}})


def run_all(system: Racf, texts: list[str]) -> None:
    for text in texts:
        assert system.run(text)[0] <= 4, text


def test_with_all_that_is_needed_nothing_is_denied() -> None:
    system = Racf(**copy.deepcopy(SYSTEM))
    assert (messages(system, ""), messages(system, "ZCEE")) == ("", "")
    assert planned(wanted(""), system).texts == []


@pytest.mark.parametrize(("kind", "profile", "user", "message", "angel"), DENIED)
def test_the_rendered_commands_mend_what_is_denied(
    kind: str, profile: str, user: str | None, message: str, angel: str
) -> None:
    system = lacking(kind, profile, user)
    assert message in messages(system, angel)
    run_all(system, planned(wanted(angel), system).texts)
    assert messages(system, angel) == ""


@pytest.mark.parametrize(("kind", "profile", "user", "message", "angel"), DENIED)
def test_a_message_leads_back_to_what_is_missing(
    kind: str, profile: str, user: str | None, message: str, angel: str
) -> None:
    system, want = lacking(kind, profile, user), wanted(angel)
    found = denials.read(messages(system, angel))
    first = found[0]
    assert (first.message, first.kind, first.resource, first.level) == (message, kind, profile, "READ")
    needed = [text for text in planned(want, system).texts if not text.startswith("SETROPTS")]
    listing = known(want, system)
    if message == "ICH408I" and user is None:
        # The console says that a profile is there.
        listing.profiles[kind, profile] = None
    commands = denials.mending_commands(first, want.server, listing)
    assert [text for text in commands if not text.startswith("SETROPTS")] == needed
    run_all(system, commands)
    assert messages(system, angel) == ""


def test_every_rule_is_met() -> None:
    met = {
        (one.message, bool(angel))
        for kind, profile, user, _message, angel in DENIED
        for one in denials.read(messages(lacking(kind, profile, user), angel))
    }
    assert {message for message, _angel in met} == {rule.message for rule in denials.RULES}


@pytest.mark.parametrize(("kind", "profile", "user", "message", "angel"), DENIED)
def test_what_the_commands_are_without_options(
    kind: str, profile: str, user: str | None, message: str, angel: str
) -> None:
    """Without zosconnect_access, commands are only for a user ID that the message names."""
    for one in denials.shown(denials.read(messages(lacking(kind, profile, user), angel)), None, RacfListing()):
        assert bool(one["commands"]) is ((bool(one["user"]) and one["user"] != "WSGUEST") or one["class"] == "APPL")


def test_nobody_gives_the_role_to_callers_that_are_not_authenticated() -> None:
    system = lacking("APPL", "BBGZDFLT", "CICSPRD1")
    shown = denials.shown(denials.read(messages(system, "")), wanted("").server, RacfListing())
    permit = ["PERMIT BBGZDFLT CLASS(APPL) ID(CICSPRD1) ACCESS(READ)", "SETROPTS RACLIST(APPL) REFRESH"]
    assert [(one["message"], one["class"], one["user"], one["commands"]) for one in shown] == [
        ("CWWKS2907E", "APPL", "CICSPRD1", permit),
        ("ICH408I", "APPL", "CICSPRD1", permit),
        ("ICH408I", "EJBROLE", "WSGUEST", []),
    ]


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in cases("denials")])
def test_messages_as_they_are_printed(case: Json) -> None:
    text = f"noise before\n{case['text']}\nCWWKS1100A: Authentication did not succeed"
    (one,) = denials.shown(denials.read(text), None, RacfListing())
    assert (one["missing"], one["commands"]) == (case["missing"].strip(), case["commands"])
    assert one["listing_command"] == f"RLIST {one['class']} {one['resource']} AUTHUSER"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "CWWKS2932I: The authorized version of the SAF user registry is activated.",
        "CWWKS1100A: Authentication did not succeed for user ID Fred. An invalid user ID or password was specified.",
        "CWWKB0104I: Authorized service group ZOSAIO is not available.",
        "CWWKB0103I: Authorized service group SAFCRED is available.",
        "ICH408I JOB(BATCH1  ) STEP(STEP1   ) SUBMITTER(BOB)",
        "ICH408I USER(BOB     ) GROUP(SYS1    ) NAME(BOB) LOGON/JOB INITIATION - INVALID PASSWORD",
        "CWWKS2911E: because the resource profile A') CLASS(X) in class EJBROLE does not exist",
    ],
)
def test_what_denies_nothing(text: str) -> None:
    assert denials.read(text) == ()


@given(st.text(max_size=200), st.sampled_from(DENIED))
def test_whatever_stands_around_a_message_changes_nothing(text: str, denied: Any) -> None:
    kind, profile, user, _message, angel = denied
    if "CWWK" in text or "ICH408I" in text:
        return
    said = messages(lacking(kind, profile, user), angel)
    assert denials.read(f"{text}\n{said}") == denials.read(said)
