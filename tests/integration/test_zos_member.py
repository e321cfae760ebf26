# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook of docs/ZOS.md for a policy in a data set member, on a stand-in for ibm.ibm_zos_core."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from zos_core import install

from ansible_collections.zosconnect.security.plugins.plugin_utils import codepages

pytestmark = pytest.mark.ansible

PAGE = (Path(__file__).parents[2] / "docs" / "ZOS.md").read_text(encoding="utf-8")
MEMBER = "SYS1.TCPPARMS(TTLSPOL)"
POLICY = "TTLSGroupAction                 zcOn\n{\n  TTLSEnabled                   On\n}\n"
EBCDIC = codepages.for_name("IBM-1047")
assert EBCDIC
DONE = "EZZ8771I PAGENT CONFIG POLICY PROCESSING COMPLETE FOR TCPIP : TTLS"


class World:
    def __init__(self, folder: Path, answers: list[str]) -> None:
        self.folder, self.member = folder, folder / "data sets" / MEMBER
        self.member.parent.mkdir()
        install(folder / "collections", {"F PAGENT,UPDATE": (0, ["", *answers])}, data_sets=self.member.parent)
        (found,) = re.findall(r"```yaml\n# policy-member.yml\n(.*?)```", PAGE, re.DOTALL)
        (folder / "play.yml").write_text(found, encoding="utf-8")

    def run(self) -> tuple[int, str]:
        host = {
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
            "policy_member": MEMBER,
            "policy_copy": str(self.folder / "policy.txt"),
            "policy_config": {"TTLSGroupAction": [{"name": "zcOff", "TTLSEnabled": "Off"}]},
        }
        inventory = {"zosconnect_servers": {"hosts": {"zceesrv1": host}}}
        (self.folder / "hosts.yml").write_text(yaml.safe_dump(inventory), encoding="utf-8")
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
        environment |= {"ANSIBLE_COLLECTIONS_PATH": str(self.folder / "collections"), "ANSIBLE_NOCOLOR": "1"}
        command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", "hosts.yml", "play.yml"]
        done = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr


@pytest.mark.chosen
def test_a_member_is_brought_edited_and_put_back(tmp_path: Path) -> None:
    world = World(tmp_path, ["-F PAGENT,UPDATE", DONE])
    world.member.write_bytes(EBCDIC.encode(POLICY))
    rc, printed = world.run()
    assert rc == 0, printed
    text = EBCDIC.decode(world.member.read_bytes())
    assert text.startswith(POLICY)
    assert re.search(r"TTLSGroupAction\s+zcOff\n\{\n\s+TTLSEnabled\s+Off\n\}", text)
    before = world.member.stat().st_mtime_ns
    rc, printed = world.run()
    assert rc == 0, printed
    assert "changed=1 " in printed  # zos_copy says so whenever it copies
    assert world.member.stat().st_mtime_ns == before


def test_a_member_that_is_not_there(tmp_path: Path) -> None:
    rc, printed = World(tmp_path, [DONE]).run()
    assert rc == 2
    assert f"Unable to find {MEMBER}" in printed


def test_the_policy_agent_does_not_answer(tmp_path: Path) -> None:
    world = World(tmp_path, ["-F PAGENT,UPDATE", "IEE341I PAGENT           NOT ACTIVE"])
    world.member.write_bytes(EBCDIC.encode(POLICY))
    rc, printed = world.run()
    assert rc == 2
    assert (
        "F PAGENT,UPDATE was refused: IEE341I PAGENT           NOT ACTIVE; start the job, or give its name in job_name."
        in printed
    )
