#include "cli/commands.h"
#include "cli/print.h"
#include "options/completion.h"

struct hs_error *cmd_completion(const struct cli_options *o)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	struct hs_error *err;

	completion_add(&sb, o->operands.items[0]);
	err = strbuf_check(&sb);
	return err ? err : cli_print(strbuf_str(&sb));
}
