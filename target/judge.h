/**
 * @file judge.h - the judge that knows the target's code (base/judge.h).
 */
#ifndef TARGET_JUDGE_H
#define TARGET_JUDGE_H

#include "base/code_map.h"
#include "base/judge.h"

/** One that judges by @code, which must outlive it. */
struct judge target_judge(const struct code_map *code);

#endif
