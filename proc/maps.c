#include "proc/maps.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/parse.h"
#include "base/search.h"
#include "base/words.h"
#include "proc/file.h"
#include "proc/proc_path.h"

/*
 * What the kernel writes (fs/proc/task_mmu.c, show_map_vma()): the numbers
 * with one space between them, then, for a mapping with a name, at least one
 * space of padding and the name up to the end of the line. An anonymous
 * mapping's line ends in a space.
 *
 * A file's name comes from seq_path(), which writes a newline as "\012" and
 * nothing else: a backslash stays as it is. So a file whose name really has the
 * four characters "\012" is indistinguishable from one with a newline; we read
 * a newline. In the same way d_path() puts " (deleted)" after the name of an
 * unlinked file, so that a file really called "x (deleted)" is
 * indistinguishable from a deleted "x"; we read it as deleted. Both are
 * harmless, since the code that opens the file compares its inode.
 */

/* Takes the characters up to @stop, and skips that; false when there is
 * none. */
static bool take_token(struct word *line, char stop, struct word *ret)
{
	*ret = words_until(line, stop);
	if (!line->len)
		return false;
	words_step(line, 1);
	return true;
}

static bool take_hex(struct word *line, char stop, uint64_t *ret)
{
	struct word token;

	return take_token(line, stop, &token) &&
	       parse_hex(token.s, token.len, ret);
}

static bool take_hex32(struct word *line, char stop, uint32_t *ret)
{
	uint64_t v;

	if (!take_hex(line, stop, &v) || v > UINT32_MAX)
		return false;
	*ret = (uint32_t)v;
	return true;
}

/* "r-xp " */
static bool take_permissions(struct word *line, struct mapping *m)
{
	struct word token;
	const char *p;

	if (!take_token(line, ' ', &token) || token.len != 4)
		return false;
	p = token.s;
	if ((p[0] != 'r' && p[0] != '-') || (p[1] != 'w' && p[1] != '-') ||
	    (p[2] != 'x' && p[2] != '-') || (p[3] != 's' && p[3] != 'p'))
		return false;
	m->read = p[0] == 'r';
	m->write = p[1] == 'w';
	m->exec = p[2] == 'x';
	m->shared = p[3] == 's';
	return true;
}

/* The last number: a line without a name may end right after it (programs that
 * copy maps files trim spaces). */
static bool take_inode(struct word *line, uint64_t *ret)
{
	struct word token = words_until(line, ' ');

	return parse_u64(token.s, token.len, ret);
}

static bool cut_suffix(char *s, size_t *len, const char *suffix)
{
	size_t n = strlen(suffix);

	if (*len <= n || memcmp(s + *len - n, suffix, n))
		return false;
	*len -= n;
	s[*len] = '\0';
	return true;
}

void mapping_set_path(struct mapping *m, char *s, size_t len)
{
	size_t in = 0, out = 0;

	m->path = s;
	s[len] = '\0';
	if (s[0] != '/')
		return;
	m->deleted = cut_suffix(s, &len, " (deleted)");
	if (!memchr(s, '\\', len))
		return;
	while (in < len) {
		if (len - in >= 4 && !memcmp(s + in, "\\012", 4)) {
			s[out++] = '\n';
			in += 4;
		} else {
			s[out++] = s[in++];
		}
	}
	s[out] = '\0';
}

/* @line[0..len) is without its newline; may overwrite @line[len]. */
static bool mapping_parse(char *line, size_t len, struct mapping *m)
{
	struct word rest = { line, len };

	if (memchr(line, '\0', len))
		return false;
	if (!take_hex(&rest, '-', &m->start) ||
	    !take_hex(&rest, ' ', &m->end) || !take_permissions(&rest, m) ||
	    !take_hex(&rest, ' ', &m->offset) ||
	    !take_hex32(&rest, ':', &m->dev_major) ||
	    !take_hex32(&rest, ' ', &m->dev_minor) ||
	    !take_inode(&rest, &m->inode))
		return false;
	while (words_step_over(&rest, " "))
		;
	m->path = "";
	if (rest.len)
		mapping_set_path(m, line + (len - rest.len), rest.len);
	return m->end > m->start;
}

