/* split: the structure of CSV in a block, byte by byte; a vector form follows */
#include <stdlib.h>
#include "split.h"
void
cs_scan_init(struct cs_scan *s, int d, int q, enum cs_scan_isa isa)
{
	(void)isa;
	*s = (struct cs_scan){.delimiter = d, .quote = q};
}
void
cs_scan_free(struct cs_scan *s)
{
	free(s->end);
	free(s->row);
}
void
cs_scan_block(struct cs_scan *s, struct cs_str b, bool is_last)
{
	size_t i = 0, ne = 0;
	(void)is_last;
	s->base = b.p;
	s->nrows = 0;
	s->used = 0;
	s->is_odd = false;
	while (i < b.n) {
		struct cs_scan_row r = {
		    .begin = (uint32_t)i, .first = (uint32_t)ne, .lines = 1};
		for (;;) {
			bool q = false;
			if (ne == s->cap) {
				s->cap = s->cap ? s->cap * 2 : 1024;
				s->end =
				    cs_realloc(s->end, s->cap, sizeof(*s->end));
			}
			if (i < b.n && b.p[i] == (char)s->quote) {
				q = true;
				r.flags |= CS_SCAN_QUOTE;
				for (i++;; i++) {
					if (i >= b.n)
						return;
					if (b.p[i] == 0) {
						s->is_odd = true;
						return;
					}
					if (b.p[i] == '\n')
						r.lines++;
					if (b.p[i] & 0x80)
						r.flags |= CS_SCAN_HIGH;
					if (b.p[i] == (char)s->quote) {
						if (i + 1 >= b.n)
							return;
						if (b.p[i + 1] !=
						    (char)s->quote)
							break;
						i++;
					}
				}
				i++;
			}
			for (; i < b.n && b.p[i] != (char)s->delimiter &&
			       b.p[i] != '\n';
			     i++) {
				if (b.p[i] == '\r' && i + 1 >= b.n)
					return;
				if (b.p[i] == '\r' && b.p[i + 1] == '\n')
					break;
				if (q || b.p[i] == (char)s->quote ||
				    b.p[i] == '\r' || b.p[i] == 0) {
					s->is_odd = true;
					return;
				}
				if (b.p[i] & 0x80)
					r.flags |= CS_SCAN_HIGH;
			}
			if (i >= b.n)
				return;
			s->end[ne++] = (uint32_t)i;
			if (b.p[i] == (char)s->delimiter) {
				i++;
				continue;
			}
			r.text_n = (uint32_t)(i - r.begin);
			r.eol_n = b.p[i] == '\r' ? 2 : 1;
			i += r.eol_n;
			break;
		}
		r.n = (uint32_t)(ne - r.first);
		if (s->nrows == s->rcap) {
			s->rcap = s->rcap ? s->rcap * 2 : 1024;
			s->row = cs_realloc(s->row, s->rcap, sizeof(*s->row));
		}
		s->row[s->nrows++] = r;
		s->used = i;
	}
}
