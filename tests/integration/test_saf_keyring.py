# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""saf_keyring: check, apply, compare, check again, apply again, on a tsocmd that behaves as documented; and what fails."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from plays import play

sys.path.insert(0, str(Path(__file__).parents[1] / "zos"))

from racf import Racf, ring_listing
from tsocmd import install, load

pytestmark = [pytest.mark.ansible, pytest.mark.chosen]

Json = dict[str, Any]

OLD = [["ID(LIBSERV)", "zcee", "PERSONAL", True], ["SITE", "Old site", "SITE", False]]
NEW = [["CERTAUTH", "Bank's CA", "CERTAUTH", False], ["ID(LIBSERV)", "zcee 2027", "PERSONAL", True]]
CERTIFICATES = {
    "CERTAUTH": {"Bank's CA": {"subject": "CN=Bank CA.OU=" + "Trust and more trust " * 5 + ".O=Bank"}},
    "SITE": {"Old site": {"subject": "CN=site"}},
    "ID(LIBSERV)": {"zcee": {"subject": "CN=zcee"}, "zcee 2027": {"subject": "CN=zcee"}},
}
WANTED: Json = {
    "owner": "libserv",
    "ring": "Zcee",
    "state": "overridden",
    "certificates": [
        {"label": "zcee 2027", "replaces": "zcee"},
        {"label": "Bank's CA", "owner": "CERTAUTH"},
    ],
    "authority": "facility",
    "users": [{"user": "LIBSERV", "private_keys": True}],
    "zosconnect_access": {"users": ["CICSPRD1"]},
    "clients": [{"user": "CICSPRD1", "label": "cics", "subject": "CN=cics.O=Bank"}],
}
COMMANDS = [
    "RACDCERT ID(LIBSERV) CONNECT(CERTAUTH LABEL('Bank''s CA') RING(Zcee) USAGE(CERTAUTH))",
    "RACDCERT ID(LIBSERV) CONNECT(ID(LIBSERV) LABEL('zcee 2027') RING(Zcee) USAGE(PERSONAL) DEFAULT)",
    "RACDCERT ID(LIBSERV) REMOVE(ID(LIBSERV) LABEL('zcee') RING(Zcee))",
    "RACDCERT ID(LIBSERV) REMOVE(SITE LABEL('Old site') RING(Zcee))",
    "PERMIT IRR.DIGTCERT.LISTRING CLASS(FACILITY) ID(LIBSERV) ACCESS(READ)",
    "RDEFINE FACILITY IRR.DIGTCERT.LIST UACC(NONE)",
    "PERMIT IRR.DIGTCERT.LIST CLASS(FACILITY) ID(LIBSERV) ACCESS(READ)",
    "RDEFINE APPL BBGZDFLT UACC(NONE)",
    "PERMIT BBGZDFLT CLASS(APPL) ID(WSGUEST) ACCESS(READ)",
    "PERMIT BBGZDFLT CLASS(APPL) ID(CICSPRD1) ACCESS(READ)",
    "RDEFINE EJBROLE BBGZDFLT.zos.connect.access.roles.zosConnectAccess UACC(NONE)",
    "PERMIT BBGZDFLT.zos.connect.access.roles.zosConnectAccess CLASS(EJBROLE) ID(CICSPRD1) ACCESS(READ)",
    "RACDCERT ID(CICSPRD1) MAP WITHLABEL('cics') TRUST SDNFILTER('CN=cics.O=Bank')",
    "SETROPTS RACLIST(APPL DIGTCERT DIGTNMAP DIGTRING EJBROLE FACILITY) REFRESH",
]
LISTS = (" LISTRING(", " LIST(", " LISTMAP", "RLIST ", "SETROPTS LIST", "LISTUSER ", "LISTGRP ")
# The access of a server alone, and the messages that it wrote before.
ACCESS: Json = {"zosconnect_access": {"version": 3.0, "web_applications": ["roster"], "users": ["CICSPRD1"]}}
DENIED = "CWWKS2911E: RACROUTE_AUTH did not succeed because the resource profile BBGZDFLT.roster.invoke in class EJBROLE does not exist."
# What RACF refuses, or says that it did; and what is desired.
EMPTY: Json = {"owner": "LIBSERV", "ring": "Zcee", "state": "overridden"}
OTHERS: dict[str, tuple[Json, Json]] = {
    "stopped": ({"denied": ["REMOVE"]}, WANTED),
    "first": ({"denied": ["REMOVE"]}, EMPTY),
    "nobody": ({"denied": ["LISTRING"]}, EMPTY),
    "lied": ({"ignored": ["REMOVE("]}, EMPTY),
}


