#!/usr/bin/env python3
"""Writes extremes.csv: densities, entropies, moments, divergences and their gradients at the ends of the arguments' ranges.

Source of the numbers: the text-book densities (Johnson, Kotz and Balakrishnan 1994, 1995, Continuous Univariate Distributions;
Johnson, Kemp and Kotz 2005, Univariate Discrete Distributions), evaluated with mpmath (https://mpmath.org) at 160 decimal digits,
where no difference cancels; gradients are central differences of relative step 1e-50 at that precision. Run: python3 reference.py [families whose rows are written anew]

Each quantity is a list of terms whose sum it is; a row holds the sum and the greatest term, because a small difference of terms
is held to 1e-4 of the greatest (of the derivative's terms for a gradient; see unit). All arguments are float32 numbers of nine digits, so that
float32 and float64 have the same ones.

Of draws from Gamma(a, 1) the derivative of log x in a at a draw is -(dF/da)/(x p), of draws from VonMises(0, k) that of x in k -(dF/dk)/p.

Columns: family; quantity (logp, entropy, mean, variance, kl, slope of a draw or of its logarithm); arguments (| between them, spaces in a vector; for kl q's, then p's);
value (that of logp; log x of a slope); result; greatest term; gradients in each number of the arguments as result:greatest, spaces between.
"""
import struct
import sys
from mpmath import mp, mpf, log, exp, log1p, expm1, loggamma, psi, pi, sqrt, inf, euler, sinh, besseli, cos, nstr, gamma, isinf, isnan, sin

mp.dps = 160


def f32(x):
    try:
        return mpf(struct.unpack("f", struct.pack("f", float(x)))[0])
    except OverflowError:
        return mpf(3e38)


def lg(x):
    return loggamma(x)


def lbeta(*a):
    return sum(lg(x) for x in a) - lg(sum(a))


def softplus(l):
    return l + log1p(exp(-l)) if l > 0 else log1p(exp(l))


def lchoose(n, k):
    return lg(n + 1) - lg(k + 1) - lg(n - k + 1)


def xlogy(x, y):
    return mpf(0) if x == 0 else x * log(y)


LS = log(2 * pi) / 2

# name -> (log density terms (args, x), entropy terms, mean, variance); None where there is none in the library.
F = {}


def family(name, logp, entropy=None, mean=None, variance=None):
    F[name] = (logp, entropy, mean, variance)


def normal(a, x):
    return [-((x - a[0]) / a[1]) ** 2 / 2, -log(a[1]), -LS]


family("Normal", normal, lambda a: [log(a[1]), LS + mpf(1) / 2], lambda a: [a[0]], lambda a: [a[1] ** 2])
family("Laplace", lambda a, x: [-abs(x - a[0]) / a[1], -log(a[1]), -log(mpf(2))], lambda a: [log(a[1]), 1 + log(mpf(2))], lambda a: [a[0]], lambda a: [2 * a[1] ** 2])
family("LogNormal", lambda a, x: [-((log(x) - a[0]) / a[1]) ** 2 / 2, -log(a[1]), -log(x), -LS], lambda a: [log(a[1]), a[0], LS + mpf(1) / 2],
       lambda a: [exp(a[0] + a[1] ** 2 / 2)], lambda a: [expm1(a[1] ** 2) * exp(2 * a[0] + a[1] ** 2)])
family("HalfNormal", lambda a, x: [-(x / a[0]) ** 2 / 2, -log(a[0]), log(2 / pi) / 2], lambda a: [log(a[0]), log(pi * exp(1) / 2) / 2],
       lambda a: [a[0] * sqrt(2 / pi)], lambda a: [a[0] ** 2 * (1 - 2 / pi)])
family("Uniform", lambda a, x: [-log(a[1] - a[0])], lambda a: [log(a[1] - a[0])], lambda a: [(a[0] + a[1]) / 2], lambda a: [(a[1] - a[0]) ** 2 / 12])
family("Exponential", lambda a, x: [log(a[0]), -x * a[0]], lambda a: [mpf(1), -log(a[0])], lambda a: [1 / a[0]], lambda a: [1 / a[0] ** 2])


def gamma_terms(k, rate, x):
    # the density of the scaled value, as one term, and the scale's
    return [k * log(rate * x) - rate * x - lg(k), -log(x)]


def gamma_entropy(k):
    return k + lg(k) + (1 - k) * psi(0, k)


family("Gamma", lambda a, x: gamma_terms(a[0], a[1], x), lambda a: [gamma_entropy(a[0]), -log(a[1])], lambda a: [a[0] / a[1]], lambda a: [a[0] / a[1] ** 2])
family("Gamma by scale", lambda a, x: gamma_terms(a[0], 1 / a[1], x), lambda a: [gamma_entropy(a[0]), log(a[1])], lambda a: [a[0] * a[1]], lambda a: [a[0] * a[1] ** 2])
family("Gamma by moments", lambda a, x: gamma_terms((a[0] / a[1]) ** 2, a[0] / a[1] ** 2, x), lambda a: [gamma_entropy((a[0] / a[1]) ** 2), -log(a[0] / a[1] ** 2)], lambda a: [a[0]], lambda a: [a[1] ** 2])
family("Chi2", lambda a, x: gamma_terms(a[0] / 2, mpf(1) / 2, x), lambda a: [gamma_entropy(a[0] / 2), log(mpf(2))], lambda a: [a[0]], lambda a: [2 * a[0]])
family("InverseGamma", lambda a, x: [a[0] * log(a[1] / x) - a[1] / x - lg(a[0]), -log(x)], lambda a: [a[0] + lg(a[0]) - (1 + a[0]) * psi(0, a[0]), log(a[1])],
       lambda a: [a[1] / (a[0] - 1) if a[0] > 1 else inf], lambda a: [a[1] ** 2 / (a[0] - 1) ** 2 / (a[0] - 2) if a[0] > 2 else inf])


def dirichlet_entropy(a):
    t = sum(a)
    return lbeta(*a) - sum((k - 1) * (psi(0, k) - psi(0, t)) for k in a)


family("Beta", lambda a, x: [a[0] * log(x) + a[1] * log1p(-x) - lbeta(*a), -log(x), -log1p(-x)], lambda a: [dirichlet_entropy(a)],
       lambda a: [a[0] / (a[0] + a[1])], lambda a: [a[0] * a[1] / (a[0] + a[1]) ** 2 / (a[0] + a[1] + 1)])


family("Dirichlet", lambda a, x: [sum(k * log(v) for k, v in zip(a, x)) - lbeta(*a)] + [-log(v) for v in x], lambda a: [dirichlet_entropy(a)],
       lambda a: [[k / sum(a) for k in a]], lambda a: [[k * (sum(a) - k) / sum(a) ** 2 / (sum(a) + 1) for k in a]])
family("StudentT", lambda a, x: [lg((a[0] + 1) / 2) - lg(a[0] / 2) - log(pi * a[0]) / 2, -(a[0] + 1) / 2 * log1p(((x - a[1]) / a[2]) ** 2 / a[0]), -log(a[2])],
       lambda a: [(a[0] + 1) / 2 * (psi(0, (a[0] + 1) / 2) - psi(0, a[0] / 2)) - lg((a[0] + 1) / 2) + lg(a[0] / 2) + log(pi * a[0]) / 2, log(a[2])],
       lambda a: [a[1] if a[0] > 1 else mpf("nan")], lambda a: [a[2] ** 2 * a[0] / (a[0] - 2) if a[0] > 2 else (inf if a[0] > 1 else mpf("nan"))])
family("Cauchy", lambda a, x: [-log1p(((x - a[0]) / a[1]) ** 2), -log(a[1]), -log(pi)], lambda a: [log(a[1]), log(4 * pi)])
family("HalfCauchy", lambda a, x: [-log1p((x / a[0]) ** 2), -log(a[0]), -log(pi / 2)], lambda a: [log(a[0]), log(2 * pi)])
family("Gumbel", lambda a, x: [-(x - a[0]) / a[1], -exp(-(x - a[0]) / a[1]), -log(a[1])], lambda a: [log(a[1]), 1 + euler], lambda a: [a[0], a[1] * euler], lambda a: [a[1] ** 2 * pi ** 2 / 6])
family("Logistic", lambda a, x: [-2 * softplus(-(x - a[0]) / a[1]), -(x - a[0]) / a[1], -log(a[1])], lambda a: [log(a[1]), mpf(2)], lambda a: [a[0]], lambda a: [a[1] ** 2 * pi ** 2 / 3])
family("Pareto", lambda a, x: [log(a[1]), -log(x), -a[1] * log(x / a[0])], lambda a: [log(a[0]), -log(a[1]), 1 / a[1], mpf(1)],
       lambda a: [a[0] * a[1] / (a[1] - 1) if a[1] > 1 else inf], lambda a: [a[0] ** 2 * a[1] / (a[1] - 1) ** 2 / (a[1] - 2) if a[1] > 2 else inf])
