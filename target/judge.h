/**
 * @file judge.h - implements the judge (base/judge.h) by the target's code map.
 */
#ifndef TARGET_JUDGE_H
#define TARGET_JUDGE_H

#include "base/code_map.h"
#include "base/judge.h"

/** A judge by @code, which must outlive it. */
struct judge target_judge(const struct code_map *code);

#endif
