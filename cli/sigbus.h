/**
 * @file sigbus.h - files that become shorter while they are mapped.
 */
#ifndef CLI_SIGBUS_H
#define CLI_SIGBUS_H

/**
 * From now on, in all threads: bytes of a mapped file that are no longer there,
 * because somebody cut it or its disk failed, read as zeros, instead of ending
 * heapsnap with SIGBUS. What reads such files takes no byte for granted; that
 * it was changed it can ask fstat(2).
 */
void sigbus_survive(void);

#endif
