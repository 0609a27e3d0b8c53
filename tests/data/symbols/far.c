/* A unit of its own, and a function that --gc-sections throws away: what is
 * left of it in DWARF begins at address 0. */
static int square(int x)
{
	return x * x;
}

int far_sum(int n)
{
	int sum = 0, i;

	for (i = 0; i <= n; i++)
		sum += square(i);
	return sum;
}

int never_called(int n)
{
	int i, sum = 0;

	for (i = 0; i < n; i++)
		sum += square(i) * far_sum(i) - square(sum);
	return sum ^ n;
}
