# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Operator commands given to a console by a stand-in for tsocmd, and by one for ibm.ibm_zos_core; and refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from plays import Played, play

pytestmark = pytest.mark.ansible

DONE = "CWWKB0002I: MODIFY COMMAND REFRESH,KEYSTORE COMPLETED SUCCESSFULLY."
REFUSED = "IEE345I MODIFY   AUTHORITY INVALID, FAILED BY SECURITY PRODUCT"
TSOCMD = f"""#!/bin/sh
test -z "$(cat)" || exit 99
echo "$1" >> "$(dirname "$0")/given.txt"
echo "$1" >&2
case "$1" in
*ZCEE,REFRESH*) echo "{DONE}" ;;
*ZCEE,CACHE*) echo "nothing that anybody knows" ;;
*PAGENT*) echo "EZZ8771I PAGENT CONFIG POLICY PROCESSING COMPLETE FOR TCPIP : TTLS" ;;
*DOWN*) echo "IEE341I DOWN             NOT ACTIVE" ;;
*) echo "IKJ55303I THE CONSOLE COMMAND HAS TERMINATED."; exit 8 ;;
esac
"""


def told(folder: Path, *tasks: dict[str, Any], arguments: tuple[str, ...] = ()) -> Played:
    made = [{"zosconnect.security.operator_command": {"zosconnect_version": "3.0", **one}} for one in tasks]
    return play(folder, made, arguments=arguments)


@pytest.fixture
def tsocmd(tmp_path: Path) -> dict[str, Any]:
    program = tmp_path / "tsocmd"
    program.write_text(TSOCMD, encoding="ascii")
    program.chmod(0o700)
    return {"by": "tsocmd", "tsocmd": str(program)}


def given(folder: Path) -> list[str]:
    path = folder / "given.txt"
    return path.read_text(encoding="ascii").splitlines() if path.exists() else []


def test_by_tsocmd(tmp_path: Path, tsocmd: dict[str, Any]) -> None:
    done, doubted, down, other, name = told(
        tmp_path,
        {**tsocmd, "changed": ["key_stores", "policy"], "job_name": "ZCEE", "console": "ZCEEOPER"},
        {**tsocmd, "changed": ["access"], "job_name": "ZCEE"},
        {**tsocmd, "changed": ["configuration", "access"], "job_name": "DOWN"},
        {**tsocmd, "changed": ["access"], "job_name": "OTHER"},
        {**tsocmd, "changed": ["access"], "job_name": "X,P OTHER"},
    ).results
    assert (done["changed"], done["commands"]) == (True, ["F ZCEE,REFRESH,KEYSTORE", "F PAGENT,UPDATE"])
    assert [one["confirmed"] for one in done["answers"]] == [True, True]
    assert "warnings" not in done
    (warning,) = doubted["warnings"]
    assert (
        warning
        == "F ZCEE,CACHE,CLEAR,AUTH: nothing in the answer says that it was carried out; look into the job's log."
    )
    assert down["msg"] == (
        "F DOWN,REFRESH,CONFIG was refused: IEE341I DOWN             NOT ACTIVE; start the job, or give its name in job_name."
    )
    assert other["msg"] == (
        "F OTHER,CACHE,CLEAR,AUTH was not taken: tsocmd ended with return code 8: IKJ55303I THE CONSOLE COMMAND HAS TERMINATED."
    )
    assert name["failed"]
    assert name["msg"].startswith("job_name: ")
    assert given(tmp_path) == [
        "CONSOLE SYSCMD(F ZCEE,REFRESH,KEYSTORE) NAME(ZCEEOPER)",
        "CONSOLE SYSCMD(F PAGENT,UPDATE) NAME(ZCEEOPER)",
        "CONSOLE SYSCMD(F ZCEE,CACHE,CLEAR,AUTH)",
        "CONSOLE SYSCMD(F DOWN,REFRESH,CONFIG)",
        "CONSOLE SYSCMD(F OTHER,CACHE,CLEAR,AUTH)",
    ]


@pytest.mark.chosen
def test_check_mode_gives_none(tmp_path: Path, tsocmd: dict[str, Any]) -> None:
    (result,) = play(
        tmp_path,
        [
            {
                "zosconnect.security.operator_command": {**tsocmd, "changed": ["key_stores"]},
                "check_mode": True,
            }
        ],
        arguments=(),
    ).results
    assert (result["changed"], result["commands"], result["answers"]) == (True, ["F BAQSTRT,ZCON,REFRESH"], [])
    assert given(tmp_path) == []


