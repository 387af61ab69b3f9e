#include "base/error.hpp"

#include <cstdio>
#include <cstdlib>

namespace holdfast {

void invariant_broken(const char* condition, const char* file, int line) noexcept {
    std::fprintf(stderr, "holdfast: invariant broken: %s (%s:%d)\n", condition, file, line);
    std::abort();
}

}  // namespace holdfast
