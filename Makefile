# csops: targets only; what may be changed is in config.mk
include config.mk

CSOPS_CFLAGS = -std=gnu11 -D_GNU_SOURCE -iquote lib $(WARN) \
	-DCSOPS_DATADIR='"$(PREFIX)/share/csops"' \
	-DCSOPS_LIBS='"$(LIBS_TEXT)"' $(if $(filter 1,$(ISAL)),-DHAVE_ISAL)

# The versions linked, for --version; the package revision tells which of
# Debian's security fixes libjq has.
version_of = $(shell dpkg-query -W -f '$${Version}' $(1) 2>/dev/null || echo unknown)
LIBS_TEXT := libjq $(call version_of,libjq1), libcsv $(call version_of,libcsv3), zlib $(call version_of,zlib1g), gsl $(call version_of,libgsl-dev)
ifeq ($(ISAL),1)
LIBS_TEXT := $(LIBS_TEXT), isa-l $(call version_of,libisal2)
endif

# make V=1 shows the command lines.
Q = $(if $(V),,@)
SAY = @$(if $(V),:,echo)

LIB_SRC = $(wildcard lib/*.c)
CMD_SRC = $(wildcard cmd/*.c)
UNIT_SRC = $(wildcard tests/unit/*.c)
TOOL_SRC = $(wildcard share/demo/*.c)
# A fuzz target is a file here and a folder tests/fuzz/corpus/NAME.
FUZZ_SRC = $(filter-out tests/fuzz/replay.c,$(wildcard tests/fuzz/*.c))
BENCH_SRC = $(wildcard bench/*.c)
LIB_OBJ = $(LIB_SRC:%.c=$(BUILD)/obj/%.o)
COMMANDS = $(CMD_SRC:cmd/%.c=$(BUILD)/bin/%)
UNITS = $(UNIT_SRC:tests/unit/%.c=$(BUILD)/unit/%)
FUZZ = $(FUZZ_SRC:tests/fuzz/%.c=$(BUILD)/fuzz/%)
TOOLS = $(TOOL_SRC:share/demo/%.c=$(BUILD)/tool/%) \
	$(BENCH_SRC:bench/%.c=$(BUILD)/tool/%)
LIB = $(BUILD)/libcsops.a
DATA = $(BUILD)/share/csops
ALL_SRC = $(LIB_SRC) $(CMD_SRC) $(UNIT_SRC) $(TOOL_SRC) $(BENCH_SRC) \
	$(FUZZ_SRC) tests/fuzz/replay.c

.PHONY: all lib units tools deps deps-check demo check check-slow fuzz \
	fuzz-targets fuzz-build bench install uninstall dist \
	clean format lint
.SECONDARY:

all: $(COMMANDS) $(DATA)

lib: $(LIB)
units: $(UNITS) $(FUZZ)
tools: $(TOOLS)

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(SAY) '  CC $<'
	$(Q)$(CC) $(CSOPS_CFLAGS) $(CFLAGS) -MMD -MP -c $< -o $@

# Made anew when ISA-L came or went.
$(BUILD)/obj/lib/in_gzip.o $(BUILD)/obj/lib/kit_opts.o: $(BUILD)/isal.$(ISAL)
$(BUILD)/isal.$(ISAL):
	@mkdir -p $(@D)
	@rm -f $(BUILD)/isal.*
	@touch $@

$(LIB): $(LIB_OBJ)
	$(SAY) '  AR $@'
	@rm -f $@
	$(Q)$(AR) rcs $@ $(LIB_OBJ)

$(BUILD)/bin/%: $(BUILD)/obj/cmd/%.o $(LIB)
	@mkdir -p $(@D)
	$(SAY) '  LD $@'
	$(Q)$(CC) $(LDFLAGS) $< $(LIB) $(LDLIBS) -o $@

$(BUILD)/unit/%: $(BUILD)/obj/tests/unit/%.o $(LIB)
	@mkdir -p $(@D)
	$(SAY) '  LD $@'
	$(Q)$(CC) $(LDFLAGS) $< $(LIB) $(LDLIBS) $(UNIT_LDLIBS) -o $@

$(BUILD)/tool/%: $(BUILD)/obj/share/demo/%.o $(LIB)
	@mkdir -p $(@D)
	$(SAY) '  LD $@'
	$(Q)$(CC) $(LDFLAGS) $< $(LIB) $(LDLIBS) -o $@

$(BUILD)/tool/%: $(BUILD)/obj/bench/%.o $(LIB)
	@mkdir -p $(@D)
	$(SAY) '  LD $@'
	$(Q)$(CC) $(LDFLAGS) $< $(LIB) $(LDLIBS) -o $@

# With clang (MODE=fuzz) libFuzzer brings the main; else replay.c.
ifneq ($(MODE),fuzz)
REPLAY = $(BUILD)/obj/tests/fuzz/replay.o
endif
$(BUILD)/fuzz/%: $(BUILD)/obj/tests/fuzz/%.o $(REPLAY) $(LIB)
	@mkdir -p $(@D)
	$(SAY) '  LD $@'
	$(Q)$(CC) $(LDFLAGS) $< $(REPLAY) $(LIB) $(LDLIBS) -o $@

# The shipped defaults, where the built commands look for them.
$(DATA):
	@mkdir -p $(@D)
	@ln -sfn $(CURDIR)/share $@

# Installs what is missing through apt; says what it does.
deps:
	@sh tools/deps $(DEPS)
	@sh tools/deps $(DEPS_OPTIONAL) || echo 'deps: going on without'

deps-check:
	@sh tools/deps $(DEPS) $(DEPS_CHECK)
	@sh tools/deps $(DEPS_OPTIONAL) || echo 'deps: going on without'

demo: deps
	@$(MAKE) --no-print-directory all $(TOOLS)
	@BUILD=$(BUILD) sh share/demo/run

check: deps-check
	@$(MAKE) --no-print-directory all units $(TOOLS)
	@BUILD=$(BUILD) CC="$(CC)" sh tests/check

check-slow: deps-check
	@$(MAKE) --no-print-directory all units $(TOOLS)
	@$(MAKE) --no-print-directory MODE=asan all units tools
	@BUILD=$(BUILD) ASAN=build/asan CC="$(CC)" sh tests/check-slow

# The fast engines against their authorities: random rules on nasty records,
# random CSV, random JSON lines; the reasons of rules; mutations of the corpus of
# every fuzz target. A seed that fails is printed and fails again.
SEED = 1
FOR = 60
EACH_FOR = $$(($(FOR) / 4 + 1))
DIFFS = expr_diff split_diff json_diff explain_diff
fuzz: $(DIFFS:%=$(BUILD)/unit/%) $(FUZZ)
	@set -e; for d in $(DIFFS); do \
		echo "$$d seed=$(SEED) seconds=$(FOR)"; \
		$(BUILD)/unit/$$d seed=$(SEED) seconds=$(FOR); done
	@set -e; for f in $(FUZZ); do \
		echo "$$f seed=$(SEED) seconds=$(EACH_FOR)"; \
		$$f seed=$(SEED) seconds=$(EACH_FOR); done

# The same targets for libFuzzer: build/fuzz/fuzz/NAME DIR tests/fuzz/corpus/NAME
fuzz-targets: $(FUZZ)
fuzz-build:
	@$(MAKE) --no-print-directory MODE=fuzz CC=clang fuzz-targets

# ROWS, ROUNDS, JOBS, DATA: see bench/README.md
bench: all $(TOOLS)
	BUILD=$(BUILD) python3 -B bench/run bench/RESULTS.md

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 \
	    $(DESTDIR)$(PREFIX)/share/man/man5 $(DESTDIR)$(PREFIX)/share/man/man7
	install -m 755 $(COMMANDS) $(DESTDIR)$(PREFIX)/bin
	for s in 1 5 7; do install -m 644 man/*.$$s \
	    $(DESTDIR)$(PREFIX)/share/man/man$$s || exit 1; done
	sh tools/install-share $(DESTDIR)$(PREFIX)

uninstall:
	for c in $(notdir $(COMMANDS)); do rm -f $(DESTDIR)$(PREFIX)/bin/$$c; done
	for m in man/*; do rm -f \
	    $(DESTDIR)$(PREFIX)/share/man/man$${m##*.}/$${m#man/}; done
	rm -rf $(DESTDIR)$(PREFIX)/share/csops
	rm -f $(DESTDIR)$(PREFIX)/share/bash-completion/completions/cs-*

dist:
	git archive --format=tar.gz --prefix=csops-$(VERSION)/ \
	    -o csops-$(VERSION).tar.gz HEAD

VERSION = $(shell sed -n 's/.*CSOPS_VERSION "\(.*\)"/\1/p' lib/base.h)

clean:
	rm -rf build

format:
	clang-format -i $(ALL_SRC) $(wildcard lib/*.h tests/fuzz/*.h)

lint:
	cppcheck --quiet --enable=warning,portability --error-exitcode=1 \
	    -I lib lib cmd
	mandoc -T lint -W warning man/*

-include $(ALL_SRC:%.c=$(BUILD)/obj/%.d)
