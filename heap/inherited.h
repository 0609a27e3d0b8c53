/**
 * @file inherited.h - which objects of merged processes are the same ones.
 *
 * After fork(2) parent and child have the same objects, and the profiler of each
 * knows them: what a service allocated before it made its workers is counted in
 * every one of them. A stack counts as inherited when the child has it at the
 * same addresses as its parent, which says that there was no execve(2) in
 * between, and with the same numbers, which says that neither has allocated or
 * freed there since. What is true of a part of a stack only is not found.
 */
#ifndef HEAP_INHERITED_H
#define HEAP_INHERITED_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "heap/profile.h"

/** Sets @merged's inherited counts, made of @profiles[0..n): @addresses[k][i]
 * is the address in @merged of location i of @profiles[k]. */
struct hs_error *heap_inherited_mark(struct heap_profile *merged,
				     const struct heap_profile *const *profiles,
				     size_t n,
				     uint64_t *const *addresses) hs_must_check;

/**
 * Takes the stacks that @child has inherited from @parent out of @child, as
 * above: their counts become 0, and *ret, 0 before, grows by them. @parent must
 * be an ancestor, if they are of one program that was forked: what two children
 * have both allocated would be taken for inherited. Nothing, when they are not:
 * their programs and main
 * stacks are then not at the same places, which Linux chooses at random for
 * each execve(2). Where it does not (personality(2), ADDR_NO_RANDOMIZE), nobody
 * knows, and nothing is taken out.
 */
struct hs_error *heap_inherited_drop(struct heap_profile *child,
				     const struct heap_profile *parent,
				     struct heap_counts *ret) hs_must_check;

#endif
