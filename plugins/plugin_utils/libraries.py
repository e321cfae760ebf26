# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The libraries that the engine needs on the controller, imported when they are needed."""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from types import ModuleType

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

# All that the engine needs: module and package.
NEEDED = {"lxml.etree": "lxml", "cryptography.x509": "cryptography"}


def ahead(*modules: str) -> None:
    """Import what an action will need, where it is there, when the action itself is loaded.

    ansible-core loads an action once and then starts a process for each host, which shares what is loaded by then.
    """
    for module in modules:
        with contextlib.suppress(ImportError):
            importlib.import_module(module)


def require(module: str, package: str) -> ModuleType:
    """Import a library that the controller needs; say which, where and for which Python when it is missing."""
    try:
        return importlib.import_module(module)
    except ImportError as e:
        raise SecurityError(
            f"The Python library {package} is missing on the Ansible controller ({os.uname().nodename}), for "
            f"{sys.executable}. Install it there, or use an execution environment built with this collection; the "
            "target does not need it."
        ) from e
