#include "symbol/debug_paths.h"

#include <stdlib.h>

struct hs_error *places_open(const struct symbol_places *places,
			     enum places_view view, const char *path,
			     struct elf_file **ret)
{
	struct hs_error *err;
	int fd;

	*ret = NULL;
	if (view == PLACES_THIS_ROOT)
		return elf_file_open_path(path, ret);
	fd = places->open ? places->open(places->arg, path) : -1;
	if (fd < 0)
		return NULL;
	err = elf_file_open(fd, path, ret);
	if (!err || hs_error_code(err) == HS_ERROR_NOMEM)
		return err;
	hs_error_free(err);
	*ret = NULL;
	return NULL;
}