family("Weibull", lambda a, x: [log(a[1]), -log(x), a[1] * log(x / a[0]), -(x / a[0]) ** a[1]], lambda a: [euler * (1 - 1 / a[1]), log(a[0]), -log(a[1]), mpf(1)],
       lambda a: [a[0] * gamma(1 + 1 / a[1])], lambda a: [a[0] ** 2 * (gamma(1 + 2 / a[1]) - gamma(1 + 1 / a[1]) ** 2)])


def kuma_moment(a, n):
    return exp(log(a[1]) + lbeta(1 + n / a[0], a[1]))


family("Kumaraswamy", lambda a, x: [log(a[0]), log(a[1]), (a[0] - 1) * log(x), (a[1] - 1) * log(-expm1(a[0] * log(x)))],
       lambda a: [1 - 1 / a[1], (1 - 1 / a[0]) * (psi(0, a[1] + 1) + euler), -log(a[0]), -log(a[1])],
       lambda a: [kuma_moment(a, 1)], lambda a: [kuma_moment(a, 2) - kuma_moment(a, 1) ** 2])


def von_mises_bessel(k):
    return log(besseli(0, k)) - k


def von_mises_variance(k):
    return 1 - besseli(1, k) / besseli(0, k)


family("VonMises", lambda a, x: [-2 * a[1] * sin((x - a[0]) / 2) ** 2, -von_mises_bessel(a[1]), -log(2 * pi)],
       lambda a: [von_mises_bessel(a[1]), a[1] * von_mises_variance(a[1]), log(2 * pi)], lambda a: [a[0]], lambda a: [von_mises_variance(a[1])])


def cb_level(l):
    return l ** 2 / 24 if abs(l) < mpf("1e-20") else log(sinh(l / 2) / (l / 2))


def cb_slope(l):
    return l / 12 if abs(l) < mpf("1e-20") else 1 / (1 - exp(-l)) - 1 / l - mpf(1) / 2


def cb_curvature(l):
    return mpf(1) / 12 - l ** 2 / 240 if abs(l) < mpf("1e-20") else 1 / l ** 2 - 1 / (4 * sinh(l / 2) ** 2)


family("ContinuousBernoulli by logits", lambda a, x: [a[0] * (x - mpf(1) / 2) - cb_level(a[0])], lambda a: [cb_level(a[0]) - a[0] * cb_slope(a[0])],
       lambda a: [cb_slope(a[0]) + mpf(1) / 2], lambda a: [cb_curvature(a[0])])


def cb_logit(p):
    return log(p) - log1p(-p)


family("ContinuousBernoulli by probs", lambda a, x: [cb_logit(a[0]) * (x - mpf(1) / 2) - cb_level(cb_logit(a[0]))], lambda a: [cb_level(cb_logit(a[0])) - cb_logit(a[0]) * cb_slope(cb_logit(a[0]))],
       lambda a: [cb_slope(cb_logit(a[0])) + mpf(1) / 2], lambda a: [cb_curvature(cb_logit(a[0]))])


def sigmoid(l):
    return 1 / (1 + exp(-l))


def bit_entropy(one, zero):
    # by log p and log (1 - p)
    return -exp(one) * one - exp(zero) * zero


def by_logits(l):
    return -softplus(-l), -softplus(l)


def by_probs(p):
    return log(p), log1p(-p)


for suffix, masses in (("logits", by_logits), ("probs", by_probs)):
    family("Bernoulli by " + suffix, lambda a, x, m=masses: [m(a[0])[0] if x == 1 else m(a[0])[1]], lambda a, m=masses: [-exp(v) * v for v in m(a[0])],
           lambda a, m=masses: [exp(m(a[0])[0])], lambda a, m=masses: [exp(m(a[0])[0]), -exp(2 * m(a[0])[0])])
    family("Geometric by " + suffix, lambda a, x, m=masses: [m(a[0])[0], x * m(a[0])[1]], lambda a, m=masses: [bit_entropy(*m(a[0])) / exp(m(a[0])[0])],
           lambda a, m=masses: [exp(m(a[0])[1] - m(a[0])[0])], lambda a, m=masses: [exp(m(a[0])[1] - 2 * m(a[0])[0])])
    family("Binomial by " + suffix, lambda a, x, m=masses: [lchoose(a[0], x) + x * m(a[1])[0] + (a[0] - x) * m(a[1])[1]], None,
           lambda a, m=masses: [a[0] * exp(m(a[1])[0])], lambda a, m=masses: [a[0] * exp(sum(m(a[1])))])
    # p is the probability of a success, of which x are counted
    family("NegativeBinomial by " + suffix, lambda a, x, m=masses: [lg(x + a[0]) - lg(a[0]) - lg(x + 1) + x * m(a[1])[0] + a[0] * m(a[1])[1]], None,
           lambda a, m=masses: [a[0] * exp(m(a[1])[0] - m(a[1])[1])], lambda a, m=masses: [a[0] * exp(m(a[1])[0] - 2 * m(a[1])[1])])
family("NegativeBinomial by mean", lambda a, x: [lg(x + a[0]) - lg(a[0]) - lg(x + 1) + xlogy(x, a[1] / (a[0] + a[1])) - a[0] * log1p(a[1] / a[0])], None, lambda a: [a[1]], lambda a: [a[1] + a[1] ** 2 / a[0]])
family("Poisson by rate", lambda a, x: [xlogy(x, a[0]) - a[0] - lg(x + 1)], None, lambda a: [a[0]], lambda a: [a[0]])
family("Poisson by log rate", lambda a, x: [x * a[0] - exp(a[0]) - lg(x + 1)], None, lambda a: [exp(a[0])], lambda a: [exp(a[0])])
family("BetaBinomial", lambda a, x: [lchoose(a[0], x) + lbeta(x + a[1], a[0] - x + a[2]) - lbeta(a[1], a[2])], None,
       lambda a: [a[0] * a[1] / (a[1] + a[2])], lambda a: [a[0] * a[1] * a[2] / (a[1] + a[2]) ** 2 * (a[0] + a[1] + a[2]) / (a[1] + a[2] + 1)])


def softmax(l):
    top = max(l)
    e = [exp(x - top) for x in l]
    return [x / sum(e) for x in e]


def log_softmax(l):
    top = max(l)
    t = log(sum(exp(x - top) for x in l))
    return [x - top - t for x in l]


def category_entropy(logs):
    return [-exp(x) * x for x in logs]


# What a softmax divides by is a sum whose greatest term is 1: log p is held to 1e-4 of that 1 where it is smaller, and its slope 1 - p too.
def softmax_unit(count, l):
    top = max(l)
    e = [exp(x - top) for x in l]
    return [count * sum(e), -count * sum(e)]


family("Categorical by logits", lambda a, x: [log_softmax(a)[int(x)]] + softmax_unit(1, a), lambda a: category_entropy(log_softmax(a)) + softmax_unit(1, a),
       lambda a: [sum(i * p for i, p in enumerate(softmax(a)))], lambda a: [sum(i * i * p for i, p in enumerate(softmax(a))) - sum(i * p for i, p in enumerate(softmax(a))) ** 2])
family("OneHotCategorical by logits", lambda a, x: [sum(v * l for v, l in zip(x, log_softmax(a)))] + softmax_unit(1, a), lambda a: category_entropy(log_softmax(a)) + softmax_unit(1, a),
       lambda a: [softmax(a)], lambda a: [[p * (sum(softmax(a)) - p) for p in softmax(a)]])


def multinomial(n, logs, x):
    return lg(n + 1) - sum(lg(v + 1) for v in x) + sum(v * l for v, l in zip(x, logs))


family("Multinomial by logits", lambda a, x: [multinomial(a[0], log_softmax(a[1:]), x)] + (softmax_unit(a[0], a[1:]) if a[0] <= 64 else []), None,
       lambda a: [[a[0] * p for p in softmax(a[1:])]], lambda a: [[a[0] * p * (1 - p) for p in softmax(a[1:])]])
family("DirichletMultinomial", lambda a, x: [lg(a[0] + 1) + lg(sum(a[1:])) - lg(a[0] + sum(a[1:])) + sum(lg(v + k) - lg(v + 1) - lg(k) for v, k in zip(x, a[1:]))], None,
       lambda a: [[a[0] * k / sum(a[1:]) for k in a[1:]]], lambda a: [[a[0] * k * (sum(a[1:]) - k) / sum(a[1:]) ** 2 * (a[0] + sum(a[1:])) / (sum(a[1:]) + 1) for k in a[1:]]])


# LKJCholesky of 3 rows; the value is (L21, L31, L32).
def lkj_log_normalizer(eta):
    return log(pi) + sum(lg(eta + mpf(1) / 2 - mpf(j) / 2) for j in range(2)) + log(pi) / 2 - 2 * lg(eta + 1)


def lkj_powers(eta):
    return [3 - i + 2 * eta - 2 for i in (2, 3)]


