// Names: templates, lambdas in lambdas, anonymous namespaces, local classes,
// operators, conversions, constructors, virtual functions and their thunks.
namespace shapes
{
template <class T> class list
{
public:
	explicit list(T first) : first_(first), n_(1)
	{
	}
	~list()
	{
		n_ = 0;
	}
	template <class F> T fold(F f) const
	{
		T sum = first_;

		for (int i = 0; i < n_ + 3; i++)
			sum = f(sum, T(i));
		return sum;
	}
	bool operator<(const list &other) const
	{
		return n_ < other.n_;
	}
	list &operator<<(T more)
	{
		first_ += more;
		n_++;
		return *this;
	}
	operator T() const
	{
		return first_;
	}

private:
	T first_;
	int n_;
};

struct area {
	virtual ~area()
	{
	}
	virtual int size() const = 0;
};

struct named {
	virtual ~named()
	{
	}
	virtual int length() const
	{
		return 5;
	}
};

namespace
{
struct square : area, named {
	explicit square(int side) : side(side)
	{
	}
	int size() const override
	{
		return side * side;
	}
	int length() const override
	{
		return side + far_sum(side);
	}
	int side;
};

template <class T> int hidden(const T &x, int n)
{
	struct local {
		static int step(int a)
		{
			return a * 3 + far_sum(a);
		}
	};
	int sum = 0;

	for (int i = 0; i < n; i++)
		sum += local::step(i) + int(x);
	return sum;
}
} // namespace

__attribute__((noinline)) static int total(const area &a, const named &n)
{
	return a.size() + n.length();
}

int run(int n)
{
	list<int> a(n);
	list<long> b(n * 2L);
	square s(n);
	auto twice = [&](int x, int y) {
		auto inner = [x](int z) { return x + far_sum(z); };

		return inner(y) + inner(x);
	};

	a << 3 << 4;
	b << 5L;
	int sum = a.fold(twice);

	sum += int(b.fold([](long x, long y) { return x ^ y; }));
	sum += hidden(a, n) + hidden(b, n + 1);
	if (a < list<int>(7))
		sum += total(s, s);
	return sum;
}
} // namespace shapes

int shapes_run(int n)
{
	return shapes::run(n);
}
