/*
 * A 32-bit program without a C library, so that it can be built without one:
 * prints "ready PID", reads stdin until its end, and ends after half an hour.
 * Numbers: arch/x86/entry/syscalls/syscall_32.tbl.
 */
enum { SYS_EXIT = 1, SYS_READ = 3, SYS_WRITE = 4, SYS_GETPID = 20 };
enum { SYS_ALARM = 27 };

static int call(int number, int a, void *b, int c)
{
	int ret;

	__asm__ volatile("int $0x80"
			 : "=a"(ret)
			 : "a"(number), "b"(a), "c"(b), "d"(c)
			 : "memory");
	return ret;
}

void _start(void);

void _start(void)
{
	char text[32] = "ready ", digits[12], *p = text + 6;
	int pid = call(SYS_GETPID, 0, 0, 0), n = 0;

	call(SYS_ALARM, 1800, 0, 0);
	for (; pid; pid /= 10)
		digits[n++] = (char)('0' + pid % 10);
	while (n)
		*p++ = digits[--n];
	*p++ = '\n';
	call(SYS_WRITE, 1, text, (int)(p - text));
	while (call(SYS_READ, 0, text, sizeof(text)) > 0)
		;
	call(SYS_EXIT, 0, 0, 0);
	__builtin_unreachable();
}
