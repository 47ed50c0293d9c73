/* prelude: the three-valued operators, written in jq
 *
 * This text is the definition of the rule language (RULES, Three answers); the
 * printer (expr_jqprint) turns trees into calls of it. How it holds together:
 *
 * - Unknown is null. `i` is the number of a place in the source (a site), null
 *   under a postfix `?`: then faults are not counted.
 * - libjq takes no C functions, but `debug` hands a value out and `input` takes
 *   one in: _call is a call of the host, _bad a fault told to it, [i] | debug a
 *   Let that was looked at.
 * - No printed expression raises an error, with one exception: items of
 *   something that is not there (_each, _stream) raise _u, and whoever collects
 *   items answers unknown then. Every `try` is cut off by collecting it,
 *   `[try ...] | .[0]`: libjq 1.6 leaves a try open for what stands behind it
 *   in the pipe, and would run the handler for an error of that too.
 * - Arguments named like a, b, f are closures, run once each; $a is a value. */
#ifndef CS_PRELUDE_H
#define CS_PRELUDE_H

#include "buf.h"
#include "expr_fault.h"

/* Appends the definitions that the program uses, directly or not. libjq binds
 * every definition over all that stands behind it: unused ones cost half the
 * time of a small table's compile. */
void cs_prelude_put(struct cs_buf *b, struct cs_str program);

/* Faults, calls, the marker of an unknown stream, the range of numbers. */
#define CS_PRELUDE_GROUND                                                      \
	"def _bad(i; m): if i == null then null"                               \
	" else [i, m] | debug | null end;\n"                                   \
	"def _call(m): m | debug | input;\n"                                   \
	"def _u: \"\\u0001unknown\";\n"                                        \
	"def _t: type | if . == \"string\" then \"text\" else . end;\n"        \
	"def _long(i): _bad(i; \"" CS_FAULT_LONG "\");\n"                      \
	"def _fits(i): if type == \"string\" and utf8bytelength > 16777216"    \
	" then _long(i) else . end;\n" /* Before libjq joins all at once: it   \
					  counts in 32 bits. */                \
	"def _fitting($x): if (type == \"array\" or type == \"object\")"       \
	" and ([.[] | strings | utf8bytelength] | add // 0) + length"          \
	" * ($x | if type == \"string\" then utf8bytelength else 0 end) > "    \
	"16777216"                                                             \
	" then error(\"" CS_FAULT_LONG "\") else . end;\n"                     \
	"def _k: if . > 1.7976931348623157e308"                                \
	" or . < -1.7976931348623157e308 or . != . then null else . end;\n"    \
	"def _vals(i; f): [try [f] catch"                                      \
	" (if . == _u then null else _bad(i; .) end)] | .[0];\n"

/* One value where one is needed; items; jq's own functions, guarded: of a null
 * they may be unknown, of anything else a failure is a fault. */
#define CS_PRELUDE_VALUES                                                         \
	"def _one(i; f): _vals(i; f) | if . == null then null"                    \
	" elif length == 1 then .[0] elif length == 0 then null"                  \
	" else _bad(i; \"several values: use any(...) or [0]\") end;\n" /* An     \
									   error  \
									   behind \
									   the    \
									   items  \
									   of     \
									   an     \
									   object \
									   loses  \
									   a      \
									   key    \
									   in     \
									   libjq  \
									   1.6.   \
									 */       \
	"def _each(i): if type == \"array\" then .[]"                             \
	" elif type == \"object\" then [.[]] | .[]"                               \
	" elif . == null then error(_u)"                                          \
	" else _bad(i; \"there are no items in a \\(_t)\")"                       \
	" | error(_u) end;\n"                                                     \
	"def _items: if type == \"array\" then .[]"                               \
	" elif type == \"object\" then [.[]] | .[] else empty end;\n"             \
	"def _plain(i; f): . as $x | [try f catch"                                \
	" (if $x == null or . == _u then null else _bad(i; .) end)]"              \
	" | .[0] | _fits(i);\n"                                                   \
	"def _stream(i; f): . as $x | [try [f] catch"                             \
	" (if $x == null or . == _u then null else _bad(i; .) end)]"              \
	" | .[0] | if . == null then error(_u) else .[] end;\n"                   \
	"def _field(i; $k): if type == \"object\" then .[$k]"                     \
	" elif . == null then null"                                               \
	" else _bad(i; \"there is no .\\($k) in a \\(_t)\") end;\n"               \
	"def _at(i; $k): if . == null or $k == null then null else"               \
	" . as $x | [try $x[$k] catch _bad(i; .)] | .[0] end;\n"                  \
	"def _slice(i; $a; $b): if . == null then null else"                      \
	" . as $x | [try $x[$a:$b] catch _bad(i; .)] | .[0] end;\n"               \
	"def _key: if . == null then error(_u) else . end;\n"                     \
	"def _comma(a; b): a, b;\n"

