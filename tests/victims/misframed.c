/*
 * Has threads whose unwind information leads an unwinder astray: it says of one
 * that its frame begins where an expression ends which never does, of the other
 * that it begins where it did after millions of states are remembered.
 *
 * Commands:
 *	threads		prints "threads LOOP EAT", their ids
 */
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/victims/victim.h"

/* Both wait in pause(2) for ever. 0x0f is DW_CFA_def_cfa_expression, of 3
 * bytes: DW_OP_skip -3, to itself. 0x0a is DW_CFA_remember_state, 2.5 million
 * times. */
__asm__(".text\n"
	".macro waits name\n"
	".globl \\name\n"
	".type \\name, @function\n"
	"\\name:\n"
	"	.cfi_startproc\n"
	".endm\n"
	".macro never_ends name\n"
	"1:	mov $34, %eax\n"
	"	syscall\n"
	"	jmp 1b\n"
	"	.cfi_endproc\n"
	"	.size \\name, . - \\name\n"
	".endm\n"
	"waits loop\n"
	"	.cfi_escape 0x0f, 0x03, 0x2f, 0xfd, 0xff\n"
	"never_ends loop\n"
	"waits eat\n"
	"	.rept 312500\n"
	"	.cfi_escape 10, 10, 10, 10, 10, 10, 10, 10\n"
	"	.endr\n"
	"never_ends eat\n");

void loop(void);
void eat(void);

static pid_t loop_tid, eat_tid;

static void *loops(void *arg)
{
	__atomic_store_n(&loop_tid, (pid_t)syscall(SYS_gettid),
			 __ATOMIC_SEQ_CST);
	loop();
	return arg;
}

static void *eats(void *arg)
{
	__atomic_store_n(&eat_tid, (pid_t)syscall(SYS_gettid),
			 __ATOMIC_SEQ_CST);
	eat();
	return arg;
}

static bool command(const char *line)
{
	if (strcmp(line, "threads"))
		return false;
	victim_say("threads %d %d", (int)loop_tid, (int)eat_tid);
	return true;
}

int main(int argc, char **argv)
{
	victim_begin(argc, argv, NULL);
	victim_thread(loops, NULL);
	victim_thread(eats, NULL);
	while (!__atomic_load_n(&loop_tid, __ATOMIC_SEQ_CST) ||
	       !__atomic_load_n(&eat_tid, __ATOMIC_SEQ_CST))
		usleep(1000);
	victim_ready();
	victim_obey(command);
	return 0;
}
