#include "net/tunnel.hpp"

#include "net/proxy_header.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace holdfast::net {

namespace {

/// So much of an outbox is sealed at once: what a slow reader is ahead of costs memory twice.
constexpr std::size_t sealed_at_once_max = 64 * 1024;
constexpr std::size_t parts_max = 16;

void append(ByteBuffer& buffer, ByteView bytes) {
    if (!bytes.empty()) std::memcpy(extend(buffer, bytes.size()), bytes.data(), bytes.size());
}

}  // namespace

long send_once(int descriptor, ByteView bytes) {
    const ssize_t sent = ::send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) return sent;
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? socket_full : socket_broken;
}

Tunnel::Tunnel(std::unique_ptr<Layer> layer, bool wants_proxy_header)
    : wants_proxy_header_(wants_proxy_header), layer_(std::move(layer)) {}

Tunnel::~Tunnel() = default;

Tunnel::Received Tunnel::receive(ByteView raw, ByteBuffer& plain) {
    const std::scoped_lock lock{mutex_};
    Received received;
    if (wants_proxy_header_) {
        const auto header = read_proxy_header(raw);
        if (!header || header->opened.failure) return header.value_or(Received{});
        received.source = header->source;
    }
    if (layer_) {
        if (!raw.empty()) received.opened = layer_->open(raw, plain, unsent_);
    } else {
        append(plain, raw);
    }
    // What the header's own buffer held behind it has been copied by now.
    if (!wants_proxy_header_) kept_header_.reset();
    return received;
}

/// Empty: it is not complete. Else `raw` is what follows it.
std::optional<Tunnel::Received> Tunnel::read_proxy_header(ByteView& raw) {
    if (!kept_header_) kept_header_ = std::make_unique<ByteBuffer>();
    append(*kept_header_, raw);
    const ByteView all{kept_header_->data(), kept_header_->size()};
    const auto parsed = parse_proxy_header(all);
    Received received;
    if (parsed.has_error()) {
        received.opened.failure = Opened::Failure{CloseReason::proxy_header_invalid,
                                                  std::string{parsed.error().cause}};
        return received;
    }
    if (parsed->size == 0) return std::nullopt;
    wants_proxy_header_ = false;
    received.source = parsed->source;
    raw = all.subspan(parsed->size);
    return received;
}

bool Tunnel::has_unsent() {
    const std::scoped_lock lock{mutex_};
    return unsent_taken_ < unsent_.size();
}

long Tunnel::write(int descriptor, const session::Outbox& outbox, ByteBuffer& scratch) {
    const std::scoped_lock lock{mutex_};
    if (unsent_taken_ < unsent_.size()) return write_unsent(descriptor);
    scratch.clear();
    const std::size_t plain = seal_some(outbox, scratch);
    const ByteView sealed{scratch.data(), scratch.size()};
    const long sent = send_once(descriptor, sealed);
    if (sent == static_cast<long>(sealed.size())) return static_cast<long>(plain);
    if (sent == socket_broken) return sent;
    append(unsent_, sealed.subspan(sent < 0 ? 0 : static_cast<std::size_t>(sent)));
    plain_unsent_ = plain;
    return socket_full;
}

long Tunnel::write_unsent(int descriptor) {
    const ByteView rest = ByteView{unsent_.data(), unsent_.size()}.subspan(unsent_taken_);
    const long sent = send_once(descriptor, rest);
    if (sent < 0) return sent;
    unsent_taken_ += static_cast<std::size_t>(sent);
    if (unsent_taken_ < unsent_.size()) return socket_full;
    ByteBuffer{}.swap(unsent_);
    unsent_taken_ = 0;
    return static_cast<long>(std::exchange(plain_unsent_, 0));
}

std::size_t Tunnel::seal_some(const session::Outbox& outbox, ByteBuffer& sealed) {
    std::array<iovec, parts_max> parts;
    const std::size_t count = outbox.gather(parts);
    std::size_t plain = 0;
    for (const iovec& part : std::span{parts}.first(count)) {
        const std::size_t size = std::min(part.iov_len, sealed_at_once_max - plain);
        if (size == 0) break;
        const ByteView bytes{static_cast<const Byte*>(part.iov_base), size};
        layer_ ? layer_->seal(bytes, sealed) : append(sealed, bytes);
        plain += size;
        if (size < part.iov_len) break;
    }
    return plain;
}

void Tunnel::end() {
    const std::scoped_lock lock{mutex_};
    if (has_ended_ || !layer_) return;
    has_ended_ = true;
    layer_->end(unsent_);
}

bool Tunnel::is_revoked() {
    const std::scoped_lock lock{mutex_};
    return layer_ && layer_->is_revoked();
}

}  // namespace holdfast::net
