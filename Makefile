# The front door. The work is done by CMake presets and the scripts in tools/.

.DEFAULT_GOAL := help
.PHONY: help check judges setup build forwarder demo demo-delphi demo-spark demo-week test up bench bench-airflow bench-api bench-board bench-forecast bench-heal bench-map bench-watch sim sim-long sim-mutants oracle format tidy asan fuzz lint web screenshots clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

demo: build ## build, and run the example to its end with a live view (installs what is missing); LANES=24: more at once
	$(if $(LANES),tools/demo-lanes --lanes $(LANES),build/release/signalbox demo --project examples/delphi --out build/demo)

demo-delphi: build forwarder ## EMR's events → Lambda function → DynamoDB → sampled watcher, whole on this machine; SOURCE=sqs: a queue
	@tools/setup delphi
	@tools/python-setup || { echo "demo-delphi: PyPI is out of reach, and with it boto3 and moto" >&2; exit 6; }
	@tools/dynamodb-setup || echo "demo-delphi: moto stands in for DynamoDB Local"
	@$(or $(SIGNALBOX_VENV),build/venv)/bin/python tools/demo-delphi --source $(or $(SOURCE),dynamodb)

demo-week: ## a week of 257 jobs in a minute, with a spot storm on Wednesday: what the forecast said each day, and what came
	@tools/setup build
	@cmake --preset release > /dev/null
	cmake --build --preset release --target signalbox-sim
	build/release/signalbox-sim --week examples/delphi-week --forecast --storm

demo-spark: build ## the same with real PySpark jobs (installs Java, fetches PySpark)
	@tools/setup spark
	@tools/spark-setup
	@tools/demo-spark

build: ## build/release/signalbox
	@tools/setup build
	@cmake --preset release > /dev/null
	cmake --build --preset release --target signalbox

forwarder: ## build/release/forwarder/forwarder.zip: the Lambda function that keeps the state table
	@tools/setup build
	@cmake --preset release > /dev/null
	cmake --build --preset release --target forwarder_zip

check: ## what a change needs, fast: the build, unit tests and lint (no set-up, no Python)
	@cmake --preset release > /dev/null
	cmake --build --preset release
	ctest --preset release --parallel $(shell nproc) --label-regex 'unit|lint'

test: setup ## every test: unit, sweep, lint, Python's judges, and a sample of the slow judges
	tools/test

judges: setup ## the same with all of the slow judges (g++, sanitizers, then the planted bugs): before a release
	SIGNALBOX_JUDGES=all tools/test
	tools/sim-mutants --max-seeds $(or $(MAX_SEEDS),2000)

up: build ## the emulator and the example at 127.0.0.1:8080, until Ctrl-C
	@tools/up

bench: setup ## the figures of docs/performance.md
	@cmake --preset release > /dev/null
	cmake --build --preset release --target signalbox throughput_bench queue_bench schedules_bench mapping_bench forwarder_zip
	@tools/python-setup || echo "!!! PyPI is out of reach: bench/forwarder.py has nothing to compare with"
	@for bench in bench/launch_latency.py bench/forwarder.py; do echo "== $$bench"; /usr/bin/python3 $$bench || exit 1; done
	@echo "== bench/throughput.cc"; build/release/bench/throughput_bench
	@echo "== bench/queue.cc"; build/release/bench/queue_bench
	@echo "== bench/schedules.cc"; build/release/bench/schedules_bench
	@echo "== bench/mapping.cc"; build/release/bench/mapping_bench

bench-airflow: build ## tasks that Airflow's own code runs: how many a second, how soon each begins
	@tools/airflow-setup
	bench/airflow_tasks.py

bench-api: build ## the API beside the scheduler: lists, triggers and streams on 100,000 runs with 2,000,000 task instances
	/usr/bin/python3 bench/api.py

bench-board: build ## the board: first load, frames of pan and zoom, how soon a change is seen, memory over a day of the world
	@tools/setup
	@tools/python-setup
	@$(or $(SIGNALBOX_VENV),build/venv)/bin/python tools/board-numbers