@pytest.mark.chosen
@pytest.mark.both_cores
def test_by_the_collection_of_ibm(tmp_path: Path) -> None:
    from zos_core import install

    echo = ["EC000000  2026334  16:00:49.00  ISF031I CONSOLE OMVS0000 ACTIVATED", "-F ZCEE,..."]
    install(
        tmp_path / "no-collections",
        {
            "F ZCEE,REFRESH,KEYSTORE": (0, [*echo, DONE]),
            "F ZCEE,REFRESH,CONFIG": (0, [*echo, REFUSED]),
            "F ZCEE,REFRESH,APPS": (8, ["", "BGYSC0000E no console"]),
        },
    )
    how = {"by": "zos_operator", "job_name": "ZCEE"}
    done, refused, failed, silent, dollar = told(
        tmp_path,
        {**how, "changed": ["key_stores"]},
        {**how, "changed": ["configuration"]},
        {**how, "changed": ["applications"]},
        {**how, "changed": ["access"]},
        {**how, "changed": ["access"], "job_name": "Z$EE"},
    ).results
    assert done["answers"][0]["confirmed"]
    assert refused["msg"] == (
        f"F ZCEE,REFRESH,CONFIG was refused: {REFUSED}; permit the user of the connection to control it (class OPERCMDS, "
        "MVS.MODIFY.STC.*), or let an operator give the command."
    )
    assert failed["msg"] == (
        "F ZCEE,REFRESH,APPS was not taken: zos_operator ended with return code 1: An error occurred executing the operator "
        "command 'F ZCEE,REFRESH,APPS', with RC=8."
    )
    assert silent["msg"] == (
        "F ZCEE,CACHE,CLEAR,AUTH was not taken: zos_operator ended with return code 1: Expected response to be more than 2 lines."
    )
    assert dollar["msg"] == (
        "job_name: Z$EE has a $, which ibm.ibm_zos_core.zos_operator takes for a variable of a shell; take by tsocmd."
    )


@pytest.mark.both_cores
def test_without_the_collection_of_ibm(tmp_path: Path) -> None:
    (result,) = told(tmp_path, {"by": "zos_operator", "changed": ["key_stores"]}).results
    assert result["msg"] == (
        "by: ibm.ibm_zos_core.zos_operator is not there; install the collection ibm.ibm_zos_core on the controller, or take "
        "by tsocmd."
    )


@pytest.mark.java
def test_a_renewal_tells_the_console(tmp_path: Path, tsocmd: dict[str, Any]) -> None:
    """The new content counts after the command; where that is refused, the files stay, and a later run gives it."""
    from pki import Authority

    ca = Authority("CA", key_type="ec")
    old, new = (ca.issue("localhost", key_type="ec", days=days) for days in (5, 47))
    store = tmp_path / "key.p12"
    store.write_bytes(old.pkcs12(alias="server", password="store-password"))
    material = {
        "certificate_content": new.certificate_pem,
        "privatekey_content": new.key_pem(),
        "chain_content": ca.root_pem,
    }
    stores = [{"path": str(store), "password": "store-password", "entries": [{"alias": "server", **material}]}]
    how = {"stores": stores, "operator": "tsocmd", "tsocmd": tsocmd["tsocmd"], "zosconnect_version": "3.0"}
    tasks = [
        {"zosconnect.security.renew": {**how, "job_name": "ZCEE"}, "check_mode": True},
        {"zosconnect.security.renew": {**how, "job_name": "DOWN", "prefix": "renew_"}},
        {"zosconnect.security.renew": {**how, "job_name": "ZCEE"}},
        {"zosconnect.security.renew": {**how, "job_name": "ZCEE", "tell_again": True}},
    ]
    tried, refused, again, told_again = play(tmp_path, tasks, arguments=()).results
    assert (tried["changed"], tried["report"]["given"]) == (True, [])
    assert refused["msg"] == (
        "F DOWN,REFRESH,KEYSTORE was refused: IEE341I DOWN             NOT ACTIVE; start the job, or give its name in job_name. "
        "The files are changed; run again with renew_tell_again true when it can be given."
    )
    assert refused["report"]["changed"] == [str(store)]
    assert (again["changed"], again["report"]["given"]) == (False, [])
    assert (told_again["changed"], told_again["report"]["given"]) == (True, ["F ZCEE,REFRESH,KEYSTORE"])
    assert "given to the console: F ZCEE,REFRESH,KEYSTORE" in told_again["lines"]
    assert given(tmp_path) == ["CONSOLE SYSCMD(F DOWN,REFRESH,KEYSTORE)", "CONSOLE SYSCMD(F ZCEE,REFRESH,KEYSTORE)"]
