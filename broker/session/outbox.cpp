#include "session/outbox.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace holdfast::session {

namespace {

/// So much of what is written may stay in the buffer before it is looked at.
constexpr std::size_t written_kept_max = 64 * 1024;

/// Memory of outboxes that were emptied, for those that fill next on the same thread: what fills and empties
/// all the time need not grow through every size each time, and who is idle holds nothing.
class Spares {
public:
    static constexpr std::size_t bytes_min = 8 * 1024;  ///< what is smaller the allocator has at hand
    static constexpr std::size_t bytes_max = 512 * 1024;

    [[nodiscard]] ByteBuffer take() {
        return count_ == 0 ? ByteBuffer{} : std::exchange(kept_[--count_], ByteBuffer{});
    }
    void give(ByteBuffer buffer) {
        const bool is_worth_it = buffer.capacity() >= bytes_min && buffer.capacity() <= bytes_max;
        if (!is_worth_it || count_ == kept_.size()) return;
        buffer.clear();
        kept_[count_++] = std::move(buffer);
    }

private:
    std::array<ByteBuffer, 4> kept_;
    std::size_t count_ = 0;
};
thread_local Spares spares;

iovec part_of(ByteView bytes) {
    return {const_cast<Byte*>(bytes.data()), bytes.size()};
}

}  // namespace

void Outbox::append_payload(const MessagePtr& message) {
    if (message->payload().empty()) return;
    if (!references_) references_ = std::make_unique<References>();
    references_->push_back({buffer_.size(), message, 0});
    referenced_bytes_ += static_cast<std::uint32_t>(message->payload().size());
}

std::size_t Outbox::gather(std::span<iovec> parts) const {
    std::size_t used = 0;
    std::size_t position = buffer_taken_;
    const auto add = [&](ByteView bytes) {
        if (!bytes.empty()) parts[used++] = part_of(bytes);
    };
    const ByteView buffered{buffer_.data(), buffer_.size()};
    if (references_) {
        for (const Reference& reference : *references_) {
            if (used + 2 > parts.size()) return used;
            add(buffered.subspan(position, reference.position - position));
            position = reference.position;
            add(reference.message->payload().subspan(reference.taken));
        }
    }
    if (used < parts.size()) add(buffered.subspan(position));
    return used;
}

void Outbox::consume(std::size_t count) {
    CHECK(count <= size());
    std::size_t finished = 0;
    if (references_) {
        for (Reference& reference : *references_) {
            const std::size_t before = std::min(count, reference.position - buffer_taken_);
            buffer_taken_ += static_cast<std::uint32_t>(before);
            count -= before;
            if (buffer_taken_ < reference.position) break;
            const std::size_t left = reference.message->payload().size() - reference.taken;
            const std::size_t now = std::min(count, left);
            reference.taken += now;
            referenced_bytes_ -= static_cast<std::uint32_t>(now);
            count -= now;
            if (now < left) break;
            ++finished;
        }
        references_->erase(references_->begin(),
                           references_->begin() + static_cast<std::ptrdiff_t>(finished));
        if (references_->empty()) references_.reset();
    }
    buffer_taken_ += static_cast<std::uint32_t>(count);
    if (empty()) {
        clear();
    } else {
        drop_written();
    }
}

void Outbox::take_spare() { buffer_ = spares.take(); }

/// A reader that is always a little behind never empties the outbox: what it has read goes once it is most of
/// the buffer, so that each byte is moved once at most. One that has stopped does not hold on to much more
/// memory than what waits for it.
void Outbox::drop_written() {
    const std::size_t left = buffer_.size() - buffer_taken_;
    const std::size_t room = buffer_.capacity();
    if (room >= Spares::bytes_min && left < room / 4) {
        ByteBuffer fitting{buffer_.end() - static_cast<std::ptrdiff_t>(left), buffer_.end()};
        buffer_.swap(fitting);
        spares.give(std::move(fitting));
    } else if (buffer_taken_ >= written_kept_max && buffer_taken_ >= buffer_.size() / 2) {
        buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(buffer_taken_));
    } else {
        return;
    }
    if (references_) {
        for (Reference& reference : *references_) reference.position -= buffer_taken_;
    }
    buffer_taken_ = 0;
}

void Outbox::clear() {
    references_.reset();
    referenced_bytes_ = 0;
    buffer_taken_ = 0;
    spares.give(std::exchange(buffer_, ByteBuffer{}));
}

}  // namespace holdfast::session
