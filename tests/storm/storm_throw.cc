/* C++ exceptions: each frame on their way has something to undo. */
#include <stdexcept>
#include <string>

extern "C" {
unsigned storm_throw_and_catch(unsigned depth);
}

namespace
{
struct Frame {
	unsigned &undone;
	std::string text;

	explicit Frame(unsigned &n) : undone(n), text(100, 'x') {}
	~Frame() { undone++; }
};

__attribute__((noinline)) void descend(unsigned depth, unsigned &undone)
{
	Frame frame(undone);

	if (depth == 1)
		throw std::runtime_error(std::string(200, 'y'));
	descend(depth - 1, undone);
	asm volatile("" ::: "memory");
}
} // namespace

unsigned storm_throw_and_catch(unsigned depth)
{
	unsigned undone = 0;

	try {
		descend(depth, undone);
	} catch (const std::exception &e) {
		return e.what() == std::string(200, 'y') ? undone : 0;
	}
	return 0;
}