family("LKJCholesky 3", lambda a, x: [sum(p * log(d) for p, d in zip(lkj_powers(a[0]), (sqrt(1 - x[0] ** 2), sqrt(1 - x[1] ** 2 - x[2] ** 2)))) - lkj_log_normalizer(a[0])],
       lambda a: [lkj_log_normalizer(a[0]) - sum(p * (psi(0, b) - psi(0, a[0] + 1)) / 2 for p, b in zip(lkj_powers(a[0]), (a[0] + mpf(1) / 2, a[0])))])


def lg2(x):
    return log(pi) / 2 + lg(x) + lg(x - mpf(1) / 2)


def psi2(x):
    return psi(0, x) + psi(0, x - mpf(1) / 2)


# Wishart of 2 rows with V = diag(v); the value is a diagonal matrix.
family("Wishart 2", lambda a, x: [(a[0] - 3) / 2 * (log(x[0]) + log(x[1])) - x[0] / a[1] / 2 - x[1] / a[2] / 2 - a[0] * log(mpf(2)) - a[0] / 2 * (log(a[1]) + log(a[2])) - lg2(a[0] / 2)],
       lambda a: [3 * log(mpf(2)) + lg2(a[0] / 2) - (a[0] - 3) / 2 * psi2(a[0] / 2) + a[0], mpf(3) / 2 * (log(a[1]) + log(a[2]))])

LKJ = F["LKJCholesky 3"]


def lkj_rows(eta):
    # of the second and the third row: the first moment of the diagonal element and its square's mean
    c = eta + 1
    return [(exp(lg(b + mpf(1) / 2) + lg(c) - lg(b) - lg(c + mpf(1) / 2)), b / c) for b in (eta + mpf(1) / 2, eta)]


def lkj_variance(a):
    (m2, s2), (m3, s3) = lkj_rows(a[0])
    u = 1 / (2 * (a[0] + 1))
    return [[mpf(0), mpf(0), mpf(0), u, s2 - m2 ** 2, mpf(0), u, u, s3 - m3 ** 2]]


family("LKJCholesky 3", LKJ[0], LKJ[1], lambda a: [[mpf(1), mpf(0), mpf(0), mpf(0), lkj_rows(a[0])[0][0], mpf(0), mpf(0), mpf(0), lkj_rows(a[0])[1][0]]], lkj_variance)
WISHART = F["Wishart 2"]
family("Wishart 2", WISHART[0], WISHART[1], lambda a: [[a[0] * a[1], mpf(0), mpf(0), a[0] * a[2]]],
       lambda a: [[2 * a[0] * a[1] ** 2, a[0] * a[1] * a[2], a[0] * a[1] * a[2], 2 * a[0] * a[2] ** 2]])


def normal_mass(low, high):
    if high < 0:
        return normal_mass(-high, -low)
    return (mp.erfc(low / sqrt(2)) - mp.erfc(high / sqrt(2))) / 2


def bump(z):
    return mpf(0) if isinf(z) else exp(-z ** 2 / 2) / sqrt(2 * pi)


def truncated(a):
    # bounds in units, the point of the interval nearest 0, the mass, and what the moments are made of
    low, high = (a[2] - a[0]) / a[1], (a[3] - a[0]) / a[1]
    mass = normal_mass(low, high)
    first = (bump(low) - bump(high)) / mass
    second = ((mpf(0) if isinf(low) else low * bump(low)) - (mpf(0) if isinf(high) else high * bump(high))) / mass
    return max(low, min(high, mpf(0))), mass, first, second


def truncated_density(a, x):
    edge, mass, _, _ = truncated(a)
    return [(edge ** 2 - ((x - a[0]) / a[1]) ** 2) / 2, -log(mass) - edge ** 2 / 2, -log(a[1]), -LS]


def truncated_mean(a):
    edge, _, first, _ = truncated(a)
    return [a[0] + a[1] * edge, a[1] * (first - edge)]


def truncated_variance(a):
    _, _, first, second = truncated(a)
    return [a[1] ** 2 * (1 + second - first ** 2)]


def truncated_entropy(a):
    _, mass, _, second = truncated(a)
    return [log(a[1]), LS + mpf(1) / 2 + log(mass) + second / 2]


family("TruncatedNormal", truncated_density, truncated_entropy, truncated_mean, truncated_variance)


def relaxed_bit(t, l, x):
    d = l - t * (log(x) - log1p(-x))
    return [log(t), -softplus(d), -softplus(-d), -log(x), -log1p(-x)]


family("RelaxedBernoulli by logits", lambda a, x: relaxed_bit(a[0], a[1], x))
family("RelaxedBernoulli by probs", lambda a, x: relaxed_bit(a[0], log(a[1]) - log1p(-a[1]), x))
family("RelaxedOneHotCategorical by logits", lambda a, x: [2 * log(a[0]) + log(mpf(2))] + log_softmax([l - a[0] * log(v) for l, v in zip(a[1:], x)]) + [-log(v) for v in x])


def gauss_tril(a, x):
    z = (x[0] - a[0]) / a[2]
    y = (x[1] - a[1] - a[3] * z) / a[4]
    return [-z ** 2 / 2, -y ** 2 / 2, -log(a[2]), -log(a[4]), -2 * LS]


def gauss_covariance(a, x):
    r, s, det = x[0] - a[0], x[1] - a[1], a[2] * a[4] - a[3] ** 2
    return [-(r ** 2 * a[4] - 2 * r * s * a[3] + s ** 2 * a[2]) / det / 2, -log(det) / 2, -2 * LS]


def low_rank(a):
    return [a[0], a[1], a[2] ** 2 + a[4], a[2] * a[3], a[3] ** 2 + a[5]]


family("MultivariateNormal by tril", gauss_tril, lambda a: [log(a[2]), log(a[4]), 1 + 2 * LS], lambda a: [[a[0], a[1]]], lambda a: [[a[2] ** 2, a[3] ** 2 + a[4] ** 2]])
family("MultivariateNormal by covariance", gauss_covariance, lambda a: [log(a[2] * a[4] - a[3] ** 2) / 2, 1 + 2 * LS], lambda a: [[a[0], a[1]]], lambda a: [[a[2], a[4]]])
family("LowRankMultivariateNormal", lambda a, x: gauss_covariance(low_rank(a), x), lambda a: [log(low_rank(a)[2] * low_rank(a)[4] - low_rank(a)[3] ** 2) / 2, 1 + 2 * LS],
       lambda a: [[a[0], a[1]]], lambda a: [[low_rank(a)[2], low_rank(a)[4]]])



def inflated(a, x):
    gate, open_ = by_logits(a[0])
    return [log(exp(gate) + exp(open_ - a[1]))] if x == 0 else [open_, xlogy(x, a[1]) - a[1] - lg(x + 1)]


family("ZeroInflated Poisson", inflated, None, lambda a: [a[1] * sigmoid(-a[0])], lambda a: [sigmoid(-a[0]) * a[1], sigmoid(-a[0]) * sigmoid(a[0]) * a[1] ** 2])


def mixture(a, x):
    return [log(sum(exp(w + sum(normal([a[2 + i], a[4 + i]], x))) for i, w in enumerate(log_softmax(a[:2]))))] + softmax_unit(1, a[:2])


def mixture_moments(a):
    w = softmax(a[:2])
    mean = w[0] * a[2] + w[1] * a[3]
    return [w[0] * a[2], w[1] * a[3]], [w[i] * v for i in (0, 1) for v in (a[4 + i] ** 2, (a[2 + i] - mean) ** 2)]


family("Mixture of Normals", mixture, None, lambda a: mixture_moments(a)[0], lambda a: mixture_moments(a)[1])
family("Normal by exp", F["LogNormal"][0])
family("Normal by sigmoid", lambda a, x: normal(a, log(x) - log1p(-x)) + [-log(x), -log1p(-x)])
family("Normal to event", lambda a, x: normal([a[0], a[2]], x[0]) + normal([a[1], a[3]], x[1]), lambda a: [log(a[2]), log(a[3]), 1 + 2 * LS])

C = ["1e-8", "1e-3", ".3", "1", "5.5", "63", "1e3", "1e6", "1e9", "1e12"]
R = ["1e-30", "1", "1e30"]
ROWS = []


def add(name, args, values):
    ROWS.append((name, [mpf(a) if "inf" in str(a) else f32(a) for a in args], values))


def around(mean, sd, low=None, high=None):
    for z in (-3, -1, 0, 1, 4):
        x = f32(mean + z * sd)
        if (low is None or x > low) and (high is None or x < high):
            yield x


for scale in ("1e-30", "1e-10", "1", "1e10", "1e30"):
    s = f32(scale)
    for z in (0, 0.5, -3, 30):
        for name in ("Normal", "Laplace", "Cauchy", "Gumbel", "Logistic"):
            add(name, [0, s], [f32(z * s)])
        add("StudentT", ["3", 0, s], [f32(z * s)])
        if z > 0:
            for name in ("HalfNormal", "HalfCauchy"):
                add(name, [s], [f32(z * s)])
            add("Exponential", [1 / s], [f32(z * s)])
    for name in ("Normal", "Laplace", "Cauchy", "Logistic"):
        add(name, [1, s], [f32(2), f32(-7)])
    add("Uniform", [-s, 3 * s], [s])
