# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the demo claims, each with the call that shows it and what must come of it."""

from __future__ import annotations

import dataclasses
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.zosconnect.security.plugins.module_utils.probing import Report, Wish, probe
from ansible_collections.zosconnect.security.plugins.module_utils.probing_http import Request
from ansible_collections.zosconnect.security.plugins.module_utils.probing_tls import Material, TlsWish

PATH = "/zosConnect/apiRequesters/orders_1.0.0"
# In server.xml of the test bed, where everybody can read it.
USER, PASSWORD = "cicsuser", "cics-password"
SECONDS_TO_SETTLE = 10.0
REFUSED = ("closed_after_handshake", "handshake_failed")


@dataclass(frozen=True)
class Proof:
    """A claim, what was observed, and whether that proves it."""

    claim: str
    observed: str
    holds: bool


@dataclass(frozen=True)
class Call:
    """A claim and the call that shows it.

    Attributes:
        expect: values, or tuples of them, for `outcome`, `status`, `user`, `auth_type`, `asked` (for a certificate).
        scheme: `https`, or `http` for clear text.
        port: `connection`, the port that the playbook makes, or `default`, the http port of the bare server.
        certificate: the player of `pki.Cast` whose certificate the caller shows.
        password: whether the caller gives user and password.
        newest: the newest TLS protocol that the caller speaks.
    """

    claim: str
    expect: dict[str, Any]
    scheme: str = "https"
    port: str = "connection"
    certificate: str = ""
    password: bool = False
    newest: str = "TLSv1.3"

    def make(self, ports: dict[str, int], pki: Path) -> Proof:
        """Make the call and compare; again for a while, as a server opens and closes one port after the other."""
        wish = Wish("localhost", ports[self.port], self._tls(pki), self._request())
        deadline = time.monotonic() + SECONDS_TO_SETTLE
        while not (proof := self.judge(probe(wish))).holds and time.monotonic() < deadline:
            time.sleep(0.5)
        return proof

    def judge(self, report: Report) -> Proof:
        """Compare what a call brought with what was expected."""
        seen = facts(report)
        wanted = {name: value if isinstance(value, tuple) else (value,) for name, value in self.expect.items()}
        return Proof(self.claim, sentence(seen), all(seen.get(name) in value for name, value in wanted.items()))

    def _tls(self, pki: Path) -> TlsWish | None:
        if self.scheme == "http":
            return None
        wish = TlsWish("localhost", ca=Material("ca", path=str(pki / "ca.pem")), max_protocol=self.newest)
        if not self.certificate:
            return wish
        chain = "".join((pki / f"{self.certificate}{part}.pem").read_text() for part in ("", "-chain"))
        key = Material("key", path=str(pki / f"{self.certificate}.key"))
        return dataclasses.replace(wish, certificate=Material("certificate", content=chain), key=key)

    def _request(self) -> Request:
        return Request("GET", PATH, username=USER, password=PASSWORD) if self.password else Request("GET", PATH)


def facts(report: Report) -> dict[str, Any]:
    """Put together what matters of a report: of TLS, of HTTP, and of the stand-in's answer."""
    seen = {"outcome": report.outcome, "protocol": report.protocol, "asked": report.client_certificate_requested}
    if report.http:
        seen |= {"status": report.http["status"], "location": report.http["headers"].get("location")}
        if report.http["headers"].get("content-type", "").startswith("application/json"):
            seen |= json.loads(report.http["body"])
    return seen


def sentence(seen: dict[str, Any]) -> str:
    """Say it in a line."""
    parts = [f"status {seen['status']}" if "status" in seen else seen["outcome"].replace("_", " ")]
    parts += [f"to {seen['location']}"] if seen.get("location") else []
    parts += [f"user {seen['user']} by {seen['auth_type']}"] if seen.get("user") else []
    parts += ["client certificate asked for"] if seen["asked"] else []
    return ", ".join(parts + [seen["protocol"]] * bool(seen["protocol"]))


BEFORE = (
    Call("before: plain http answers anybody (no requester yet)", {"status": 404}, scheme="http", port="default"),
    Call("before: nothing listens where the connection will be", {"outcome": "refused"}),
)
C1 = (
    Call(
        "C1: TLS, user and password are accepted",
        {"status": 200, "user": USER, "auth_type": "BASIC", "asked": False},
        password=True,
    ),
    Call("C1: TLS without a password is refused", {"status": 401}),
    # IBM's documented rule, by the stand-in: C1 is declared with plain_http unchanged, so the port is still open.
    Call("C1: plain http is sent to https (requireSecure)", {"status": 302}, scheme="http", port="default"),
)
C2 = (
    Call(
        "C2: the client certificate is accepted, as the caller",
        {"status": 200, "user": USER, "auth_type": "CLIENT_CERT", "asked": True},
        certificate="mapped",
    ),
    # In TLS 1.3 the handshake looks complete to the caller: it learns of the refusal when it reads.
    Call(
        "C2: no certificate, but a password (TLS 1.3): refused",
        {"outcome": "closed_after_handshake", "asked": True},
        password=True,
    ),
    Call(
        "C2: no certificate (TLS 1.2): refused",
        {"outcome": "handshake_failed", "asked": True},
        newest="TLSv1.2",
    ),
    Call("C2: a certificate of another CA is refused", {"outcome": REFUSED, "asked": True}, certificate="stranger"),
    Call(
        "C2: trusted certificate of nobody, a password: no login",
        {"status": (401, 403), "asked": True},
        certificate="unmapped",
        password=True,
    ),
    Call("C2: plain http, the default port, is refused", {"outcome": "refused"}, scheme="http", port="default"),
    Call("C2: plain http, the https port, is refused", {"outcome": ("closed", "not_http")}, scheme="http"),
)
