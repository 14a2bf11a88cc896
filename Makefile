# nightmill. `make help` lists what can be made. V=1 shows the commands, WERROR=1 makes warnings errors, VARIANT=asan (or tsan)
# builds below build/asan.

VERSION = 0.1.0-dev
PREFIX = /usr/local
DESTDIR =
VARIANT = release
SECONDS = 30
WERROR =
V =
CC = gcc
PKG_CONFIG = pkg-config

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc 2>/dev/null || echo 1)
endif
MAKEFLAGS += --no-builtin-rules --no-print-directory

# What there is.

build := build/$(VARIANT)
sources := $(wildcard pipeline/*.c pipeline/*/*.c stages/*.c stages/*/*.c stages/*/*/*.c)
objects := $(sources:%.c=$(build)/%.o)
main := $(build)/pipeline/main.o
fakes := $(patsubst %.c,$(build)/%.o,$(wildcard tests/fakes/*.c))
tests := $(patsubst %.c,$(build)/%,$(wildcard tests/unit/test_*.c tests/suites/*.c))
programs := $(patsubst %.c,$(build)/%,$(wildcard benchmarks/*.c))
resampling := $(patsubst %.c,$(build)/%.o,$(wildcard benchmarks/resampling/*.c))
fuzzers := $(patsubst %.c,$(build)/%,$(wildcard tests/fuzz/fuzz_*.c))
program := $(if $(filter release,$(VARIANT)),nightmill,$(build)/nightmill)

# How it is compiled. The libraries are asked for when the first file is compiled, so that `make deps` and `make help` need
# none of them. libcsv and CXSparse have no modules. libvips, libtiff, GMime, hiredis and libpq give their headers only: they are loaded at run time, by the first that needs them.

packages = libjpeg libwebp libwebpmux spng zlib lcms2 yaml-0.1 sqlite3 libxxhash libmd libseccomp libsodium libdeflate
ask = $(call known,$(shell $(PKG_CONFIG) $(1) || echo missing))
known = $(if $(filter missing,$(1)),$(error a library or pkg-config is missing: "make deps" names and installs it),$(1))
package_cflags = $(eval package_cflags := $(call ask,--cflags $(packages)))$(package_cflags)
package_libs = $(eval package_libs := $(call ask,--libs $(packages)) -lcsv -lcxsparse)$(package_libs)
vips_cflags = $(eval vips_cflags := $(call ask,--cflags vips libtiff-4))$(vips_cflags)
libpq_cflags = $(eval libpq_cflags := $(call ask,--cflags libpq))$(libpq_cflags)
libpq_libs = $(eval libpq_libs := $(call ask,--libs libpq))$(libpq_libs)
calendar_cflags = $(eval calendar_cflags := $(call ask,--cflags libical icu-i18n))$(calendar_cflags)
mail_cflags = $(eval mail_cflags := $(call ask,--cflags gmime-3.0 libcurl))$(mail_cflags)
cmocka_cflags = $(eval cmocka_cflags := $(call ask,--cflags cmocka))$(cmocka_cflags)
cmocka_libs = $(eval cmocka_libs := $(call ask,--libs cmocka))$(cmocka_libs)

is_clang := $(findstring clang,$(shell $(CC) --version 2>/dev/null))
is_x86 := $(findstring x86_64,$(shell $(CC) -dumpmachine 2>/dev/null))
is_arm := $(findstring aarch64,$(shell $(CC) -dumpmachine 2>/dev/null))

warnings = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wvla \
	-Wpointer-arith -Wwrite-strings -Wundef -Wimplicit-fallthrough \
	$(if $(is_clang),,-Wtrampolines -Wbidi-chars=any -Wlogical-op -Wduplicated-cond) \
	$(if $(WERROR),-Werror)

hardening = -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fPIE \
	$(if $(is_clang)$(is_arm),$(if $(is_x86),-fstack-clash-protection),-fstack-clash-protection) \
	$(if $(is_x86),-fcf-protection=full) $(if $(is_arm),-mbranch-protection=standard)

flags_release = -O2 $(hardening)
flags_asan = -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
flags_tsan = -O1 -fsanitize=thread -fno-omit-frame-pointer
flags_fuzz = -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer
link_release = -pie -Wl,-z,relro,-z,now,-z,noexecstack
link_asan = -fsanitize=address,undefined
link_tsan = -fsanitize=thread
link_fuzz = -fsanitize=address,undefined

# Shows what is done to what, or with V=1 the command.
does = $(if $(V),,@echo '  $(1) $(2)' && )

# Nobody reads errno after a function of mathematics; else lrint would be a call instead of an instruction.
base = -std=c11 -fno-math-errno -D_GNU_SOURCE -DNIGHTMILL_VERSION='"$(VERSION)"' -I. -g -pthread -MMD -MP
compile = $(CC) $(base) $(CPPFLAGS) $(flags_$(VARIANT)) $(warnings) $(CFLAGS)
link = $(CC) -pthread $(link_$(VARIANT)) -Wl,--as-needed $(LDFLAGS)

all: $(program) $(if $(filter release,$(VARIANT)),build/schema.json) ## builds ./nightmill

$(program): $(objects)
	@mkdir -p $(@D)
	$(call does,link,$@)$(link) -o $@ $^ $(package_libs) -lm $(LDLIBS)

build/schema.json: nightmill
	@./nightmill schema >$@

$(build)/stages/thumbnail/%.o: stages/thumbnail/%.c $(build)/flags
	@mkdir -p $(@D)
	$(call does,compile,$<)$(compile) $(if $(filter release,$(VARIANT)),-O3) $(package_cflags) $(vips_cflags) -c -o $@ $<

$(build)/pipeline/stores/%.o: pipeline/stores/%.c $(build)/flags
	@mkdir -p $(@D)
	$(call does,compile,$<)$(compile) $(package_cflags) $(libpq_cflags) -c -o $@ $<
$(build)/stages/calendar/%.o: stages/calendar/%.c $(build)/flags
	@mkdir -p $(@D)
	$(call does,compile,$<)$(compile) $(package_cflags) $(calendar_cflags) -c -o $@ $<

$(build)/stages/mail/%.o: stages/mail/%.c $(build)/flags
	@mkdir -p $(@D)
	$(call does,compile,$<)$(compile) $(mail_cflags) -c -o $@ $<

$(build)/tests/%.o: tests/%.c $(build)/flags
	@mkdir -p $(@D)
	$(call does,compile,$<)$(compile) $(package_cflags) $(libpq_cflags) $(cmocka_cflags) -c -o $@ $<

$(build)/%.o: %.c $(build)/flags
	@mkdir -p $(@D)
	$(call does,compile,$<)$(compile) $(package_cflags) -c -o $@ $<

# Has these files in it.
$(build)/pipeline/bench/chart.o: pipeline/bench/page.html $(wildcard /usr/share/javascript/chart.js/chart.min.js)

# Other flags: everything is compiled again.
$(build)/flags: always
	@mkdir -p $(@D)
	@echo '$(subst ','\'',$(compile))' | cmp -s - $@ || echo '$(subst ','\'',$(compile))' >$@

-include $(patsubst %.o,%.d,$(objects) $(fakes) $(tests:%=%.o) $(fuzzers:%=%.o) $(programs:%=%.o) $(resampling))

# Tests: a program takes what it uses out of an archive, so that a fake may stand for the real thing.

$(build)/nightmill.a: $(filter-out $(main),$(objects))
	@rm -f $@
	@ar qcs $@ $^

$(build)/fakes.a: $(fakes)
	@mkdir -p $(@D)
	@rm -f $@
	@ar qcs $@ $^

# GLib and libvips are not instrumented; the other is one thread, and would take minutes.
not_for_tsan = %_vips %/test_scaled_jpeg

archives = $(build)/fakes.a $(build)/nightmill.a

$(tests): $(build)/tests/%: $(build)/tests/%.o $(archives)
	$(call does,link,$@)$(link) -o $@ $< -Wl,--start-group $(archives) -Wl,--end-group \
		$(package_libs) $(libpq_libs) $(cmocka_libs) -lm $(LDLIBS)

$(fuzzers): $(build)/tests/%: $(build)/tests/%.o $(archives)
	$(call does,link,$@)$(link) -fsanitize=fuzzer -o $@ $< -Wl,--start-group $(archives) -Wl,--end-group \
		$(package_libs) -lm $(LDLIBS)

$(programs): $(build)/benchmarks/%: $(build)/benchmarks/%.o $(archives)
	$(call does,link,$@)$(link) -o $@ $(filter %.o,$^) -Wl,--start-group $(archives) -Wl,--end-group \
		$(package_libs) -lm $(LDLIBS)

# Peers with libraries of their own.
$(build)/benchmarks/pools.o: private package_cflags = -fopenmp $(call ask,--cflags glib-2.0)
$(build)/benchmarks/lookups.o: private CPPFLAGS += $(call ask,--cflags glib-2.0)
$(build)/benchmarks/lookups: private LDLIBS += $(call ask,--libs glib-2.0)
$(build)/benchmarks/pools: private package_libs = -fopenmp $(call ask,--libs glib-2.0)
$(build)/benchmarks/resample: $(resampling)
$(build)/benchmarks/resampling/peers.o: private CPPFLAGS += $(call ask,--cflags vips)
$(build)/benchmarks/resample: private LDLIBS += $(call ask,--libs vips) $(shell $(PKG_CONFIG) --libs libswscale 2>/dev/null)

benchmarks: all $(programs) ## builds the programs of benchmarks/

tests: $(tests)

fuzzers: $(fuzzers)

# Setting up and running. These call make again where the libraries are needed, after they have been installed.

run: ## installs what is missing, builds, and makes thumbnails of data/photos
	@.ci/deps build
	@$(MAKE) all
	./nightmill run configs/thumbnails.yaml --progress plain
	@echo 'The thumbnails are in out/thumbnails.'

test: ## runs every test
	@.ci/deps build test
	@$(MAKE) all tests
	@.ci/test build/release ./nightmill $(tests)

asan: ## runs every test under the address and undefined-behaviour sanitizers
	@.ci/deps build test
	@$(MAKE) VARIANT=asan all tests
	@.ci/test build/asan build/asan/nightmill $(tests:build/release/%=build/asan/%)

# Of the program's own threads that send mails. Of GLib, which is not instrumented, malloc stands in for the allocator, and what its locks guard is
# left out.
mail_tests = mail smtp smtp_killed letters reminders corrections leads

tsan: ## runs the tests that have threads, but no libvips, under the thread sanitizer
	@.ci/deps build test
	@$(MAKE) VARIANT=tsan all tests
	@G_SLICE=always-malloc TSAN_OPTIONS="die_after_fork=0 suppressions=$(CURDIR)/.ci/tsan-suppressions" \
		NIGHTMILL=build/tsan/nightmill setarch -R tests/cli/run $(mail_tests)
	@.ci/test build/tsan '' $(filter-out $(not_for_tsan),$(tests:build/release/%=build/tsan/%))

mutations: ## breaks what keeps workers apart, piece by piece: each time a test has to notice
	@.ci/deps build test
	@$(MAKE) tests
	@$(MAKE) VARIANT=tsan tests
	@.ci/mutations

fuzz: ## fuzzes each parser for SECONDS=30
	@.ci/deps build test fuzz
	@$(MAKE) VARIANT=fuzz CC=clang fuzzers
	@.ci/fuzz $(SECONDS) $(fuzzers:build/release/%=build/fuzz/%)

check: ## format, clang-tidy, cppcheck, layers, spelling
	@.ci/deps build test check
	@.ci/check

layers: ## checks who includes whom
	@.ci/layers

deps: ## installs what building, testing and checking need; says what before it does
	@.ci/deps build test check && echo 'Everything is installed.'

format: ## formats every C file
	clang-format -i $(wildcard $(addsuffix /*.[ch],. pipeline pipeline/* stages stages/* stages/*/* tests/* benchmarks benchmarks/* data))

reference: nightmill ## writes configs/REFERENCE.md
	./nightmill list --reference >configs/REFERENCE.md

schema: build/schema.json ## writes build/schema.json, for editors

data: ## draws data/photos again
	@.ci/deps build
	@$(MAKE) build/data/generate
	build/data/generate data/photos

build/data/generate: data/generate.c data/scenes.c data/scenes.h
	@mkdir -p $(@D)
	$(call does,compile,$@)$(compile) $(package_cflags) -o $@ $(filter %.c,$^) $(package_libs) -lm

install: all ## installs below DESTDIR and PREFIX
	install -D -m 0755 nightmill $(DESTDIR)$(PREFIX)/bin/nightmill
	install -D -m 0644 build/schema.json $(DESTDIR)$(PREFIX)/share/nightmill/schema.json
	install -D -m 0644 -t $(DESTDIR)$(PREFIX)/share/doc/nightmill/configs $(wildcard configs/*.yaml)
	install -D -m 0644 -t $(DESTDIR)$(PREFIX)/share/doc/nightmill/configs/templates $(wildcard configs/templates/*)

uninstall: ## removes what install put there
	rm -f $(DESTDIR)$(PREFIX)/bin/nightmill
	rm -rf $(DESTDIR)$(PREFIX)/share/nightmill $(DESTDIR)$(PREFIX)/share/doc/nightmill

clean: ## removes everything that was built
	rm -rf build nightmill

help:
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 18

.PHONY: all always benchmarks tests fuzzers run test asan tsan mutations fuzz check layers deps format schema reference data \
	install uninstall clean help