def system(**more: Any) -> Racf:
    profiles: Json = {"FACILITY": {"IRR.DIGTCERT.LISTRING": {"IBMUSER": "ALTER"}}}
    users = {
        "CICSPRD1": {"uid": "1", "group": "G"},
        "WSGUEST": {"uid": "2", "group": "G", "attributes": "PROTECTED RESTRICTED"},
    }
    return Racf(
        rings={"LIBSERV": {"Zcee": OLD}},
        certificates=CERTIFICATES,
        profiles=profiles,
        users=users,
        groups={"G": "3"},
        **more,
    )


def task(options: Json, **more: Any) -> Json:
    return {"zosconnect.security.saf_keyring": options, **more}


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """All cases in one play: what each returned, and the folder of its RACF."""
    base = tmp_path_factory.mktemp("saf")
    folders = {name: base / name for name in ("steps", "checked", "cics", "access", *OTHERS)}
    for name, folder in folders.items():
        folder.mkdir()
        install(folder, system(**OTHERS.get(name, ({}, {}))[0]))
    steps = {**WANTED, "tsocmd": str(folders["steps"] / "tsocmd")}
    checked = {**WANTED, "tsocmd": str(folders["checked"] / "tsocmd")}
    cics = {"owner": "LIBSERV", "ring": "Zcee", "used_by_cics": True, "tsocmd": str(folders["cics"] / "tsocmd")}
    rendered: Json = {**WANTED, "state": "rendered", "rendered_state": "overridden"}
    access = {**ACCESS, "tsocmd": str(folders["access"] / "tsocmd")}
    direct = {"commands": COMMANDS[:1], "changes": True, "tsocmd": str(folders["checked"] / "tsocmd")}
    tasks = {
        "check": task(checked, check_mode=True, diff=True),
        "apply": task(steps, diff=True),
        "check_again": task(steps, check_mode=True),
        "apply_again": task(steps),
        **{name: task({**want, "tsocmd": str(folders[name] / "tsocmd")}) for name, (_, want) in OTHERS.items()},
        "cics": task({**cics, "certificates": [{"label": "zcee 2027"}]}),
        "cics_rolled": task({**cics, "certificates": [{"label": "zcee 2027", "replaces": "zcee"}]}),
        "access_check": task(access, check_mode=True),
        "access": task(access),
        "access_again": task(access),
        "access_rendered": task({**ACCESS, "state": "rendered", "messages": DENIED}),
        "denied": task({"state": "parsed", "messages": DENIED}),
        "messages_too": task({**access, "messages": DENIED}),
        "no_program": task({**WANTED, "tsocmd": "/nowhere/tsocmd"}),
        "listing_too": task({**WANTED, "listing": "READY"}),
        "rendered": task({**rendered, "listing": ring_listing("LIBSERV", {"Zcee": OLD})}),
        "parsed": task({"state": "parsed", "listing": ring_listing("LIBSERV", {"Zcee": OLD})}),
        "module_checks": {"zosconnect.security.target_tso": direct, "check_mode": True},
        "module_refuses": {"zosconnect.security.target_tso": {**direct, "commands": ["DELETE 'SYS1.X'"]}},
        "module_only_lists": {"zosconnect.security.target_tso": {**direct, "changes": False}},
    }
    done = play(base, list(tasks.values()))
    return {"folders": folders, "output": done.output, **dict(zip(tasks, done.results, strict=True))}


def changing(log: list[str]) -> list[str]:
    return [command for command in log if not any(word in command for word in LISTS)]