/* Yes, no, unknown: Kleene's tables, the left side first. */
#define CS_PRELUDE_LOGIC                                                       \
	"def _b(i): if . == null or . == true or . == false then ."            \
	" elif i == null then null"                                            \
	" else [i, null, .] | debug | null end;\n"                             \
	"def _not: if . == null then null else not end;\n"                     \
	"def _and(a; b): a as $a | if $a then b"                               \
	" elif $a == null then (b | if . == false then . else null end)"       \
	" else false end;\n"                                                   \
	"def _or(a; b): a as $a | if $a then true"                             \
	" elif $a == null then (b | if . then true else null end)"             \
	" else b end;\n"                                                       \
	"def _alt(a; b): a as $a | if $a == null then b else $a end;\n"        \
	"def _if(c; a; b): c as $c | if $c then a"                             \
	" elif $c == null then null else b end;\n"                             \
	"def _any(i; g; c): [try (reduce g as $x (false; if . then . else"     \
	" . as $a | ($x | c) as $b | if $b then true"                          \
	" elif $a == null or $b == null then null else false end end))"        \
	" catch (if . == _u then null else _bad(i; .) end)] | .[0];\n"         \
	"def _all(i; g; c): [try (reduce g as $x (true;"                       \
	" if . == false then . else"                                           \
	" . as $a | ($x | c) as $b | if $b == false then false"                \
	" elif $a == null or $b == null then null else true end end))"         \
	" catch (if . == _u then null else _bad(i; .) end)] | .[0];\n"

/* Comparisons: both sides known and of one type. _date2 stands around one of
 * which a side is a date by what is written: a text that looks like none is a
 * mistake, not a difference. */
#define CS_PRELUDE_COMPARE                                                     \
	"def _tm(i; $a; $b): if $a == null or $b == null then null"            \
	" else _bad(i; \"type: \\($a | _t) against \\($b | _t)\") end;\n"      \
	"def _ord(i; $a; $b): if ($a | type) == ($b | type)"                   \
	" and $a != null then _bad(i; \"type: \\($a | _t)"                     \
	" against \\($b | _t), which have no order\")"                         \
	" else _tm(i; $a; $b) end;\n"                                          \
	"def _lt(i; a; b): a as $a | b as $b | ($a | type) as $t |"            \
	" if ($t == \"number\" or $t == \"string\") and $t == ($b | type)"     \
	" then $a < $b else _ord(i; $a; $b) end;\n"                            \
	"def _le(i; a; b): a as $a | b as $b | ($a | type) as $t |"            \
	" if ($t == \"number\" or $t == \"string\") and $t == ($b | type)"     \
	" then $a <= $b else _ord(i; $a; $b) end;\n"                           \
	"def _gt(i; a; b): a as $a | b as $b | ($a | type) as $t |"            \
	" if ($t == \"number\" or $t == \"string\") and $t == ($b | type)"     \
	" then $a > $b else _ord(i; $a; $b) end;\n"                            \
	"def _ge(i; a; b): a as $a | b as $b | ($a | type) as $t |"            \
	" if ($t == \"number\" or $t == \"string\") and $t == ($b | type)"     \
	" then $a >= $b else _ord(i; $a; $b) end;\n"                           \
	"def _eq(i; a; b): a as $a | b as $b |"                                \
	" if $a != null and ($a | type) == ($b | type) then $a == $b"          \
	" else _tm(i; $a; $b) end;\n"                                          \
	"def _ne(i; a; b): _eq(i; a; b) | _not;\n"                             \
	"def _looks: _call([\"looks\", .]);\n"                                 \
	"def _notdate(i): _bad(i;"                                             \
	" \"type: \\(tojson) against a date (YYYY-MM-DD)\");\n"                \
	"def _date2(i; a; b; f): [a, b] |"                                     \
	" if (.[0] | type) == \"string\" and (.[1] | type) == \"string\""      \
	" then (.[0] | _looks) as $l | (.[1] | _looks) as $r"                  \
	" | if $l == $r then f elif $l then .[1] | _notdate(i)"                \
	" else .[0] | _notdate(i) end"                                         \
	" else f end;\n"                                                       \
	"def _eqdate(i; a; $b): if ($b | _looks) then"                         \
	" _date2(i; a; $b; _eq(i; .[0]; .[1])) else _eq(i; a; $b) end;\n"      \
	"def _isin(i; s; e): if . == null then null else . as $x |"            \
	" [try (reduce s as $b (false; if . then . else"                       \
	" . as $a | ([$x, $b] | e) as $c | if $c then true"                    \
	" elif $a == null or $c == null then null else false end end))"        \
	" catch (if . == _u then null else _bad(i; .) end)] | .[0] end;\n"     \
	"def _in(i; s): _isin(i; s; _eq(i; .[0]; .[1]));\n"                    \
	"def _indate(i; s): _isin(i; s;"                                       \
	" .[1] as $d | _eqdate(i; .[0]; $d));\n"                               \
	"def _inset(i; $set): if type == \"string\" then . as $x |"            \
	" $set | has($x) else _tm(i; .; \"\") end;\n"                          \
	"def _inlist(i; $list): if type == \"number\" then . as $x |"          \
	" reduce $list[] as $b (false; if . then . else $x == $b end)"         \
	" else _tm(i; .; 0) end;\n"

