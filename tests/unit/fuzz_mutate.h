/**
 * @file fuzz_mutate.h - libFuzzer's own mutator, for targets that have one of
 * theirs: nothing is mutated where what is kept is run once more.
 */
#ifndef TESTS_UNIT_FUZZ_MUTATE_H
#define TESTS_UNIT_FUZZ_MUTATE_H

#include <stddef.h>
#include <stdint.h>

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size)
{
	(void)data;
	(void)max_size;
	return size;
}

#endif
