#pragma once
// Outbox: the bytes a connection still has to write, in order. Small packets are copied into one
// buffer; payloads from `reference_from` on are referenced and gathered, which is cheaper than a
// copy (design, section 2). Empty, it owns no memory.
// Threads: none of its own; the session's mutex guards it.

#include "base/bytes.hpp"
#include "base/message.hpp"

#include <sys/uio.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace holdfast::session {

class Outbox {
public:
    static constexpr std::size_t reference_from = 8 * 1024;

    /// Where encoders append whole packets; call committed() afterwards.
    [[nodiscard]] ByteBuffer& buffer() {
        if (buffer_.capacity() == 0) take_spare();
        return buffer_;
    }
    /// Adds the payload of `message` after what is in the buffer, without copying it.
    void append_payload(const MessagePtr& message);

    [[nodiscard]] bool empty() const { return size() == 0; }
    /// Bytes not yet consumed.
    [[nodiscard]] std::size_t size() const {
        return buffer_.size() - buffer_taken_ + referenced_bytes_;
    }

    /// Bytes of memory its buffer has.
    [[nodiscard]] std::size_t capacity() const { return buffer_.capacity(); }

    /// Fills `parts` from the front; returns how many were filled.
    [[nodiscard]] std::size_t gather(std::span<iovec> parts) const;
    /// Forgets the first `count` bytes: they are with the kernel.
    void consume(std::size_t count);
    /// Frees everything.
    void clear();

private:
    struct Reference {
        std::size_t position;  ///< offset in buffer_ before which the payload goes
        MessagePtr message;
        std::size_t taken = 0;
    };
    using References = std::vector<Reference>;
    void take_spare();
    void drop_written();

    ByteBuffer buffer_;
    std::unique_ptr<References> references_;
    // At most outbound_buffer_bytes_max and a packet, and of what is written not more than of what is not.
    std::uint32_t buffer_taken_ = 0;
    std::uint32_t referenced_bytes_ = 0;  ///< not yet consumed
};

}  // namespace holdfast::session
