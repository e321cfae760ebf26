# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Operator commands, as IBM's pages on the MODIFY command have them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ansible.errors import AnsibleConnectionFailure, AnsibleFilterError

from ansible_collections.zosconnect.security.plugins.action.operator_command import ActionModule
from ansible_collections.zosconnect.security.plugins.filter.operator_commands import operator_commands
from ansible_collections.zosconnect.security.plugins.plugin_utils import operator_answers, zos_names
from ansible_collections.zosconnect.security.plugins.plugin_utils import operator_commands as known
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("changed", "version", "commands"),
    [
        ("configuration", "2.0", ["F ZCEE,ZCON,REFRESH"]),
        ("configuration", "3.0", ["F ZCEE,REFRESH,CONFIG"]),
        ("configuration", 3.0, ["F ZCEE,REFRESH,CONFIG"]),
        ("key_stores", "2.0", ["F ZCEE,ZCON,REFRESH"]),
        ("key_stores", "3.0", ["F ZCEE,REFRESH,KEYSTORE"]),
        ("applications", 2.0, ["F ZCEE,ZCON,REFRESH"]),
        ("applications", "3.0", ["F ZCEE,REFRESH,APPS"]),
        ("access", "2.0", ["F ZCEE,ZCON,CLEARSAFCACHE", "F ZCEE,CACHE,CLEAR,AUTH"]),
        ("access", "3.0", ["F ZCEE,CACHE,CLEAR,AUTH"]),
    ],
)
def test_commands(changed: str, version: object, commands: list[str]) -> None:
    assert operator_commands(changed, "ZCEE", version) == commands


@pytest.mark.parametrize(("given", "version"), [(3, "3.0"), ("2", "2.0"), (3.0, "3.0")])
def test_a_version_as_people_write_it(given: object, version: str) -> None:
    assert operator_commands("key_stores", "ZCEE", given) == operator_commands("key_stores", "ZCEE", version)


def test_defaults() -> None:
    assert operator_commands("configuration") == ["F BAQSTRT,ZCON,REFRESH"]
    assert operator_commands("configuration", "") == ["F BAQSTRT,ZCON,REFRESH"]
    assert operator_commands("configuration", " ") == ["F BAQSTRT,ZCON,REFRESH"]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            ("keystore",),
            "what has changed: 'keystore' is not one of configuration, key_stores, applications, access; did you mean key_stores?",
        ),
        (("access", 7), "job_name: must be text, not a number. Put it in quotes."),
        (("access", "ZCEE,STOP"), f"job_name: 'ZCEE,STOP' must be {zos_names.JOB_MASK.words}."),
        (("access", "ZCEE1234X"), f"job_name: 'ZCEE1234X' must be {zos_names.JOB_MASK.words}."),
        (("access", "ZCEE", "3.1"), "zosconnect_version: '3.1' is not one of 2.0, 3.0; did you mean 3.0?"),
    ],
)
def test_errors(given: tuple[object, ...], sentence: str) -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        operator_commands(*given)
    assert str(caught.value) == f"operator_commands: {sentence}"


def test_nobody_else_writes_such_a_command() -> None:
    """Neither the engine nor a role: they would name different ones for the same change."""
    written = re.compile(r"ZCON,[A-Z]|REFRESH,(CONFIG|KEYSTORE|APPS)\b|CACHE,CLEAR")
    plugins = ROOT / "plugins"
    files = [*plugins.glob("plugin_utils/**/*.py"), *plugins.glob("action/*.py"), *(ROOT / "roles").glob("*/*/*.yml")]
    found = {path.name for path in files if written.search(path.read_text(encoding="utf-8"))}
    assert found == {"operator_commands.py"}


def test_commands_for_several_changes_each_once() -> None:
    assert known.told(["key_stores", "configuration", "policy", "policy"], "ZCEE", "2.0") == [
        "F ZCEE,ZCON,REFRESH",
        "F PAGENT,UPDATE",
    ]
    assert set(known.TOLD) == {*known.CHANGED, "policy"}


