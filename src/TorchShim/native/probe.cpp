// torchprobe: tells whether this machine's libtorch multiplies matrices with an optimised BLAS.
//
// The criterion is a ratio, not a speed: how much faster libtorch's product is than a plain scalar loop timed in the
// same process, both in processor time of one thread. An old, throttled or busy machine slows both sides alike, so the
// ratio stays put where GFLOP/s alone would not. The plain loop adds into a single float, an order that the compiler
// may not rearrange, hence it runs at the latency of a scalar addition whatever the compiler's flags are.
// A reference BLAS is itself a scalar loop (ratio 1 to 4); an optimised one uses vector registers and blocks for the
// cache (ratio 8 with 128-bit registers, 30 to 100 with 256 or 512 bits).
//
// It prints one line; exit code 0: optimised, 1: reference BLAS, 2: the product is wrong or libtorch threw.

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <exception>
#include <limits>
#include <vector>

namespace {

constexpr int64_t kSize = 1024;       // rows, columns and inner length of the measured product
constexpr int64_t kTile = 32;         // the plain loop computes this corner of it, small enough for the L2 cache
constexpr int kRounds = 7;            // best of so many; one undisturbed round is enough
constexpr double kLeastRatio = 5.0;   // lies between the two kinds of BLAS, nearly a factor of two from either
constexpr double kTolerance = 1e-2;   // float32 rounding of a sum of 1024 standard normal products stays below 1e-3

double processor_seconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

template <typename Action>
double seconds_of(Action action) {
    const double start = processor_seconds();
    action();
    return processor_seconds() - start;
}

double gigaflops(int64_t rows, int64_t columns, double seconds) {
    return 2e-9 * static_cast<double>(rows * columns * kSize) / seconds;
}

// Upper left kTile x kTile corner of left * right, with right given transposed so that both are read in order.
void plain_product(const float* left, const float* right_transposed, std::vector<float>& corner) {
    for (int64_t i = 0; i < kTile; ++i) {
        for (int64_t j = 0; j < kTile; ++j) {
            float sum = 0;
            for (int64_t k = 0; k < kSize; ++k) {
                sum += left[i * kSize + k] * right_transposed[j * kSize + k];
            }
            corner[static_cast<size_t>(i * kTile + j)] = sum;
        }
    }
}

double largest_difference(const torch::Tensor& product, const std::vector<float>& corner) {
    const auto entries = product.accessor<float, 2>();
    double largest = 0;
    for (int64_t i = 0; i < kTile; ++i) {
        for (int64_t j = 0; j < kTile; ++j) {
            const double difference = std::abs(entries[i][j] - corner[static_cast<size_t>(i * kTile + j)]);
            largest = std::isnan(difference) ? std::numeric_limits<double>::infinity() : std::max(largest, difference);
        }
    }
    return largest;
}

int measure() {
    torch::NoGradGuard no_grad;
    torch::manual_seed(1);
    at::set_num_threads(1);

    const auto left = torch::randn({kSize, kSize});
    const auto right = torch::randn({kSize, kSize});
    const auto right_transposed = right.t().contiguous();
    torch::Tensor product;
    std::vector<float> corner(static_cast<size_t>(kTile * kTile));

    double torch_seconds = std::numeric_limits<double>::infinity();
    double plain_seconds = std::numeric_limits<double>::infinity();
    for (int round = 0; round < kRounds; ++round) {
        plain_seconds = std::min(plain_seconds, seconds_of([&] {
            plain_product(left.data_ptr<float>(), right_transposed.data_ptr<float>(), corner);
        }));
        torch_seconds = std::min(torch_seconds, seconds_of([&] { product = torch::mm(left, right); }));
    }

    const double difference = largest_difference(product, corner);
    if (difference > kTolerance) {
        std::printf("libtorch's matrix product is wrong by %g\n", difference);
        return 2;
    }
    const double torch_speed = gigaflops(kSize, kSize, torch_seconds);
    const double plain_speed = gigaflops(kTile, kTile, plain_seconds);
    const double ratio = torch_speed / plain_speed;
    std::printf("%.1f GFLOP/s a core, %.1f times a plain loop\n", torch_speed, ratio);
    return ratio >= kLeastRatio ? 0 : 1;
}

}  // namespace

int main() {
    try {
        return measure();
    } catch (const std::exception& error) {
        std::printf("libtorch threw: %s\n", error.what());
        return 2;
    }
}
