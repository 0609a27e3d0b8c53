/**
 * @file probability.h - the distributions that changes are judged by.
 *
 * Sources: Abramowitz and Stegun, "Handbook of Mathematical Functions", 6.3.18
 * and 6.4.12 (digamma, trigamma for large arguments, reached by their
 * recurrences) and 26.7.5 (Student's t, for large degrees of freedom); Daniels,
 * "Tail Probability Approximations", International Statistical Review 55, 1987
 * (the saddlepoint with a correction for whole numbers).
 */
#ifndef HEAP_PROBABILITY_H
#define HEAP_PROBABILITY_H

/** Logarithmic derivative of the gamma function, @x > 0. */
double probability_digamma(double x);

/** Its derivative, @x > 0. */
double probability_trigamma(double x);

/** The x > 0 with trigamma(x) = @y, @y > 0. */
double probability_trigamma_inverse(double y);

/** Half of the number of standard errors that a Student's t of @df (>= 1, may
 *  be INFINITY) degrees of freedom stays within in 95.45 of 100 cases: 1 for
 * many degrees. */
double probability_t_factor(double df);

/** The number of standard deviations outside of which a normal variable is, on
 *  either side, with chance @p, above 0 and at most 1. */
double probability_normal_quantile(double p);

/** The chance that the difference of two counts (Poisson, with the same mean,
 *  together @events > 0) is @net or more off 0, on either side (Skellam). Where
 *  all of the events are net it is the binomial test of one sign for all. */
double probability_skellam(double net, double events);

/** The same where @events is not known but estimated with @df degrees of
 *  freedom (>= 1, may be INFINITY): the mean over what they may be, at least
 *  @least and at most @most. In the limit of many events: Student's t. */
struct probability_events {
	double events, df, least, most;
};
double probability_skellam_of(double net, const struct probability_events *e);

#endif
