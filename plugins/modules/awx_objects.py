#!/usr/bin/python
# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: awx_objects
short_description: Make objects of AWX by awx.awx or ansible.controller
version_added: 1.0.0
author:
  - The zosconnect.security contributors (@zosconnect)
description:
  - Calls the modules of the collection awx.awx or ansible.controller, whichever is installed, for objects that are
    described in the words of the collection infra.controller_configuration.
  - Nodes of workflows are made first and linked then, and nodes that a workflow no longer has are removed.
  - Credentials that somebody attached to a template stay attached.
  - Where AWX is, and who asks, is said by the environment, as those modules take it.
extends_documentation_fragment:
  - ansible.builtin.action_common_attributes
attributes:
  check_mode:
    support: partial
    description: Objects that need a missing one cannot be checked; RV(not_asked) names them.
  diff_mode:
    support: none
  idempotent:
    support: full
    description: What is so already stays as it is.
  platform:
    platforms: all
options:
  organization:
    description: The organization to which all of it belongs. It must be there.
    type: str
    required: true
  objects:
    description:
      - Lists of objects by the names of the variables of infra.controller_configuration, such as
        C(controller_templates).
    type: dict
    required: true
  notify:
    description: Make the notifications that are described, and attach them.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Make a template
  zosconnect.security.awx_objects:
    organization: Default
    objects:
      controller_templates: "{{ controller_templates }}"
"""

RETURN = r"""
changes:
  description: What was made, changed or taken away, each with C(module) and C(name).
  type: list
  elements: dict
  returned: success
not_asked:
  description: In check mode, names of what could not be asked for.
  type: list
  elements: str
  returned: success
collection:
  description: The collection whose modules were called.
  type: str
  returned: success
"""