for scale in ("1e-6", "1e-3", "1", "9"):
    for loc in ("-60", "-1", "0", "60"):
        add("LogNormal", [loc, scale], [x for x in (f32(exp(f32(loc) + z * min(f32(scale), 3))) for z in (-1, 0, 1)) if 0 < x])
for c in C:
    k = f32(c)
    for r in R:
        rate = f32(r)
        values = [x for x in around(k, sqrt(k), 0) if x > mpf("1e-9")] if k >= 1 else [mpf("1e-7"), mpf("0.01"), mpf(1)]
        values = [f32(x / rate) for x in values if mpf("1e-37") < x / rate < mpf("3e38")]
        add("Gamma", [k, rate], values)
        if r != "1":
            add("Gamma by scale", [k, rate], [f32(x * rate) for x in (around(k, sqrt(k), 0) if k >= 1 else [mpf(1)]) if x * rate < mpf("3e38")])
        # 1/x ~ Gamma
        add("InverseGamma", [k, rate], [f32(rate / x) for x in (around(k, sqrt(k), 0) if k >= 1 else [mpf("0.01"), mpf(1)]) if mpf("1e-37") < rate / x < mpf("3e38")])
    add("Chi2", [k], [f32(x) for x in (around(k, sqrt(2 * k), 0) if k >= 1 else [mpf("1e-7"), mpf("0.01"), mpf(1)])])
    if k >= f32("1e-3"):
        add("Gamma by moments", [1, 1 / sqrt(k)], [f32(x / k) for x in (around(k, sqrt(k), 0) if k >= 1 else [mpf("0.01"), mpf(1)])])
    for c2 in C:
        b = f32(c2)
        n = k + b
        values = [x for x in around(k / n, sqrt(k * b / n ** 2 / (n + 1)), mpf(0), mpf(1))] if min(k, b) >= 1 else [f32("1e-30"), f32("0.5"), f32("1e-5"), f32("0.999")]
        if c in ("1e-8", ".3", "5.5", "1e3", "1e6", "1e12") or c == c2:
            add("Beta", [k, b], [x for x in values if mpf("1e-37") < x < 1])
    add("LKJCholesky 3", [k], [[f32(v) for v in ([".3", "-.2", ".5"] if k < 100 else [1 / sqrt(k), -1 / sqrt(2 * k), 1 / sqrt(3 * k)])]])
    if k > 1.5:
        for v in R:
            add("Wishart 2", [k, v, v], [[f32(k * (1 + z / sqrt(k)) * f32(v)), f32(k * f32(v))] for z in (0, 1) if k * f32(v) < mpf("1e37")])
    for scale in ("1e-30", "1", "1e30"):
        add("StudentT", [k, 0, scale], [f32(z * f32(scale)) for z in (0, 0.5, 3)])
        if k >= f32("1e-3"):
            add("Weibull", [scale, k], [x for x in (f32(f32(scale) * (1 + z / max(k, mpf(1)))) for z in (-0.5, 0.25, 1)) if x > 0])
        add("Pareto", [scale, k], [x for x in (f32(f32(scale) * (1 + z / max(k, mpf(1)))) for z in (0, 0.5, 2)) if x >= f32(scale)])
    if k <= f32("1e6"):
        add("VonMises", [".5", k], [f32(mpf(1) / 2 + z / sqrt(max(k, mpf(1)))) for z in (-1, 0, 2)])
    else:
        add("VonMises", ["0", k], [f32(z / sqrt(k)) for z in (-1, 0, 2)])
    for c2 in C:
        if f32(c2) >= f32("1e-3") and k >= f32("1e-3"):
            b = f32(c2)
            values = []
            for u in ("0.1", "0.5", "0.9"):
                # x^a = 1 - u^(1/b)
                x = f32(exp(log(-expm1(log(mpf(u)) / b)) / k))
                if mpf("1e-37") < x < 1:
                    values.append(x)
            add("Kumaraswamy", [k, b], values)
for l in ("-1e4", "-104", "-80", "-20", "-3", "-1e-3", "0", "1e-5", "0.7", "20", "80", "1e4"):
    add("Bernoulli by logits", [l], [mpf(0), mpf(1)])
    add("ContinuousBernoulli by logits", [l], [mpf(0), f32("0.3"), f32("0.999"), mpf(1)])
    add("Geometric by logits", [l], [mpf(0), mpf(1), mpf(1000), f32("1e12")])
    for n in ("1", "30", "1e6", "1e12"):
        if f32(l) > -100:
            p = sigmoid(f32(l))
            values = sorted(set([x for x in (f32(mp.floor(f32(n) * p + z * sqrt(f32(n) * p * (1 - p)))) for z in (-2, 0, 1)) if 0 <= x <= f32(n)]))
            add("Binomial by logits", [n, l], values)
            if -60 < f32(l) <= 20:
                odds = exp(f32(l))
                values = sorted(set([x for x in (f32(mp.floor(f32(n) * odds + z * sqrt(f32(n) * odds * (1 + odds)))) for z in (-1, 0, 1)) if 0 <= x]))
                add("NegativeBinomial by logits", [n, l], values)
                if f32(l) <= 3:
                    add("Poisson by log rate", [f32(log(f32(n)) + f32(l))], [x for x in (f32(mp.floor(f32(n) * odds + z * sqrt(f32(n) * odds))) for z in (-1, 0, 2)) if x >= 0])
for p in ("1e-30", "1e-8", "0.001", "0.31", "0.999", "0.99999994"):
    q = f32(p)
    add("Bernoulli by probs", [p], [mpf(0), mpf(1)])
    add("ContinuousBernoulli by probs", [p], [mpf(0), f32("0.3"), mpf(1)])
    add("Geometric by probs", [p], [mpf(0), mpf(1), mpf(1000), f32("1e12")])
    for n in ("1", "30", "1e6", "1e12"):
        values = sorted(set([x for x in (f32(mp.floor(f32(n) * q + z * sqrt(f32(n) * q * (1 - q)))) for z in (-2, 0, 1)) if 0 <= x <= f32(n)]))
        add("Binomial by probs", [n, p], values)
        odds = q / (1 - q)
        values = sorted(set([x for x in (f32(mp.floor(f32(n) * odds + z * sqrt(f32(n) * odds * (1 + odds)))) for z in (-1, 0, 1)) if 0 <= x]))
        add("NegativeBinomial by probs", [n, p], values)
for r in C:
    add("Poisson by rate", [r], sorted(set(x for x in [mpf(0), mpf(1)] + list(around(mp.floor(f32(r)), mp.floor(sqrt(f32(r))), mpf(-1))) if x == mp.floor(x))))
    for m in ("1e-8", "1", "1e3", "1e12"):
        add("NegativeBinomial by mean", [r, m], [mpf(0), mpf(1), f32(mp.floor(f32(m)))])
    for r2 in ("1e-8", ".3", "63", "1e6", "1e12"):
        for n in ("1", "30", "1e6", "1e12"):
            x = f32(mp.floor(f32(n) * f32(r) / (f32(r) + f32(r2))))
            add("BetaBinomial", [n, r, r2], sorted(set([mpf(0), x, f32(n)])))
for logits in (["-1e4", "0", "1e4"], ["0", "30", "3"], ["-20", "0", "-9"], ["1e-4", "0", "-1e-4"]):
    add("Categorical by logits", logits, [mpf(0), mpf(1), mpf(2)])
    add("OneHotCategorical by logits", logits, [[mpf(1), mpf(0), mpf(0)], [mpf(0), mpf(0), mpf(1)]])
    for n in ("30", "1e6", "1e12"):
        p = softmax([f32(l) for l in logits])
        x = [mp.floor(f32(n) * v) for v in p]
        x = [f32(v) for v in x]
        x[p.index(max(p))] += f32(n) - sum(x)
        if all(f32(v) == v and v >= 0 for v in x):
            add("Multinomial by logits", [n] + logits, [x])
for a in (["1e-8", "1e-8", "1e-8"], ["1e-3", "1", "63"], ["1e5", "1e5", "1e5"], ["1e12", "1", "1e-8"], ["1e12", "2e12", "1e12"], [".3", ".3", "5.5"], ["1e6", "1e6", "1"]):
    k = [f32(v) for v in a]
    x = [f32(v / sum(k)) for v in k]
    if all(v < 1 for v in x):
        # The last coordinate closes the sum: nudged to be a float32 number by construction of the others.
        y = [f32(mp.floor(v * 2 ** 22) / 2 ** 22) for v in x[:-1]]
        y.append(1 - sum(y))
        add("Dirichlet", a, [y] if all(v > 0 and f32(v) == v for v in y) else [])
        add("Dirichlet", a, [[mpf("0.25"), mpf("0.5"), mpf("0.25")]])
    else:
        add("Dirichlet", a, [[mpf("0.25"), mpf("0.5"), mpf("0.25")]])
    for n in ("30", "1e6", "1e12"):
        c = [f32(mp.floor(f32(n) * v / sum(k) / 64) * 64) for v in k]
        top = k.index(max(k))
        c[top] += f32(n) - sum(c)
        if all(f32(v) == v and v >= 0 for v in c):
            add("DirichletMultinomial", [n] + a, [c])
