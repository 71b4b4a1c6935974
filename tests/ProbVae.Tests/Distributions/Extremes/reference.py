#!/usr/bin/env python3
"""Writes extremes.csv: densities, entropies, moments, divergences and their gradients at the ends of the arguments' ranges.

Source of the numbers: the text-book densities (Johnson, Kotz and Balakrishnan 1994, 1995, Continuous Univariate Distributions;
Johnson, Kemp and Kotz 2005, Univariate Discrete Distributions), evaluated with mpmath (https://mpmath.org) at 160 decimal digits,
where no difference cancels; gradients are central differences of relative step 1e-50 at that precision. Run: python3 reference.py

Each quantity is a list of terms whose sum it is; a row holds the sum and the greatest term, because a small difference of terms
is held to 1e-4 of the greatest (of the derivative's terms for a gradient; see unit). All arguments are float32 numbers of nine digits, so that
float32 and float64 have the same ones.

Columns: family; quantity (logp, entropy, mean, variance, kl); arguments (| between them, spaces in a vector; for kl q's, then p's);
value (empty but for logp); result; greatest term; gradients in each number of the arguments as result:greatest, spaces between.
"""
import struct
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

C = ["1e-8", "1e-3", ".3", "1", "5.5", "63", "1e3", "1e6", "1e9", "1e12"]
R = ["1e-30", "1", "1e30"]
ROWS = []


def add(name, args, values):
    ROWS.append((name, [f32(a) for a in args], values))


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
PAIRS = []


def pair(name, q, p):
    PAIRS.append((name, [f32(x) for x in q], [f32(x) for x in p]))


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


WHOLE = ("Binomial", "BetaBinomial", "Multinomial", "DirichletMultinomial")


def unit(name, args, i):
    # Next to a maximum a slope is a difference of what it is made of: held to 1e-6 of one over the argument's own scale.
    if "log" in name or name == "VonMises" or name.startswith("Categorical"):
        return mpf(1) if "probs" not in name and not (name == "VonMises" and i % 2) else 1 / args[i]
    if name in ("Normal", "Laplace", "LogNormal", "Cauchy", "Gumbel", "Logistic", "StudentT"):
        places = 3 if name == "StudentT" else 2
        if i % places == places - 2:
            return 1 / args[i + 1]
    return 1 / abs(args[i])


def gradients(name, f, args):
    parts = []
    for i in range(len(args)):
        # Counts of trials are whole; NegativeBinomial's failures are not.
        if i == 0 and name.split(" ")[0] in WHOLE:
            parts.append("-")
            continue
        result, greatest = derivative(f, args, i)
        greatest = max(greatest, mpf("1e-2") * unit(name, args, i))
        parts.append(text(result) + ":" + text(greatest))
    return " ".join(parts)


def main():
    out = []
    seen = set()
    for name, args, values in ROWS:
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
        f = lambda a, n=len(q): K[name](a[:n], a[n:])
        result, greatest = sums(f(q + p))
        out.append([name, "kl", exact(q) + "|" + exact(p), "", text(result), text(greatest), gradients(name, f, q + p)])
    with open(__file__.replace("reference.py", "extremes.csv"), "w", newline="\n") as file:
        file.write("family,quantity,arguments,value,result,greatest,gradients\n")
        for row in sorted(set(map(tuple, out))):
            file.write(",".join(row) + "\n")


main()
