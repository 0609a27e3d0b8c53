/*
 * A program that moves a page of its code to anonymous memory in its own place,
 *as node does with --use-largepages, and calls malloc() from it.
 *
 *	--code same	the bytes are those of the file (the default)
 *	--code other	they do the same, but are others
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/victims/victim.h"

enum { OBJECTS = 1000, SIZE = 512, PAGE = 4096 };

/* A page of its own, with code of the same file before and behind. */
__asm__(".pushsection .text.moved,\"ax\",@progbits\n"
	".balign 4096\n"
	".skip 4096, 0x90\n"
	".type moved_alloc, @function\n"
	"moved_alloc:\n"
	".cfi_startproc\n"
	"	push	%rbp\n"
	".cfi_def_cfa_offset 16\n"
	".cfi_offset %rbp, -16\n"
	"	mov	%rsp, %rbp\n"
	".cfi_def_cfa_register %rbp\n"
	"	.byte	0x48, 0x89, 0xf8\n" /* mov %rdi, %rax */
	"	mov	%rsi, %rdi\n"
	"	call	*%rax\n"
	"	pop	%rbp\n"
	".cfi_def_cfa %rsp, 8\n"
	"	ret\n"
	".cfi_endproc\n"
	".size moved_alloc, . - moved_alloc\n"
	".balign 4096\n"
	".skip 4096, 0x90\n"
	".popsection\n");

void *moved_alloc(void *(*allocate)(size_t), size_t size);

static void *kept[OBJECTS];
static const char *code = "same";

static bool option(const char *name, const char *value)
{
	code = value;
	return !strcmp(name, "--code");
}

/* The same instruction, in its other encoding. */
static void change(unsigned char *page)
{
	static const unsigned char mov[] = { 0x48, 0x89, 0xf8 },
				   other[] = { 0x48, 0x8b, 0xc7 };
	unsigned char *at = memmem(page, PAGE, mov, sizeof(mov));

	if (!at)
		_exit(2);
	memcpy(at, other, sizeof(other));
}

static void move(void)
{
	void *page = (void *)moved_alloc;
	void *copy = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (copy == MAP_FAILED)
		_exit(2);
	memcpy(copy, page, PAGE);
	if (!strcmp(code, "other"))
		change(copy);
	if (mprotect(copy, PAGE, PROT_READ | PROT_EXEC) ||
	    mremap(copy, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, page) !=
		    page)
		_exit(2);
}

int main(int argc, char **argv)
{
	int i;

	victim_begin(argc, argv, option);
	move();
	for (i = 0; i < OBJECTS; i++) {
		kept[i] = moved_alloc(malloc, SIZE);
		if (!kept[i])
			_exit(2);
	}
	victim_ready();
	victim_obey(NULL);
	return 0;
}
