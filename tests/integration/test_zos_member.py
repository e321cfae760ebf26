# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A policy in a member of a data set, on a stand-in for ibm.ibm_zos_core; and the playbook of docs/ZOS.md for it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from plays import play
from zos_core import Library, install

from ansible_collections.zosconnect.security.plugins.plugin_utils import codepages

pytestmark = pytest.mark.ansible

PAGE = (Path(__file__).parents[2] / "docs" / "ZOS.md").read_text(encoding="utf-8")
MEMBER = "//'SYS1.TCPPARMS(TTLSPOL)'"
POLICY = "# Ours\nTTLSGroupAction                 zcOn\n{\n  TTLSEnabled                   On\n}\n"
OFF = {"TTLSGroupAction": [{"name": "zcOff", "TTLSEnabled": "Off"}]}
EBCDIC = codepages.for_name("IBM-1047")
assert EBCDIC
DONE = "EZZ8771I PAGENT CONFIG POLICY PROCESSING COMPLETE FOR TCPIP : TTLS"


@dataclass
class World:
    folder: Path
    library: Library

    @property
    def text(self) -> str:
        assert EBCDIC
        return EBCDIC.decode(self.library.member("TTLSPOL").read_bytes())

    def run(self, *tasks: dict[str, Any]) -> list[dict[str, Any]]:
        given = {"path": MEMBER, "config": OFF}
        steps = [
            {
                "zosconnect.security.attls_policy": {**given, **{k: v for k, v in task.items() if k != "check"}},
                "check_mode": bool(task.get("check")),
                "diff": True,
            }
            for task in tasks
        ]
        return play(self.folder, steps, arguments=()).results


def world(folder: Path, *, form: str = "vb", length: int = 255, answers: list[str] | None = None) -> World:
    library = Library(folder / "data sets", "SYS1.TCPPARMS", form=form, length=length)
    assert EBCDIC
    lines = POLICY.splitlines()
    fixed = "".join(line.ljust(length) for line in lines)
    library.member("TTLSPOL").write_bytes(EBCDIC.encode(fixed if form == "fb" else POLICY))
    told = {"F PAGENT,UPDATE": (0, ["", *(answers or [])])}
    install(folder / "no-collections", told, data_sets=folder / "data sets")
    return World(folder, library)


def test_a_member_is_changed_as_a_file_is(tmp_path: Path) -> None:
    """Of fixed records, which come without the blanks that fill them up, and go back with them."""
    there = world(tmp_path, form="fb", length=80)
    before = there.text
    check, done, again = there.run({"check": True, "backup": True}, {"backup": True}, {"backup": True})
    assert (check["changed"], done["changed"], again["changed"]) == (True, True, False), done
    same = ("changes", "checksum_before", "checksum_after", "path", "diff")
    assert [check[key] for key in same] == [done[key] for key in same]
    assert done["diff"][0]["prepared"].startswith(f"--- {MEMBER}\n")
    assert done["path"] == MEMBER
    kept = re.fullmatch(r"//'SYS1\.TCPPARMS\((Z[0-9A-F]{7})\)'", done["backup_file"])
    assert kept
    assert "backup_file" not in again
    assert again["checksum_before"] == done["checksum_after"]
    assert EBCDIC
    assert EBCDIC.decode(there.library.member(kept[1]).read_bytes()) == before
    assert there.text.startswith(before)
    new = there.text[len(before) :]
    lines = [new[at : at + 80].rstrip() for at in range(0, len(new), 80)]
    assert lines == ["", "TTLSGroupAction                 zcOff", "{", "  TTLSEnabled                   Off", "}"]
    # The backup is put back as any member is.
    back = {"path": MEMBER, "backup_file": done["backup_file"], "backup_checksum": done["checksum_before"]}
    since = {**back, "checksum": done["checksum_after"]}
    other = {**since, "backup_checksum": "0" * 64}
    steps = [{"zosconnect.security.file_restore": given} for given in (other, since)]
    refused, restored = play(tmp_path, steps, arguments=()).results
    assert refused["msg"] == (
        f"{done['backup_file']}: is not what was saved (its checksum is {done['checksum_before']}, not {'0' * 64}); nothing "
        "was changed."
    )
    assert (restored["changed"], there.text) == (True, before), restored
    assert list(tmp_path.glob("remote/*")) == []


@pytest.mark.both_cores
def test_the_playbook_of_the_page(tmp_path: Path) -> None:
    there = world(tmp_path, answers=["-F PAGENT,UPDATE", DONE])
    (found,) = re.findall(r"```yaml\n# policy-member.yml\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "play.yml").write_text(found, encoding="utf-8")
    host = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable, "policy_config": OFF}
    inventory = {"zosconnect_servers": {"hosts": {"zceesrv1": host}}}
    (tmp_path / "hosts.yml").write_text(yaml.safe_dump(inventory), encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    environment |= {"ANSIBLE_COLLECTIONS_PATH": str(tmp_path / "no-collections"), "ANSIBLE_NOCOLOR": "1"}
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", "hosts.yml", "play.yml"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert "changed=2 " in done.stdout, done.stdout
    assert "zcOff" in there.text