for a in (["0", "1", "-1", "2"], ["0", "1", "3", "5"], ["0", "1", "30", "31"], ["0", "1", "1e4", "2e4"], ["0", "1", "-1e4", "-9e3"], ["0", "1", "-40", ".5"], ["3", "1e-3", "3", "4"],
          ["0", "1e30", "-1e30", "2e30"], ["0", "1e-30", "1e-30", "3e-30"], ["0", "1e8", "-1", "3"], ["5", "2", "0", "inf"], ["0", "1", "20", "inf"], ["0", "1", "-inf", "-7"],
          ["0", "1", "1", "1.0009765625"], ["0", "1e-3", "5", "6"], ["1e3", "1", "0", "2e3"]):
    mu, sigma, low, high = (f32(v) if "inf" not in v else mpf(v) for v in a)
    near = max(low, min(high, mu))
    reach = min(sigma, sigma ** 2 / max(abs(near - mu), sigma))
    values = [near + mpf(z) * reach for z in ("-2", "-.3", "0", ".5", "2", "5")]
    add("TruncatedNormal", [mu, sigma, low, high], sorted(set(f32(x) for x in values if low <= f32(x) <= high)))
for t in ("1e-3", "0.1", "1", "30", "1e4"):
    for l in ("-1e4", "-30", "-1e-3", "0.5", "20", "1e4"):
        xs = (f32(sigmoid((f32(l) + z) / f32(t))) for z in (-3, 0, 2))
        add("RelaxedBernoulli by logits", [t, l], [x for x in xs if mpf("1e-37") < x < 1])
    for p in ("1e-30", "0.3", "0.999", "0.99999994"):
        xs = (f32(sigmoid((log(f32(p)) - log1p(-f32(p)) + z) / f32(t))) for z in (-3, 0, 2))
        add("RelaxedBernoulli by probs", [t, p], [x for x in xs if mpf("1e-37") < x < 1])
    for logits in (["-1e4", "0", "1e4"], ["0", "30", "3"], ["1e-4", "0", "-1e-4"]):
        for g in ((0, 1, 2), (3, 0, -1)):
            x = [f32(v) for v in softmax([(f32(l) + z) / f32(t) for l, z in zip(logits, g)])]
            add("RelaxedOneHotCategorical by logits", [t] + logits, [x] if all(v > mpf("1e-37") for v in x) else [])
for r in ("1e-30", "1e-10", "1", "1e10", "1e30"):
    s = f32(r)
    for near, own in (("0.5", "2"), ("0.9", "1e-4"), ("-3", "1e-3")):
        a = [0, 0, s, f32(near) * s, f32(own) * s]
        add("MultivariateNormal by tril", a, [[f32(u * s), f32(f32(near) * f32(u * s) + v * f32(own) * s)] for u, v in ((0, 1), (mpf("1.5"), mpf("-.5")))])
    for near, own, apart in (("0.5", "2", "1"), ("0.999", "1", "5e-2"), ("0.9999998", "1", "1e-3")):
        a = [0, 0, s, f32(near) * s, f32(own) * s]
        add("MultivariateNormal by covariance", a, [[f32(u * sqrt(s)), f32((u + v) * sqrt(s))] for u, v in ((0, mpf(apart)), (1, -mpf(apart)))])
    q = f32(sqrt(s))
    for wide, own in (("1", "1"), ("1e3", "1e-6"), ("1e-4", "1")):
        a = [0, 0, f32(wide) * q, 2 * f32(wide) * q, f32(own) * s, 3 * f32(own) * s]
        root = sqrt(f32(own)) * q
        add("LowRankMultivariateNormal", a, [[f32(u * f32(wide) * q + root), f32(2 * u * f32(wide) * q - root)] for u in (0, 1)])
for g in ("-1e4", "-80", "-20", "0.5", "20", "80", "1e4"):
    for r in ("1e-8", "0.3", "63", "1e6", "1e12"):
        add("ZeroInflated Poisson", [g, r], [mpf(0), f32(mp.floor(f32(r))) if r not in ("1e-8", "0.3") else mpf(1)])
    for s in ("1e-30", "1", "1e30"):
        t = f32(s)
        add("Mixture of Normals", [g, 0, 0, 2 * t, t, t / 2], [f32(z * t) for z in (mpf("-.5"), mpf("1.5"), mpf(4))])
for m, s in (("0", "1e-3"), ("0", "1"), ("-60", "5"), ("50", "1"), ("-1", "1e-2")):
    add("Normal by exp", [m, s], [f32(exp(f32(m) + z * f32(s))) for z in (-2, mpf(".3"), 1)])
    if abs(f32(m)) < 10:
        add("Normal by sigmoid", [m, s], [f32(sigmoid(f32(m) + z * f32(s))) for z in (-2, mpf(".3"), 1)])
for s in R:
    add("Normal to event", [0, f32(s), f32(s), 1], [[f32(s), mpf(1) if s != "1e30" else f32(s)], [-2 * f32(s), f32(s)]])


# Divergences by sums and closed forms that need no care at this precision.
def kl_gamma(q, p):
    return [(q[0] - p[0]) * psi(0, q[0]) + lg(p[0]) - lg(q[0]) + p[0] * log(q[1] / p[1]) + q[0] * (p[1] / q[1] - 1)]


def kl_dirichlet(q, p):
    t = sum(q)
    return [lbeta(*p) - lbeta(*q) + sum((a - b) * (psi(0, a) - psi(0, t)) for a, b in zip(q, p))]


def kl_normal(q, p):
    return [log(p[1] / q[1]), (q[1] / p[1]) ** 2 / 2, ((q[0] - p[0]) / p[1]) ** 2 / 2, -mpf(1) / 2]


def kl_weibull(q, p):
    r = p[1] / q[1]
    l = p[1] * log(q[0] / p[0])
    return [(r - 1) * euler, -log(r), -l, exp(lg(r + 1) + l), mpf(-1)]


def kl_bits(m):
    def kl(q, p):
        (q1, q0), (p1, p0) = m(q[0]), m(p[0])
        return [exp(q1) * (q1 - p1), exp(q0) * (q0 - p0)]
    return kl


def kl_geometric(m):
    def kl(q, p):
        (q1, q0), (p1, p0) = m(q[0]), m(p[0])
        return [q1 - p1, exp(q0 - q1) * (q0 - p0)]
    return kl


def kl_von_mises(q, p):
    v = von_mises_variance(q[1])
    return [von_mises_bessel(p[1]) - von_mises_bessel(q[1]), (p[1] - q[1]) * v, (1 - v) * p[1] * 2 * sin((q[0] - p[0]) / 2) ** 2]


K = {
    "Gamma": kl_gamma,
    "InverseGamma": kl_gamma,
    "Chi2": lambda q, p: kl_gamma([q[0] / 2, mpf(1)], [p[0] / 2, mpf(1)]),
    "Exponential": lambda q, p: kl_gamma([mpf(1), q[0]], [mpf(1), p[0]]),
    "Beta": kl_dirichlet,
    "Dirichlet": kl_dirichlet,
    "Normal": kl_normal,
    "LogNormal": kl_normal,
    "Laplace": lambda q, p: [abs(q[0] - p[0]) / p[1], q[1] / p[1] * exp(-abs(q[0] - p[0]) / q[1]), -log(q[1] / p[1]), mpf(-1)],
    "Cauchy": lambda q, p: [log(((q[1] + p[1]) ** 2 + (q[0] - p[0]) ** 2) / (4 * q[1] * p[1]))],
    "HalfCauchy": lambda q, p: [log((q[0] + p[0]) ** 2 / (4 * q[0] * p[0]))],
    "HalfNormal": lambda q, p: kl_normal([mpf(0), q[0]], [mpf(0), p[0]]),
    "Pareto": lambda q, p: [log(q[1] / p[1]), p[1] * log(q[0] / p[0]), p[1] / q[1], mpf(-1)],
    "Weibull": kl_weibull,
    "Poisson by rate": lambda q, p: [q[0] * log(q[0] / p[0]) - q[0] + p[0]],
    "Bernoulli by logits": kl_bits(by_logits),
    "Geometric by logits": kl_geometric(by_logits),
    "Geometric by probs": kl_geometric(by_probs),
    "ContinuousBernoulli by logits": lambda q, p: [(q[0] - p[0]) * cb_slope(q[0]), cb_level(p[0]), -cb_level(q[0])],
    "VonMises": kl_von_mises,
    "Categorical by logits": lambda q, p: [exp(a) * (a - b) for a, b in zip(log_softmax(q), log_softmax(p))] + softmax_unit(1, q) + softmax_unit(1, p),
    "Wishart 2": lambda q, p: [lg2(p[0] / 2) - lg2(q[0] / 2) + (q[0] - p[0]) / 2 * psi2(q[0] / 2) + p[0] / 2 * (log(p[1] / q[1]) + log(p[2] / q[2])) + q[0] / 2 * (q[1] / p[1] + q[2] / p[2] - 2)],
}


