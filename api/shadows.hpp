#pragma once
// Shadows: the shadows of devices, kept as documents of the catalogue under the devices' numbers. What an
// application desires is durable before it is answered. What devices report comes fast: it is collected in
// memory and written at most once a second for each device, by a bounded number of writes at a time; whoever
// asks sees it at once. A crash loses what was reported in the last second, or longer ago while the disk is
// behind; the device's next report mends it. A clean end loses nothing.
// Threads: any; one mutex, and no other taken with it. Lifetime: documents and executors outlive it.

#include "api/shadow.hpp"
#include "base/turn.hpp"
#include "store/documents.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace holdfast::api {

/// The version that an update names is not the one that is there.
inline constexpr std::errc version_conflict = std::errc::operation_canceled;
/// The shadow would be larger than shadow_bytes_max.
inline constexpr std::errc shadow_too_large = std::errc::message_size;

struct ShadowOwner {
    std::uint64_t number = 0;  ///< of the device
    std::string device_id;
};

class Shadows {
public:
    using Done = std::function<void(std::error_code, Shadow)>;

    explicit Shadows(store::Documents& documents) : documents_(documents) {}
    Shadows(const Shadows&) = delete;
    Shadows& operator=(const Shadows&) = delete;

    /// False: too much is reported before it could be written; it is left out.
    bool on_reported(const ShadowOwner& owner, const std::vector<ReportedService>& services,
                     Instant now);

    void find(std::uint64_t number, store::Executor& executor, const Done& done);
    /// Answers with what is there then.
    void desire(const ShadowOwner& owner, const std::vector<DesiredUpdate>& updates,
                const std::string& time, store::Executor& executor, const Done& done);
    /// All of it, or one service.
    void remove(std::uint64_t number, const std::optional<std::string>& service_id,
                store::Executor& executor, const store::Answered& done);
    /// The device is deleted: nothing that was collected is written any more.
    void forget(std::uint64_t number);

    /// Begins the writes that are due.
    void on_deadline(Turn& turn);
    /// The end: hands over everything that is not written; nobody is told.
    void write_all(store::Executor& executor);

private:
    struct Collected {
        std::string device_id;
        Shadow fresh;           ///< reported, to be written
        Shadow writing;         ///< reported before, on its way to the disk
        std::size_t bytes = 0;  ///< of `fresh`, about
        bool is_due = false;    ///< it is in due_
        bool is_writing = false;
        bool is_forgotten = false;
    };

    void write(std::uint64_t number, std::string device_id, Shadow reported,
               store::Executor& executor);
    void on_written(std::uint64_t number, std::error_code error, store::Executor& executor);
    void add_collected(std::uint64_t number, Shadow& shadow);
    void schedule(std::uint64_t number, Collected& collected, Instant at);

    store::Documents& documents_;
    std::mutex mutex_;  ///< guards what follows
    boost::unordered_flat_map<std::uint64_t, Collected> collected_;
    std::deque<std::pair<Instant, std::uint64_t>> due_;  ///< in the order of their instants
    std::size_t writes_ = 0;
    Instant now_{};  ///< of the last on_deadline()
};

}  // namespace holdfast::api
