# Everything a packager may want to change: make PREFIX=/usr CFLAGS=-O3 ...
PREFIX = /usr/local
DESTDIR =
CC = gcc
# release, debug, asan or (clang) fuzz
MODE = release
# 1: warnings are errors (CI)
WERROR = 0

BUILD = build/$(MODE)

WARN = -Wall -Wextra -Wshadow -Wconversion -Wformat=2 -Wvla \
	-Wstrict-prototypes -Wmissing-prototypes -Wimplicit-fallthrough
ifeq ($(WERROR),1)
WARN += -Werror
endif

ifeq ($(MODE),asan)
CFLAGS = -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined \
	-fno-omit-frame-pointer
LDFLAGS = -fsanitize=address,undefined
else ifeq ($(MODE),fuzz)
CFLAGS = -O1 -g -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=undefined -fno-omit-frame-pointer
LDFLAGS = -fsanitize=fuzzer,address,undefined
else ifeq ($(MODE),debug)
CFLAGS = -O0 -g
LDFLAGS =
else
CFLAGS = -O2 -g -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 \
	-fstack-protector-strong -fstack-clash-protection -fcf-protection=full \
	-fPIE
LDFLAGS = -pie -Wl,-z,relro,-z,now,-z,noexecstack
endif

# ISA-L inflates three times faster than zlib: built in where its headers are
# installed (libisal-dev). make ISAL=0 leaves it out.
ISAL := $(shell echo '\#include <isa-l/igzip_lib.h>' | \
	$(CC) -E -x c - >/dev/null 2>&1 && echo 1 || echo 0)

# libmd gives SHA-256 beside libbsd; the linker takes what a command needs. Small
# libraries are linked in where their archive is installed: looking for each took
# a tenth of a short run. libjq, oniguruma, zlib, ISA-L and uchardet are loaded
# when a run needs them (lib/lazy.h).
archive = $(if $(filter /%,$(shell $(CC) -print-file-name=lib$(1).a)),-l:lib$(1).a,-l$(1))
LDLIBS := -Wl,--as-needed $(foreach l,csv utf8proc bsd md,$(call archive,$(l))) \
	-lm -pthread
# Of GSL comes in what cs-score fit calls, and only there.
LDLIBS += $(call archive,gsl) $(call archive,gslcblas) -lm
# What unit tests ask beside the library.
UNIT_LDLIBS = -lonig -lz

# Debian packages: to build, and to run the tests.
DEPS = libcsv-dev libjq-dev libonig-dev libuchardet-dev libutf8proc-dev \
	libbsd-dev libmd-dev libgsl-dev zlib1g-dev gzip tzdata
# What makes it faster; done without where there is no such package.
DEPS_OPTIONAL = libisal-dev
DEPS_CHECK = jq mandoc python3 strace
