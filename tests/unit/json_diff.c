/* json_diff: tests/diff/json_diff.c for four seconds with a fixed seed */
#include "../diff/json_diff.c"
