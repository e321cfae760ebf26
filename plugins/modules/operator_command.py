#!/usr/bin/python
# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: operator_command
short_description: Give the operator commands after which a change counts
version_added: 1.0.0
author:
  - The zosconnect.security contributors (@zosconnect)
description:
  - Gives a z/OS Connect server, or the Policy Agent, the commands that the filter
    P(zosconnect.security.operator_commands#filter) names, on a console of z/OS. It gives no other commands.
  - A command is made of the options alone. Nothing that was read from the target gets into it.
  - Fails where the console refuses a command, with the message and what to do. Where no message says that it was
    carried out, there is a warning.
  - The user needs access to C(MVS.MODIFY.STC.*) of the class C(OPERCMDS), and for a console of his own to
    C(MVS.MCSOPER.*), with V(tsocmd) also to C(CONSOLE) of the class C(TSOAUTH).
extends_documentation_fragment:
  - ansible.builtin.action_common_attributes
attributes:
  check_mode:
    support: full
    description: In check mode it names the commands and gives none.
  diff_mode:
    support: none
    description: It changes no file.
  platform:
    platforms: posix
  safe_file_operations:
    support: none
    description: It changes no file.
  idempotent:
    support: none
    description: The server does again what it is told, so let the task run when something has changed.
options:
  changed:
    description:
      - What has changed. V(policy) is for the Policy Agent, the others as for the filter
        P(zosconnect.security.operator_commands#filter).
    type: list
    elements: str
    choices: [configuration, key_stores, applications, access, policy]
    required: true
  by:
    description:
      - How a console is reached. V(zos_operator) is the module of the collection C(ibm.ibm_zos_core), which must be on
        the controller, and needs ZOAU on the target. V(tsocmd) is the command C(CONSOLE) of TSO/E.
    type: str
    choices: [tsocmd, zos_operator]
    required: true
  job_name:
    description: The server's job name.
    type: str
    default: BAQSTRT
  zosconnect_version:
    description: The z/OS Connect feature in use, V(2.0) or V(3.0).
    type: str
    default: "2.0"
  console:
    description: The name of the console, for V(tsocmd). By default it is the user ID.
    type: str
    default: ""
  tsocmd:
    description: The program that runs a TSO command on the target.
    type: str
    default: /bin/tsocmd
  seconds:
    description: How long V(zos_operator) waits for the answer.
    type: int
    default: 10
seealso:
  - plugin: zosconnect.security.operator_commands
    plugin_type: filter
  - module: zosconnect.security.liberty_refresh
"""

EXAMPLES = r"""
- name: Tell the server that its key stores have changed
  zosconnect.security.operator_command:
    changed: [key_stores]
    by: zos_operator
    job_name: ZCEESRV1
    zosconnect_version: "3.0"
  when: renewed is changed
"""

RETURN = r"""
commands:
  description: The commands, in order.
  type: list
  elements: str
  returned: success
answers:
  description: What was answered to each. Empty in check mode.
  type: list
  elements: dict
  returned: success
  contains:
    command:
      description: The command.
      type: str
    output:
      description: The answer.
      type: str
    confirmed:
      description: Whether a message says that it was carried out.
      type: bool
"""