/* The same with a literal on the right, the usual case: a third of the time.
 * _n of a number, _s of a text that is no date. */
#define CS_PRELUDE_LITERALS                                                    \
	"def _lt_n(i; b): if type == \"number\" then . < b"                    \
	" else _tm(i; .; b) end;\n"                                            \
	"def _lt_s(i; b): if type == \"string\" then . < b"                    \
	" else _tm(i; .; b) end;\n"                                            \
	"def _le_n(i; b): if type == \"number\" then . <= b"                   \
	" else _tm(i; .; b) end;\n"                                            \
	"def _le_s(i; b): if type == \"string\" then . <= b"                   \
	" else _tm(i; .; b) end;\n"                                            \
	"def _gt_n(i; b): if type == \"number\" then . > b"                    \
	" else _tm(i; .; b) end;\n"                                            \
	"def _gt_s(i; b): if type == \"string\" then . > b"                    \
	" else _tm(i; .; b) end;\n"                                            \
	"def _ge_n(i; b): if type == \"number\" then . >= b"                   \
	" else _tm(i; .; b) end;\n"                                            \
	"def _ge_s(i; b): if type == \"string\" then . >= b"                   \
	" else _tm(i; .; b) end;\n"                                            \
	"def _eq_n(i; b): if type == \"number\" then . == b"                   \
	" else _tm(i; .; b) end;\n"                                            \
	"def _eq_s(i; b): if type == \"string\" then . == b"                   \
	" else _tm(i; .; b) end;\n"                                            \
	"def _ne_n(i; b): if type == \"number\" then . != b"                   \
	" else _tm(i; .; b) end;\n"                                            \
	"def _ne_s(i; b): if type == \"string\" then . != b"                   \
	" else _tm(i; .; b) end;\n"

