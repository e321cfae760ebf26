# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is around the server: AT-TLS, which does what the policy files say, and the RESTful endpoints of a partner."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from attls_standin import Rings, write_ring
from endpoints import endpoint
from pki import Cast, Issued, issue_cast, issue_endpoints, write_private
from stack import End, Stack

# Loopback addresses stand for systems: the server, the programs, the server's ports as others see them, a partner.
SERVER, PROGRAMS, OUTSIDE, PARTNER = "127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4"


@dataclass(frozen=True)
class Surroundings:
    """Systems, certificates and ports.

    Attributes:
        folder: for files.
        ports: by connection.
        cast: who takes part.
        identities: certificates of endpoints, by what is wrong with them.
    """

    folder: Path
    ports: Mapping[str, int]
    cast: Cast
    identities: Mapping[str, Issued]

    @classmethod
    def make(cls, folder: Path, ports: Mapping[str, int]) -> Surroundings:
        """Issue certificates; the server's own, for calls that it makes, is `zceesrv1`."""
        cast = issue_cast(key_type="ec")
        made = cls(folder, ports, cast, issue_endpoints(cast.root, key_type="ec"))
        cast.write(made.pki)
        own = cast.root.issue("zceesrv1", key_type="ec", server=False)
        (made.pki / "zceesrv1.pem").write_text(own.certificate_pem, encoding="ascii")
        write_private(made.pki / "zceesrv1.key", own.key_pem())
        return made

    @property
    def pki(self) -> Path:
        """PEM files."""
        return self.folder / "pki"

    @property
    def stack(self) -> Stack:
        """The stack whose Policy Agent is asked."""
        return Stack(self.folder)

    @property
    def server_policy(self) -> Path:
        """In front of the server, and below it."""
        return self.folder / "server.ttls"

    @property
    def programs_policy(self) -> Path:
        """Below the programs."""
        return self.folder / "programs.ttls"

    def attls(self) -> contextlib.AbstractContextManager[None]:
        """AT-TLS on every connection of which a policy tells."""
        names = {"ZCEESRV/Server": {"Server": self.cast.server}, "NIGHTUSR/ZosConnect": {}, "ZCEESRV/Partner": {}}
        trusted = [self.cast.root.root_pem]
        rings = {
            name: write_ring(self.folder / "rings" / name, authorities=trusted, entries=entries)
            for name, entries in names.items()
        }
        return self.stack.attls(self._ends(), Rings(rings))

    def _ends(self) -> list[End]:
        def of(policy: Path, rule: str, name: str, listen: str, to: str) -> End:
            return End(policy, rule, (listen, self.ports[name]), (to, self.ports[name]))

        return [
            of(self.server_policy, "cics_attls_in", "cics_attls", OUTSIDE, SERVER),
            of(self.programs_policy, "attls_jsse_night", "attls_jsse", PROGRAMS, OUTSIDE),
            of(self.programs_policy, "attls_both_night", "attls_both", PROGRAMS, OUTSIDE),
            of(self.server_policy, "attls_both_in", "attls_both", OUTSIDE, SERVER),
            of(self.server_policy, "rates_endpoint", "rates", SERVER, PARTNER),
        ]

    @contextlib.contextmanager
    def endpoints(self, **kinds: str) -> Iterator[None]:
        """Serve RESTful endpoints; by connection, which kind of endpoints.py."""
        with contextlib.ExitStack() as serving:
            for name, kind in kinds.items():
                at = (PARTNER if name == "rates" else SERVER, self.ports[name])
                serving.enter_context(endpoint(kind, self.cast, self.identities, self.folder, at=at))
            yield
