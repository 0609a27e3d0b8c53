#include "base/hash.h"

#include <string.h>
#include <sys/auxv.h>

/* AT_RANDOM: 16 bytes that the kernel draws for each program it starts
 * (getauxval(3); fs/binfmt_elf.c, create_elf_tables()). They stay where they
 * are, so no copy has to be kept. */
struct hash hash_begin(void)
{
	const void *given = (const void *)getauxval(AT_RANDOM);
	struct hash h = { 0x9e3779b97f4a7c15, 0xd1b54a32d192ed03 };

	if (given)
		memcpy(&h, given, sizeof(h));
	return h;
}

struct hash hash_bytes(struct hash h, const void *data, size_t len)
{
	const unsigned char *p = data;
	uint64_t word;

	h = hash_mix(h, len);
	for (; len >= sizeof(word); len -= sizeof(word), p += sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		h = hash_mix(h, word);
	}
	word = 0;
	memcpy(&word, p, len);
	return hash_mix(h, word);
}
