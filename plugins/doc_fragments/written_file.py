# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all modules document that replace one file of the target."""

from __future__ import annotations


class ModuleDocFragment:
    """``written_file`` is for any file, ``written_file.text`` for one of text, of which a diff is shown as well."""

    DOCUMENTATION = r"""
attributes:
  platform:
    platforms: posix
  safe_file_operations:
    support: full
    description: The file is replaced whole or not at all, and only if it still is what was read.
options:
  backup:
    description: Keep a copy of the old file beside it.
    type: bool
    default: false
"""

    TEXT = r"""
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - Shows the lines around each change. Secrets are shown as V(********), also those that were in the file before.
  safe_file_operations:
    details:
      - O(unsafe_writes) is the exception, used only when the file cannot be renamed over.
options:
  validate:
    description:
      - A command that must accept the new file before it is put in place. C(%s) stands for the file.
      - Its output is never shown, because validators quote lines and lines may hold secrets.
    type: str
"""
