#include "base/nearest.h"

#include <stdint.h>
#include <string.h>

#include "base/str.h"

enum { WORD_MAX = 63 };

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t nearest_distance(const char *a, const char *b)
{
	const size_t n = strlen(a), m = strlen(b);
	size_t rows[3][WORD_MAX + 1]; /* this one and the two before it */
	size_t i, j;

	if (n > WORD_MAX || m > WORD_MAX)
		return SIZE_MAX;
	for (i = 0; i <= n; i++) {
		size_t *row = rows[i % 3];
		const size_t *above = rows[(i + 2) % 3];

		row[0] = i;
		for (j = 1; i == 0 && j <= m; j++)
			row[j] = j;
		for (j = 1; i > 0 && j <= m; j++) {
			row[j] = above[j - 1] + (a[i - 1] != b[j - 1]);
			row[j] = least(row[j], above[j] + 1);
			row[j] = least(row[j], row[j - 1] + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				row[j] = least(row[j],
					       rows[(i + 1) % 3][j - 2] + 1);
		}
	}
	return rows[n % 3][m];
}

void nearest_consider(struct nearest *n, const char *candidate)
{
	const size_t len = strlen(n->word);
	size_t distance = nearest_distance(n->word, candidate);

	if (len >= 2 && str_starts_with(candidate, n->word))
		distance = least(distance, 1);
	else if (distance > len / 3)
		return;
	if (n->best && distance >= n->distance)
		return;
	n->best = candidate;
	n->distance = distance;
}

struct hs_error *nearest_hint(struct hs_error *err, const struct nearest *n,
			      const char *before)
{
	if (!n->best)
		return err;
	return hs_error_hint(err, "did you mean '%s%s'?", before, n->best);
}