/* Arithmetic: unknown in, unknown out. By 0, NaN, over the range: unknown. */
#define CS_PRELUDE_NUMBERS                                                     \
	"def _add(i; a; b): a as $a | b as $b | ($a | type) as $t |"           \
	" if $a == null or $b == null then null"                               \
	" elif $t == ($b | type) and $t == \"number\" then $a + $b | _k"       \
	" elif $t == ($b | type) and $t == \"string\" then $a + $b | _fits(i)" \
	" else _bad(i; \"+ takes two numbers or two texts,"                    \
	" not \\($a | _t) and \\($b | _t)\") end;\n"                           \
	"def _arith(i; $o; $a; $b; f): if $a == null or $b == null then null"  \
	" elif ($a | type) == \"number\" and ($b | type) == \"number\""        \
	" then f | _k else _bad(i; \"\\($o) takes two numbers,"                \
	" not \\($a | _t) and \\($b | _t)\") end;\n"                           \
	"def _sub(i; $a; $b): _arith(i; \"-\"; $a; $b; $a - $b);\n"            \
	"def _mul(i; $a; $b): _arith(i; \"*\"; $a; $b; $a * $b);\n"            \
	"def _div(i; $a; $b): _arith(i; \"/\"; $a; $b;"                        \
	" if $b == 0 then null else $a / $b end);\n"                           \
	"def _mod(i; $a; $b): _arith(i; \"%\"; $a; $b;"                        \
	" if ($b | fabs) < 1 or ($a | fabs) >= 9223372036854775808"            \
	" or ($b | fabs) >= 9223372036854775808 then null"                     \
	" else $a % $b end);\n"                                                \
	"def _number(i; $f; f): if type == \"number\" then f | _k"             \
	" elif . == null then null"                                            \
	" else _bad(i; \"\\($f) takes a number, not \\(_t)\") end;\n"          \
	"def _neg(i): _number(i; \"-\"; -.);\n"                                \
	"def _floor(i): _number(i; \"floor\"; floor);\n"                       \
	"def _ceil(i): _number(i; \"ceil\"; ceil);\n"                          \
	"def _round(i): _number(i; \"round\"; round);\n"                       \
	"def _sqrt(i): _number(i; \"sqrt\"; sqrt);\n"                          \
	"def _fabs(i): _number(i; \"fabs\"; fabs);\n"                          \
	"def _tonumber(i): if . == null or type == \"number\" then ."          \
	" elif type == \"string\" then . as $x |" /* libjq 1.6 loses the list  \
						     that "[1]" | tonumber     \
						     reads. */                 \
	" (if contains(\"[\") or contains(\"{\") or contains(\"\\\"\")"        \
	" then null else [try tonumber catch null] | .[0] end) as $n |"        \
	" if $n == null then _bad(i; \"\\($x | tojson) is not a number\")"     \
	" else $n | _k end"                                                    \
	" else _bad(i; \"tonumber takes text, not \\(_t)\") end;\n"

