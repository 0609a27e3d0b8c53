/* Columns as people read them: those with numbers end below each other. */
#include "output/table.h"

#include "tests/unit/hs_check.h"

START_TEST(columns)
{
	static const char *const cells[] = { "a", "1", "x", "±b", "-22", "" };
	struct table t = { .columns = 3, .right = 2 };
	struct strbuf sb = { 0 };
	size_t i;

	for (i = 0; i < 6; i++) {
		table_cell(&t, i == 4 ? STYLE_GROWN : STYLE_PLAIN);
		strbuf_adds(&t.text, cells[i]);
	}
	table_write(&t, &sb, 1, true);
	ck_assert_str_eq(strbuf_str(&sb),
			 " a     1  x\n ±b  \033[31m-22\033[0m\n");
	table_release(&t);
	strbuf_release(&sb);
}
END_TEST

int main(void)
{
	return hs_check_run("output/table", columns);
}
