#include "symbol/short_name.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/array.h"
#include "base/str.h"

static bool is_name_char(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '$' ||
	       (unsigned char)c >= 0x80;
}

/* Length of the bracketed text @s begins with, of which only @open and @close
 * count; all of @s when it is never closed. */
static size_t group_length(const char *s, char open, char close)
{
	size_t depth = 0, i;

	for (i = 0; s[i]; i++) {
		if (s[i] == open)
			depth++;
		else if (s[i] == close && --depth == 0)
			return i + 1;
	}
	return i;
}

/* Length of "operator" and the signs behind it that would be taken for
 * brackets; 0 when text[at] is no such word. */
static size_t operator_length(const char *text, size_t at)
{
	static const char *const signs[] = {
		"()", "<=>", "<<=", ">>=", "->*", "<<",
		">>", "<=",  ">=",  "->",  "<",	  ">"
	};
	size_t len = strlen("operator"), i;

	if (!str_starts_with(text + at, "operator") ||
	    (at && is_name_char(text[at - 1])) || is_name_char(text[at + len]))
		return 0;
	for (i = 0; i < ARRAY_SIZE(signs); i++)
		if (str_starts_with(text + at + len, signs[i]))
			return len + strlen(signs[i]);
	return len;
}

/* Length of the template arguments that text[at] opens. What is in parentheses
 * there may hold a "greater than" sign: "A<((3)>(2))>". */
static size_t arguments_length(const char *text, size_t at)
{
	size_t depth = 0, i = at, len;

	while (text[i]) {
		len = operator_length(text, i);
		if (len) {
			i += len;
			continue;
		}
		if (text[i] == '(') {
			i += group_length(text + i, '(', ')');
			continue;
		}
		if (text[i] == '<')
			depth++;
		else if (text[i] == '>' && --depth == 0)
			return i + 1 - at;
		i++;
	}
	return i - at;
}

/* Qualifiers of a member function, behind its parameters. */
static size_t qualifiers_length(const char *s)
{
	static const char *const words[] = { " const", " volatile", " &&",
					     " &" };
	size_t len = 0, i;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (str_starts_with(s + len, words[i]))
			len += strlen(words[i]);
	return len;
}

/* "operator T": a conversion, whose name is a type. */
static bool is_conversion(const char *behind)
{
	return behind[0] == ' ' && behind[1] != '<' &&
	       !str_starts_with(behind, " new") &&
	       !str_starts_with(behind, " delete") &&
	       !str_starts_with(behind, " co_await");
}

static void trim_space(struct strbuf *sb)
{
	while (sb->len && sb->buf[sb->len - 1] == ' ')
		sb->buf[--sb->len] = '\0';
}

/* The type's own parentheses stay ("operator int (*)(char)"), the parameters,
 * which can only be "()", do not. */
static size_t short_conversion(struct strbuf *sb, const char *text, size_t at)
{
	while (text[at]) {
		if (str_starts_with(text + at, "()") && text[at - 1] != ')')
			break;
		if (str_starts_with(text + at, "::{"))
			break;
		if (text[at] == '<') {
			trim_space(sb);
			at += arguments_length(text, at);
			continue;
		}
		strbuf_addc(sb, text[at++]);
	}
	return at;
}

void short_name_cxx(struct strbuf *sb, const char *text)
{
	static const char anonymous[] = "(anonymous namespace)";
	size_t i = 0, len;

	while (text[i]) {
		len = operator_length(text, i);
		if (len) {
			strbuf_add(sb, text + i, len);
			i += len;
			if (is_conversion(text + i))
				i = short_conversion(sb, text, i);
		} else if (str_starts_with(text + i, anonymous)) {
			strbuf_adds(sb, anonymous);
			i += strlen(anonymous);
		} else if (text[i] == '{') {
			len = group_length(text + i, '{', '}');
			strbuf_add(sb, text + i, len);
			i += len;
		} else if (text[i] == '(') {
			i += group_length(text + i, '(', ')');
			i += qualifiers_length(text + i);
		} else if (text[i] == '<') {
			trim_space(sb);
			i += arguments_length(text, i);
		} else {
			strbuf_addc(sb, text[i++]);
		}
	}
}

/* Unlike group_length() knows that "->" closes nothing: "<fn() -> T>". */
static size_t rust_group_length(const char *s)
{
	size_t depth = 0, i;

	for (i = 0; s[i]; i++) {
		if (s[i] == '<')
			depth++;
		else if (s[i] == '>' && (!i || s[i - 1] != '-') && --depth == 0)
			return i + 1;
	}
	return i;
}

void short_name_rust(struct strbuf *sb, const char *text)
{
	size_t i = 0, len;

	if (text[0] == '<') {
		i = rust_group_length(text);
		strbuf_add(sb, text, i);
	}
	while (text[i]) {
		len = str_starts_with(text + i, "::<")
			      ? 2 + rust_group_length(text + i + 2)
			      : 0;
		if (len) {
			i += len;
			continue;
		}
		strbuf_addc(sb, text[i++]);
	}
}

void short_name_d(struct strbuf *sb, const char *text)
{
	size_t i = 0;

	while (text[i]) {
		if (text[i] == '!' && text[i + 1] == '(')
			i += 1 + group_length(text + i + 1, '(', ')');
		else if (text[i] == '(')
			i += group_length(text + i, '(', ')');
		else
			strbuf_addc(sb, text[i++]);
	}
}
