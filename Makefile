# Two cores and a Go toolchain are enough for every target.

GO      ?= go
PREFIX  ?= /usr/local
LDFLAGS := -s -w

.PHONY: build install completions demo test soak bench lint clean

build: ## both programs in bin/
	CGO_ENABLED=0 $(GO) build -trimpath -buildvcs=auto -ldflags '$(LDFLAGS)' -o bin/ ./cmd/intercom ./cmd/intercomd

SHARE = $(DESTDIR)$(PREFIX)/share

install: build ## to $(PREFIX): programs, manual pages, completions of bash, zsh and fish, sample hooks
	install -d $(DESTDIR)$(PREFIX)/bin $(SHARE)/man/man1 $(SHARE)/bash-completion/completions \
		$(SHARE)/zsh/site-functions $(SHARE)/fish/vendor_completions.d $(SHARE)/doc/intercom/hooks
	install -m 755 bin/intercom bin/intercomd $(DESTDIR)$(PREFIX)/bin/
	install -m 644 completions/man/*.1 $(SHARE)/man/man1/
	install -m 644 completions/intercom.bash $(SHARE)/bash-completion/completions/intercom
	install -m 644 completions/_intercom $(SHARE)/zsh/site-functions/
	install -m 644 completions/intercom.fish $(SHARE)/fish/vendor_completions.d/
	install -m 755 docs/hooks/* $(SHARE)/doc/intercom/hooks/

completions: ## make the manual pages and completions anew, and the client's copy of SKILL.md
	$(GO) test ./client/cli -count=1 -run '^(TestGeneratedFilesAreCurrent|TestSkillIsThePageOfTheTopFolder)$$' -update

demo: build ## two peers, then a third: a focus session and a ledger from the shell
	@.ci/demo

lint: ## vet, gofmt, staticcheck; the direction of imports is a test in cmd
	$(GO) vet ./...
	for os in darwin windows; do CGO_ENABLED=0 GOOS=$$os $(GO) vet ./... || exit 1; done
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "gofmt would change:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(GO) tool staticcheck ./...

test: ## the quick tier: lint, every test with the race detector, the fuzzers shortly
	@.ci/tier test $(MAKE) --no-print-directory tier-test

soak: ## the long tier: the big numbers, written to docs/soak.md
	@.ci/tier test $(MAKE) --no-print-directory tier-soak

bench: build ## ours and the peers that are installed, as ratios, to docs/performance.md
	@.ci/tier bench .ci/bench

.PHONY: tier-test tier-soak
tier-test: lint
	$(GO) test -race -timeout 15m ./...
	INTERCOM_SEEDS=2000 $(GO) test -count=1 -timeout 10m -run 'State|Prefix|Definitions' ./ledger ./focus ./expense
	.ci/fuzz 5s

tier-soak:
	.ci/soak

clean:
	rm -rf bin
