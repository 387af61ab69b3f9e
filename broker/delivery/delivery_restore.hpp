#pragma once
// Reads from the store which devices have messages waiting, how many, and when the first of each expires:
// marks only, no record. Owned by itself until it has answered. Threads: the shard of the Turn.

#include "base/turn.hpp"
#include "delivery/delivery_core.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <system_error>

namespace holdfast::delivery {

struct RestoredQueue {
    std::uint64_t device_number = 0;
    std::size_t messages = 0;
    std::size_t bytes = 0;
    Instant earliest_expiry = never;
};

class DeliveryRestore : public std::enable_shared_from_this<DeliveryRestore> {
public:
    using Take = std::function<void(const RestoredQueue&)>;
    using Done = std::function<void(std::error_code)>;

    /// `take` is called for each queue in which something waits, before `done`.
    DeliveryRestore(DeliveryCorePtr core, Turn& turn, Take take, Done done);
    void start() { list_next(store::QueueId{0}); }

private:
    void list_next(store::QueueId after);
    void on_queues(std::error_code error, const store::QueueList& list);
    void read_marks(const std::shared_ptr<RestoredQueue>& queue, store::Position after);
    void on_marks(const std::shared_ptr<RestoredQueue>& queue, std::error_code error,
                  const store::MarkPage& page);
    void finish_one(std::error_code error);

    const DeliveryCorePtr core_;
    Turn& turn_;
    const WallOffset offset_;
    const Take take_;
    const Done done_;
    store::QueueId last_listed_{};
    bool is_last_page_ = false;
    std::size_t open_ = 0;  ///< queues of this page that are being read
    std::error_code error_;
};

}  // namespace holdfast::delivery
