# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all tests share. The markers are in pyproject.toml."""

from __future__ import annotations

from hypothesis import settings

# Two stages share the machine's cores, so how long one example took says nothing.
settings.register_profile("zosconnect", deadline=None, print_blob=True)
settings.load_profile("zosconnect")