# Pairs of different families: minus q's entropy and minus the mean of log p.
def minus_entropy(name, q):
    return [-t for t in F[name][1](q)]


def moment(name, which, q):
    return sum(F[name][which](q))


def to_normal(name):
    return lambda q, p: minus_entropy(name, q) + [log(p[1]) + LS, moment(name, 3, q) / p[1] ** 2 / 2, (moment(name, 2, q) - p[0]) ** 2 / p[1] ** 2 / 2]


def to_half_normal(name):
    return lambda q, p: minus_entropy(name, q) + [log(p[0]), log(pi / 2) / 2, (moment(name, 3, q) + moment(name, 2, q) ** 2) / p[0] ** 2 / 2]


def to_exponential(name):
    return lambda q, p: minus_entropy(name, q) + [moment(name, 2, q) * p[0], -log(p[0])]


# mean and variance of log x
LOGS = {
    "Gamma": lambda q: (psi(0, q[0]) - log(q[1]), psi(1, q[0])),
    "Beta": lambda q: (psi(0, q[0]) - psi(0, q[0] + q[1]), psi(1, q[0]) - psi(1, q[0] + q[1])),
    "LogNormal": lambda q: (q[0], q[1] ** 2),
    "Exponential": lambda q: (-euler - log(q[0]), pi ** 2 / 6),
    "HalfNormal": lambda q: (log(q[0]) - (euler + log(mpf(2))) / 2, pi ** 2 / 8),
    "Weibull": lambda q: (log(q[0]) - euler / q[1], None),
    "Pareto": lambda q: (log(q[0]) + 1 / q[1], None),
}


def to_gamma(name):
    return lambda q, p: minus_entropy(name, q) + [moment(name, 2, q) * p[1], -(p[0] - 1) * LOGS[name](q)[0], -p[0] * log(p[1]), lg(p[0])]


def to_log_normal(name):
    def kl(q, p):
        mean, variance = LOGS[name](q)
        return minus_entropy(name, q) + [mean, log(p[1]) + LS, variance / p[1] ** 2 / 2, (mean - p[0]) ** 2 / p[1] ** 2 / 2]
    return kl


def to_gumbel(name, log_transform):
    # E exp(-x/b) by its logarithm
    return lambda q, p: minus_entropy(name, q) + [moment(name, 2, q) / p[1], -p[0] / p[1], exp(log_transform(q, p[1]) + p[0] / p[1]), log(p[1])]


def normal_laplace(q, p):
    z = (q[0] - p[0]) / q[1]
    # E|x - m| / b
    return minus_entropy("Normal", q) + [log(2 * p[1]), 2 * q[1] * bump(z) / p[1], q[1] * z * mp.erf(z / sqrt(2)) / p[1]]


def bits_poisson(q, p):
    one, zero = by_logits(q[0])
    return [exp(one) * one, exp(zero) * zero, p[0], -exp(one) * log(p[0])]


def bits_geometric(q, p):
    (one, zero), (success, failure) = by_logits(q[0]), by_logits(p[0])
    return [exp(one) * one, exp(zero) * zero, -success, -exp(one) * failure]


def truncated_pair(q, p):
    edge, mass, _, _ = truncated(p)
    mean, variance = moment("TruncatedNormal", 2, q), moment("TruncatedNormal", 3, q)
    rest = ((mean - p[0]) ** 2 / p[1] ** 2 - edge ** 2) / 2
    return minus_entropy("TruncatedNormal", q) + [log(p[1]), LS, log(mass) + edge ** 2 / 2, variance / p[1] ** 2 / 2, rest]


def kl_gauss(q, p):
    a, b, c, d = q[2] / p[2], q[3] / p[4], q[4] / p[4], (q[0] - p[0]) / p[2]
    # rows of Lp^-1 Lq and Lp^-1 (mq - mp)
    low, e = b - p[3] / p[4] * a, (q[1] - p[1]) / p[4] - p[3] / p[4] * d
    return [(a ** 2 + low ** 2 + c ** 2) / 2, (d ** 2 + e ** 2) / 2, log(p[2] * p[4]) - log(q[2] * q[4]), -mpf(1)]


for name in ("Gamma", "Beta", "LogNormal", "Exponential", "HalfNormal", "Weibull", "Pareto", "Gumbel", "Logistic", "Laplace", "Uniform", "TruncatedNormal"):
    K[name + "|Normal"] = to_normal(name)
for name in ("Gamma", "Beta", "Exponential", "LogNormal"):
    K[name + "|HalfNormal"] = to_half_normal(name)
for name in ("Beta", "LogNormal", "HalfNormal", "Pareto"):
    K[name + "|Exponential"] = to_exponential(name)
for name in ("Beta", "LogNormal", "HalfNormal", "Weibull", "Pareto"):
    K[name + "|Gamma"] = to_gamma(name)
for name in ("Gamma", "Beta", "Exponential", "HalfNormal"):
    K[name + "|LogNormal"] = to_log_normal(name)
K["Normal|Gumbel"] = to_gumbel("Normal", lambda q, b: (q[1] / b) ** 2 / 2 - q[0] / b)
K["Exponential|Gumbel"] = to_gumbel("Exponential", lambda q, b: -log1p(1 / (q[0] * b)))
K["Gamma|Gumbel"] = to_gumbel("Gamma", lambda q, b: -q[0] * log1p(1 / (q[1] * b)))
K["Normal|Laplace"] = normal_laplace
K["Gamma|Chi2"] = lambda q, p: kl_gamma(q, [p[0] / 2, mpf(1) / 2])
K["Chi2|Gamma"] = lambda q, p: kl_gamma([q[0] / 2, mpf(1) / 2], p)
K["Gamma|Exponential"] = lambda q, p: kl_gamma(q, [mpf(1), p[0]])
K["Exponential|Gamma"] = lambda q, p: kl_gamma([mpf(1), q[0]], p)
K["Weibull|Exponential"] = lambda q, p: kl_weibull(q, [1 / p[0], mpf(1)])
K["Exponential|Weibull"] = lambda q, p: kl_weibull([1 / q[0], mpf(1)], p)
K["Bernoulli by logits|Poisson by rate"] = bits_poisson
K["Bernoulli by logits|Geometric by logits"] = bits_geometric
K["TruncatedNormal"] = truncated_pair
K["MultivariateNormal by tril"] = kl_gauss
PAIRS = []


def pair(name, q, p):
    sides = [[mpf(x) if "inf" in str(x) else f32(x) for x in side] for side in (q, p)]
    # Of numbers that differ by less than this, float64 itself holds no difference to 1e-4.
    if name.endswith("|Normal") and p[0] and mpf(p[1]) < mpf("1e-11") * abs(mpf(p[0])):
        return
    # Beyond the numbers of float32 there is no such argument.
    if not any(isinf(x) and "inf" not in str(given) for side, found in zip((q, p), sides) for given, x in zip(side, found)):
        PAIRS.append((name, *sides))


for c in C:
    k = f32(c)
    near = k * (1 + min(1 / sqrt(k), mpf(1)) / 2)
    for r in R:
        pair("Gamma", [k, r], [near, r])
        pair("Gamma", [k, r], [2, f32(r) * 3])
        pair("InverseGamma", [k, r], [near, r])
    pair("Gamma", [near, 1], [k, f32("1.001")])
    pair("Chi2", [k], [near])
    pair("Beta", [k, 3], [near, 3])
    pair("Beta", [k, k], [near, near])
    pair("Beta", [2, 3], [k, 3 * k])
    pair("Beta", [k, "1e-8"], [3, 2])
    pair("Dirichlet", [k, k, k, k], [near] * 4)
    pair("Dirichlet", [k, 1, 2], [near, 2, 1])
    if k >= f32("1e-3"):
        pair("Weibull", [1, k], [1, near] if k > 1 else [2, k])
    pair("Pareto", [1, k], [1, near])
    pair("Poisson by rate", [k], [near])
    pair("VonMises", [0, k], [0, near])
    if k > 1.5:
        pair("Wishart 2", [k, 1, 2], [near, 1, 2])
        pair("Wishart 2", [near, 1, 1], [k, 2, 3])
pair("Dirichlet", ["1e5"] * 4, ["1.1e5"] * 4)
pair("Gamma", ["1e6", 1], ["1.001e6", 1])
for s in ("1e-30", "1e-10", "1", "1e10", "1e30"):
    t = f32(s)
    pair("Normal", [0, t], [t, 2 * t])
    pair("LogNormal", [0, t], [t, 2 * t])
    pair("Laplace", [0, t], [t, 2 * t])
    pair("Cauchy", [0, t], [t, 2 * t])
    pair("HalfCauchy", [t], [2 * t])
    pair("HalfNormal", [t], [2 * t])
    pair("Exponential", [t], [2 * t])
