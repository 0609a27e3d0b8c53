/**
 * @file sigbus.h - reads zeros where a mapped file was truncated.
 */
#ifndef BASE_SIGBUS_H
#define BASE_SIGBUS_H

/**
 * From now on, in all threads: bytes of a mapped file that are no longer there,
 * because somebody cut it or its disk failed, read as zeros instead of ending
 * the program with SIGBUS. Code that reads such files checks every byte; by
 * fstat(2) it learns that one was changed.
 */
void sigbus_survive(void);

#endif
