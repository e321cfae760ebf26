# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cards: what is told only under the standard that asks for it, because nearly every server has it."""

from __future__ import annotations

from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.cards.card import (
    INFORMATION,
    SCHEMA,
    Card,
    stig,
)

_STIG = "DISA STIG for WebSphere Liberty, V2R4"

SERVER = (
    Card(
        "sessions-unlimited",
        "Sessions without an upper limit",
        INFORMATION,
        why="A caller who opens sessions without end fills the memory of the server.",
        source=f"{SCHEMA} (httpSession: allowOverflow is true by default); {_STIG}: V-250322",
        action="Set allowOverflow of httpSession to false, and maxInMemorySessionCount as the security plan says.",
        references=(stig("V-250322"),),
    ),
    Card(
        "session-timeout-long",
        "Sessions that last longer than ten minutes unused",
        INFORMATION,
        why="Somebody who finds an abandoned screen can work as the user who left it.",
        source=f"{SCHEMA} (httpSession: invalidationTimeout is 30m by default); {_STIG}: V-250340",
        action="Set invalidationTimeout of httpSession to 10m.",
        references=(stig("V-250340", "The STIG wants ten minutes to be written; a shorter time passes too."),),
    ),
    Card(
        "logs-not-sent",
        "Logs that Liberty does not send to a central system",
        INFORMATION,
        why="An intruder can change the logs on the host.",
        source=f"{_STIG}: V-250327",
        action="Enable the feature logstashCollector-1.0 with the sources message, accessLog and audit, or waive this "
        "where something else sends the logs.",
        references=(
            stig("V-250327", "Logs that other programs of the host send are not seen; waive this finding for them."),
        ),
    ),
    Card(
        "no-ldap-registry",
        "Users who do not come from LDAP",
        INFORMATION,
        why="DISA wants users from the directory of the enterprise.",
        source=f"{_STIG}: V-250333",
        action="Configure ldapRegistry, or have an exception approved for the registry of SAF, and waive this.",
        references=(stig("V-250333"),),
    ),
    Card(
        "administrators-without-certificate",
        "Administration that asks for no client certificate",
        INFORMATION,
        why="A password alone, once it is known, makes anybody an administrator.",
        source=f"{_STIG}: V-250335",
        action="Give each administrator a certificate, then set clientAuthentication to true for the port.",
        references=(stig("V-250335"),),
    ),
    Card(
        "fips-not-asked",
        "Java that is not told to use FIPS",
        INFORMATION,
        why="Java may then use cryptography that is not validated.",
        source=f"{_STIG}: V-250339 (com.ibm.jsse2.usefipsprovider); the switches that later Javas of IBM have for it",
        action="Ask for it in jvm.options, by the switch of the server's Java.",
        references=(stig("V-250339", "The STIG names the switch of Java 8; the switches of later Javas pass too."),),
    ),
    Card(
        "logs-unplanned",
        "Logs whose extent nobody chose",
        INFORMATION,
        why="An event cannot be investigated if it is not logged, or if its log is deleted too early.",
        source=f"{_STIG}: V-250343",
        action="Set traceSpecification, maxFileSize and maxFiles of logging, and do not set consoleLogLevel to OFF.",
        references=(stig("V-250343"),),
    ),
    Card(
        "config-mode",
        "Configuration open to more than owner and group",
        INFORMATION,
        why="The file shows ports, users and where keys are.",
        source=f"{_STIG}: V-250344",
        action="Run chmod 660 on server.xml; its owner and group must be those of the server.",
        references=(
            stig("V-250344", "The STIG wants mode 660; stricter ones, which it calls a finding, are kept here too."),
        ),
    ),
)
KEYS = (
    Card(
        "certificate-self-signed",
        "Certificate that no authority issued",
        INFORMATION,
        why="Each caller must be given this very certificate, and again with each new one; no authority can revoke it.",
        source=f"{_STIG}: V-250338",
        action="Have a certificate issued for the key by an authority that the site approves.",
        references=(stig("V-250338"),),
    ),
)
