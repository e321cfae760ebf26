# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the demo claims, each with the call that shows it and what must come of it."""

from __future__ import annotations

import dataclasses
import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from surroundings import OUTSIDE, PROGRAMS, SERVER

from ansible_collections.zosconnect.security.plugins.module_utils.probing import Probe, Report, probe
from ansible_collections.zosconnect.security.plugins.module_utils.probing_http import Request
from ansible_collections.zosconnect.security.plugins.module_utils.probing_tls import Material, TlsMaterial

# In server.xml of the test bed, where everybody can read it.
USER, PASSWORD = "cicsuser", "cics-password"
SECONDS_TO_SETTLE = 10.0
SECONDS_BETWEEN_CALLS = 0.2
REFUSED = ("closed_after_handshake", "handshake_failed")
NO_HTTP = ("closed", "not_http")


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
        expect: values, or tuples of them, for what `facts` names.
        port: of which connection; `default` is the http port of the bare server.
        host: the address that is called: the server's protected side, the server itself, or what the programs see.
        scheme: `https`, or `http` for clear text.
        requester: the API requester that is called; None asks an endpoint itself.
        certificate: the player of `pki.Cast` whose certificate the caller shows.
        password: whether the caller gives user and password.
        newest: the newest TLS protocol that the caller speaks.
    """

    claim: str
    expect: Mapping[str, Any]
    port: str
    host: str = OUTSIDE
    scheme: str = "https"
    requester: str | None = "orders"
    certificate: str = ""
    password: bool = False
    newest: str = "TLSv1.3"

    def make(self, ports: Mapping[str, int], pki: Path) -> Proof:
        """Make the call and compare; again for a while, as a server opens and closes one port after the other."""
        deadline = time.monotonic() + SECONDS_TO_SETTLE
        while not (proof := self.judge(self.once(ports, pki))).holds and time.monotonic() < deadline:
            time.sleep(0.5)
        return proof

    def once(self, ports: Mapping[str, int], pki: Path) -> Report:
        """Make the call once, and bring what came of it."""
        return probe(Probe(self.host, ports[self.port], self._tls(pki), self._request()))

    def judge(self, report: Report) -> Proof:
        """Compare what a call brought with what was expected."""
        seen = facts(report)
        wanted = {name: value if isinstance(value, tuple) else (value,) for name, value in self.expect.items()}
        return Proof(self.claim, sentence(seen), all(seen.get(name) in value for name, value in wanted.items()))

    def _tls(self, pki: Path) -> TlsMaterial | None:
        if self.scheme == "http":
            return None
        want = TlsMaterial("localhost", ca=Material("ca", path=str(pki / "ca.pem")), max_protocol=self.newest)
        if not self.certificate:
            return want
        chain = "".join((pki / f"{self.certificate}{part}.pem").read_text() for part in ("", "-chain"))
        key = Material("key", path=str(pki / f"{self.certificate}.key"))
        return dataclasses.replace(want, certificate=Material("certificate", content=chain), key=key)

    def _request(self) -> Request:
        path = f"/zosConnect/apiRequesters/{self.requester}_1.0.0" if self.requester else "/"
        return Request("GET", path, username=USER, password=PASSWORD) if self.password else Request("GET", path)


class Stream:
    """One call again and again while something happens: when each failed, and which certificates were served."""

    def __init__(self, call: Call, ports: Mapping[str, int], pki: Path) -> None:
        self._call = partial(call.once, ports, pki)
        self._judge = call.judge
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.good = 0
        self.failed: list[str] = []
        self.served: list[str] = []

    def __enter__(self) -> Stream:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(SECONDS_BETWEEN_CALLS):
            report = self._call()
            proof = self._judge(report)
            if not proof.holds:
                self.failed.append(proof.observed)
                continue
            self.good += 1
            certificate = report.peer_certificates[0]["fingerprint_sha256"].replace(":", "")
            if certificate not in self.served:
                self.served.append(certificate)


def facts(report: Report) -> dict[str, Any]:
    """Put together what matters of a report.

    Of TLS `outcome`, `protocol`, `asked` (for a client certificate); of HTTP `status`, `location`; of the stand-in's answer
    `user`, `auth_type`, `secure`; and where the server called an endpoint: `ssl_used`, `failure` with `why`, or under
    `login`, `shown` and `called_by` the user, the client certificate and the protocol that the endpoint saw.
    """
    seen: dict[str, Any] = {"outcome": report.outcome, "protocol": report.protocol}
    seen["asked"] = report.client_certificate_requested
    if report.http:
        seen |= {"status": report.http["status"], "location": report.http["headers"].get("location")}
        if report.http["headers"].get("content-type", "").startswith("application/json"):
            seen |= json.loads(report.http["body"])
    outbound = seen.pop("outbound", {})
    seen |= {"ssl_used": outbound["ssl_used"]} if "ssl_used" in outbound else {}
    seen |= {"failure": outbound["error"], "why": outbound["message"]} if "error" in outbound else {}
    if "body" in outbound:
        told = json.loads(outbound["body"])
        seen |= {"login": told["user"], "shown": told["client_subject"], "called_by": told["protocol"]}
    return seen


def sentence(seen: Mapping[str, Any]) -> str:
    """Say it in a line."""
    parts = [f"status {seen['status']}" if "status" in seen else seen["outcome"].replace("_", " ")]
    parts += [f"to {seen['location']}"] if seen.get("location") else []
    if "called_by" in seen or "failure" in seen:
        return ", ".join(parts + _of_endpoint(seen))
    parts += [f"user {seen['user']} by {seen['auth_type']}"] if seen.get("user") else []
    parts += ["the server got clear text"] if seen.get("secure") is False else []
    parts += ["client certificate asked for"] if seen["asked"] else []
    return ", ".join(parts + [seen["protocol"]] * bool(seen["protocol"]))


def _of_endpoint(seen: Mapping[str, Any]) -> list[str]:
    """What is said of a call that the server made."""
    if "failure" in seen:
        return [f"{seen['failure'].rpartition('.')[2]}: {seen['why']}"]
    met = [f"user {seen['login']}"] if seen["login"] else []
    met += [f"certificate {seen['shown']}"] if seen["shown"] else []
    used = f"ssl {seen['ssl_used']}" if "ssl_used" in seen else "http"
    return [f"the server used {used}", f"the endpoint saw {', '.join([*met, seen['called_by'] or 'clear text'])}"]


BEFORE = (
    Call(
        "before: plain http answers anybody (no such requester yet)",
        {"status": 404},
        port="default",
        host=SERVER,
        scheme="http",
    ),
    Call("before: nothing listens where the port password will be", {"outcome": "refused"}, port="password"),
    Call(
        "before: nothing listens where the port attls_both will be",
        {"outcome": "refused"},
        port="attls_both",
        host=SERVER,
    ),
)
WAITING = (
    Call(
        "cics_attls: no port opens before the stack holds the policy",
        {"outcome": "refused"},
        port="cics_attls",
        host=SERVER,
    ),
    Call(
        "attls_both: no port opens before the stack holds the policy",
        {"outcome": "refused"},
        port="attls_both",
        host=SERVER,
    ),
)
BY_PASSWORD = (
    Call(
        "password: TLS, user and password are accepted",
        {"status": 200, "user": USER, "auth_type": "BASIC", "secure": True, "asked": False},
        port="password",
        password=True,
    ),
    Call("password: TLS without a password is refused", {"status": 401}, port="password"),
    Call("password: plain http to the port is refused", {"outcome": NO_HTTP}, port="password", scheme="http"),
)
BY_CERTIFICATE = (
    Call(
        "certificate: the client certificate is accepted, as the caller",
        {"status": 200, "user": USER, "auth_type": "CLIENT_CERT", "asked": True},
        port="certificate",
        certificate="mapped",
    ),
    # In TLS 1.3 the handshake looks complete to the caller: it learns of the refusal when it reads.
    Call(
        "certificate: no certificate, but a password (TLS 1.3): refused",
        {"outcome": "closed_after_handshake", "asked": True},
        port="certificate",
        password=True,
    ),
    Call(
        "certificate: no certificate (TLS 1.2): refused",
        {"outcome": "handshake_failed", "asked": True},
        port="certificate",
        newest="TLSv1.2",
    ),
    Call(
        "certificate: a certificate of another CA is refused",
        {"outcome": REFUSED, "asked": True},
        port="certificate",
        certificate="stranger",
    ),
    Call(
        "certificate: a trusted certificate of nobody is no login",
        {"status": (401, 403), "asked": True},
        port="certificate",
        certificate="unmapped",
    ),
    Call(
        "certificate: plain http, the https port, is refused", {"outcome": NO_HTTP}, port="certificate", scheme="http"
    ),
    Call(
        "certificate: plain http, the default port, is refused",
        {"outcome": "refused"},
        port="default",
        host=SERVER,
        scheme="http",
    ),
)
# The stand-in for AT-TLS has the address OUTSIDE in front of the server, and PROGRAMS below the programs.
CICS_ATTLS = (
    Call(
        "cics_attls: CICS does TLS, AT-TLS takes it off",
        {"status": 200, "user": USER, "auth_type": "BASIC", "secure": False, "asked": False},
        port="cics_attls",
        requester="stock",
        password=True,
    ),
    Call("cics_attls: without a password there is no login", {"status": 401}, port="cics_attls", requester="stock"),
    Call(
        "cics_attls: plain http to the protected port is refused",
        {"outcome": NO_HTTP},
        port="cics_attls",
        scheme="http",
    ),
)
ATTLS_JSSE = (
    Call(
        "attls_jsse: a program speaks http, AT-TLS puts TLS below it",
        {"status": 200, "user": USER, "auth_type": "BASIC", "secure": True, "protocol": None},
        port="attls_jsse",
        host=PROGRAMS,
        scheme="http",
        password=True,
    ),
    Call(
        "attls_jsse: its http without AT-TLS is refused",
        {"outcome": NO_HTTP},
        port="attls_jsse",
        scheme="http",
        password=True,
    ),
)
ATTLS_BOTH = (
    Call(
        "attls_both: AT-TLS on both sides, http at both ends",
        {"status": 200, "user": USER, "auth_type": "BASIC", "secure": False, "protocol": None},
        port="attls_both",
        host=PROGRAMS,
        scheme="http",
        requester="stock",
        password=True,
    ),
    # IBM's documented rule, by the stand-in for z/OS Connect.
    Call(
        "attls_both: a requester that demands TLS is not served (302)",
        {"status": 302},
        port="attls_both",
        host=PROGRAMS,
        scheme="http",
        password=True,
    ),
    Call(
        "attls_both: http without AT-TLS is refused",
        {"outcome": NO_HTTP},
        port="attls_both",
        scheme="http",
        requester="stock",
    ),
)
OUTBOUND = (
    Call(
        "accounts: the endpoint is trusted, the server logs in",
        {"status": 200, "ssl_used": "accounts.out", "login": "apiuser", "shown": None, "called_by": "TLSv1.3"},
        port="password",
        requester="accounts",
        password=True,
    ),
    Call(
        "payments: the server shows its own certificate",
        {"status": 200, "ssl_used": "payments.out", "shown": "CN=zceesrv1", "called_by": "TLSv1.3"},
        port="password",
        requester="payments",
        password=True,
    ),
    Call(
        "payments: the endpoint refuses whoever has none",
        {"outcome": REFUSED, "asked": True},
        port="payments",
        host=SERVER,
        requester=None,
    ),
    Call(
        "rates: the server speaks http, AT-TLS puts TLS below it",
        {"status": 200, "ssl_used": None, "shown": None, "called_by": "TLSv1.3"},
        port="password",
        requester="rates",
        password=True,
    ),
)
# Another server, with another name in its certificate, listens where the endpoints did.
IMPOSTORS = (
    Call(
        "accounts: an impostor gets no request",
        {"status": 502, "failure": "javax.net.ssl.SSLHandshakeException"},
        port="password",
        requester="accounts",
        password=True,
    ),
    Call(
        "rates: an impostor gets no request",
        {"status": 502, "failure": ("java.io.IOException", "java.net.SocketException")},
        port="password",
        requester="rates",
        password=True,
    ),
)
INBOUND = (*BY_PASSWORD, *BY_CERTIFICATE, *CICS_ATTLS, *ATTLS_JSSE, *ATTLS_BOTH)
