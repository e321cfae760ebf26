# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all modules document that have operator commands given to a console."""

from __future__ import annotations


class ModuleDocFragment:
    """The program that reaches the console."""

    DOCUMENTATION = r"""
options:
  tsocmd:
    description: The program that runs a TSO command on the target.
    type: str
    default: /bin/tsocmd
"""
