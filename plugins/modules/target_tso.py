#!/usr/bin/python
# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: target_tso
short_description: "Internal: runs RACF commands on z/OS UNIX"
version_added: 1.0.0
author:
  - The zosconnect.security contributors (@zosconnect)
description:
  - Used by M(zosconnect.security.saf_keyring) and M(zosconnect.security.operator_command); there is no need to call it
    in a playbook.
  - Runs TSO commands one after another with C(tsocmd), and brings what each printed.
  - Takes only commands of RACF, and the operator commands of this collection. None of their operands is a secret.
attributes:
  check_mode:
    support: full
    description: In check mode it refuses commands that change something.
  diff_mode:
    support: none
    description: Its caller shows the difference.
options:
  commands:
    description: The commands, each in one line.
    type: list
    elements: str
    required: true
  changes:
    description:
      - Whether the commands change something. If so, it stops at the first one that fails.
      - If not, only commands that list are taken.
    type: bool
    required: true
  harmless:
    description: Identifiers of messages that a command may print with return code 4 although it did its work.
    type: list
    elements: str
    default: []
  tsocmd:
    description: The program that runs a TSO command.
    type: path
    default: /bin/tsocmd
  timeout:
    description: Seconds that one command may take.
    type: int
    default: 60
"""

EXAMPLES = r"""
- name: List the rings of a user
  zosconnect.security.target_tso:
    commands: ["RACDCERT ID(LIBSERV) LISTRING(*)"]
    changes: false
"""

RETURN = r"""
answers:
  description: One entry for each command that was run.
  type: list
  elements: dict
  returned: success
  contains:
    command:
      description: The command.
      type: str
    rc:
      description: Its return code.
      type: int
    output:
      description: What it printed.
      type: str
    done:
      description: Whether it did its work.
      type: bool
"""

import subprocess

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zosconnect.security.plugins.module_utils import tso


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "commands": {"type": "list", "elements": "str", "required": True},
            "changes": {"type": "bool", "required": True},
            "harmless": {"type": "list", "elements": "str", "default": []},
            "tsocmd": {"type": "path", "default": "/bin/tsocmd"},
            "timeout": {"type": "int", "default": 60},
        },
        supports_check_mode=True,
    )
    program = module.params["tsocmd"]
    if fault := tso.refused(module.params, check_mode=module.check_mode):
        module.fail_json(msg=fault)
    try:
        answers = tso.run_all(module.params)
    except OSError as e:
        module.fail_json(
            msg=f"{program}: cannot be run ({e.strerror}). RACF commands need z/OS UNIX; elsewhere take state "
            "rendered, and have the commands run there."
        )
    except subprocess.TimeoutExpired as e:
        module.fail_json(msg=f"{program}: {e.cmd[1]} did not end within {e.timeout} seconds; look at what RACF has.")
    module.exit_json(changed=module.params["changes"], answers=answers)


if __name__ == "__main__":
    main()
