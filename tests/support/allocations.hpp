#pragma once
// Counts the allocations of the whole test executable: hot paths promise none. An executable that
// names this function has operator new replaced; the others do not.

#include <cstddef>

namespace test_support {

/// Calls of operator new by this thread so far.
[[nodiscard]] std::size_t allocations();

}  // namespace test_support
