# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a card is: all that people are told about a finding, but for where it is and what was found there."""

from __future__ import annotations

from dataclasses import dataclass

HIGH, MEDIUM, LOW, INFORMATION = "high", "medium", "low", "information"
SEVERITIES = (HIGH, MEDIUM, LOW, INFORMATION)
OBSERVED = "Observed on Open Liberty 25.0.0.6 and 26.0.0.3"
SCHEMA = "Open Liberty server schema"
STIG, ZOS_STIG, NIST, PCI, RFC9325 = "stig", "zos-stig", "nist-sp-800-52r2", "pci-dss-4.0.1", "rfc9325"
# The standards by the names that users give.
STANDARDS = {
    STIG: "DISA STIG for IBM WebSphere Liberty Server, V2R4",
    ZOS_STIG: "DISA STIGs for IBM z/OS (RACF, ACF2, TSS)",
    NIST: "NIST SP 800-52 Rev. 2",
    PCI: "PCI DSS 4.0.1",
    RFC9325: "RFC 9325 (BCP 195)",
}


@dataclass(frozen=True)
class Reference:
    """A rule of a standard (a key of STANDARDS) that a finding is about; ``note`` says where the two differ.

    ``contrary``: the standard asks for what the finding warns of, so the finding does not break the rule.
    """

    standard: str
    id: str
    note: str = ""
    contrary: bool = False


@dataclass(frozen=True)
class Card:
    """What a finding is called, how serious it is, why, by which source, and what to do about it."""

    id: str
    title: str
    severity: str
    why: str
    source: str
    action: str
    references: tuple[Reference, ...] = ()


def stig(identity: str, note: str = "", *, contrary: bool = False) -> Reference:
    return Reference(STIG, identity, note, contrary)


def zos_stig(identity: str, note: str = "") -> Reference:
    return Reference(ZOS_STIG, identity, note)


def nist(section: str, note: str = "") -> Reference:
    return Reference(NIST, section, note)


def pci(requirement: str, note: str = "") -> Reference:
    return Reference(PCI, requirement, note)


def rfc9325(section: str, note: str = "") -> Reference:
    return Reference(RFC9325, section, note)
