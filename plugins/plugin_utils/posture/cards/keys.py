# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cards: keys, certificates and the stores that hold them."""

from __future__ import annotations

from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.cards.card import (
    HIGH,
    LOW,
    MEDIUM,
    OBSERVED,
    Card,
    nist,
    pci,
    rfc9325,
    zos_stig,
)

_BASELINE = "CA/Browser Forum Baseline Requirements, 6.1.5 and 7.1.3"

CARDS = (
    Card(
        "certificate-expired",
        "Certificate that is not valid now",
        HIGH,
        why="Liberty serves it without a message, and every client refuses it.",
        source=OBSERVED,
        action="Renew the certificate with the role renew, or remove it.",
        references=(
            zos_stig("V-223647"),
            pci("4.2.1"),
        ),
    ),
    Card(
        "certificate-expires-soon",
        "Certificate that expires soon",
        MEDIUM,
        why="From that day on no handshake with it succeeds.",
        source="RFC 5280, 4.1.2.5",
        action="Renew the certificate with the role renew before its last day.",
    ),
    Card(
        "key-weak",
        "Key that is too short",
        HIGH,
        why="Keys of this size are not considered safe.",
        source=_BASELINE,
        action="Make a new key, and have a certificate issued for it.",
        references=(
            nist("3.2"),
            pci("4.2.1"),
            rfc9325("4.5"),
        ),
    ),
    Card(
        "signature-weak",
        "Certificate with a weak signature",
        MEDIUM,
        why="Somebody else may forge such a signature, and newer Javas refuse it.",
        source=_BASELINE,
        action="Have the certificate issued again with SHA-256.",
        references=(pci("4.2.1"),),
    ),
    Card(
        "host-name-missing",
        "Certificate without the name that clients call",
        HIGH,
        why=(
            "Clients look for the name that they call among the subject alternative names, and refuse other "
            "certificates."
        ),
        source="RFC 9525, 4.1 and 6.3",
        action="Have the certificate issued again with this name as subject alternative name.",
        references=(rfc9325("7.1"),),
    ),
    Card(
        "chain-incomplete",
        "Certificate without its issuers",
        MEDIUM,
        why="A client that trusts only the root cannot build the chain from the certificate to it.",
        source="RFC 8446, 4.4.2",
        action="Put the missing issuer into the store, behind the certificate. The root itself may stay away.",
        references=(zos_stig("V-223648"),),
    ),
    Card(
        "chain-end-unknown",
        "Certificate alone, with an issuer that is not known",
        LOW,
        why=(
            "If the issuer is a root, all is well: it need not be sent. If it is below a root, a client that trusts "
            "only the root cannot build the chain."
        ),
        source="RFC 8446, 4.4.2",
        action="Look who issued the issuer. If that is somebody else, put the issuer behind the certificate.",
    ),
    Card(
        "private-key-in-trust-store",
        "Private key among trusted certificates",
        MEDIUM,
        why="A trust store is handed around, and more people may read it; the key's own certificate is trusted too.",
        source=OBSERVED,
        action="Move the key to a store of its own.",
    ),
    Card(
        "key-file-readable",
        "Private key that everybody on the system can read",
        HIGH,
        why=(
            "Everybody on the system can copy the file. Then only its password protects the key, and a PEM file may "
            "have none."
        ),
        source="POSIX file permissions",
        action="Take read permission from others, and consider a new key.",
    ),
    Card(
        "store-missing",
        "Key store that is not there",
        HIGH,
        why="Liberty serves the port with the default SSL configuration instead, or not at all.",
        source=OBSERVED,
        action="Make the store with the module keystore, or correct its location.",
    ),
    Card(
        "store-unusable",
        "Key store that cannot be opened",
        HIGH,
        why="Liberty serves the port with the default SSL configuration instead, or not at all.",
        source=OBSERVED,
        action="Correct the password, the type or the file.",
    ),
    Card(
        "store-type-differs",
        "Key store of another type than configured",
        LOW,
        why="Java 17 reads it anyway; other versions may not.",
        source=OBSERVED,
        action="Correct the type in the keyStore element, or convert the file with the module keystore.",
    ),
)
