# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cards: TLS on the way in and on the way out, its protocols, ciphers and trust."""

from __future__ import annotations

from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.cards.card import (
    HIGH,
    INFORMATION,
    LOW,
    MEDIUM,
    OBSERVED,
    SCHEMA,
    Card,
    nist,
    pci,
    rfc9325,
    stig,
)

_IBM_8 = "IBM SDK, Java Technology Edition 8, JSSE2: Protocols; DISA STIG V-250323; Open Liberty 26.0.0.3 on OpenJDK 17"
_CIPHERS = "RFC 9325, section 4.1; NIST SP 800-52 Rev. 2, section 3.3.1; DISA STIG V-250347"
_LATER = "Observed on Open Liberty 26.0.0.3"

CARDS = (
    Card(
        "tls-fallback",
        "Port that serves another TLS configuration than meant",
        HIGH,
        why=(
            "Liberty serves the port with the default certificate, asks for no client certificates, and writes no "
            "message."
        ),
        source=OBSERVED,
        action="Correct what the message names, so that the SSL configuration of the port can be built.",
    ),
    Card(
        "tls-unusable",
        "Https port that does not work",
        HIGH,
        why="Callers find no open port, or every handshake fails.",
        source=OBSERVED,
        action="Correct what the message names, then try a handshake with tls_probe.",
    ),
    Card(
        "tls-no-feature",
        "Https port without a feature for TLS",
        HIGH,
        why="Without a TLS feature an https port is not opened, and nothing says so.",
        source=OBSERVED,
        action="Enable the feature transportSecurity-1.0.",
    ),
    Card(
        "tls-no-default-store",
        "Default TLS without a usable key store",
        MEDIUM,
        why=(
            "Without the default key store's password there is no default TLS (CWPKI0819I): ports stay shut, calls "
            "fail."
        ),
        source=OBSERVED,
        action="Give the default keyStore its password, or name an SSL configuration that has a key store.",
    ),
    Card(
        "tls-bad-protocol",
        "Misspelt list of protocols or ciphers",
        HIGH,
        why=(
            "Liberty trims nothing: it rejects the value and uses the default SSL configuration, or no handshake "
            "succeeds."
        ),
        source=OBSERVED,
        action="Write the list as Liberty reads it: protocols with commas and without blanks, ciphers with blanks.",
        references=(stig("V-250323"),),
    ),
    Card(
        "tls-13-off",
        "TLS 1.3 switched off by the list of ciphers",
        LOW,
        why="A list of ciphers without one of TLS 1.3 switches TLS 1.3 off.",
        source=OBSERVED,
        action="Add a cipher of TLS 1.3, such as TLS_AES_256_GCM_SHA384, or remove the list.",
        references=(nist("3.1"),),
    ),
    Card(
        "tls-host-names",
        "Host names of called servers not checked",
        MEDIUM,
        why="Without the check any certificate of a trusted issuer passes for any server.",
        source=SCHEMA,
        action="Set verifyHostname to true, and have certificates issued for the names that are called.",
        references=(rfc9325("7.1"),),
    ),
    Card(
        "tls-host-names-skipped",
        "Hosts whose names are not checked",
        MEDIUM,
        why=(
            "For these hosts any certificate of a trusted issuer passes. The reason and an end date should be on "
            "record."
        ),
        source=SCHEMA,
        action="Have certificates issued for these names, then remove skipHostnameVerificationForHosts.",
        references=(rfc9325("7.1"),),
    ),
    Card(
        "tls-outbound-fallback",
        "Call with another TLS configuration than meant",
        HIGH,
        why=(
            "Liberty silently calls with another SSL configuration, so with another certificate and another trust "
            "store."
        ),
        source=_LATER,
        action="Correct what the message names, so that the SSL configuration of the call can be built.",
    ),
    Card(
        "tls-outbound-unusable",
        "Call that cannot be made",
        HIGH,
        why="Every call fails.",
        source=_LATER,
        action="Correct what the message names, then try a handshake with tls_probe.",
    ),
    Card(
        "tls-outbound-ignored",
        "Outbound TLS settings without effect",
        MEDIUM,
        why=(
            "Liberty ignores outboundSSLRef and outboundConnection unless the feature transportSecurity-1.0 is enabled."
        ),
        source=SCHEMA,
        action="Enable the feature transportSecurity-1.0, or remove the settings.",
    ),
    Card(
        "tls-trusts-nothing",
        "Call that trusts no certificate but the server's own",
        MEDIUM,
        why="Liberty makes the default key store by itself; it trusts the server's own certificate and no other.",
        source=SCHEMA,
        action="Put the issuer of the called server's certificate into a trust store, and name it in trustStoreRef.",
    ),
    Card(
        "tls-revocation",
        "Revoked certificates not noticed",
        INFORMATION,
        why="A revoked certificate passes unless Java checks CRLs or OCSP, for which server.xml has no attribute.",
        source="Java: system properties com.sun.net.ssl.checkRevocation, com.ibm.jsse2.checkRevocation (not observed)",
        action="Switch the check on in jvm.options, or keep certificates short-lived and lists of CAs short.",
        references=(
            rfc9325("7.5"),
            pci("4.2.1"),
        ),
    ),
    Card(
        "port-twice",
        "Port claimed by two endpoints",
        HIGH,
        why="One of the two wins; the other is closed (CWWKO0221E).",
        source=OBSERVED,
        action="Give one of the endpoints another port, or close it with -1.",
    ),
    Card(
        "attls-double",
        "TLS done twice, by AT-TLS and by the server",
        HIGH,
        why=(
            "AT-TLS and the server would both do TLS: the handshake fails (in CICS DFHSO0123, in z/OS Connect "
            "BAQT0008E)."
        ),
        source="IBM: configuring TLS with CICS",
        action="Let one of them do TLS: use http behind AT-TLS, or take the port out of the policy.",
    ),
    Card(
        "attls-unclear",
        "Port with unclear AT-TLS coverage",
        MEDIUM,
        why="AT-TLS fails open: a connection that gets no rule passes in clear, without an error.",
        source="IBM: AT-TLS rules",
        action="Write the rule so that it covers every connection to the port, then check with attls_match.",
    ),
    Card(
        "tls-old-protocol",
        "Protocols older than TLS 1.2",
        HIGH,
        why="Protocols before TLS 1.2 are broken (RFC 8996).",
        source=_IBM_8,
        action="Allow TLS 1.2 and 1.3 only; first find out who still needs the old ones.",
        references=(
            stig("V-250323"),
            nist("3.1"),
            pci("4.2.1"),
            rfc9325("3.1.1"),
        ),
    ),
    Card(
        "tls-protocol-by-java",
        "Protocols left to the defaults of Java",
        MEDIUM,
        why=(
            "IBM Java 8 then accepts TLS 1.0 and 1.1, unless jdk.tls.disabledAlgorithms in its java.security forbids "
            "them. That file is not part of the server."
        ),
        source=_IBM_8,
        action="Write sslProtocol TLSv1.2,TLSv1.3.",
        references=(
            stig("V-250323"),
            nist("3.1"),
            pci("4.2.1"),
            rfc9325("3.1.1"),
        ),
    ),
    Card(
        "tls-weak-cipher",
        "Broken ciphers",
        HIGH,
        why="Somebody on the network can read or change the data, or pose as the other side.",
        source=_CIPHERS,
        action="Remove these ciphers from enabledCiphers, or remove the whole list.",
        references=(
            stig("V-250347", "The STIG names EXPORT ciphers only."),
            nist("3.3.1"),
            pci("4.2.1"),
            rfc9325("4.1"),
        ),
    ),
    Card(
        "tls-dated-cipher",
        "Ciphers that are going out of use",
        MEDIUM,
        why="They have blocks of 64 bits (3DES), or no forward secrecy: a stolen key then opens recorded traffic.",
        source=_CIPHERS,
        action="Remove these ciphers from enabledCiphers once no partner needs them.",
        references=(
            nist("3.3.1"),
            pci("4.2.1"),
            rfc9325("4.1"),
        ),
    ),
    Card(
        "tls-security-level",
        "Ciphers of a low security level",
        HIGH,
        why="LOW means ciphers without encryption, MEDIUM means DES and ciphers with keys of 40 bits.",
        source="Open Liberty: description of securityLevel in the server schema; RFC 9325, section 4.1",
        action="Set securityLevel to HIGH, or remove it.",
        references=(
            nist("3.3.1"),
            pci("4.2.1"),
            rfc9325("4.1"),
        ),
    ),
    Card(
        "tls-trusts-public",
        "Trust in every public certificate authority",
        MEDIUM,
        why=(
            "All certificate authorities of Java are trusted, not only those of the trust store. Anybody can get a "
            "certificate from one of them and pass as a server, or as a client if the port asks for certificates."
        ),
        source=SCHEMA,
        action="Set trustDefaultCerts to false, and put the issuers that are needed into the trust store.",
    ),
)
