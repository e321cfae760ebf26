# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection's version, for evidence and for what is remembered. A test compares it with galaxy.yml."""

from __future__ import annotations

VERSION = "1.0.0"
