#include "heap/probability.h"

#include <math.h>

/* From here on the asymptotic series are exact to nine digits. */
static const double large = 10;

double probability_digamma(double x)
{
	double sum = 0, r;

	for (; x < large; x++)
		sum -= 1 / x;
	r = 1 / (x * x);
	return sum + log(x) - 0.5 / x -
	       r * (1.0 / 12 - r * (1.0 / 120 - r * (1.0 / 252 - r / 240)));
}

double probability_trigamma(double x)
{
	double sum = 0, r;

	for (; x < large; x++)
		sum += 1 / (x * x);
	r = 1 / (x * x);
	return sum + 1 / x + r / 2 +
	       r / x * (1.0 / 6 - r * (1.0 / 30 - r * (1.0 / 42 - r / 30)));
}

double probability_trigamma_inverse(double y)
{
	double low = 1e-8, high = 1e8, middle;

	/* It falls. In logarithms, to 1e-9 of the value. */
	while (high > low * (1 + 1e-9)) {
		middle = sqrt(low * high);
		if (probability_trigamma(middle) > y)
			low = middle;
		else
			high = middle;
	}
	return sqrt(low * high);
}

double probability_t_factor(double df)
{
	const double r = 1 / df;

	/* 26.7.5 at 2 standard deviations, and what it lacks at one degree. */
	return 1 +
	       r * (1.25 + r * (1.531 + r * (1.430 + r * (0.922 + r * 0.851))));
}

/* Above @z, of a normal variable. */
static double normal_tail(double z)
{
	return erfc(z / M_SQRT2) / 2;
}

double probability_normal_quantile(double p)
{
	double low = 0, high = 38, middle;

	while (high - low > 1e-9) {
		middle = (low + high) / 2;
		if (2 * normal_tail(middle) > p)
			low = middle;
		else
			high = middle;
	}
	return low;
}

double probability_skellam(double net, double events)
{
	const double x = fabs(net) - 0.5;
	double s, r, u, tail;

	if (x <= 0)
		return 1;
	/* Of the cumulants' function K(s) = events (cosh s - 1): K'(s) = x. */
	s = asinh(x / events);
	r = sqrt(fmax(0, 2 * (s * x - events * (cosh(s) - 1))));
	u = 2 * sinh(s / 2) * sqrt(events * cosh(s));
	if (r < 1e-3)
		return 1;
	tail = normal_tail(r) +
	       exp(-r * r / 2) / sqrt(2 * M_PI) * (1 / u - 1 / r);
	return fmin(1, 2 * fmax(0, tail));
}

static double clamp(double x, double least, double most)
{
	return fmin(fmax(x, least), most);
}

/*
 * chi^2 of df degrees, over df, is the estimate over the truth. The density of
 * its logarithm t is in proportion to exp(df / 2 (t - e^t)), here summed where
 * it is above e^-30 of its maximum.
 */
double probability_skellam_of(double net, const struct probability_events *e)
{
	enum { POINTS = 64 };
	double low, high, t, weight, sum = 0, weights = 0, depth;
	int i;

	if (e->most <= 0)
		return fabs(net) > 0 ? 0 : 1;
	if (e->df > 1000)
		return probability_skellam(net,
					   clamp(e->events, e->least, e->most));
	depth = 60 / e->df;
	low = -depth - 1;
	high = fmin(log1p(depth + log1p(depth)), sqrt(depth) * 2);
	for (i = 0; i <= POINTS; i++) {
		t = low + (high - low) * i / POINTS;
		weight = exp(e->df / 2 * (t - expm1(t)));
		weights += weight;
		sum += weight *
		       probability_skellam(net, clamp(e->events / exp(t),
						      e->least, e->most));
	}
	return fmin(1, sum / weights);
}
