# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all tests share. The markers are in pyproject.toml."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# Two stages share the machine's cores, so how long one example took says nothing.
settings.register_profile(
    "zosconnect",
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
settings.register_profile("long", settings.get_profile("zosconnect"), max_examples=10_000)  # for `make laws`
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "zosconnect"))
