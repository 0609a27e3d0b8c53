#include "symbol/minidebug.h"

#include <lzma.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "base/io.h"

/* xz makes a file of any size of a few bytes. The names of all functions of the
 * largest programs take some ten MiB. */
enum {
	UNPACKED_MAX = 256 << 20,
	MEMORY_MAX = 128 << 20, /* what the decoder may take; xz -9: 65 MiB */
	BLOCK = 1 << 16,
};

static bool unpack(const void *data, size_t size, const char *name,
		   struct unpack_budget *budget, int fd)
{
	_cleanup_free_ uint8_t *block = malloc(BLOCK);
	lzma_stream stream = LZMA_STREAM_INIT;
	lzma_ret status = LZMA_OK;
	bool ok = block &&
		  lzma_stream_decoder(&stream, MEMORY_MAX, 0) == LZMA_OK;
	uint64_t read;

	stream.next_in = data;
	stream.avail_in = size;
	while (ok && status == LZMA_OK && stream.total_out < UNPACKED_MAX) {
		read = stream.total_in;
		stream.next_out = block;
		stream.avail_out = BLOCK;
		status = lzma_code(&stream, LZMA_FINISH);
		ok = unpack_budget_take(budget, name, stream.total_in - read,
					BLOCK - stream.avail_out) &&
		     !io_write(fd, block, BLOCK - stream.avail_out);
	}
	lzma_end(&stream);
	return ok && status == LZMA_STREAM_END;
}

struct hs_error *minidebug_open(const struct elf_file *file,
				struct unpack_budget *budget,
				struct elf_file **ret)
{
	_cleanup_close_ int fd = -1;
	struct hs_error *err;
	const void *data;
	size_t size;

	*ret = NULL;
	if (!elf_file_section(file, ".gnu_debugdata", &data, &size))
		return NULL;
	fd = memfd_create("heapsnap-symbols", MFD_CLOEXEC);
	if (fd < 0 || !unpack(data, size, file->name, budget, fd))
		return NULL;
	err = elf_file_open(take_fd(fd), file->name, ret);
	if (!err || hs_error_code(err) == HS_ERROR_NOMEM)
		return err;
	hs_error_free(err);
	*ret = NULL;
	return NULL;
}
