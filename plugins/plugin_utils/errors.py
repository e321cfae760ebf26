# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one exception of the engine."""

from __future__ import annotations


class SecurityError(Exception):
    """What a user asked cannot be done.

    The message is for that user: what is wrong, where (file and line, or the path of an option), and what to do.
    It never holds a secret. Actions turn it into a failed result.
    """


class LimitError(SecurityError):
    """Input is larger, deeper or more entangled than is looked at (docs/LIMITS.md). It says nothing of what Liberty
    makes of it.
    """
