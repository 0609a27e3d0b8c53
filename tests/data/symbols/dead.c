/* dead() is thrown away by --gc-sections, and what is left of it in DWARF
 * covers addresses from 0 to beyond alive(), when the code begins low. */
static inline __attribute__((always_inline)) int ghost(int x)
{
	__asm__ volatile(".fill 8192, 1, 0x90");
	return x + 1;
}

int dead(int n);
int alive(int n);

int dead(int n)
{
	return ghost(n);
}

__attribute__((noinline)) int alive(int n)
{
	return n * 3;
}

int main(int argc, char **argv)
{
	(void)argv;
	__asm__ volatile(".fill 8192, 1, 0x90");
	return alive(argc);
}
