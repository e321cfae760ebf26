# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""antsibull-docs, with folders whose names do not end with an underscore.

It makes pages in a temporary folder and names that in them. One name in forty ends with an underscore, which
reStructuredText takes for a reference, and each page fails over it.
"""

from __future__ import annotations

import sys
import tempfile

from antsibull_docs.cli.antsibull_docs import main

if __name__ == "__main__":
    # The module has no other way to say which names it makes.
    tempfile._RandomNameSequence.characters = "abcdefghijklmnopqrstuvwxyz0123456789"  # type: ignore[attr-defined]
    sys.exit(main())
