# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for the collection ibm.ibm_zos_core 2.0: zos_operator, zos_copy and zos_stat, as documented.

zos_operator converts a command to upper case, fails where the return code is not 0, and where fewer than three lines
come back. What the console answers is in a file: for each command its return code and its lines.

zos_copy copies between a file and a member, which is a file of records in a folder here. It knows no check mode, says
that it changed whatever it copied, converts no data set, removes the task's temporary directory, and puts a backup into
a member, of the same library if nobody names one. Its action tells a failure by ``msg`` alone, without that name. What
goes wrong with members is in tests/unit/test_members.py.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

MODULE = """#!/usr/bin/python
from __future__ import annotations

import json

from ansible.module_utils.basic import AnsibleModule

ANSWERS = "{answers}"


def main() -> None:
    spec = {{
        "cmd": {{"type": "str", "required": True}},
        "verbose": {{"type": "bool", "default": False}},
        "wait_time": {{"type": "int", "default": 1}},
        "time_unit": {{"type": "str", "choices": ["s", "cs"], "default": "s"}},
        "case_sensitive": {{"type": "bool", "default": False}},
    }}
    module = AnsibleModule(argument_spec=spec, supports_check_mode=False)
    command = module.params["cmd"].upper()
    with open(ANSWERS, encoding="utf-8") as file:
        rc, lines = json.load(file).get(command, [0, []])
    told = {{"rc": rc, "cmd": command, "stdout": "\\n".join(lines), "stdout_lines": lines, "stderr": "", "stderr_lines": []}}
    if rc:
        module.fail_json(msg=f"An error occurred executing the operator command {{command!r}}, with RC={{rc}}", **told)
    if len(lines) < 3:
        module.fail_json(msg="Expected response to be more than 2 lines.", **told)
    module.exit_json(changed=True, **told)


if __name__ == "__main__":
    main()
"""

COPY = """#!/usr/bin/python
from __future__ import annotations

import json
import os
import re
import shutil

from ansible.module_utils.basic import AnsibleModule

ROOT = "{data_sets}"
NEWLINE = bytes([0x15])
BLANK = bytes([0x40])
RDW = 4


def member(name: str) -> str:
    library, one = re.fullmatch(r"([^()]+)[(]([^()]+)[)]", name).groups()
    return os.path.join(ROOT, library.upper(), one.upper())


def attributes(name: str) -> dict:
    with open(os.path.join(ROOT, name.partition("(")[0].upper(), "attributes.json"), encoding="utf-8") as file:
        return json.load(file)


def read(module: AnsibleModule, src: str, dest: str) -> None:
    if module.params["encoding"]:
        module.fail_json(msg="Encoding conversion is only valid for USS source")
    if not os.path.exists(member(src)):
        name = src.partition("(")[2].rstrip(")")
        module.fail_json(msg="Unable to copy. Source member " + name + " does not exist or is not cataloged.")
    with open(member(src), "rb") as file:
        text = file.read()
    if attributes(src)["record_format"] == "fb":
        length = attributes(src)["record_length"]
        text = b"".join(text[at : at + length].rstrip(BLANK) + NEWLINE for at in range(0, len(text), length))
    with open(dest, "wb") as file:
        file.write(text)


def write(module: AnsibleModule, src: str, dest: str) -> dict:
    held = attributes(dest)
    told = {{}}
    if module.params["backup"]:
        told["backup_name"] = module.params["backup_name"] or dest.partition("(")[0] + "(MEMA1B2C)"
        shutil.copyfile(member(dest), member(told["backup_name"]))
    with open(src, "rb") as file:
        lines = file.read().split(NEWLINE)
    lines = lines[:-1] if not lines[-1] else lines
    room = held["record_length"] - (RDW if held["record_format"] == "vb" else 0)
    with open(member(dest), "wb") as file:
        for line in lines:
            file.write(line[:room].ljust(room, BLANK) if held["record_format"] == "fb" else line[:room] + NEWLINE)
    return told


def main() -> None:
    spec = {{
        "src": {{"type": "str"}},
        "dest": {{"type": "str", "required": True}},
        "remote_src": {{"type": "bool", "default": False}},
        "binary": {{"type": "bool", "default": False}},
        "replace": {{"type": "bool", "default": False}},
        "backup": {{"type": "bool", "default": False}},
        "backup_name": {{"type": "str"}},
        "encoding": {{"type": "dict", "options": {{"from": {{"type": "str", "required": True}}, "to": {{"type": "str"}}}}}},
    }}
    module = AnsibleModule(argument_spec=spec, supports_check_mode=False)
    src, dest = module.params["src"], module.params["dest"]
    told: dict = {{}}
    if "(" in src:
        read(module, src, dest)
    else:
        told = write(module, src, dest)
    shutil.rmtree(module.tmpdir, ignore_errors=True)
    module.exit_json(changed=True, src=src, dest=dest, **told)


if __name__ == "__main__":
    main()
"""

ACTION = """from __future__ import annotations

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        answer = self._execute_module(module_args=self._task.args, task_vars=task_vars)
        if answer.get("msg"):
            names = ("msg", "stdout", "stderr", "rc")
            return {**result, **{name: answer[name] for name in names if name in answer}}
        return answer
"""

STAT = """#!/usr/bin/python
from __future__ import annotations

import json
import os

from ansible.module_utils.basic import AnsibleModule

ROOT = "{data_sets}"


def main() -> None:
    module = AnsibleModule(argument_spec={{"name": {{"type": "str", "required": True}}}}, supports_check_mode=True)
    path = os.path.join(ROOT, module.params["name"], "attributes.json")
    with open(path, encoding="utf-8") as file:
        attributes = json.load(file)
    stat = {{"name": module.params["name"], "resource_type": "data_set", "exists": True, "attributes": attributes}}
    module.exit_json(changed=False, stat=stat)


if __name__ == "__main__":
    main()
"""


class Library:
    """A partitioned data set of the stand-in: a folder with a file for each member, in its records."""

    def __init__(self, folder: Path, name: str, *, form: str = "vb", length: int = 255) -> None:
        self.folder = folder / name
        self.folder.mkdir(parents=True)
        attributes = {"record_format": form, "record_length": length}
        (self.folder / "attributes.json").write_text(json.dumps(attributes), encoding="utf-8")

    def member(self, name: str) -> Path:
        return self.folder / name


def install(collections: Path, answers: Mapping[str, tuple[int, list[str]]], *, data_sets: Path | None = None) -> None:
    """Put the collection into a folder of collections; ``answers`` are by command, members are in ``data_sets``."""
    folder = collections / "ansible_collections" / "ibm" / "ibm_zos_core"
    (folder / "plugins" / "modules").mkdir(parents=True)
    (folder / "plugins" / "action").mkdir()
    (folder / "answers.json").write_text(json.dumps(answers), encoding="utf-8")
    modules = {"zos_operator": MODULE, "zos_copy": COPY, "zos_stat": STAT}
    for name, text in modules.items():
        made = text.format(answers=folder / "answers.json", data_sets=data_sets or folder)
        (folder / "plugins" / "modules" / f"{name}.py").write_text(made, encoding="utf-8")
    (folder / "plugins" / "action" / "zos_copy.py").write_text(ACTION, encoding="utf-8")
    (folder / "galaxy.yml").write_text("namespace: ibm\nname: ibm_zos_core\nversion: 2.0.0\n", encoding="utf-8")
