#include "delivery/records_reader.hpp"

#include "base/error.hpp"
#include "delivery/device_message_record.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace holdfast::delivery {

namespace {

constexpr store::PageLimits record_page{.records_max = 256, .bytes_max = 1024 * 1024};

class RecordsReader : public std::enable_shared_from_this<RecordsReader> {
public:
    RecordsReader(store::Store& store, store::QueueId queue, std::vector<store::Position> wanted,
                  Turn& turn, RecordsRead done)
        : store_(store),
          queue_(queue),
          wanted_(std::move(wanted)),
          turn_(turn),
          done_(std::move(done)) {
        CHECK(!wanted_.empty());
        std::ranges::sort(wanted_);
    }

    void read_next() {
        const auto after = store::Position{static_cast<std::uint64_t>(wanted_[at_]) - 1};
        store::PageLimits limits = record_page;
        if (at_ + 1 == wanted_.size()) limits.records_max = 1;
        store_.read_queue(
            queue_, after, limits, *turn_.executor,
            [self = shared_from_this()](std::error_code error, const store::QueuePage& page) {
                self->on_page(error, page);
            });
    }

private:
    void on_page(std::error_code error, const store::QueuePage& page) {
        for (const store::QueuedRecord& queued : page.records) take(queued);
        if (!page.records.empty()) {
            const store::Position last = page.records.back().position;
            while (at_ < wanted_.size() && wanted_[at_] <= last) ++at_;
        }
        if (!error && !page.is_last && at_ < wanted_.size()) {
            read_next();
        } else {
            done_(error, std::move(found_));
        }
    }

    void take(const store::QueuedRecord& queued) {
        if (!std::ranges::binary_search(wanted_, queued.position)) return;
        auto record = decode_device_message_record(queued.bytes);
        if (record.has_error()) return;
        found_.push_back(
            {queued.position, std::move(record->message), record->accepted_at, record->expires_at});
    }

    store::Store& store_;
    const store::QueueId queue_;
    std::vector<store::Position> wanted_;
    Turn& turn_;
    const RecordsRead done_;
    std::size_t at_ = 0;
    std::vector<FoundRecord> found_;
};

}  // namespace

void read_device_records(store::Store& store, store::QueueId queue,
                         std::vector<store::Position> wanted, Turn& turn, RecordsRead done) {
    std::make_shared<RecordsReader>(store, queue, std::move(wanted), turn, std::move(done))
        ->read_next();
}

}  // namespace holdfast::delivery