for l, m in (("-1e4", "-9e3"), ("-104", "-103"), ("-20", "-19"), ("0", "1"), ("3", "3.5"), ("20", "15"), ("1e4", "30")):
    for name in ("Bernoulli by logits", "ContinuousBernoulli by logits", "Geometric by logits"):
        if not (name.startswith("Geometric") and f32(l) < -90):
            pair(name, [l], [m])
pair("Geometric by probs", ["1e-8"], ["2e-8"])
pair("Geometric by probs", ["1e-30"], ["2e-30"])
pair("Categorical by logits", ["-1e4", "0", "1e4"], ["0", "1", "2"])
pair("Categorical by logits", ["0", "-20", "-30"], ["0", "-10", "-20"])
for c in C:
    k = f32(c)
    # p of q's own place and width, and a narrow and a wide one
    sd = sqrt(k)
    for scale in ("1e-30", "1", "1e30"):
        t = f32(scale)
        pair("Gamma|Normal", [k, 1 / t], [k * t, sd * t])
        pair("Gamma|LogNormal", [k, 1 / t], [log(k * t), 1 / sd if k > 1 else 1])
        pair("Gamma|HalfNormal", [k, 1 / t], [k * t])
        pair("Gamma|Exponential", [k, 1 / t], [1 / t / 3])
        if k >= f32("1e-3"):
            pair("Weibull|Normal", [t, k], [t, t / max(k, mpf(1))])
            pair("Weibull|Gamma", [t, k], [2, 1 / t])
            pair("Weibull|Exponential", [t, k], [2 / t])
            pair("Exponential|Weibull", [1 / t], [t, k if k < 30 else 3])
        if k > 2.5:
            pair("Pareto|Normal", [t, k], [t, t / k])
            pair("Pareto|Gamma", [t, k], [3, 1 / t])
            pair("Pareto|Exponential", [t, k], [1 / t])
        pair("Exponential|Gamma", [1 / t], [k, 1 / t])
    pair("Gamma|Chi2", [k, ".5"], [2 * k * (1 + min(1 / sd, mpf(1)))])
    pair("Chi2|Gamma", [k], [k / 2 * (1 + min(1 / sd, mpf(1))), ".5"])
    pair("Gamma|Gumbel", [k, 1], [k, max(sd, mpf(1))])
    for b in ("1e-3", "1", "1e6"):
        mean, n = k / (k + f32(b)), k + f32(b)
        deviation = sqrt(k * f32(b) / (n + 1)) / n
        pair("Beta|Normal", [k, b], [mean, deviation])
        pair("Beta|HalfNormal", [k, b], [max(mean, mpf("1e-6"))])
        pair("Beta|Exponential", [k, b], [2])
        pair("Beta|Gamma", [k, b], [3, 2])
        pair("Beta|LogNormal", [k, b], [psi(0, k) - psi(0, n), sqrt(psi(1, k) - psi(1, n))])
for scale in ("1e-30", "1e-8", "1", "1e30"):
    t = f32(scale)
    for name in ("Gumbel", "Logistic", "Laplace"):
        pair(name + "|Normal", [0, t], [t, 2 * t])
    pair("Uniform|Normal", [t, 3 * t], [0, 2 * t])
    pair("Exponential|Normal", [1 / t], [t, t])
    pair("Exponential|HalfNormal", [1 / t], [t])
    pair("Exponential|LogNormal", [1 / t], [log(t), 1])
    pair("Exponential|Gumbel", [1 / t], [t, 2 * t])
    pair("HalfNormal|Normal", [t], [t, t])
    pair("HalfNormal|Exponential", [t], [1 / t])
    pair("HalfNormal|Gamma", [t], [2, 1 / t])
    pair("HalfNormal|LogNormal", [t], [log(t), 1])
    pair("Normal|Laplace", [0, t], [t / 2, 3 * t])
    pair("Normal|Laplace", [30 * t, t], [0, t])
    pair("Normal|Gumbel", [0, t], [t, 2 * t])
    for sigma in ("1e-3", "1"):
        pair("LogNormal|Normal", [log(t), sigma], [t, f32(sigma) * t])
        pair("LogNormal|HalfNormal", [log(t), sigma], [t])
        pair("LogNormal|Exponential", [log(t), sigma], [1 / t])
        pair("LogNormal|Gamma", [log(t), sigma], [2, 1 / t])
    pair("MultivariateNormal by tril", [0, 0, t, t, 2 * t], [t, -t, 2 * t, -t, t])
    pair("MultivariateNormal by tril", [0, 0, t, f32("0.9") * t, f32("1e-3") * t], [0, 0, t, f32("0.9001") * t, f32("2e-3") * t])
for l in ("-1e4", "-80", "-3", "0", "20", "1e4"):
    for rate in ("1e-8", "1", "1e6"):
        pair("Bernoulli by logits|Poisson by rate", [l], [rate])
    for m in ("-20", "0", "3"):
        pair("Bernoulli by logits|Geometric by logits", [l], [m])
for a in (["0", "1", "-1", "2"], ["0", "1", "3", "5"], ["0", "1", "30", "31"], ["0", "1", "1e4", "2e4"], ["0", "1e30", "-1e30", "2e30"], ["0", "1e-30", "1e-30", "3e-30"], ["0", "1", "20", "inf"]):
    mu, sigma, low, high = (mpf(v) if v == "inf" else f32(v) for v in a)
    pair("TruncatedNormal|Normal", [mu, sigma, low, high], [low, sigma])
    pair("TruncatedNormal", [mu, sigma, low, high], [mu + sigma / 2, 2 * sigma, low - sigma, high])


def text(x):
    if isinstance(x, list):
        return " ".join(text(v) for v in x)
    return "inf" if x == inf else "-inf" if x == -inf else "nan" if isnan(x) else nstr(x, 9, min_fixed=0, max_fixed=0) if x else "0"


def exact(x):
    return " ".join(exact(v) for v in x) if isinstance(x, list) else "%.9g" % x


def sums(terms):
    return sum(terms), max(abs(t) for t in terms)


def derivative(f, args, i):
    h = max(abs(args[i]), mpf("1e-32")) * mpf("1e-50")
    up, down = list(args), list(args)
    up[i] += h
    down[i] -= h
    slopes = [(a - b) / (2 * h) for a, b in zip(f(up), f(down))]
    return sums(slopes)


SLACK = mpf("1e-2")
WHOLE = ("Binomial", "BetaBinomial", "Multinomial", "DirichletMultinomial")


def unit(name, args, i):
    if "|" in name:
        return 1 / abs(args[i]) if args[i] else mpf(0)
    # Next to a maximum a slope is a difference of what it is made of: held to 1e-6 of one over the argument's own scale.
    if name.endswith("Poisson") or name == "Mixture of Normals" and i < 2:
        return mpf(1) if i != 1 or name.startswith("Mix") else 1 / args[1]
    if "log" in name or name == "VonMises" or name.startswith("Categorical"):
        return mpf(1) if "probs" not in name and not (name == "VonMises" and i % 2) else 1 / args[i]
    if name == "Mixture of Normals" and i > 1:
        return 1 / args[4 + i % 2]
    if name == "Normal to event" and i < 2:
        return 1 / args[2 + i]
    if name in ("Normal", "Normal by exp", "Normal by sigmoid", "Laplace", "LogNormal", "Cauchy", "Gumbel", "Logistic", "StudentT"):
        places = 3 if name == "StudentT" else 2
        if i % places == places - 2:
            return 1 / args[i + 1]
    if name == "TruncatedNormal":
        # Where it is all but uniform.
        return mpf("1e-6") / args[1]
    if name.startswith("MultivariateNormal by") or name == "LowRankMultivariateNormal":
        # of a mean, and of what is next to a deviation or a variance
        return 1 / max(abs(v) for v in args[2:]) if i < 2 and "tril" in name else 1 / sqrt(max(abs(v) for v in args[4:])) if i < 2 else 1 / max(abs(v) for v in args[2:])
    return 1 / abs(args[i])


def gradients(name, f, args):
    parts = []
    for i in range(len(args)):
        # Counts of trials are whole; NegativeBinomial's failures are not.
        if i == 0 and name.split(" ")[0] in WHOLE or isinf(args[i]):
            parts.append("-")
            continue
        result, greatest = derivative(f, args, i)
        greatest = max(greatest, SLACK * unit(name, args, i))
        parts.append(text(result) + ":" + text(greatest))
    return " ".join(parts)


def gamma_log_slope(a, s):
    # With f the density of s = log x, dF/da is the integral of f (t - psi(a)) over t before s, and minus that over t beyond s.
    x, mean = exp(s), psi(0, a)
    sign = 1 if s > mean else -1

    def fall(d):
        return x * expm1(sign * d) - a * sign * d
    reach = mpf("1e-40")
    while fall(reach) < 90:
        reach *= mpf("1.5")
    with mp.workdps(30):
        return sign * mp.quad(lambda d: exp(-fall(d)) * (s - mean + sign * d), [reach * i / 16 for i in range(17)])


