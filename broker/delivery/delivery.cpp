#include "delivery/delivery.hpp"

#include "delivery/delivery_restore.hpp"
#include "delivery/device_queue.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <list>
#include <mutex>
#include <utility>

namespace holdfast::delivery {

namespace {

/// Idle queues in which nothing waits go, while there are more queues than that.
constexpr std::size_t queues_kept_max = 65'536;
/// Queues looked at per call, so that each call stays short.
constexpr std::size_t visits_max = 4;

}  // namespace

/// The queues by device, in the order of their last use.
class Delivery::Parts {
public:
    using QueuePtr = boost::intrusive_ptr<DeviceQueue>;

    explicit Parts(const Context& context)
        : core_(std::make_shared<DeliveryCore>(context.store, context.settings, context.clock,
                                               context.events, context.composer,
                                               context.recorder, context.presence)) {}
    /// Queues may live on, since sessions have them as feeds; who waits for an answer may not.
    ~Parts() {
        core_->is_closed.store(true, std::memory_order_release);
        for (const auto& [number, entry] : queues_) entry.queue->close();
    }
    Parts(const Parts&) = delete;
    Parts& operator=(const Parts&) = delete;

    [[nodiscard]] QueuePtr queue(const DeviceRef& device) {
        const QueuePtr queue = find_or_make(device.number);
        queue->set_device_id(device.device_id);
        return queue;
    }

    [[nodiscard]] QueuePtr find_or_make(std::uint64_t number) {
        const std::scoped_lock lock{mutex_};
        const auto [found, is_new] = queues_.try_emplace(number);
        if (is_new) {
            found->second.queue.reset(new DeviceQueue{core_, number});
            by_use_.push_back(number);
            found->second.use = std::prev(by_use_.end());
        } else {
            by_use_.splice(by_use_.end(), by_use_, found->second.use);
        }
        const QueuePtr queue = found->second.queue;
        trim();
        return queue;
    }

    [[nodiscard]] QueuePtr find(std::uint64_t number) {
        const std::scoped_lock lock{mutex_};
        const auto found = queues_.find(number);
        return found == queues_.end() ? nullptr : found->second.queue;
    }

    [[nodiscard]] const DeliveryCorePtr& core() const { return core_; }

private:
    struct Entry {
        QueuePtr queue;
        std::list<std::uint64_t>::iterator use;
    };

    void trim() {
        for (std::size_t visits = 0; visits < visits_max && is_over(); ++visits) {
            const auto oldest = queues_.find(by_use_.front());
            DeviceQueue& queue = *oldest->second.queue;
            static_cast<void>(queue.unload_if_idle());
            if (queue.use_count() == 1 && queue.is_empty_and_idle()) {
                by_use_.erase(oldest->second.use);
                queues_.erase(oldest);
            } else {
                by_use_.splice(by_use_.end(), by_use_, oldest->second.use);
            }
        }
    }
    [[nodiscard]] bool is_over() const {
        return queues_.size() > queues_kept_max ||
               core_->loaded_messages.load(std::memory_order_relaxed) >
                   core_->settings.loaded_messages_max;
    }

    const DeliveryCorePtr core_;
    std::mutex mutex_;  ///< guards all that follows; taken before a queue's
    boost::unordered_flat_map<std::uint64_t, Entry> queues_;
    std::list<std::uint64_t> by_use_;  ///< the longest unused first
};

Delivery::Delivery(Context context) : parts_(std::make_unique<Parts>(context)) {}

Delivery::~Delivery() = default;

void Delivery::restore(Turn& turn, std::function<void(std::error_code)> done) {
    const auto take = [this](const RestoredQueue& restored) {
        parts_->find_or_make(restored.device_number)
            ->set_restored(restored.messages, restored.bytes, restored.earliest_expiry);
    };
    std::make_shared<DeliveryRestore>(parts_->core(), turn, take, std::move(done))->start();
}

void Delivery::accept(DeviceRef device, DeviceMessage message, Turn& turn,
                      std::function<void(AcceptOutcome)> done) {
    parts_->queue(device)->accept(std::move(message), turn, std::move(done));
}

void Delivery::list(DeviceRef device, ListQuery query, Turn& turn,
                    std::function<void(std::error_code, ListPage)> done) {
    parts_->queue(device)->list(std::move(query), turn, std::move(done));
}

void Delivery::find(DeviceRef device, std::string message_id, Turn& turn,
                    std::function<void(std::error_code, std::optional<MessageView>)> done) {
    parts_->queue(device)->find(std::move(message_id), turn, std::move(done));
}

void Delivery::cancel(DeviceRef device, std::string message_id, Turn& turn,
                      std::function<void(std::error_code, bool)> done) {
    parts_->queue(device)->cancel(std::move(message_id), turn, std::move(done));
}

void Delivery::trace(
    DeviceRef device, std::string message_id, Turn& turn,
    std::function<void(std::error_code, std::optional<std::vector<TraceEvent>>)> done) {
    parts_->queue(device)->trace(std::move(message_id), turn, std::move(done));
}

void Delivery::remove_device(DeviceRef device, Turn& turn,
                             std::function<void(std::error_code)> done) {
    parts_->queue(device)->remove(turn, std::move(done));
}

DeviceFeedPtr Delivery::feed(DeviceRef device) { return parts_->queue(device); }

void Delivery::on_deadline(Turn& turn) {
    for (const std::uint64_t number : parts_->core()->deadlines.take_due(turn.now)) {
        if (const Parts::QueuePtr queue = parts_->find(number)) queue->on_deadline(turn);
    }
}

Instant Delivery::next_deadline() const { return parts_->core()->deadlines.next(); }

DeliveryLevels Delivery::levels() const {
    const DeliveryCore& core = *parts_->core();
    return {.devices_with_messages = core.devices_with_messages.load(std::memory_order_relaxed),
            .waiting_messages = core.waiting_messages.load(std::memory_order_relaxed),
            .waiting_bytes = core.waiting_bytes.load(std::memory_order_relaxed)};
}

}  // namespace holdfast::delivery
