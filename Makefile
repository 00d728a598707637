# The one list of commands. `make help` says what there is.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Wheels of every day: no link-time optimisation, and with the planted faults that the tests ask for.
DEVELOP := VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/maturin develop --locked --profile daily --features sabotage
SOURCES := Cargo.toml Cargo.lock pyproject.toml python/Cargo.toml $(shell find src python/src -type f)
FIXTURE := cargo run --quiet --locked --profile daily -p mrrc-fixture --

.PHONY: help demo check format lint test test-rust test-python pymarc-suite notebooks package bench peers \
	records-bench damaged canonical fuzz wheel clean
.DELETE_ON_ERROR:

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 15

demo: $(VENV)/built target/fixture_10k.mrc  ## read a generated sample and show a result
	$(BIN)/python examples/demo.py target/fixture_10k.mrc

check: format lint test notebooks  ## everything that must hold: format, lints, tests, examples, notebooks

format: $(VENV)/ready  ## is everything formatted?
	cargo fmt --all --check
	$(BIN)/ruff format --check .

lint: $(VENV)/built  ## clippy, ruff, types, stubs
	cargo clippy --locked --workspace --all-targets --all-features -- -D warnings
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m mypy.stubtest mrrc --mypy-config-file pyproject.toml \
		--ignore-disjoint-bases --allowlist python/stubtest_allowlist.txt --ignore-unused-allowlist

test: test-rust test-python  ## all tests

test-rust:  ## the crate, its examples in the documentation included
	cargo test --locked -p mrrc -p mrrc-fixture --all-features --lib --tests
	cargo test --locked -p mrrc -p mrrc-fixture --all-features --doc

test-python: $(VENV)/built samples  ## the package, against pymarc and yaz, and the documentation's examples
	$(BIN)/python -m pytest
	$(BIN)/python -m pytest --doctest-modules python/mrrc
	$(BIN)/python -m pytest --markdown-docs README.md docs

# The alias alone, and then the name of the package changed in the tests.
PYMARC := pymarc-5.4.0
SUITE := target/pymarc-suite

pymarc-suite: $(VENV)/built target/$(PYMARC).tar.gz  ## the tests of pymarc itself, with mrrc in its place
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

notebooks: $(VENV)/built samples  ## run the notebooks
	$(BIN)/python -m pytest --nbmake notebooks

package: $(VENV)/built  ## the package, built for every day, in .venv

wheel: $(VENV)/ready  ## a wheel to publish, with link-time optimisation
	$(BIN)/maturin build --locked --release --out target/wheels

samples: target/fixture_1k.mrc target/fixture_10k.mrc target/fixture_10k_marc8.mrc
.PHONY: samples

bench: samples  ## the stages of a read, each by itself (criterion); FILES="a.mrc b.mrc" names others
	MRRC_BENCH_FILES="$(abspath $(FILES))" cargo bench --locked --profile daily --features parquet --bench stages

peers: $(VENV)/ready target/fixture_100k.mrc  ## our speed beside that of others, on the same file
	VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/maturin develop --locked --release
	$(BIN)/python benches/peers.py $(FILE)
	$(BIN)/python benches/threads.py $(FILE)
	touch $(VENV)/ready

records-bench: $(VENV)/ready samples target/fixture_100k.mrc  ## records one by one, and by threads, beside pymarc and rmarc; writes docs/PERFORMANCE.md
	VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/maturin develop --locked --release
	$(BIN)/python benches/records.py $(or $(FILE),target/fixture_10k.mrc) --rmarc
	$(BIN)/python benches/record_threads.py
	$(BIN)/python benches/rust.py
	$(BIN)/python benches/performance.py
	touch $(VENV)/ready

damaged: $(VENV)/built  ## what we and others deliver of the damaged files of $MRRC_CORPUS, as docs/damaged.md
	$(BIN)/python benches/damaged.py $(MRRC_CORPUS)/real

canonical: $(VENV)/built  ## how many records of $MRRC_CORPUS come back byte for byte
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
	rm -rf $(VENV) target benches/peers/target fuzz/target python/mrrc/*.so

target/fixture_%.mrc: $(wildcard fixture/src/*.rs)
	@mkdir -p target
	$(FIXTURE) $$(echo $* | sed -E 's/_marc8//; s/k$$/000/; s/m$$/000000/') $@ $(if $(findstring marc8,$*),--marc-8)
	cd target && sha256sum --quiet --ignore-missing -c ../tests/data/fixture.sha256

$(VENV)/ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/pip install --quiet "maturin>=1.16,<2" --group test
	@touch $@

$(VENV)/built: $(VENV)/ready $(SOURCES)
	$(DEVELOP)
	@touch $@
