#pragma once
// Looking into a closed store: verify() reads all of it and says whether it is healthy, dump() says what
// stands in it, record by record. Both change nothing, and need the directory's lock: a store that is open
// is busy.
// Threads: one. Errors: what a start would refuse, as the same sentence.

#include "store/open_report.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace holdfast::store {

class Directory;

struct VerifyReport {
    OpenReport open;  ///< what a start would find
    std::vector<std::string>
        problems;  ///< sentences; empty: everything that should be there is healthy
    std::uint64_t segments = 0;
    std::uint64_t records_in_segments = 0;
    std::uint64_t queues = 0;
    Level waiting;                 ///< records of queues and tables
    std::uint64_t unreadable = 0;  ///< of these, records whose bytes are damaged
};

/// Reads every segment, not only what a start reads, and the bytes of every waiting record.
[[nodiscard]] Opened<VerifyReport> verify(Directory& directory);

/// Takes one line of text at a time, without its end.
using DumpSink = std::function<void(std::string_view line)>;
/// Segments and their records in the order of the log; bytes of values are not shown, only their number.
[[nodiscard]] Opened<std::uint64_t> dump(Directory& directory, const DumpSink& sink);

}  // namespace holdfast::store
