# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cards: what hardening guides ask of a Liberty server beside TLS."""

from __future__ import annotations

from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.cards.card import (
    HIGH,
    INFORMATION,
    LOW,
    MEDIUM,
    SCHEMA,
    Card,
    stig,
)

_STIG = "DISA STIG for WebSphere Liberty, V2R4"

CARDS = (
    Card(
        "application-security-off",
        "Server without application security",
        INFORMATION,
        why="Liberty then checks no roles, whichever application is deployed.",
        source=f"{_STIG}: V-250341; feature manifests of Open Liberty 26.0.0.3",
        action="Enable the feature appSecurity-2.0 or later.",
        references=(stig("V-250341"), stig("V-250323")),
    ),
    Card(
        "audit-off",
        "No audit of logins by Liberty",
        INFORMATION,
        why="Only the user registry then records logins and refusals, such as RACF in its SMF records.",
        source=f"{_STIG}: V-250325",
        action="Enable the feature audit-1.0, or make sure that the registry's own records are kept.",
        references=(stig("V-250325"), stig("V-250330"), stig("V-250350")),
    ),
    Card(
        "audit-clear",
        "Audit records that are not encrypted",
        INFORMATION,
        why="The file shows who logged in, when and from where.",
        source=f"Open Liberty, auditFileHandler (encrypt is false by default); {_STIG}: V-250330",
        action="Set encrypt to true on auditFileHandler, with encryptKeyStoreRef and encryptAlias.",
        references=(stig("V-250330"),),
    ),
    Card(
        "audit-events",
        "Audit that leaves out logins or refusals",
        LOW,
        why="Events that are not recorded can neither be noticed nor proved later.",
        source=f"{_STIG}: V-250350",
        action="Add events elements for SECURITY_AUTHN and SECURITY_AUTHZ, or remove all of them to record everything.",
        references=(stig("V-250350", "The STIG wants both events written; without a choice Liberty records all."),),
    ),
    Card(
        "administrator-in-file",
        "Administrator whose password stands in the configuration",
        MEDIUM,
        why="Such a user is not locked out after wrong passwords, and the password never expires.",
        source=f"{_STIG}: V-250326",
        action="Let administrators come from the user registry of the site, such as safRegistry.",
        references=(stig("V-250326", "The STIG wants administrators from LDAP."),),
    ),
    Card(
        "basic-registry",
        "Users whose passwords stand in the configuration",
        LOW,
        why="The site does not manage these users: nobody removes them when people leave.",
        source=f"{_STIG}: V-250334",
        action="Use the user registry of the site, such as safRegistry with the feature zosSecurity-1.0.",
        references=(stig("V-250334"),),
    ),
    Card(
        "ldap-cleartext",
        "LDAP server asked without TLS",
        MEDIUM,
        why="The passwords of all who log in pass in the clear.",
        source=f"{_STIG}: V-250337",
        action="Set sslEnabled to true, with an SSL configuration that trusts the LDAP server.",
        references=(stig("V-250337"),),
    ),
    Card(
        "logins-kept-long",
        "Logins kept for longer than ten minutes",
        LOW,
        why="Until then Liberty does not ask the user registry again, even if the user was revoked.",
        source=f"{SCHEMA} (authCache); {_STIG}: V-250345",
        action="Set timeout of authCache to 600s, its default, or remove it.",
        references=(stig("V-250345", "The STIG wants the ten minutes written, though they are the default."),),
    ),
    Card(
        "ltpa-default-password",
        "LTPA keys with the password that everybody knows",
        MEDIUM,
        why="Anybody who gets the file of the keys can make cookies that log in as any user.",
        source=f"{SCHEMA} (default of keysPassword); {_STIG}: V-250346",
        action="Give the keys another password, on all servers that share them at the same time.",
        references=(stig("V-250346"),),
    ),
    Card(
        "cookie-script-readable",
        "Login cookies that scripts may read",
        LOW,
        why="A script that somebody smuggles into a page can then take the login with it.",
        source=f"{SCHEMA}; {_STIG}: V-250324",
        action="Remove httpOnlyCookies and cookieHttpOnly, or set them to true.",
        references=(stig("V-250324", "The STIG wants both to be written; true is Liberty's default."),),
    ),
    Card(
        "cookie-cleartext",
        "Login cookies sent over plain http",
        LOW,
        why="Somebody who listens on the network can take over the login.",
        source=f"{SCHEMA}; {_STIG}: V-250324",
        action="Set ssoRequiresSSL to true, or close the http port.",
        references=(stig("V-250324"),),
    ),
    Card(
        "config-writable",
        "Configuration that everybody on the system can change",
        HIGH,
        why="Anybody on the system can then make the server do anything, with the rights of the server.",
        source=f"POSIX file permissions; {_STIG}: V-250344",
        action="Take write permission from others (chmod o-w), then compare the file with a copy that you trust.",
        references=(stig("V-250344"),),
    ),
)