/* @text[0..len) is nothing but newlines. */
static bool only_empty_lines(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (text[i] != '\n')
			return false;
	return true;
}

static struct hs_error *maps_add_line(struct maps *maps, char *line, size_t len,
				      const char *name, size_t number)
{
	struct mapping m = { 0 };

	if (!mapping_parse(line, len, &m))
		return hs_error_new(HS_ERROR_INPUT,
				    "%s:%zu: not a memory mapping", name,
				    number);
	if (maps->n && m.start < maps->items[maps->n - 1].end)
		return hs_error_new(HS_ERROR_INPUT,
				    "%s:%zu: mapping begins before the end of "
				    "the one above it",
				    name, number);
	if (!ARRAY_GROW(maps->items, maps->cap, maps->n + 1))
		return hs_error_nomem();
	maps->items[maps->n++] = m;
	return NULL;
}

struct hs_error *maps_parse(const char *text, size_t len, const char *name,
			    size_t line, struct maps *ret)
{
	struct maps maps = { 0 };
	struct hs_error *err = NULL;
	size_t pos = 0;

	maps.text = malloc(len + 1);
	if (!maps.text)
		return hs_error_nomem();
	if (len)
		memcpy(maps.text, text, len);
	maps.text[len] = '\0';
	while (!err && pos < len && !only_empty_lines(text + pos, len - pos)) {
		const char *nl = memchr(text + pos, '\n', len - pos);
		size_t n = nl ? (size_t)(nl - text) - pos : len - pos;

		err = maps_add_line(&maps, maps.text + pos, n, name, line++);
		pos += n + 1;
	}
	if (err) {
		maps_release(&maps);
		return err;
	}
	*ret = maps;
	return NULL;
}

static struct hs_error *read_once(const char *path, struct maps *ret)
{
	_cleanup_free_ char *text = NULL;
	struct hs_error *err;
	size_t len;

	err = file_read_proc(path, &text, &len);
	return err ? err : maps_parse(text, len, path, 1, ret);
}

/* The kernel writes the lines while the target goes on mapping, and addresses
 * are not to go backwards (Documentation/filesystems/proc.rst). But where it
 * does not stop the target for that (seen on Linux 6.18, once in 13,000 reads
 * of one that did nothing else), a mapping made meanwhile may overlap a line
 * that is written already. */
struct hs_error *maps_read(pid_t pid, struct maps *ret)
{
	const struct proc_path path = proc_path(pid, "maps");
	enum { READS = 20 };
	struct hs_error *err;
	int i;

	err = read_once(path.text, ret);
	for (i = 1; i < READS && err && hs_error_code(err) == HS_ERROR_INPUT;
	     i++) {
		hs_error_free(err);
		err = read_once(path.text, ret);
	}
	return err;
}

void maps_release(struct maps *maps)
{
	free(maps->items);
	free(maps->text);
	*maps = (struct maps){ 0 };
}

const struct mapping *maps_find(const struct maps *maps, uint64_t addr)
{
	const size_t at = search_sorted(maps->n, i, maps->items[i].end <= addr);

	return at < maps->n && maps->items[at].start <= addr ? &maps->items[at]
							     : NULL;
}

/* Paths are absolute; "[heap]", "[anon:name]" and "anon_inode:[perf_event]"
 * (whose inode is not 0) are not. */
bool mapping_has_file(const struct mapping *m)
{
	return m->path[0] == '/';
}

bool mapping_same_file(const struct mapping *a, const struct mapping *b)
{
	return a->inode == b->inode && a->dev_major == b->dev_major &&
	       a->dev_minor == b->dev_minor && !strcmp(a->path, b->path);
}
