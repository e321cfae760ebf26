#!/usr/bin/python
# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: file_restore
short_description: Put a backup back in place of a file that was changed
version_added: 1.0.0
author:
  - The zosconnect.security contributors (@zosconnect)
description:
  - Undoes a change that M(zosconnect.security.server_xml) or M(zosconnect.security.keystore) made with O(backup).
  - The content of the files does not leave the target. Only that of members of data sets comes to the controller.
extends_documentation_fragment:
  - ansible.builtin.action_common_attributes
  - zosconnect.security.written_file
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
    details:
      - The content of a file stays on the target. RV(checksum_before) and RV(checksum_after) tell the files apart.
  idempotent:
    support: full
    description: Nothing is done where the file equals the backup.
options:
  path:
    description:
      - The file to restore.
      - Or a member of a data set, V(//'HLQ.POLICY(MEMBER\)'), that M(zosconnect.security.attls_policy) changed. Then
        O(backup_file) is a member too.
    type: path
    required: true
  backup_file:
    description: The backup on the target, as the changing module returned it.
    type: path
    required: true
  backup_checksum:
    description:
      - The sha256 of what was saved, as the changing module returned it in C(checksum_before).
      - A backup with another content, one that is a symbolic link, and one that belongs to another user than the file
        are refused. Whoever owns the directory could have put them there.
    type: str
    required: true
  checksum:
    description:
      - The sha256 that the file has since the change, as the changing module returned it in C(checksum_after).
      - If the file is something else by now, somebody else has changed it and the task fails.
    type: str
seealso:
  - module: zosconnect.security.server_xml
  - module: zosconnect.security.keystore
  - module: zosconnect.security.attls_policy
"""

EXAMPLES = r"""
- name: Undo the last change
  zosconnect.security.file_restore:
    path: "{{ changed.path }}"
    backup_file: "{{ changed.backup_file }}"
    backup_checksum: "{{ changed.checksum_before }}"
    checksum: "{{ changed.checksum_after }}"
"""

RETURN = r"""
path:
  description: The file, symbolic links followed.
  type: str
  returned: success
checksum_before:
  description: The sha256 of the file before. V(null) when there was none.
  type: str
  returned: success
checksum_after:
  description: The sha256 of the backup, and so of the file afterwards.
  type: str
  returned: success
backup_file:
  description: The copy of the file that was replaced.
  type: str
  returned: changed and O(backup) is true
"""
