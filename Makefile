# The commands of this project. What they do stands in scripts/; what is made from what stands here.

.DEFAULT_GOAL := help
.PHONY: help run build check test bench lighthouse screenshots advisories assets e2e-tools sso-tools

help:
	@echo 'make run      演示：编译并启动，http://127.0.0.1:8080   try it out'
	@echo 'make test     全部检查与测试                            everything CI runs'
	@echo 'make check    格式、静态检查、许可证                    format, lints, licences'
	@echo 'make build    正式版：target/release/qihang             the release binary'
	@echo 'make bench    性能测量                                  measure'

run:
	@scripts/run.sh

build: assets
	cargo build --release --locked --bin qihang

check: assets
	@scripts/check.sh

test:
	@scripts/test.sh

bench: assets
	@bench/run.sh

# Needs a network: fetches the list of known vulnerabilities and checks Cargo.lock against it.
advisories:
	@scripts/advisories.sh

# Parts of a release rather than of every change; both use the development binary.
screenshots: assets e2e-tools
	cargo build --locked --bin qihang
	node e2e/screenshots.mjs

lighthouse: assets e2e-tools e2e/lighthouse/node_modules/.installed
	cargo build --locked --bin qihang
	node e2e/lighthouse/audit.mjs

assets: web/dist/manifest.json fonts/dist/licenses.txt

web/dist/manifest.json: web/node_modules/.installed web/build.mjs web/icons.txt $(wildcard web/src/* web/licenses/*)
	cd web && npm run --silent build

fonts/dist/licenses.txt: fonts/node_modules/.installed fonts/build.mjs
	cd fonts && npm run --silent build

e2e-tools: e2e/node_modules/.installed

# The servers that the stories of the single sign-on meet; needs Debian's python3-venv.
sso-tools: e2e/sso/node_modules/.installed target/sso/.installed

target/sso/.installed: e2e/sso/requirements.txt
	rm -rf target/sso
	python3 -m venv target/sso
	target/sso/bin/pip install --quiet --disable-pip-version-check --require-hashes -r e2e/sso/requirements.txt
	@touch $@

%/node_modules/.installed: %/package.json %/package-lock.json
	cd $* && npm ci --no-fund --no-audit --loglevel=error
	@touch $@
