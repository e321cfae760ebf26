# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all modules document that read the configuration of one server and judge it."""

from __future__ import annotations


class ModuleDocFragment:
    """Where the files of a server are, what they do not tell, and which findings count."""

    PLACES = r"""
attributes:
  check_mode:
    support: full
    description: Reads only, so it does the same in check mode.
  diff_mode:
    support: none
    description: Changes nothing.
  platform:
    platforms: posix
options:
  install_dir:
    description: The directory of the Liberty installation, for C(etc/server.env) and C(${wlp.install.dir}).
    type: path
  user_dir:
    description:
      - The directory C(${wlp.user.dir}), for C(shared/server.env) and C(${shared.config.dir}).
      - By default two levels above O(server_dir).
    type: path
  variables:
    description: Variables as from the server's command line. They win over all others. Their values are not shown.
    type: dict
    default: {}
  env:
    description: The environment in which the server starts. A C(server.env) wins over it. Its values are not shown.
    type: dict
    default: {}
"""

    NAMED = r"""
options:
  prefix:
    description: What stands before the names of options in sentences, where a playbook hands its variables over.
    type: str
    default: ""
"""

    ATTLS = r"""
options:
  attls:
    type: dict
    suboptions:
      ports:
        description: The server's http ports that an inbound policy covers. They are not taken for open.
        type: list
        elements: int
        default: []
      targets:
        description: The ids of C(zosconnect_endpointConnection) elements whose calls an outbound policy covers.
        type: list
        elements: str
        default: []
      policies:
        description: The policy texts of the server's stack, as P(zosconnect.security.attls_match#filter) takes them.
        type: dict
      zos_release:
        description: The release of z/OS, such as V(3.1), which decides about defaults. Needed with O(attls.policies).
        type: str
      job_name:
        description: The server's job name, where rules ask for it.
        type: str
      user_id:
        description: The server's user ID, likewise.
        type: str
"""

    DOCUMENTATION = r"""
options:
  waivers:
    description:
      - Findings that somebody has accepted. They are still returned, with C(waived=true), until they expire.
      - Each needs the keys C(id) (of the rule), C(reason) and C(owner). It may have C(place), C(ticket) and C(expires)
        (a date, the last day on which it counts).
      - The place is the finding's C(origin), the path of its file, or the element and its id, for example
        V(ssl orders.out), wherever it stands. Without a place the waiver is for the rule, whatever it finds.
    type: list
    elements: dict
    default: []
  severities:
    description:
      - Severities of your own, a mapping of rule ids to V(high), V(medium), V(low) or V(information).
      - What only a standard asks for is shown with yours and counts nowhere else.
    type: dict
    default: {}
"""
