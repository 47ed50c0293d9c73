/* split_diff: tests/diff/split_diff.c for some seconds with a fixed seed */
#include "../diff/split_diff.c"
