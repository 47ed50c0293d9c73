/* expr_diff: tests/diff/expr_diff.c for five seconds with a fixed seed */
#include "../diff/expr_diff.c"
