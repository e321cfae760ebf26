# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all modules document that replace one file of the target."""

from __future__ import annotations


class ModuleDocFragment:
    """How a server learns of changed files, and how sentences name the options."""

    DOCUMENTATION = r"""
options:
  refresh:
    description:
      - How the server learns of the change. V(operator), by the command that the result names. V(mbean), it is told
        through its FileNotification MBean. V(polled), it looks for changes itself.
    type: str
    choices: [operator, mbean, polled]
    default: operator
  refresh_url:
    description: Where the server's REST connector answers, seen from the target.
    type: str
  refresh_username:
    description: An administrator of the server.
    type: str
  refresh_password:
    description: The administrator's password.
    type: str
  refresh_ca:
    description: PEM text of the certificates to trust at that URL.
    type: str
  refresh_seconds:
    description: How long to wait for the server's answer.
    type: int
    default: 60
  prefix:
    description: What stands before the names of options in sentences, such as that of a role's variables.
    type: str
    default: ""
"""