PERMIT = "permit the user of the connection to control it (class OPERCMDS, MVS.MODIFY.STC.*), or let an operator give the command"
FEATURE = "the server does not know it: look at zosconnect_version, and for 2.0 at the feature zosconnect:zosConnectCommands-1.0"
ANSWERS = [
    ("IEE305I F        COMMAND INVALID", "the system does not know it; look at job_name"),
    ("IEE341I ZCEE     NOT ACTIVE", "start the job, or give its name in job_name"),
    ("IEE342I MODIFY   REJECTED-TASK BUSY", "the job is busy with another command; give it again"),
    ("IEE345I MODIFY   AUTHORITY INVALID, FAILED BY MVS", PERMIT),
    ("ICH408I USER(ZCEE    ) GROUP(STC     ) NAME(ZCEE                )", PERMIT),
    ("CWWKB0006W: MODIFY COMMAND ZCON,REFRESH WAS NOT KNOWN TO ANY ACTIVE COMMAND HANDLER.", FEATURE),
    ("CWWKB0007E: ERROR RECEIVED FROM COMMAND HANDLER X.", "look into the server's messages.log"),
    (
        "EZZ8438I PAGENT POLICY DEFINITIONS CONTAIN ERRORS FOR TCPIP : TTLS",
        "look into the log of the Policy Agent, and mend the policy",
    ),
]


@pytest.mark.parametrize(("line", "remedy"), ANSWERS, ids=[line[:10] for line, _remedy in ANSWERS])
def test_a_refusal_says_what_to_do(line: str, remedy: str) -> None:
    with pytest.raises(SecurityError) as refused:
        operator_answers.read("F ZCEE,X", f"first\n  {line}  \nlast", 0, "tsocmd")
    assert str(refused.value) == f"F ZCEE,X was refused: {line}; {remedy}."


def test_a_command_that_failed_in_the_server() -> None:
    line = "CWWKB0002I: MODIFY COMMAND REFRESH,CONFIG COMPLETED UNSUCCESSFULLY."
    with pytest.raises(SecurityError) as failed:
        operator_answers.read("F ZCEE,REFRESH,CONFIG", line, 0, "tsocmd")
    assert str(failed.value) == f"F ZCEE,REFRESH,CONFIG failed: {line}; look into the server's messages.log."


def test_a_bad_end_without_a_word() -> None:
    with pytest.raises(SecurityError) as failed:
        operator_answers.read("F ZCEE,X", "\n", 12, "tsocmd")
    assert str(failed.value) == "F ZCEE,X was not taken: tsocmd ended with return code 12: it printed nothing."


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("CWWKB0002I: MODIFY COMMAND REFRESH,CONFIG COMPLETED SUCCESSFULLY.", True),
        ("EZZ8771I PAGENT CONFIG POLICY PROCESSING COMPLETE FOR TCPIP : TTLS", True),
        ("IEE3410I AND OTHERS", False),
        ("", False),
    ],
)
def test_what_is_neither_confirmed_nor_refused_is_doubted(output: str, said: object) -> None:
    answer = operator_answers.read("F ZCEE,X", output, 0, "tsocmd")
    assert answer.shown() == {"command": "F ZCEE,X", "output": output, "confirmed": said}
    doubt = "F ZCEE,X: nothing in the answer says that it was carried out; look into the job's log."
    assert answer.doubt == (None if said else doubt)


def test_a_lost_connection_is_no_missing_collection(monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*_arguments: object, **_options: object) -> None:
        raise AnsibleConnectionFailure("timed out")

    action = object.__new__(ActionModule)
    monkeypatch.setattr(ActionModule, "_execute_module", lost)
    action._vars = {}
    with pytest.raises(AnsibleConnectionFailure):
        action._by_collection("F ZCEE,ZCON,REFRESH", {"seconds": 1})
