#include "attach/rseq.h"

#include <stdint.h>

#include "attach/request.h"
#include "base/array.h"
#include "base/linux.h"
#include "proc/memory.h"

enum {
	PAGE = 4096,
	BELOW = 16 * PAGE, /* of the thread pointer */
	MAX_CPUS = 8192,   /* NR_CPUS_RANGE_END of arch/x86/Kconfig */
	ALL_FLAGS = 7,	   /* RSEQ_CS_FLAG_... */
	MAX_LENGTH = 1 << 20,
};

/* include/uapi/linux/rseq.h: the kernel takes none that is not aligned to its
 * 32 bytes. */
struct rseq {
	/* Not always a CPU: tcmalloc keeps half of a pointer there, until the
	 * kernel writes it. */
	uint32_t cpu_id_start;
	uint32_t cpu_id;
	uint64_t section; /* address of a struct rseq_cs, or 0 */
	uint32_t rest[4];
};

/* struct rseq_cs */
struct section {
	uint32_t version, flags;
	uint64_t start, length, abort;
};

static bool read_memory(pid_t tid, uint64_t address, void *buf, size_t len)
{
	struct hs_error *err = memory_read(tid, address, buf, len);

	hs_error_free(err);
	return !err;
}

static bool holds(const struct section *section, uint64_t pc)
{
	return pc - section->start < section->length;
}

static bool is_inside(pid_t tid, uint64_t pc, uint64_t address)
{
	struct section section;
	struct rseq rseq;

	if (!read_memory(tid, address, &rseq, sizeof(rseq)))
		return true;
	if (!rseq.section)
		return false;
	return !read_memory(tid, rseq.section, &section, sizeof(section)) ||
	       holds(&section, pc);
}

/* What the kernel asks of one (rseq_get_rseq_cs()); and a sequence that a
 * thread ever gets to the end of is not that long. Any three words hold any PC
 * without this. */
static bool is_section(const struct section *section)
{
	return section->version == 0 && section->flags <= ALL_FLAGS &&
	       section->length <= MAX_LENGTH && section->abort != 0 &&
	       !holds(section, section->abort);
}

static bool leads_to_section(pid_t tid, uint64_t pc, const struct rseq *rseq)
{
	struct section section;

	return rseq->section && rseq->cpu_id < MAX_CPUS &&
	       read_memory(tid, rseq->section, &section, sizeof(section)) &&
	       is_section(&section) && holds(&section, pc);
}

/* What is above the thread pointer may end with its page, and what is below it
 * anywhere: it is one piece of memory. */
static bool may_be_inside(pid_t tid, uint64_t pc, uint64_t thread_pointer)
{
	const uint64_t here = thread_pointer & ~(uint64_t)(PAGE - 1);
	struct rseq page[PAGE / sizeof(struct rseq)];
	uint64_t at = here;
	size_t i;

	if (!read_memory(tid, here, page, sizeof(page)))
		return true;
	if (read_memory(tid, here + PAGE, page, sizeof(page)))
		at = here + PAGE;
	for (; at >= here - BELOW; at -= PAGE) {
		if (!read_memory(tid, at, page, sizeof(page)))
			break;
		for (i = 0; i < ARRAY_SIZE(page); i++)
			if (leads_to_section(tid, pc, &page[i]))
				return true;
	}
	return false;
}

bool rseq_is_inside(pid_t tid, const struct arch_regs *regs)
{
	struct rseq_configuration conf = { 0 };
	struct hs_error *err;

	/* The kernel ends a process that makes a call inside of one. */
	if (arch_interrupted(regs) != ARCH_NOT_IN_SYSCALL)
		return false;
	err = request(PTRACE_GET_RSEQ_CONFIGURATION, tid, sizeof(conf),
		      (uintptr_t)&conf);
	if (!err)
		return conf.pointer &&
		       is_inside(tid, arch_pc(regs), conf.pointer);
	hs_error_free(err);
	return may_be_inside(tid, arch_pc(regs), arch_thread_pointer(regs));
}