def test_check_mode_foretells_everything_and_runs_nothing(played: dict[str, Any]) -> None:
    check, apply = played["check"], played["apply"]
    assert (check["changed"], check["commands"]) == (True, COMMANDS)
    for key in ("changed", "commands", "undo", "before", "after", "findings", "notes", "diff"):
        assert check[key] == apply[key], key
    assert changing(load(played["folders"]["checked"]).log) == []


def test_the_ring_is_what_is_desired(played: dict[str, Any]) -> None:
    assert "failed" not in played["apply"] or not played["apply"]["failed"], played["apply"]
    racf = load(played["folders"]["steps"])
    assert racf.rings == {"LIBSERV": {"Zcee": NEW}}
    assert racf.profiles == {
        "FACILITY": {
            "IRR.DIGTCERT.LISTRING": {"IBMUSER": "ALTER", "LIBSERV": "READ"},
            "IRR.DIGTCERT.LIST": {"LIBSERV": "READ"},
        },
        "APPL": {"BBGZDFLT": {"WSGUEST": "READ", "CICSPRD1": "READ"}},
        "EJBROLE": {"BBGZDFLT.zos.connect.access.roles.zosConnectAccess": {"CICSPRD1": "READ"}},
    }
    assert racf.filters == [{"user": "CICSPRD1", "label": "cics", "subject": "CN=cics.O=Bank", "issuer": ""}]


def test_twice_is_once(played: dict[str, Any]) -> None:
    for name in ("check_again", "apply_again"):
        assert (played[name]["changed"], played[name]["commands"]) == (False, [])
    assert changing(load(played["folders"]["steps"]).log) == COMMANDS


def test_the_diff_shows_the_ring(played: dict[str, Any]) -> None:
    (diff,) = played["apply"]["diff"]
    assert diff["before"] == "ring LIBSERV/Zcee\n  ID(LIBSERV) 'zcee' PERSONAL DEFAULT\n  SITE 'Old site' SITE\n"
    head = "ring LIBSERV/Zcee\n  CERTAUTH \"Bank's CA\" CERTAUTH\n  ID(LIBSERV) 'zcee 2027' PERSONAL DEFAULT\n"
    assert diff["after"] == head + "".join(f"{text}\n" for text in COMMANDS[4:-1])


def test_it_stops_at_the_first_command_that_fails(played: dict[str, Any]) -> None:
    result = played["stopped"]
    assert (result["failed"], result["changed"]) == (True, True)
    assert result["msg"] == (
        f"{COMMANDS[2]}: failed with return code 8: IRRD101I You are not authorized to issue the RACDCERT command. "
        "2 of 14 commands were done before and stay, because RACF has no transaction: take them back with the commands "
        "in undo, or run the task again when the cause is gone."
    )
    assert (result["done"], result["failed_command"]) == (COMMANDS[:2], COMMANDS[2])
    assert result["not_done"] == COMMANDS[3:]
    racf = load(played["folders"]["stopped"])
    assert changing(racf.log) == COMMANDS[:3]
    racf.denied = []
    assert [racf.run(command)[0] for command in result["undo"]] == [0] * len(result["undo"])
    assert racf.rings == {"LIBSERV": {"Zcee": [OLD[0], OLD[1]]}}, "the ring is as it was"


def test_a_failure_at_once_changes_nothing(played: dict[str, Any]) -> None:
    result = played["first"]
    assert (result["failed"], result["changed"], result["done"], result["undo"]) == (True, False, [], [])
    assert result["msg"].endswith("to issue the RACDCERT command. Nothing was changed.")
    assert load(played["folders"]["first"]).rings == {"LIBSERV": {"Zcee": OLD}}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nobody", "IRRD101I You are not authorized to issue the RACDCERT command. The user needs READ"),
        ("cics", "with the same subject name CN=zcee, and CICS does not support that."),
        (
            "no_program",
            "/nowhere/tsocmd: cannot be run (No such file or directory). RACF commands need z/OS UNIX; elsewhere take state rendered, and have the commands run there.",
        ),
        (
            "messages_too",
            "messages: is for states rendered and parsed; the other ones ask RACF themselves. Leave it out, or take state rendered.",
        ),
        (
            "listing_too",
            "listing: is for states rendered and parsed; the other ones ask RACF themselves. Leave it out, or take state rendered.",
        ),
        ("module_checks", "Check mode runs no command that changes something."),
        ("module_refuses", "\"DELETE 'SYS1.X'\" is not a command that this module runs."),
        ("module_only_lists", "is not a command that this module runs."),
    ],
)
def test_what_is_refused(played: dict[str, Any], name: str, said: str) -> None:
    assert played[name]["failed"]
    assert not played[name]["changed"]
    assert said in played[name]["msg"]


