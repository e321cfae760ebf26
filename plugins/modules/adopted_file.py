#!/usr/bin/python
# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: adopted_file
short_description: "Internal: writes a file of variables on the controller, but never over somebody's changes"
version_added: 1.0.0
author:
  - The zosconnect.security contributors (@zosconnect)
description:
  - Writes what a server was adopted as into a file of C(host_vars) or C(group_vars).
  - A file that is there with other content is refused, for somebody may have changed it.
  - It needs no target.
extends_documentation_fragment:
  - ansible.builtin.action_common_attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
    description: A file that has the content already is left alone.
  platform:
    platforms: all
options:
  path:
    description:
      - The file on the controller. A new one gets mode 0640, a directory that is missing 0750.
      - A symbolic link is followed.
    type: path
    required: true
  content:
    description: The text.
    type: str
    required: true
  replace:
    description: Write it in place of a file with other content, of which a copy is kept.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Keep what the server was adopted as
  zosconnect.security.adopted_file:
    path: host_vars/zceesrv1/connections.yml
    content: "{{ adopted.yaml }}"
"""

RETURN = r"""
path:
  description: The file, symbolic links followed.
  type: str
  returned: success
backup_file:
  description: The copy of the file that was replaced. Its name ends in C(~), so Ansible loads no variables from it.
  type: str
  returned: changed and there was a file
"""
