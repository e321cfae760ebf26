# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""
An API requester of z/OS Connect gets mutual TLS: a demonstration
=================================================================
What happens now takes about a minute; the first time it also downloads 350 MB and makes an environment (.venv).
  A real Open Liberty starts on free ports. The shipped playbook zosconnect.security.mutual_tls_requester gives it
  connection C1 (TLS; the caller has user and password), then C2 (mutual TLS; the caller is its certificate). After each
  the demo calls the port as callers do, those that must be accepted and those that must be refused.
  Everything is in a temporary folder and ends with the demo. Ctrl-C does the same at any time.

What is real, what is not:
  real      Open Liberty with its TLS, key stores, login and configuration; ansible-playbook; the certificates
  STAND-IN  z/OS Connect itself, which is a product of IBM. A small extension of Liberty takes its place, so nothing
            here proves anything about IBM's code. In the stand-in
              IBM's documented rules: the zosconnect_* elements; requireSecure, true unless said otherwise, and 302 for
              plain http; a certificate comes before a password; the role zosConnectAccess
              ours: what it answers (JSON about the caller, no API is called), and where that 302 leads
            The whole list: tests/liberty/README.md
"""

# Before anything else, so by whatever Python is at hand: what the demo itself needs may have to be made first.
from __future__ import annotations

if __name__ == "__main__":
    print(__doc__, flush=True)
