# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""
z/OS Connect made secure, from the z/OS program to the RESTful API: a demonstration
===================================================================================
What happens now takes about three minutes; the first time it also downloads 350 MB and makes an environment (.venv).
  A real Open Liberty starts on free ports. One declaration and the shipped playbook zosconnect.security.connections take
  it to the connections of IBM's page "API requester confidentiality and integrity":
              password, certificate    CICS does TLS, the server does TLS; the caller has one or the other
              cics_attls               CICS does TLS, AT-TLS does it in front of the server
              attls_jsse, attls_both   AT-TLS does TLS below CICS, IMS and batch; on the other side the server does, or
                                       AT-TLS in front of it
              accounts, payments       the server does TLS with a RESTful endpoint; payments asks for its certificate
              rates                    AT-TLS does TLS below the server
  Then programs call the server and the server calls endpoints, those that must get through and those that must not.
  Last, a server that somebody else set up is adopted: its declaration changes nothing; one word of it is changed, and only
  that changes; and it is undone. A report in HTML shows the server and stays when all else is gone.
  Everything is in a temporary folder and ends with the demo. Ctrl-C does the same at any time.

What is real, what is not:
  real      Open Liberty with its TLS, key stores, login and configuration; ansible-playbook; the certificates; the
            policy files; every handshake
  STAND-IN  z/OS Connect itself, which is a product of IBM. A small extension of Liberty takes its place, so nothing
            here proves anything about IBM's code. In the stand-in
              IBM's documented rules: the zosconnect_* elements; requireSecure, true unless said otherwise, and 302 for
              plain http; a certificate comes before a password; the role zosConnectAccess
              ours: what it answers (JSON about the caller), where that 302 leads, how an endpoint is called (one GET)
            The whole list: tests/liberty/README.md
  STAND-IN  AT-TLS, which is in the TCP/IP stack of z/OS. stunnel takes its place, configured from the policy files, on
            loopback addresses that stand for systems
              IBM's documented rules: which protocols, roles and key rings a policy means; no rule, no TLS
              ours: folders for key rings, and that the rules which win are named to stunnel
            The whole list: tests/zos/README.md
  STAND-IN  pasearch, by which the Policy Agent says what the stack holds. A program prints what it would print, in the
            layout of a public report. Installing a policy is a word to that program: here is no Policy Agent
"""

# Before anything else, so by whatever Python is at hand: what the demo itself needs may have to be made first.
from __future__ import annotations

if __name__ == "__main__":
    print(__doc__, flush=True)
