# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The target module that runs TSO commands: what it takes for done, for a list, for a change, and what it makes of the output."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from racf import Racf
from tsocmd import install, load

from ansible_collections.zosconnect.security.plugins.module_utils import tso
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf import commands, report

LIST = "RACDCERT ID(LIBSERV) LISTRING(*)"
ADD = "RACDCERT ID(LIBSERV) ADDRING(Zcee)"


def params(folder: Path, *texts: str, changes: bool = True) -> dict[str, Any]:
    program = str(folder / "tsocmd")
    return {
        "commands": list(texts),
        "changes": changes,
        "harmless": list(commands.HARMLESS),
        "tsocmd": program,
        "timeout": 60,
    }


@pytest.mark.parametrize(
    ("rc", "output", "done"),
    [
        (0, "", True),
        (0, "IRRD101I whatever an exit says", True),
        (4, "ICH06011I RACLISTED PROFILES FOR FACILITY WILL NOT REFLECT THE UPDATE(S) UNTIL\nA REFRESH", True),
        (4, "ICH14063I SETROPTS COMMAND COMPLETE.\nICH14070I SETROPTS RACLIST REFRESH HAD NO EFFECT ON CLASS X.", True),
        (4, "IRRD107I No matching certificate was found for this user.", False),
        (4, "ICH06011I RACLISTED …\nIRRD107I No matching certificate", False),
        (4, "", False),
        (8, "ICH06011I RACLISTED …", False),
        (255, "", False),
    ],
)
def test_what_counts_as_done(rc: int, output: str, *, done: bool) -> None:
    assert tso.is_done({"rc": rc, "output": output}, list(commands.HARMLESS)) is done


@pytest.mark.parametrize(
    ("command", "changes", "taken"),
    [
        (LIST, False, True),
        ("RACDCERT CERTAUTH LIST(LABEL('Bob''s CA'))", False, True),
        ("RACDCERT ID(A) LISTMAP", False, True),
        ("RLIST FACILITY IRR.DIGTCERT.LIST AUTHUSER", False, True),
        ("SETROPTS LIST", False, True),
        ("LISTUSER CICSPRD1 OMVS", False, True),
        ("LISTGRP CALLERS OMVS", False, True),
        ("LISTUSER CICSPRD1 OMVS) ALTUSER A SPECIAL", False, False),
        ("LISTUSER CICSPRD1 OMVS", True, False),
        (ADD, False, False),
        ("SETROPTS RACLIST(FACILITY) REFRESH", False, False),
        (ADD, True, True),
        ("SETROPTS RACLIST(FACILITY) REFRESH", True, True),
        ("RDEFINE FACILITY A UACC(NONE)", True, True),
        ("PERMIT A CLASS(FACILITY) ID(B) ACCESS(READ)", True, True),
        ("RACDCERT ID(A) DELETE(LABEL('a'))", True, False),
        ("RACDCERT ID(A) ADDRING(B)\nDELUSER C", True, False),
        ("ALTUSER A SPECIAL", True, False),
        ("SETROPTS NORACLIST(FACILITY)", True, False),
        ("SETROPTS CLASSACT(DIGTNMAP) RACLIST(DIGTNMAP)", True, True),
        ("SETROPTS RACLIST(DIGTNMAP)", True, True),
        ("SETROPTS CLASSACT(APPL) RACLIST(APPL)", True, False),
    ],
)
def test_which_commands_it_takes(command: str, *, changes: bool, taken: bool) -> None:
    said = tso.refused({"commands": [command], "changes": changes}, check_mode=False)
    assert said == ("" if taken else f"{command!r} is not a command that this module runs.")


def test_every_command_that_lists_is_taken() -> None:
    lists = (commands.list_rings("A"), commands.list_certificate("SITE", "a b"), commands.list_filters("A"))
    lists += (commands.list_profile("EJBROLE", "a.B"), commands.LIST_OPTIONS)
    lists += (commands.list_user("A"), commands.list_group("B"))
    assert all(tso.LISTS.fullmatch(text) for text in lists)


def test_it_stops_where_a_command_fails_and_leaves_standard_input_alone(tmp_path: Path) -> None:
    install(tmp_path, Racf())
    answers = tso.run_all(params(tmp_path, ADD, ADD, "SETROPTS RACLIST(DIGTRING) REFRESH"))
    assert [(one["rc"], one["done"]) for one in answers] == [(0, True), (8, False)]
    assert answers[1]["output"].strip() == "IRRD122I Ring Zcee already exists."
    assert load(tmp_path).log == [ADD, ADD]


def test_what_it_brings_is_a_listing(tmp_path: Path) -> None:
    install(tmp_path, Racf())
    answers = tso.run_all(params(tmp_path, LIST, LIST, changes=False))
    assert report.listing_text(answers) == f"{LIST}\nIRRD115I User LIBSERV has no rings.\n" * 2


def test_a_command_may_take_so_long(tmp_path: Path) -> None:
    program = tmp_path / "tsocmd"
    program.write_text("#!/bin/sh\nexec sleep 10\n")
    program.chmod(0o700)
    with pytest.raises(subprocess.TimeoutExpired):
        tso.run(LIST, str(program), timeout=0.1)


def test_a_command_that_fails_without_a_word() -> None:
    with pytest.raises(SecurityError) as caught:
        report.listing_text([{"command": LIST, "rc": 255, "output": "\n"}])
    said = f"{LIST}: ended with return code 255 and printed nothing; run it by hand to see why."
    assert str(caught.value) == said
