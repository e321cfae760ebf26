# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The operator commands after which a change counts, by the version of z/OS Connect: the one place that names them.

Sources: IBM z/OS Connect, "The MODIFY command zosConnect-2.0" (ZCON,REFRESH and ZCON,CLEARSAFCACHE, with the feature
zosConnectCommands-1.0), "The MODIFY command zosConnect-3.0" (REFRESH,APPS, REFRESH,CONFIG and REFRESH,KEYSTORE, the
last one for SAF key rings too) and "Configuration updates on demand" (the refresh of 2.0 reads key stores in files);
WebSphere Liberty, "Modify commands on z/OS" (CACHE,CLEAR,AUTH since 20.0.0.6, with appSecurity-2.0 or later).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ansible_collections.zosconnect.security.plugins.plugin_utils import declared
from ansible_collections.zosconnect.security.plugins.plugin_utils.zosconnect import read_version

CONFIGURATION, KEY_STORES, APPLICATIONS, ACCESS = CHANGED = ("configuration", "key_stores", "applications", "access")
# What must be configured so that the server knows the commands of 2.0.
FEATURE = "zosconnect:zosConnectCommands-1.0"
# IBM's procedure for a started server.
JOB_NAME = "BAQSTRT"
UPDATE_POLICY = "F PAGENT,UPDATE"
# What the module operator_command tells of, and how it reaches a console.
POLICY = "policy"
TOLD = (*CHANGED, POLICY)
TSOCMD, ZOS_OPERATOR = BY = ("tsocmd", "zos_operator")
REBUILD_CICS = "CEMT PERFORM SSL REBUILD"

_CLEAR_LOGINS = "CACHE,CLEAR,AUTH"
_COMMANDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "2.0": {
        CONFIGURATION: ("ZCON,REFRESH",),
        KEY_STORES: ("ZCON,REFRESH",),
        APPLICATIONS: ("ZCON,REFRESH",),
        ACCESS: ("ZCON,CLEARSAFCACHE", _CLEAR_LOGINS),
    },
    "3.0": {
        CONFIGURATION: ("REFRESH,CONFIG",),
        KEY_STORES: ("REFRESH,KEYSTORE",),
        APPLICATIONS: ("REFRESH,APPS",),
        ACCESS: (_CLEAR_LOGINS,),
    },
}
# For ring and server: what the documentation of 2.0 leaves open.
_RINGS_OF_2 = (
    "IBM's pages say of 2.0 that it reads key stores in files again, and nothing about key rings: prove by a handshake "
    "that the new certificate is served, else restart the server"
)


def commands(changed: str, job_name: str, version: str) -> tuple[str, ...]:
    """Return the commands for the server ``job_name`` of ``version`` after one of ``CHANGED`` changed, in order.

    ``access`` are profiles, permissions and certificate filters of RACF, ``key_stores`` are files and key rings.
    """
    return tuple(f"F {job_name},{words}" for words in _COMMANDS[version][changed])


def command(changed: str, job_name: str, version: str) -> str:
    """Return the command for one of ``CHANGED`` that has only one."""
    (only,) = commands(changed, job_name, version)
    return only


def doubt_about_rings(version: str) -> str | None:
    """Return what nobody knows about a refresh of key rings, as part of a sentence; None where it is documented."""
    return _RINGS_OF_2 if version == "2.0" else None


def asked(changed: object, job_name: object, version: object) -> list[str]:
    """Return the commands for what a user gave; SecurityError for what is none of it. A job without name is BAQSTRT."""
    what = declared.one_of(CHANGED)(changed, "what has changed")
    job = declared.mvs_name(declared.text(job_name, "job_name").strip() or JOB_NAME, "job_name")
    return list(commands(what, job, read_version(version, "zosconnect_version")))


def told(changed: Sequence[str], job_name: object, version: object) -> list[str]:
    """Return the commands for several of ``TOLD``, each once; SecurityError for what a user cannot mean."""
    found = [
        command
        for what in changed
        for command in ([UPDATE_POLICY] if what == POLICY else asked(what, job_name, version))
    ]
    return list(dict.fromkeys(found))