def gamma_series(a, x):
    # P(a, x) without x^a e^-x / Gamma(a + 1)
    term, total, n = mpf(1), mpf(1), 1
    while term > total * mpf("1e-150"):
        term *= x / (a + n)
        total += term
        n += 1
    return total


def slope_rows():
    for c in C:
        a = f32(c)
        logs = [log(a + z * sqrt(a)) for z in (-5, -3, -1, 0, 2, 6) if a + z * sqrt(a) > 0]
        logs += [log(mpf(x)) for x in ("0.1", "1.4", "1.6", "5", "30")] if a < 10 else [log(a) + k * mpf("2e-6") for k in (-2, 1, 3)]
        logs += [log(mpf(u)) / a for u in ("1e-6", "0.1", "0.9")] if a < 1 else []
        for s in logs:
            s = f32(s)
            result = gamma_log_slope(a, s) if a > 10 else None
            if a < 100:
                step = a * mpf("1e-40")
                up, down = (exp(b * s - exp(s) - lg(b + 1)) * gamma_series(b, exp(s)) for b in (a + step, a - step))
                direct = -(up - down) / (2 * step) / exp(a * s - exp(s) - lg(a))
                assert result is None or abs(direct / result - 1) < mpf("1e-15"), (a, s, direct, result)
                result = direct
            yield ["StandardGamma", "slope", exact([a]), exact(s), nstr(result, 12), nstr(result, 12), ""]
        for angle in (mpf("-0.01"), mpf("0.3"), mpf(1), mpf("-2.5")):
            angle = f32(angle if a < 4 else angle * 2 / sqrt(a))
            variance = von_mises_variance(a) if a < mpf("1e4") else 1 / (2 * a) + 1 / (8 * a ** 2) + 1 / (8 * a ** 3) + mpf(25) / (128 * a ** 4)
            with mp.workdps(30):
                # dF/dk is the integral of p (cos t - E cos t) over t before the angle.
                result = -mp.quad(lambda t: exp(2 * a * (sin(angle / 2) ** 2 - sin(t / 2) ** 2)) * (variance - 2 * sin(t / 2) ** 2), [angle * i / 8 for i in range(9)])
            yield ["VonMises", "slope", exact([a]), exact(angle), nstr(result, 12), nstr(result, 12), ""]


def count_sum(logp, mean, sd, top, f):
    # The sum of P f: over every count that has mass, or as the integral between the counts where P is smooth and has no end (the
    # difference of the two falls by a factor exp(-2 (pi sd)^2)).
    low, high = max(mp.floor(mean - 16 * sd - 45), mpf(0)), min(mp.ceil(mean + 16 * sd + 60), top)
    if high - low <= 2500:
        counts = [low + i for i in range(int(high - low) + 1)]
        return sum(exp(logp(x)) * f(x) for x in counts)
    assert low > 0 and high < top
    return mp.quad(lambda x: exp(logp(x)) * f(x), [mean + sd * i for i in range(-16, 17, 4)], method="gauss-legendre", maxdegree=5)


def count_entropy(name, args):
    if name.startswith("Multinomial"):
        n, logs = args[0], log_softmax(args[1:])
        total = -lg(n + 1) - n * sum(exp(v) * v for v in logs)
        for v in logs:
            p, rest = exp(v), -expm1(v)
            total += count_sum(lambda x: lchoose(n, x) + x * v + (n - x) * log(rest), n * p, sqrt(n * p * rest), n, lambda x: lg(x + 1))
        return total
    if name.startswith("Binomial"):
        p = exp((by_logits if name.endswith("logits") else by_probs)(args[1])[0])
        mean, variance, top = args[0] * p, args[0] * p * (1 - p), args[0]
    elif name.startswith("Poisson"):
        mean = variance = args[0]
        top = inf
    else:
        odds = args[1] / (1 - args[1])
        mean, variance, top = args[0] * odds, args[0] * odds * (1 + odds), inf

    if len(args) > 2:
        # the divergence from a second binomial
        return count_sum(lambda x: sum(F[name][0](args[:2], x)), mean, sqrt(variance), top, lambda x: sum(F[name][0](args[:2], x)) - sum(F[name][0](args[2:], x)))

    def logp(x):
        return sum(F[name][0](args, x))
    return -count_sum(logp, mean, sqrt(variance), top, logp)


def entropy_rows(wanted):
    # at 45 digits, which leave a dozen after the differences of the gradients
    cases = [("Binomial by logits", [n, l]) for n in ("30", "1e6", "1e12") for l in ("-20", "-3", "0.7", "20") if (n, l) != ("1e12", "20")]
    cases += [("Binomial by probs", [n, p]) for n in ("30", "3000", "1e12") for p in ("1e-30", "1e-8", ".31", ".999")]
    cases += [("Multinomial by logits", [n] + l) for n in ("30", "3e3", "1e12") for l in (["0", "-20", "-9"], ["1e-4", "0", "-1e-4"])]
    cases += [("Poisson by rate", [r]) for r in ("1e-3", "3", "63", "3e3", "2e4", "1e12")]
    cases += [("NegativeBinomial by probs", [r, p]) for r, p in (("30", ".31"), ("1e3", ".999"), ("1e6", ".31"), ("1e12", ".31"), ("1e12", "1e-8"))]
    cases += [("Binomial by logits", a) for a in (["2e3", "-3", "3e3", "-3.1"], ["1e6", "0.7", "2e6", "0.1"], ["1e12", "-20", "2e12", "-20.5"])]
    for name, args in cases:
        if not wanted(name):
            continue
        args = [f32(a) for a in args]
        with mp.workdps(45):
            parts = []
            for i in range(len(args)):
                if i in (0, 2) and name.split(" ")[0] in WHOLE and not (i == 2 and name.startswith("Multi")):
                    parts.append("-")
                    continue
                h = max(abs(args[i]), mpf("1e-3") if name.endswith("logits") else mpf(0)) * mpf("1e-9")
                slope = (count_entropy(name, args[:i] + [args[i] + h] + args[i + 1:]) - count_entropy(name, args[:i] + [args[i] - h] + args[i + 1:])) / (2 * h)
                parts.append(text(slope) + ":" + text(max(abs(slope), SLACK * unit(name, args, i))))
            result = count_entropy(name, args)
        kl = name.startswith("Binomial") and len(args) > 2
        yield [name, "kl" if kl else "entropy", exact(args[:2]) + "|" + exact(args[2:]) if kl else exact(args), "", text(result), text(result), " ".join(parts)]


def main():
    # Of the families named, all if none are; the others' rows stay.
    chosen = sys.argv[1:]

    def wanted(name):
        return not chosen or name in chosen
    path = __file__.replace("reference.py", "extremes.csv")
    out = []
    if chosen:
        with open(path) as file:
            out = [row for row in (line.rstrip("\n").split(",") for line in list(file)[1:]) if not wanted(row[0])]
    out += list(entropy_rows(wanted))
    out += [row for row in slope_rows() if wanted(row[0])] if wanted("StandardGamma") else []
    seen = set()
    for name, args, values in ROWS:
        if not wanted(name):
            continue
        logp, entropy, mean, variance = F[name]
        for value in values:
            f = lambda a, value=value: logp(a, value)
            result, greatest = sums(f(args))
            if (name == "Laplace" and value == args[0]) or (name == "Pareto" and value == args[0]):
                slopes = ""
            else:
                slopes = gradients(name, f, args)
            out.append([name, "logp", exact(args), exact(value), text(result), text(greatest), slopes])
        key = (name, exact(args))
        if key in seen:
            continue
        seen.add(key)
        if entropy:
            result, greatest = sums(entropy(args))
            out.append([name, "entropy", exact(args), "", text(result), text(greatest), gradients(name, entropy, args)])
        for what, moment in (("mean", mean), ("variance", variance)):
            if moment:
                terms = moment(args)
                if isinstance(terms[0], list):
                    out.append([name, what, exact(args), "", text(terms[0]), text([abs(t) for t in terms[0]]), ""])
                    continue
                result, greatest = sums(terms)
                slopes = "" if isinf(result) or isnan(result) or abs(result) > mpf("1e30") or what == "mean" and name in ("Poisson by log rate",) else gradients(name, moment, args)
                out.append([name, what, exact(args), "", text(result), text(greatest), slopes])
    for name, q, p in PAIRS:
        if not wanted(name):
            continue
        f = lambda a, n=len(q): K[name](a[:n], a[n:])
        result, greatest = sums(f(q + p))
        out.append([name, "kl", exact(q) + "|" + exact(p), "", text(result), text(greatest), "" if abs(result) > mpf("1e300") else gradients(name, f, q + p)])
    with open(path, "w", newline="\n") as file:
        file.write("family,quantity,arguments,value,result,greatest,gradients\n")
        for row in sorted(set(map(tuple, out))):
            file.write(",".join(row) + "\n")


main()
