# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cards: the groups of the key exchange, and what a port takes when it is asked.

Whether System SSL has groups with ML-KEM is not said here, because no source says it.
"""

from __future__ import annotations

from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.cards.card import (
    HIGH,
    INFORMATION,
    Card,
    nist,
    pci,
    rfc9325,
    stig,
)

_JAVA = "Observed on OpenJDK 17 and 25 (jdk.tls.namedGroups); JEP 527 (JDK 27)"

SERVER = (
    Card(
        "key-groups-none",
        "No group of the key exchange that Java has",
        HIGH,
        why="Java then does no TLS at all (IllegalArgumentException): no https port and no https call works.",
        source=_JAVA,
        action="Name groups as Java does (x25519, secp256r1), or remove the line from jvm.options.",
    ),
    Card(
        "key-groups-limited",
        "Groups of the key exchange fixed in jvm.options",
        INFORMATION,
        why=(
            "No other group can be used, and the post-quantum groups of a later Java stay off as long as the line is "
            "there."
        ),
        source=_JAVA,
        action="Remove the line from jvm.options unless your site asks for it, and check it with each new Java.",
    ),
)
ATTLS = (
    Card(
        "attls-key-groups",
        "Groups of the key exchange that a policy leaves out",
        INFORMATION,
        why="A partner that offers only other groups cannot connect, and new groups of a later release stay off.",
        source=(
            "z/OS 2.5, TTLSSignatureParms (defaults); IBM MQ 9.2, Modifying elliptic curve key length on z/OS "
            "(GSK_CLIENT_ECURVE_LIST)"
        ),
        action="Remove the parameter unless a rule of your site asks for it, and check it with each new release.",
    ),
)
WIRE = (
    Card(
        "port-old-protocol",
        "Port that takes TLS 1.0 or 1.1",
        HIGH,
        why="Protocols before TLS 1.2 are broken (RFC 8996), and a caller may choose them.",
        source="RFC 8996",
        action="Set sslProtocol to TLSv1.2,TLSv1.3, or switch the old ones off in the AT-TLS policy; then scan again.",
        references=(stig("V-250323"), nist("3.1"), pci("4.2.1"), rfc9325("3.1.1")),
    ),
    Card(
        "key-exchange-classical",
        "Port without a post-quantum key exchange",
        INFORMATION,
        why="Traffic that somebody records today can be read once large quantum computers exist.",
        source="RFC 10024 (hybrid groups with ML-KEM for TLS 1.3)",
        action="Plan for it where data must stay secret for years: it takes TLS 1.3 and a stack with such a group.",
    ),
)
