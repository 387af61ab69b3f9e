#include "store/value_reader.hpp"

#include <algorithm>
#include <numeric>
#include <span>

namespace holdfast::store {

namespace {

/// A gap up to this is cheaper read over than asked for separately.
constexpr std::uint64_t gap_bytes_max = 16 * 1024;
constexpr std::uint64_t run_bytes_max = 1024 * 1024;

std::uint64_t end_of(const WantedValue& wanted) {
    return std::uint64_t{wanted.offset} + record_header_bytes + wanted.prefix + wanted.bytes;
}

class Reading {
public:
    explicit Reading(const std::vector<WantedValue>& wanted) : wanted_(wanted) {
        result_.values.resize(wanted.size());
        order_.reserve(wanted.size());
    }

    ReadValues run() {
        for (std::size_t i = 0; i < wanted_.size(); ++i) {
            if (wanted_[i].value) {
                copy_value(i);
            } else {
                order_.push_back(i);
            }
        }
        std::ranges::sort(order_, [this](std::size_t a, std::size_t b) {
            const WantedValue& left = wanted_[a];
            const WantedValue& right = wanted_[b];
            if (left.segment->number != right.segment->number) {
                return left.segment->number < right.segment->number;
            }
            return left.offset < right.offset;
        });
        std::size_t done = 0;
        while (done < order_.size() && !result_.error) done += read_run(done);
        return std::move(result_);
    }

private:
    void copy_value(std::size_t index) {
        Bytes& bytes = result_.values[index].emplace();
        bytes.reserve(wanted_[index].value->size());
        wanted_[index].value->write_to(bytes);
    }

    /// How many values it has read.
    std::size_t read_run(std::size_t first) {
        const WantedValue& head = wanted_[order_[first]];
        std::uint64_t end = end_of(head);
        std::size_t count = 1;
        for (; first + count < order_.size(); ++count) {
            const WantedValue& next = wanted_[order_[first + count]];
            if (next.segment != head.segment || next.offset > end + gap_bytes_max) break;
            if (end_of(next) - head.offset > run_bytes_max) break;
            end = std::max(end, end_of(next));
        }
        Bytes& run = buffer_;
        run.resize(static_cast<std::size_t>(end - head.offset));
        const IoResult<std::size_t> got = head.segment->file->read(head.offset, run);
        if (got.has_error()) {
            result_.error = got.error();
            return count;
        }
        const ByteSpan bytes = ByteSpan(run).first(*got);
        for (std::size_t i = 0; i < count; ++i) take(order_[first + i], bytes, head.offset);
        return count;
    }

    void take(std::size_t index, ByteSpan run, std::uint64_t base) {
        const WantedValue& wanted = wanted_[index];
        const std::uint32_t seed = checksum_seed(wanted.segment->number);
        const auto record = read_record(run, base, wanted.offset, seed);
        if (!record || record->body.size() != std::size_t{wanted.prefix} + wanted.bytes) {
            ++result_.damaged;
            return;
        }
        const ByteSpan value = record->body.subspan(wanted.prefix);
        result_.values[index].emplace(value.begin(), value.end());
    }

    const std::vector<WantedValue>& wanted_;
    std::vector<std::size_t> order_;
    Bytes buffer_;
    ReadValues result_;
};

}  // namespace

ReadValues read_values(const std::vector<WantedValue>& wanted) { return Reading{wanted}.run(); }

}  // namespace holdfast::store
