int main(int argc, char **argv)
{
	(void)argv;
	return (chain_run(argc) + shapes_run(argc)) & 1;
}
