#pragma once
// What opening a log store found: the error that kept it from opening, or what its caller should put into
// the log. Sentences are complete: they name the file, the place and the way out.
// Values.

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>

#include <cstdint>
#include <string>
#include <system_error>
#include <vector>

namespace holdfast::store {

struct OpenError {
    std::error_code code;
    std::string sentence;
};

template <class T>
using Opened = boost::system::result<T, OpenError>;

/// Lets boost::system::result<T, OpenError>::value() throw; only tests call it.
[[noreturn]] void throw_exception_from_error(const OpenError& error,
                                             const boost::source_location& place);

/// Bytes that could not be understood, or were never acknowledged.
struct Damage {
    std::string file;
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;
    bool is_torn_tail = false;  ///< a write that was cut short: nothing acknowledged is missing
    std::string kept_as;        ///< the file that has a copy of these bytes; empty: there is none
    std::string sentence;
};

struct OpenReport {
    std::uint32_t segments = 0;
    std::string snapshot;       ///< file; empty: everything was read from the segments
    std::uint64_t records = 0;  ///< read behind the snapshot
    std::vector<Damage> damages;
    std::vector<std::string> notes;
};

}  // namespace holdfast::store
