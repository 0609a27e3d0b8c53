#include "attach/fault.h"

void fault_point(const char *what)
{
	(void)what;
}
