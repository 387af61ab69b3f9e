#pragma once
// ConnectionTimes: when devices' connections last began or ended. The catalogue has it with the device; what
// has just happened is kept here until it has been written, for many devices at once and at most once a
// second, because thousands may come and go at the same time. A crash loses the last second of it.
// Threads: any; one mutex, taken with those of a session and a device queue held, takes none itself.
// Lifetime: catalogue and executors outlive it, and the answers of the catalogue come before its end.

#include "base/turn.hpp"
#include "store/catalogue.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>
#include <mutex>
#include <optional>
#include <system_error>
#include <vector>

namespace holdfast::api {

class ConnectionTimes {
public:
    explicit ConnectionTimes(store::Catalogue& catalogue) : catalogue_(catalogue) {}
    ConnectionTimes(const ConnectionTimes&) = delete;
    ConnectionTimes& operator=(const ConnectionTimes&) = delete;

    void note(std::uint64_t device_number, WallTime at);
    /// What the catalogue perhaps does not know yet; empty: it knows.
    [[nodiscard]] std::optional<WallTime> find(std::uint64_t device_number) const;

    /// Begins the write that is due.
    void on_deadline(Turn& turn);
    /// The end: hands over everything that is not written; nobody is told.
    void write_all(store::Executor& executor);

private:
    using Times = boost::unordered_flat_map<std::uint64_t, WallTime>;

    [[nodiscard]] std::vector<store::ConnectionChange> take_due(Instant now);
    void on_written(std::error_code error);

    store::Catalogue& catalogue_;
    mutable std::mutex mutex_;  ///< guards what follows
    Times fresh_;               ///< to be written
    Times writing_;             ///< on its way to the disk
    Instant next_write_{};
};

}  // namespace holdfast::api
