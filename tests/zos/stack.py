# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole stack: what `pasearch` says that it holds, and AT-TLS on every connection that its policies name. See README.md."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from attls_policy import fronts, rule_of
from attls_standin import Address, Rings, standin

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.text import read_source

PASEARCH = Path(__file__).with_name("pasearch")


@dataclass(frozen=True)
class End:
    """One end of a connection: the rule that wins there, and what it stands between, as `standin` takes it."""

    policy: Path
    rule: str
    listen: Address
    to: Address


@dataclass(frozen=True)
class Stack:
    """A stack of z/OS.

    Attributes:
        folder: where its files are.
        encoding: of the policies.
        release: of z/OS.
    """

    folder: Path
    encoding: str = "IBM-1047"
    release: str = "3.1"

    @property
    def pasearch(self) -> list[str]:
        """The command that prints what it holds."""
        return ["env", f"FAKE_ZOS={self.folder / 'zos.json'}", sys.executable, str(PASEARCH), "-t"]

    def holds(self, policy: Path | None) -> None:
        """Let it hold a policy as it is now, or none at all, and say so."""
        installed = self.folder / "installed.ttls"
        text = read_source(policy.read_bytes(), name=str(policy), encoding=self.encoding).text if policy else ""
        installed.write_text(text, encoding="utf-8")
        world = {
            "stack": "TCPIP",
            "release": self.release,
            "state": "installed" if policy else "none",
            "policies": {"stack": str(installed), "common": None},
        }
        (self.folder / "zos.json").write_text(json.dumps(world), encoding="utf-8")

    @contextlib.contextmanager
    def attls(self, ends: Iterable[End], rings: Rings) -> Iterator[None]:
        """Do TLS on these connections as long as this lasts; errors as of `standin`."""
        with contextlib.ExitStack() as started:
            for end in ends:
                tls = fronts(rule_of(end.policy, end.rule, encoding=self.encoding), release=self.release)
                folder = self.folder / end.rule
                started.enter_context(standin(tls, listen=end.listen, to=end.to, rings=rings, folder=folder))
            yield