bench-heal: setup ## how fast clusters lost and orphaned are seen to, and what watching costs
	@cmake --preset release > /dev/null
	cmake --build --preset release --target heal_bench estate_bench orphans_bench
	@echo "== bench/heal.cc"; build/release/bench/heal_bench
	@echo "== bench/estate.cc"; build/release/bench/estate_bench
	@echo "== bench/orphans.cc"; build/release/bench/orphans_bench 2> build/orphans.log

bench-forecast: setup ## how honest the forecast is, and what it costs: WEEKS weeks (50) of examples/delphi-week
	@cmake --preset release > /dev/null
	cmake --build --preset release --target forecast_bench
	build/release/bench/forecast_bench examples/delphi-week $(or $(WEEKS),50)

bench-map: setup ## the map's layout beside elkjs and dagre: crossings, bends, how much an edit moves
	@cmake --preset release > /dev/null
	cmake --build --preset release --target map_bench
	@mkdir -p build/bench-map
	build/release/bench/map_bench write build/bench-map examples/delphi-week
	@tools/npm-setup bench/map build/map-peers && cp bench/map/peers.mjs build/map-peers && \
	  "$$(tools/node-setup)/node" build/map-peers/peers.mjs build/bench-map || \
	  echo "!!! npm or PyPI is out of reach: the map has nothing to compare with"
	build/release/bench/map_bench read build/bench-map examples/delphi-week

bench-watch: setup ## EMR read calls and delays with events, without and sampled, beside a sensor per cluster
	@cmake --preset release > /dev/null
	cmake --build --preset release --target watch_bench
	build/release/bench/watch_bench 2> build/watch.log

setup: ## install the Debian packages that building and testing need
	@tools/setup

format: ## clang-format on every source
	find src tests bench -name '*.h' -o -name '*.cc' | xargs clang-format-19 -i

tidy: setup ## clang-tidy on the files that differ from BASE (origin/main)
	@tools/tidy

lint: ## include rules, banned calls, dead files, words, format
	@tools/lint

web: ## what `make test` asks of web/: types, lint, format, its unit tests
	@tools/setup build
	@tools/web-build packages
	@tools/web-check

screenshots: build ## every screen of the board, in both themes and two widths, into build/screenshots
	@tools/setup
	@tools/python-setup
	@$(or $(SIGNALBOX_VENV),build/venv)/bin/python tools/screenshots

asan: setup ## every C++ test under AddressSanitizer and UBSan
	cmake --preset asan > /dev/null
	cmake --build --preset asan
	ctest --preset asan --parallel 2

fuzz: setup ## libFuzzer on every parser, SECONDS (60) each
	tools/fuzz --seconds $(or $(SECONDS),60)

sim: setup ## the simulation: every crash point and pair, people at every moment, 2,000 drawn lives (minutes)
	@cmake --preset release > /dev/null
	cmake --build --preset release --target signalbox-sim
	build/release/signalbox-sim --sweep --jobs $(shell nproc)
	build/release/signalbox-sim --seeds 1..1000 --mode both --jobs $(shell nproc)

sim-long: setup ## the same with new seeds for MINUTES (60), going on after failures
	@cmake --preset release > /dev/null
	cmake --build --preset release --target signalbox-sim
	@first=$$(od -An -N4 -tu4 /dev/urandom | tr -d ' '); echo "seeds from $$first"; \
	build/release/signalbox-sim --seeds $$first..$$((first + 1000000000)) --mode both --minutes $(or $(MINUTES),60) \
	  --keep-going --jobs $(shell nproc)

sim-mutants: setup ## plant each bug of simulation/mutants and see the simulation catch it, MAX_SEEDS (2000) of each mode
	tools/sim-mutants --max-seeds $(or $(MAX_SEEDS),2000)

oracle: setup ## the timetable against a slow and obvious one: YEARS (2500) drawn from all zones, 1970 to 2037, four crons each
	@cmake --preset release > /dev/null
	cmake --build --preset release --target schedule_test
	SIGNALBOX_ORACLE_YEARS=$(or $(YEARS),2500) build/release/src/schedule/schedule_test --gtest_filter='*DrawnYears*'

clean: ## remove build/
	rm -rf build
