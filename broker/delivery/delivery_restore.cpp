#include "delivery/delivery_restore.hpp"

#include "delivery/delivery.hpp"
#include "delivery/device_mark.hpp"

#include <algorithm>
#include <utility>

namespace holdfast::delivery {

namespace {

constexpr std::size_t queues_per_page = 1024;
constexpr std::uint64_t device_bit = std::uint64_t{1} << 63;

}  // namespace

DeliveryRestore::DeliveryRestore(DeliveryCorePtr core, Turn& turn, Take take, Done done)
    : core_(std::move(core)),
      turn_(turn),
      offset_(core_->offset()),
      take_(std::move(take)),
      done_(std::move(done)) {}

void DeliveryRestore::list_next(store::QueueId after) {
    core_->store.list_queues(
        after, queues_per_page, *turn_.executor,
        [self = shared_from_this()](std::error_code error, const store::QueueList& list) {
            self->on_queues(error, list);
        });
}

void DeliveryRestore::on_queues(std::error_code error, const store::QueueList& list) {
    if (core_->is_closed) return;
    is_last_page_ = error || list.is_last || list.queues.empty();
    open_ = 1;  // this function, so that answers inside the loop would not end the page
    for (const store::QueueList::Entry& entry : list.queues) {
        last_listed_ = entry.queue;
        const auto number = static_cast<std::uint64_t>(entry.queue);
        if ((number & device_bit) == 0 || entry.level.records == 0) continue;
        if (entry.queue >= first_reserved_queue) continue;
        ++open_;
        auto queue = std::make_shared<RestoredQueue>();
        queue->device_number = number & ~device_bit;
        read_marks(queue, store::before_first);
    }
    finish_one(error);
}

void DeliveryRestore::read_marks(const std::shared_ptr<RestoredQueue>& queue,
                                 store::Position after) {
    core_->store.read_marks(
        queue_of(queue->device_number), after, store::page_records_max, *turn_.executor,
        [self = shared_from_this(), queue](std::error_code error, const store::MarkPage& page) {
            self->on_marks(queue, error, page);
        });
}

void DeliveryRestore::on_marks(const std::shared_ptr<RestoredQueue>& queue, std::error_code error,
                               const store::MarkPage& page) {
    if (core_->is_closed) return;
    for (const store::MarkedPosition& record : page.records) {
        const auto mark = decode_mark(record.mark);
        const PendingMark* const pending = mark ? std::get_if<PendingMark>(&*mark) : nullptr;
        if (pending == nullptr) continue;
        queue->messages += 1;
        queue->bytes += record.bytes;
        queue->earliest_expiry =
            std::min(queue->earliest_expiry, offset_.to_instant(pending->expires_at));
    }
    if (!error && !page.is_last) {
        read_marks(queue, page.records.back().position);
        return;
    }
    if (!error && queue->messages > 0) {
        turn_.counters.add(Counter::device_messages_restored, queue->messages);
        take_(*queue);
    }
    finish_one(error);
}

void DeliveryRestore::finish_one(std::error_code error) {
    if (error && !error_) error_ = error;
    if (--open_ > 0) return;
    if (error_ || is_last_page_) {
        done_(error_);
    } else {
        list_next(last_listed_);
    }
}

}  // namespace holdfast::delivery
