/* What the snapshots jemalloc-5.3.1-large*.heap are of: see README.heap.md. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void *kept[10000];
static size_t n_kept;

static __attribute__((noinline)) void keep(size_t size, size_t n)
{
	while (n--)
		kept[n_kept++] = malloc(size);
}
__attribute__((noinline)) static void buffers(size_t n)
{
	keep(4300000, n);
}
__attribute__((noinline)) static void images(size_t n)
{
	keep(1100000, n);
}
__attribute__((noinline)) static void pages(size_t n)
{
	keep(70000, n);
}
__attribute__((noinline)) static void small(size_t n)
{
	keep(64, n);
}

int main(int argc, char **argv)
{
	if (argc == 5) {
		buffers(strtoul(argv[1], NULL, 10));
		images(strtoul(argv[2], NULL, 10));
		pages(strtoul(argv[3], NULL, 10));
		small(strtoul(argv[4], NULL, 10));
	}
	printf("ready\n");
	fflush(stdout);
	pause();
	return 0;
}
