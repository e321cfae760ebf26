#!/usr/bin/python
# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: renew
short_description: Renew keys and certificates before they expire
version_added: 1.0.0
author:
  - The zosconnect.security contributors (@zosconnect)
description:
  - Finds what expires soon in the key stores of a server, in other stores, PEM files and key rings, renews what new
    material was given for, and says who must be told, and how. The role P(zosconnect.security.renew#role) runs it.
  - One call reads all of it, with two Javas at a time. Stores that only the configuration of the server names cost
    another one, because their passwords stand there. What changes is applied in one call, as a whole or not at all;
    only what a roll-over removes from a store that gets something as well comes in a call of its own.
extends_documentation_fragment:
  - zosconnect.security.console
  - ansible.builtin.action_common_attributes
  - zosconnect.security.told_server
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  platform:
    platforms: posix
  safe_file_operations:
    support: full
    description: Files are replaced by rename, and only if they are still what was read.
  idempotent:
    support: full
    description: A run changes only what differs.
options:
  days:
    description: Within how many days the end of a certificate is near.
    type: raw
    default: 30
  server_dir:
    description:
      - The directory on the target that holds C(server.xml). All key stores that its effective configuration names are
        looked at.
    type: str
    default: ""
  install_dir:
    description: Where Liberty is installed, if that is not seen from the server's directory.
    type: str
    default: ""
  user_dir:
    description: Liberty's C(WLP_USER_DIR), if that is not seen from the server's directory.
    type: str
    default: ""
  variables:
    description: Values of variables that the server gets on its command line.
    type: dict
    default: {}
  password_key:
    description: The server's key for C({aes}), if its variables do not have it.
    type: str
    default: ""
  stores:
    description: Key stores on the target, as C(renew_stores) of the role P(zosconnect.security.renew#role).
    type: raw
    default: []
  files:
    description: PEM files on the target that are read. They are not changed.
    type: raw
    default: []
  rings:
    description: Key rings, as C(renew_rings) of the role.
    type: raw
    default: []
  policies:
    description: AT-TLS policies that may use the rings, as C(renew_policies) of the role.
    type: raw
    default: []
  elsewhere:
    description:
      - What target_read told of those O(policies) that have a C(host), in their order. They are not changed here; see
        RV(policies).
    type: list
    elements: dict
    default: []
  zos_release:
    description: The release of z/OS, for changing policies.
    type: str
    default: ""
  allow_expired:
    description: Accept new certificates that are expired or not valid yet.
    type: bool
    default: false
  java_home:
    description: The target's Java. Empty means that the task searches for it.
    type: str
    default: ""
  backup:
    description: Keep copies of changed files, for M(zosconnect.security.connections_restore).
    type: bool
    default: true
  tell_again:
    description: Tell the server of all given stores, also of those that have not changed.
    type: raw
    default: false
  operator:
    description:
      - Have M(zosconnect.security.operator_command) give the operator commands that O(refresh=operator) only names, by
        this way to a console. Empty means that they are only named.
    type: str
    choices: ["", tsocmd, zos_operator]
    default: ""
  job_name:
    description: The server's job name, for operator commands. C(BAQSTRT) if it is empty.
    type: str
    default: ""
  zosconnect_version:
    description: The z/OS Connect feature in use, V(2.0) or V(3.0). Empty takes the version from the server's features.
    type: str
    default: ""
seealso:
  - module: zosconnect.security.keystore
  - module: zosconnect.security.keystore_info
"""

EXAMPLES = r"""
- name: Say what expires within three weeks
  zosconnect.security.renew:
    server_dir: /var/zosconnect/servers/zceesrv1
    days: 21
"""

RETURN = r"""
report:
  description:
    - What the role leaves as statistics. C(due), C(open), C(lines), C(not_seen), C(requests), C(refresh), C(told),
      C(given), C(outage), C(changed), C(restore), C(handover) and C(waits).
    - C(waits) names the operator command that the server waits for since an earlier run.
    - It is there, too, where a change failed, with what was done before.
  type: dict
  returned: success or a change failed
lines:
  description: The same in at most six lines.
  type: list
  elements: str
  returned: success or a change failed
policies:
  description: What attls_policy is to change on other hosts, each with C(host), C(path) and C(config).
  type: list
  elements: dict
  returned: success or a change failed
jvm_starts:
  description: How many Javas were started on the target for it.
  type: int
  returned: success or a change failed
"""
