#!/usr/bin/python
# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: variables_check
short_description: "Internal: checks the variables of a role without showing any"
version_added: 1.0.0
author:
  - The zosconnect.security contributors (@zosconnect)
description:
  - The first task of the roles of this collection; there is no need to call it in a playbook.
  - Fails with one sentence for each variable that is missing, has a wrong type, is none of the choices, is a secret
    that was lost on its way, or holds a template that cannot be evaluated. It names the place within the variable.
  - Where it checks a role, variables that begin with its name, or with C(connections_), and are none of it are refused.
    So are names that are almost one of a playbook of this collection (C(zosconnect_)). Names with two underscores
    behind the role's name, and those of another role of the play, whose name begins alike, are let be.
  - ansible-core's own check of a role's arguments prints wrong values. Where a template within a declaration fails, it
    prints what is around it, in clear. This one never shows a value.
extends_documentation_fragment:
  - ansible.builtin.action_common_attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
    details: Nothing is changed.
  platform:
    platforms: all
  safe_file_operations:
    support: none
    description: No file is changed.
  idempotent:
    support: full
    description: Nothing is changed.
options:
  options:
    description:
      - What the variables must be, as the options of an argument specification. Of each entry C(type), C(elements),
        C(choices), C(required) and C(no_log) count.
      - Without it, the entry C(variables) in the C(meta/argument_specs.yml) of the role whose task this is.
    type: dict
  only:
    description:
      - The names of the variables to look at, where a part of the role needs no others.
    type: list
    elements: str
  skip:
    description:
      - The names of variables not to look at, because nothing needs them.
    type: list
    elements: str
    default: []
  evaluated:
    description:
      - The names of variables that filters of this collection make. Where a filter refuses what it was given, this
        fails with the sentence of the filter, without what ansible-core puts before it. Nothing else is checked then.
    type: list
    elements: str
  libraries:
    description:
      - Look for the Python libraries that this collection needs on the controller, and fail with one sentence where one
        is missing. Nothing else is checked then.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: The variables make sense
  zosconnect.security.variables_check:
    options:
      site_port: {type: int, required: true}
      site_password: {type: str, no_log: true}
"""

RETURN = r"""
msg:
  description: What is wrong, one sentence for each variable.
  type: str
  returned: failure
"""
