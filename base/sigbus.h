/**
 * @file sigbus.h - reads zeros where a mapped file was truncated.
 */
#ifndef BASE_SIGBUS_H
#define BASE_SIGBUS_H

/**
 * From now on, in all threads: bytes of a mapped file that are no longer there,
 * because somebody cut it or its disk failed, read as zeros, instead of ending
 * heapsnap with SIGBUS. What reads such files takes no byte for granted; that
 * it was changed it can ask fstat(2).
 */
void sigbus_survive(void);

#endif
