#pragma once
// Errors of three kinds. The peer's fault is a value (codec::Violation). The world's fault is a
// Result carrying an error_code with its place. Our own fault is CHECK: always on, it stops the
// program with the place and the condition; input from outside can never reach one.

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

namespace holdfast {

template <class T>
using Result = boost::system::result<T>;

/// Prints the broken invariant on stderr and aborts.
[[noreturn]] void invariant_broken(const char* condition, const char* file, int line) noexcept;

}  // namespace holdfast

#define CHECK(condition)                                                        \
    do {                                                                        \
        if (!(condition)) [[unlikely]]                                          \
            ::holdfast::invariant_broken(#condition, __FILE__, __LINE__);       \
    } while (false)

#define UNREACHABLE() ::holdfast::invariant_broken("unreachable", __FILE__, __LINE__)
