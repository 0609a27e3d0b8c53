/**
 * @file image.h - makes an ELF file of an image in a process's memory.
 *
 * For libraries whose file cannot be opened any more. A loaded image has no
 * sections, so only the names of exported functions are left: .dynsym, found
 * through the program headers.
 */
#ifndef SYMBOL_IMAGE_H
#define SYMBOL_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/** Reads [address, address + len) of the process, all or nothing. */
typedef struct hs_error *image_read_fn(void *arg, uint64_t address, void *buf,
				       size_t len);

/**
 * Makes an ELF file of the image whose first byte, the ELF header, is at
 * @address. It has the program headers of the image, its build-id and its
 * dynamic symbols, in the image's own addresses and file offsets; of code and
 * data nothing is read. @name is for errors: HS_ERROR_INPUT when it is no image
 * of a 64-bit little-endian file, or damaged. *ret is the caller's, close(2).
 */
struct hs_error *image_copy(image_read_fn *read, void *arg, uint64_t address,
			    const char *name, int *ret) hs_must_check;

#endif
