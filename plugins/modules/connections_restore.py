#!/usr/bin/python
# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: connections_restore
short_description: Put the backups of a run back, and tell the server
version_added: 1.0.0
author:
  - The zosconnect.security contributors (@zosconnect)
description:
  - Undoes what P(zosconnect.security.connections#role) or P(zosconnect.security.renew#role) changed on a host. What was
    changed last is put back first.
  - All files and backups are checked before the first one is put back. The content of the files does not leave the
    target.
extends_documentation_fragment:
  - zosconnect.security.console
  - ansible.builtin.action_common_attributes
  - zosconnect.security.told_server
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
    details:
      - The content stays on the target. The checksums in RV(restored) tell the files apart.
  platform:
    platforms: posix
  safe_file_operations:
    support: full
    description: Files are replaced by rename, and only if they are still what was read.
  idempotent:
    support: full
    description: Nothing is done where the files equal their backups.
options:
  restore:
    description:
      - What was saved, as a list of mappings with C(path), C(backup_file), C(checksum_before) and C(checksum_after), in
        the order of the change. C(host) names the host of a file that is not on the server's. C(kind) is V(server),
        V(store) or V(policy). What the run made has C(made) and C(checksum_after) alone; it is removed, unless it is
        another one by now.
      - Or a mapping of hosts to such lists, such as a restore file has it, or statistics in which a list stands below
        C(restore). A host that is not in it has nothing to do.
      - Text that is YAML or JSON of these does as well.
    type: raw
    required: true
  host:
    description: Put back only what has this C(host). Without it, what has none.
    type: str
  backup:
    description: Keep copies of the files that are replaced.
    type: bool
    default: true
  operator:
    description:
      - Have M(zosconnect.security.operator_command) give the operator commands that RV(lines) only names, by this way
        to a console. Needs O(zosconnect_version) where the server itself is told. Empty means that they are only named.
    type: str
    choices: ["", tsocmd, zos_operator]
    default: ""
  job_name:
    description: The server's job name, for operator commands. C(BAQSTRT) if it is not given.
    type: str
  zosconnect_version:
    description: The z/OS Connect feature in use, V(2.0) or V(3.0). Without it the commands of both are named.
    type: str
seealso:
  - module: zosconnect.security.file_restore
"""

EXAMPLES = r"""
- name: Undo a run
  zosconnect.security.connections_restore:
    restore: "{{ lookup('ansible.builtin.file', 'zosconnect-restore-zceesrv1-20261129T141500.yml') }}"
"""

RETURN = r"""
restored:
  description:
    - The files that were put back or removed, with C(path), C(checksum_before), C(checksum_after) and C(backup_file).
  type: list
  elements: dict
  returned: success
given:
  description: What a console answered to each command that O(operator) had given (C(command), C(output), C(confirmed)).
  type: list
  elements: dict
  returned: success
elsewhere:
  description: The other hosts on which something is to be put back.
  type: list
  elements: str
  returned: success
summary:
  description: The same as RV(zosconnect.security.connections#module:summary), also where the host cannot be reached.
  type: dict
  returned: always
lines:
  description: What happened, in a few words.
  type: list
  elements: str
  returned: success
"""
