#ifndef TESTS_DATA_SYMBOLS_CHAIN_H
#define TESTS_DATA_SYMBOLS_CHAIN_H

#ifdef __cplusplus
extern "C" {
#endif

char *chain_twice(const char *s);
int chain_run(int n);

/* In far.c: inlined over units by link-time optimisation. */
int far_sum(int n);
int never_called(int n);

/* In shapes.cc. */
int shapes_run(int n);

#ifdef __cplusplus
}
#endif

#endif
