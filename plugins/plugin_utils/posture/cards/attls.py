# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cards: AT-TLS policies; the rules themselves are in ``attls/rules``."""

from __future__ import annotations

from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.cards.card import (
    HIGH,
    INFORMATION,
    LOW,
    MEDIUM,
    Card,
    nist,
    pci,
    rfc9325,
    zos_stig,
)

_GUIDE = "IBM z/OS Communications Server IP Configuration Guide, AT-TLS"
_REFERENCE = "IBM z/OS Communications Server IP Configuration Reference, AT-TLS policy statements"
_NOT_INSTALLED = "The Policy Agent installs nothing of a policy with an error, and its connections go in clear."
_CIPHERS = "RFC 9325, section 4.1; NIST SP 800-52 Rev. 2, section 3.3.1; STIG V-250347"

CARDS = (
    Card(
        "attls-incomplete",
        "Policy statement without what it needs",
        HIGH,
        why=_NOT_INSTALLED,
        source=_REFERENCE,
        action="Add what the message names.",
        references=(
            zos_stig("V-252547"),
            zos_stig("V-252554"),
        ),
    ),
    Card(
        "attls-dangling",
        "Reference to a statement that is not there",
        HIGH,
        why="A rule that cannot be installed protects nothing, and its connections go in clear.",
        source=_GUIDE,
        action="Correct the name, or add the statement.",
        references=(
            zos_stig("V-252547"),
            zos_stig("V-252554"),
        ),
    ),
    Card(
        "attls-duplicate",
        "Two statements of one name",
        HIGH,
        why="The later statement silently takes the place of the earlier one.",
        source="Observed by others; the Policy Agent gives no error",
        action="Rename or remove one of the two.",
        references=(
            zos_stig("V-252547"),
            zos_stig("V-252554"),
        ),
    ),
    Card(
        "attls-number-as-address",
        "Number where an address belongs",
        HIGH,
        why="The Policy Agent takes a number for an address (6793 becomes 0.0.26.137), so the rule matches nothing.",
        source="A public report of pasearch on z/OS 3.1 shows such a rule",
        action="Write the port in LocalPortRange or RemotePortRange, or the address in full.",
        references=(
            zos_stig("V-252547"),
            zos_stig("V-252554"),
        ),
    ),
    Card(
        "attls-value",
        "Value that the Policy Agent refuses",
        HIGH,
        why=_NOT_INSTALLED,
        source=_REFERENCE,
        action="Correct the value.",
        references=(
            zos_stig("V-252547"),
            zos_stig("V-252554"),
        ),
    ),
    Card(
        "attls-unknown",
        "Keyword that the statement does not have",
        HIGH,
        why=(
            "A condition that is misspelt is none: the rule asks for less than it seems, or the Policy Agent installs "
            "nothing of the policy."
        ),
        source=_REFERENCE,
        action=(
            "Correct the keyword, or move it to the statement that has it. If your z/OS has it and this collection "
            "does not know it yet, waive the finding."
        ),
        references=(
            zos_stig("V-252547"),
            zos_stig("V-252554"),
        ),
    ),
    Card(
        "attls-too-new",
        "Parameter that this z/OS does not know",
        HIGH,
        why=_NOT_INSTALLED,
        source=f"{_REFERENCE}: TTLSConfig; AT-TLS currency with APAR PH49284",
        action="Remove the parameter, or install the APAR that brings it and say so in zos_apars.",
        references=(
            zos_stig("V-252547"),
            zos_stig("V-252554"),
        ),
    ),
    Card(
        "attls-perhaps-too-new",
        "Parameter that this z/OS may not know",
        LOW,
        why=_NOT_INSTALLED,
        source="N. Ramanjulu, AT-TLS and System SSL Defaults in z/OS 3.2; others say 2.5",
        action="Try it on a test system of the same level first.",
    ),
    Card(
        "attls-cipher-unknown",
        "Cipher that System SSL does not know",
        HIGH,
        why=_NOT_INSTALLED,
        source="IANA registry TLS Cipher Suites; System SSL, Cipher suite definitions",
        action="Correct the code or the name of the cipher.",
        references=(
            zos_stig("V-252547"),
            zos_stig("V-252554"),
        ),
    ),
    Card(
        "attls-cipher-unusable",
        "Cipher that no enabled protocol can use",
        MEDIUM,
        why="The cipher is never used; where no other is left, every handshake fails.",
        source="RFC 8446, RFC 5246: which ciphers belong to which protocol",
        action="Remove the cipher, or switch on the protocol that it is for.",
    ),
    Card(
        "attls-protocol-unusable",
        "Protocol that no cipher is for",
        MEDIUM,
        why="The protocol is never negotiated, though the policy looks as if it were.",
        source="z/OS 2.4 and 2.5, Required updates to enable TLS V1.3 protocol support",
        action="Add a cipher of this protocol, or switch the protocol off.",
    ),
    Card(
        "attls-suite-b",
        "Suite B without TLS 1.2",
        HIGH,
        why="Without TLS 1.2 no handshake succeeds.",
        source=f"{_REFERENCE}: TTLSEnvironmentAction",
        action="Switch TLS 1.2 on, or Suite B off.",
    ),
    Card(
        "attls-suite-b-ciphers",
        "Ciphers that Suite B overrules",
        MEDIUM,
        why="Only the Suite B profile decides which ciphers are used.",
        source=f"{_REFERENCE}: TTLSEnvironmentAdvancedParms",
        action="Remove TTLSCipherParms, or SuiteBProfile.",
    ),
    Card(
        "attls-fips",
        "FIPS mode with what it forbids",
        HIGH,
        why="System SSL in FIPS mode does not allow it, so the environment cannot be made.",
        source="z/OS System SSL Programming, FIPS 140",
        action="Remove what the message names, or FIPS140.",
    ),
    Card(
        "attls-ring-password",
        "Password beside a key ring",
        HIGH,
        why="With a password the name is taken for a key database file, which is not there, so every handshake fails.",
        source=f"{_REFERENCE}: TTLSKeyringParms",
        action="Remove KeyringPw.",
    ),
    Card(
        "attls-no-condition",
        "Rule without a condition",
        HIGH,
        why=_NOT_INSTALLED,
        source=f"{_REFERENCE}: TTLSRule",
        action="Give the rule an address, a port or a job name.",
        references=(
            zos_stig("V-252547"),
            zos_stig("V-252554"),
        ),
    ),
    Card(
        "attls-unreadable",
        "Condition that cannot be read",
        HIGH,
        why=_NOT_INSTALLED,
        source=f"{_REFERENCE}: TTLSRule",
        action="Correct the condition as the message says.",
        references=(
            zos_stig("V-252547"),
            zos_stig("V-252554"),
        ),
    ),
    Card(
        "attls-overlap",
        "Two rules for the same connection",
        MEDIUM,
        why="Which rule a connection gets depends on the alphabet; a new name may change it.",
        source=f"{_GUIDE}: AT-TLS rules",
        action="Give the rules different priorities, or conditions that exclude each other.",
    ),
    Card(
        "attls-never-wins",
        "Rule that no connection ever gets",
        MEDIUM,
        why="The rule has no effect: another rule wins for all its connections.",
        source=f"{_GUIDE}: AT-TLS rules",
        action="Raise its priority, narrow the other rule, or remove it.",
    ),
    Card(
        "attls-any-address",
        "Rule for every address",
        MEDIUM,
        why=(
            "The rule catches connections to the loopback address and to other servers too; https clients get TLS "
            "twice."
        ),
        source=f"{_GUIDE}: application compatibility",
        action="Say which addresses the rule is for.",
    ),
    Card(
        "attls-exception",
        "Rule that lets connections pass in clear",
        INFORMATION,
        why="The policy lets these connections go in clear on purpose, but the reason may be gone.",
        source=_GUIDE,
        action="Check that the exception is still wanted, and that it covers no more connections than needed.",
    ),
    Card(
        "attls-application-controlled",
        "Rule that leaves it to the program to start TLS",
        MEDIUM,
        why=(
            "AT-TLS does nothing until the program asks for it, and neither CICS nor Liberty does. Their connections "
            "go in clear."
        ),
        source=f"{_REFERENCE}: ApplicationControlled",
        action=(
            "Set ApplicationControlled to Off. For programs that start TLS themselves, such as FTP, waive the finding."
        ),
    ),
    Card(
        "attls-old-protocol",
        "Protocols older than TLS 1.2 in the policy",
        HIGH,
        why="SSL and TLS before 1.2 have known weaknesses, and a partner may choose them.",
        source="RFC 8996, RFC 7568",
        action="Switch them off; first find out which partner still needs them.",
        references=(
            nist("3.1"),
            pci("4.2.1"),
            rfc9325("3.1.1"),
        ),
    ),
    Card(
        "attls-protocol-default",
        "Protocols left to the defaults of z/OS",
        HIGH,
        why="Before z/OS 3.2 the defaults are: TLS 1.0 and 1.1 on, TLS 1.2 and 1.3 off.",
        source=f"{_REFERENCE}: TTLSEnvironmentAdvancedParms",
        action="Write On or Off for every protocol.",
        references=(
            nist("3.1"),
            pci("4.2.1"),
            rfc9325("3.1.1"),
        ),
    ),
    Card(
        "attls-upgrade-3.2",
        "Settings that z/OS 3.2 changes",
        LOW,
        why="After the upgrade, partners that need an old default cannot connect.",
        source="N. Ramanjulu, AT-TLS and System SSL Defaults in z/OS 3.2, IBM Community 2025",
        action="Write down what the partners need before the upgrade.",
    ),
    Card(
        "attls-cipher-broken",
        "Broken ciphers in the policy",
        HIGH,
        why="Somebody on the network can read or forge what such ciphers protect.",
        source=_CIPHERS,
        action="Remove these ciphers.",
        references=(
            nist("3.3.1"),
            pci("4.2.1"),
            rfc9325("4.1"),
        ),
    ),
    Card(
        "attls-cipher-weak",
        "Ciphers that are going out of use in the policy",
        MEDIUM,
        why="3DES leaks after much data; without forward secrecy a key that is stolen later opens what was recorded.",
        source=_CIPHERS,
        action="Remove these ciphers once no partner needs them.",
        references=(
            nist("3.3.1"),
            pci("4.2.1"),
            rfc9325("4.1"),
        ),
    ),
    Card(
        "attls-key-size",
        "Short keys of partners accepted",
        MEDIUM,
        why="RSA keys of fewer than 2048 bits can be broken.",
        source="NIST SP 800-52 Rev. 2, section 3.2; RFC 9325, section 4.5",
        action="Set PeerMinRsaKeySize to 2048 or more.",
        references=(
            nist("3.2"),
            rfc9325("4.5"),
        ),
    ),
    Card(
        "attls-renegotiation",
        "Unsafe renegotiation allowed",
        MEDIUM,
        why="Renegotiation as it was before RFC 5746 lets others put text in front of a client's.",
        source=f"RFC 5746; {_REFERENCE}: Renegotiation",
        action="Set Renegotiation to Default.",
        references=(rfc9325("3.5"),),
    ),
    Card(
        "attls-cleartext-trace",
        "Traces that show what TLS protects",
        HIGH,
        why="What TLS protects is written in clear into component traces and dumps.",
        source=f"{_REFERENCE}: CtraceClearText",
        action="Set CtraceClearText to Off as soon as the trace is taken.",
    ),
    Card(
        "attls-trace",
        "Trace of every event",
        LOW,
        why=(
            "Levels above 7 are for diagnosis: they fill syslogd with every event and flow, data included at the "
            "highest."
        ),
        source=f"{_REFERENCE}: Trace",
        action="Set Trace to 2 once the problem is found.",
    ),
    Card(
        "attls-any-server",
        "Called server not checked by its name",
        MEDIUM,
        why="Without the name of the server any certificate of any CA on the key ring will do.",
        source="RFC 6125; HostReferenceIdDNS was seen to work on z/OS 3.1",
        action="Write HostReferenceIdDNS with the name that is called (z/OS 2.5 with APAR PH49284, or later).",
        references=(rfc9325("7.1"),),
    ),
    Card(
        "attls-shared-certificate",
        "One client certificate for everybody the rule matches",
        MEDIUM,
        why="To the server, all programs that the rule matches are one user: the user of that certificate.",
        source="Zowe documentation, Configuring AT-TLS: outbound rules",
        action="Say which jobs or users the rule is for.",
    ),
    Card(
        "attls-pass-through",
        "Client certificates that nobody validates",
        HIGH,
        why="Clients are asked for a certificate that nobody validates.",
        source=f"{_REFERENCE}: ClientAuthType",
        action="Set ClientAuthType to Required or SAFCheck.",
    ),
    Card(
        "attls-client-auth-unused",
        "Client certificates wanted and never asked for",
        HIGH,
        why="Only the role ServerWithClientAuth asks clients for a certificate; with another role everybody gets in.",
        source=f"{_REFERENCE}: HandshakeRole, ClientAuthType",
        action="Set HandshakeRole to ServerWithClientAuth, or remove ClientAuthType.",
    ),
    Card(
        "attls-revocation",
        "Revoked certificates not noticed by AT-TLS",
        LOW,
        why="A certificate that its CA revoked, say because the key was stolen, is still accepted.",
        source=f"{_REFERENCE}: TTLSGskAdvancedParms",
        action="Configure OCSP or CRLs in TTLSGskAdvancedParms, or keep certificates short-lived.",
        references=(
            rfc9325("7.5"),
            pci("4.2.1"),
        ),
    ),
    Card(
        "attls-inline-comment",
        "Comment behind a value",
        LOW,
        why="The documentation contradicts itself on whether such a comment is read as part of the value.",
        source="Zowe documentation, Configuring AT-TLS; IBM's own samples have such comments",
        action="Put the comment on a line of its own.",
    ),
    Card(
        "attls-flush",
        "Rules taken away while the policy is read",
        LOW,
        why="Until the policy is read again there are no rules, so new connections go in clear, without an error.",
        source=f"{_GUIDE}: FLUSH and PURGE considerations",
        action="Use NOFLUSH once the policy is stable.",
    ),
    Card(
        "attls-noflush",
        "Removed rules that may still count",
        INFORMATION,
        why="A rule that was taken out of the file may still be in the stack.",
        source=f"{_GUIDE}: FLUSH and PURGE considerations",
        action="After removing a rule make sure with pasearch that it is gone.",
    ),
    Card(
        "attls-purge",
        "Rules taken away when the Policy Agent stops",
        MEDIUM,
        why="When the Policy Agent stops, new connections go in clear, without an error.",
        source=f"{_GUIDE}: FLUSH and PURGE considerations",
        action="Use NOPURGE.",
    ),
)