/* Text: unknown in, unknown out. */
#define CS_PRELUDE_TEXT                                                                                                                                                                                         \
	"def _tostring: if . == null then null else tostring end;\n" /* Null                                                                                                                                    \
									where                                                                                                                                   \
									a part                                                                                                                                  \
									is,                                                                                                                                     \
									else                                                                                                                                    \
									the                                                                                                                                     \
									text,                                                                                                                                   \
									or                                                                                                                                      \
									false:                                                                                                                                  \
									too                                                                                                                                     \
									long.                                                                                                                                   \
								      */                                                                                                                                        \
	"def _cat(i; f): reduce f as $x (\"\"; if . == null or $x == null"                                                                                                                                      \
	" then null elif . == false then . else . + $x |"                                                                                                                                                       \
	" if utf8bytelength > 16777216 then false else . end end)"                                                                                                                                              \
	" | if . == false then _long(i) else . end;\n"                                                                                                                                                          \
	"def _sum: _fitting(\"\") | add;\n"                                                                                                                                                                     \
	"def _join($x): _fitting($x) | join($x);\n"                                                                                                                                                             \
	"def _length(i): if . == null then null"                                                                                                                                                                \
	" elif type == \"boolean\" then"                                                                                                                                                                        \
	" _bad(i; \"length takes text, a list or a number,"                                                                                                                                                     \
	" not boolean\") else length end;\n"                                                                                                                                                                    \
	"def _text(i; $f; f): if type == \"string\" then f"                                                                                                                                                     \
	" elif . == null then null"                                                                                                                                                                             \
	" else _bad(i; \"\\($f) takes text, not \\(_t)\") end;\n"                                                                                                                                               \
	"def _text2(i; $f; $a; f): if . == null or $a == null then null"                                                                                                                                        \
	" elif type == \"string\" and ($a | type) == \"string\" then f"                                                                                                                                         \
	" else _bad(i; \"\\($f) takes text, not"                                                                                                                                                                \
	" \\(if type == \"string\" then $a | _t else _t end)\") end;\n"                                                                                                                                         \
	"def _ascii_downcase(i):"                                                                                                                                                                               \
	" _text(i; \"ascii_downcase\"; ascii_downcase);\n"                                                                                                                                                      \
	"def _ascii_upcase(i): _text(i; \"ascii_upcase\"; ascii_upcase);\n"                                                                                                                                     \
	"def _startswith(i; $a):"                                                                                                                                                                               \
	" _text2(i; \"startswith\"; $a; startswith($a));\n"                                                                                                                                                     \
	"def _endswith(i; $a): _text2(i; \"endswith\"; $a; endswith($a));\n" /* libjq 1.6 loses memory in ltrimstr and rtrimstr of what is no text, */ /* and in indices of a list: neither is called there. */ \
	"def _ltrimstr(i; $a): if . == null or $a == null then null"                                                                                                                                            \
	" elif type == \"string\" and ($a | type) == \"string\""                                                                                                                                                \
	" then ltrimstr($a) else . end;\n"                                                                                                                                                                      \
	"def _rtrimstr(i; $a): if . == null or $a == null then null"                                                                                                                                            \
	" elif type == \"string\" and ($a | type) == \"string\""                                                                                                                                                \
	" then rtrimstr($a) else . end;\n"                                                                                                                                                                      \
	"def _try(i; f): [try f catch _bad(i; .)] | .[0];\n"                                                                                                                                                    \
	"def _contains(i; $a): if . == null or $a == null then null"                                                                                                                                            \
	" else _try(i; contains($a)) end;\n"                                                                                                                                                                    \
	"def _test(i; $r): _text2(i; \"test\"; $r; _try(i; test($r)));\n"                                                                                                                                       \
	"def _test(i; $r; $f): if $f == null then null else"                                                                                                                                                    \
	" _text2(i; \"test\"; $r; _try(i; test($r; $f))) end;\n"                                                                                                                                                \
	"def _split(i; $a): _text2(i; \"split\"; $a; split($a));\n"                                                                                                                                             \
	"def _listindices($a): [range(0; length - ($a | length) + 1) as $k |"                                                                                                                                   \
	" select(.[$k : $k + ($a | length)] == $a) | $k]"                                                                                                                                                       \
	" | if . == [] then null else . end;\n"                                                                                                                                                                 \
	"def _indices(i; $a): if . == null or $a == null or $a == \"\""                                                                                                                                         \
	" or $a == [] then null"                                                                                                                                                                                \
	" elif type == \"array\" then"                                                                                                                                                                          \
	" _listindices(if ($a | type) == \"array\" then $a else [$a] end)"                                                                                                                                      \
	" elif type == \"string\" and ($a | type) == \"string\""                                                                                                                                                \
	" then indices($a)"                                                                                                                                                                                     \
	" else _bad(i; \"index and indices take text or a list, not \\(_t)"                                                                                                                                     \
	"\\(if type == \"string\" then \" with \\($a | _t)\" else \"\" "                                                                                                                                        \
	"end)\")"                                                                                                                                                                                               \
	" end;\n"                                                                                                                                                                                               \
	"def _index(i; $a): _indices(i; $a)"                                                                                                                                                                    \
	" | if . == null then null else .[0] end;\n"                                                                                                                                                            \
	"def _ascii(i): if . == null then null elif type == \"number\""                                                                                                                                         \
	" and . >= 0 and . < 128 and . == floor then [.] | implode"                                                                                                                                             \
	" else _bad(i; \"ascii takes a number from 0 to 127\") end;\n"                                                                                                                                          \
	"def _inlast(i; d; n): d as $d | if $d == null then _lt(i; $d; n)"                                                                                                                                      \
	" elif $d < 0 then false else _lt(i; $d; n) end;\n"

#define CS_PRELUDE                                                             \
	CS_PRELUDE_GROUND CS_PRELUDE_VALUES CS_PRELUDE_LOGIC                   \
	    CS_PRELUDE_COMPARE CS_PRELUDE_LITERALS CS_PRELUDE_NUMBERS          \
		CS_PRELUDE_TEXT

#endif