def test_racf_is_asked_again_afterwards(played: dict[str, Any]) -> None:
    result = played["lied"]
    first, second = (f"RACDCERT ID(LIBSERV) REMOVE({one[0]} LABEL('{one[1]}') RING(Zcee))" for one in OLD)
    assert (result["failed"], result["changed"]) == (True, True)
    assert result["msg"] == (
        f"RACF took all commands, but asked again it still lacks: {first}; {second}. Look for exits or "
        "automatic direction that change commands."
    )


def test_a_roll_over_for_cics(played: dict[str, Any]) -> None:
    assert played["cics_rolled"]["commands"][:2] == [
        "RACDCERT ID(LIBSERV) REMOVE(ID(LIBSERV) LABEL('zcee') RING(Zcee))",
        "RACDCERT ID(LIBSERV) CONNECT(ID(LIBSERV) LABEL('zcee 2027') RING(Zcee) USAGE(PERSONAL) DEFAULT)",
    ]
    ring = load(played["folders"]["cics"]).rings["LIBSERV"]["Zcee"]
    assert ring == [OLD[1], ["ID(LIBSERV)", "zcee 2027", "PERSONAL", True]]


def test_what_is_rendered_does_what_would_have_been_run(played: dict[str, Any]) -> None:
    result = played["rendered"]
    assert result["changed"] is False
    assert all(len(line) <= 72 for line in result["script"].splitlines())
    racf = system()
    texts = result["script"].replace(" -\n", " ").replace("-\n", "").splitlines()
    assert texts == result["commands"]
    # The profile that no listing showed is taken for present; here it is not.
    racf.profiles["FACILITY"]["IRR.DIGTCERT.LIST"] = {}
    assert max(racf.run(text)[0] for text in texts) <= 4
    assert racf.rings == {"LIBSERV": {"Zcee": NEW}}
    asked = result["listing_script"].replace(" -\n", " ").replace("-\n", "").splitlines()
    assert "RACDCERT ID(LIBSERV) LISTRING(*)" in asked
    assert changing(asked) == []
    assert result["undo_script"].splitlines()[-1].startswith("SETROPTS RACLIST(")


def test_the_access_of_a_server_needs_no_ring(played: dict[str, Any]) -> None:
    check, result, again = (played[name] for name in ("access_check", "access", "access_again"))
    assert (result["changed"], result["commands"], result["before"]) == (True, check["commands"], None)
    assert (again["changed"], again["commands"], again["operator_commands"]) == (False, [], [])
    assert result["operator_commands"] == ["F <jobname>,CACHE,CLEAR,AUTH"]
    assert load(played["folders"]["access"]).profiles["EJBROLE"] == {"BBGZDFLT.roster.invoke": {"CICSPRD1": "READ"}}


def test_what_racf_denied_leads_to_commands(played: dict[str, Any]) -> None:
    rendered = played["access_rendered"]
    (one,) = rendered["denials"]
    assert set(one["commands"]) < set(rendered["commands"]) | {"SETROPTS RACLIST(EJBROLE) REFRESH"}
    assert rendered["undo"] == []
    assert "nothing undoes" in rendered["undo_script"]
    (one,) = played["denied"]["denials"]
    assert (one["resource"], one["commands"]) == ("BBGZDFLT.roster.invoke", [])


def test_what_is_parsed(played: dict[str, Any]) -> None:
    (ring,) = played["parsed"]["rings"]
    assert (ring["owner"], ring["name"], len(ring["connections"])) == ("LIBSERV", "Zcee", 2)
