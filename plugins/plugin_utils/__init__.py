# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.zosconnect.security.plugins.plugin_utils import compiled

compiled.begin(globals().get("__loader__"))
