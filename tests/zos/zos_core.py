# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for the collection ibm.ibm_zos_core: zos_operator and zos_copy, as their documentation describes them.

zos_operator converts a command to upper case, fails where the return code is not 0, and where fewer than three lines
come back. What the console answers is in a file: for each command its return code and its lines. zos_copy copies between
a file and a member, which is a file in a folder here; it knows no check mode, and says that it changed whatever it copied.
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

import os
import shutil

from ansible.module_utils.basic import AnsibleModule

DATA_SETS = "{data_sets}"


def main() -> None:
    spec = {{
        "src": {{"type": "str"}},
        "dest": {{"type": "str", "required": True}},
        "remote_src": {{"type": "bool", "default": False}},
        "binary": {{"type": "bool", "default": False}},
        "replace": {{"type": "bool", "default": False}},
        "backup": {{"type": "bool", "default": False}},
        "encoding": {{"type": "dict", "options": {{"from": {{"type": "str", "required": True}}, "to": {{"type": "str"}}}}}},
    }}
    module = AnsibleModule(argument_spec=spec, supports_check_mode=False)
    src, dest = (p if p.startswith("/") else os.path.join(DATA_SETS, p) for p in (module.params["src"], module.params["dest"]))
    if not os.path.exists(src):
        module.fail_json(msg="Unable to find " + module.params["src"])
    if os.path.exists(dest) and not module.params["replace"]:
        module.exit_json(changed=False, note="the destination exists")
    shutil.copyfile(src, dest)
    module.exit_json(changed=True, src=module.params["src"], dest=module.params["dest"])


if __name__ == "__main__":
    main()
"""


def install(collections: Path, answers: Mapping[str, tuple[int, list[str]]], *, data_sets: Path | None = None) -> None:
    """Put the collection into a folder of collections; ``answers`` are by command, members are in ``data_sets``."""
    folder = collections / "ansible_collections" / "ibm" / "ibm_zos_core"
    (folder / "plugins" / "modules").mkdir(parents=True)
    (folder / "answers.json").write_text(json.dumps(answers), encoding="utf-8")
    module = MODULE.format(answers=folder / "answers.json")
    (folder / "plugins" / "modules" / "zos_operator.py").write_text(module, encoding="utf-8")
    copy = COPY.format(data_sets=data_sets or folder)
    (folder / "plugins" / "modules" / "zos_copy.py").write_text(copy, encoding="utf-8")
    (folder / "galaxy.yml").write_text("namespace: ibm\nname: ibm_zos_core\nversion: 2.0.0\n", encoding="utf-8")
