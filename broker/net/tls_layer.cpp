#include "net/tls_layer.hpp"

#include "base/digest.hpp"
#include "base/error.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

namespace holdfast::net {

namespace {

/// The most that one TLS record holds.
constexpr std::size_t record_bytes_max = 16 * 1024;

TlsLayer::Ports& ports_of(BIO* bio) { return *static_cast<TlsLayer::Ports*>(BIO_get_data(bio)); }

int read_port(BIO* bio, char* to, std::size_t wanted, std::size_t* got) {
    ByteView& input = ports_of(bio).input;
    BIO_clear_retry_flags(bio);
    *got = std::min(wanted, input.size());
    if (*got == 0) {
        BIO_set_retry_read(bio);
        return 0;
    }
    std::memcpy(to, input.data(), *got);
    input = input.subspan(*got);
    return 1;
}

int write_port(BIO* bio, const char* from, std::size_t size, std::size_t* written) {
    ByteBuffer* const output = ports_of(bio).output;
    if (output != nullptr) std::memcpy(extend(*output, size), from, size);
    *written = size;
    return 1;
}

long control_port(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

int make_port(BIO* bio) {
    BIO_set_init(bio, 1);
    return 1;
}

/// Bytes of the call instead of a buffer that stays.
const BIO_METHOD* port_method() {
    static const BIO_METHOD* const method = [] {
        BIO_METHOD* const made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "ports");
        CHECK(made != nullptr);
        BIO_meth_set_read_ex(made, &read_port);
        BIO_meth_set_write_ex(made, &write_port);
        BIO_meth_set_ctrl(made, &control_port);
        BIO_meth_set_create(made, &make_port);
        return made;
    }();
    return method;
}

std::string common_name_of(X509* certificate) {
    X509_NAME* const name = X509_get_subject_name(certificate);
    const int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
    if (at < 0) return {};
    unsigned char* text = nullptr;
    const int size =
        ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    if (size < 0) return {};
    std::string common_name(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
    OPENSSL_free(text);
    return common_name;
}

std::string fingerprint_of(const X509* certificate, const EVP_MD* digest_kind) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (X509_digest(certificate, digest_kind, digest.data(), &size) != 1) return {};
    return to_hex(std::span{digest}.first(size));
}

}  // namespace

TlsLayer::TlsLayer(const TlsSource& source)
    : source_(source), context_(source.newest()), ssl_(context_->make_session()) {
    BIO* const bio = BIO_new(port_method());
    CHECK(bio != nullptr);
    BIO_set_data(bio, &ports_);
    SSL_set_bio(ssl_.get(), bio, bio);
    if (!source_.settings().psk_file.empty()) {
        psk_identity_ = std::make_unique<std::string>();
        SSL_set_app_data(ssl_.get(), psk_identity_.get());
    }
}

TlsLayer::~TlsLayer() = default;

Opened TlsLayer::open(ByteView raw, ByteBuffer& plain, ByteBuffer& reply) {
    ERR_clear_error();
    ports_ = {raw, &reply};
    const bool has_begun = !has_begun_;
    if (!has_begun_) {
        const int result = SSL_do_handshake(ssl_.get());
        if (result != 1) {
            const bool waits = SSL_get_error(ssl_.get(), result) == SSL_ERROR_WANT_READ;
            ports_ = {};
            if (waits) return {};
            return {.failure = failure()};
        }
        has_begun_ = true;
        note_identity();
    }
    Opened opened = read_all(plain);
    opened.has_begun = has_begun;
    opened.is_resumed = has_begun && SSL_session_reused(ssl_.get()) == 1;
    ports_ = {};
    return opened;
}

Opened TlsLayer::read_all(ByteBuffer& plain) {
    while (true) {
        const std::size_t before = plain.size();
        Byte* const to = extend(plain, record_bytes_max);
        std::size_t got = 0;
        const int result = SSL_read_ex(ssl_.get(), to, record_bytes_max, &got);
        plain.resize(before + got, boost::container::default_init);
        if (result == 1) continue;
        switch (SSL_get_error(ssl_.get(), result)) {
            case SSL_ERROR_WANT_READ: return {};
            case SSL_ERROR_ZERO_RETURN: return {.is_ended = true};
            default: return {.failure = failure()};
        }
    }
}

Opened::Failure TlsLayer::failure() const {
    const unsigned long error = ERR_peek_last_error();
    ERR_clear_error();
    const char* const reason = error == 0 ? nullptr : ERR_reason_error_string(error);
    std::string detail = "TLS: ";
    detail += reason == nullptr ? "the handshake failed" : reason;
    const long verified = SSL_get_verify_result(ssl_.get());
    if (verified != X509_V_OK) {
        detail.append(" (").append(X509_verify_cert_error_string(verified)).append(")");
    }
    return {CloseReason::tls_failed, std::move(detail)};
}

void TlsLayer::note_identity() {
    session::TlsIdentity identity;
    if (X509* const certificate = SSL_get0_peer_certificate(ssl_.get())) {
        identity.common_name = common_name_of(certificate);
        identity.fingerprint = fingerprint_of(certificate, EVP_sha256());
        identity.fingerprint_sha1 = fingerprint_of(certificate, EVP_sha1());
    } else if (psk_identity_ && !psk_identity_->empty()) {
        identity.psk_identity = *psk_identity_;
    } else {
        return;
    }
    identity_ = std::make_unique<const session::TlsIdentity>(std::move(identity));
}

void TlsLayer::seal(ByteView plain, ByteBuffer& raw) {
    ERR_clear_error();
    ports_.output = &raw;
    while (!plain.empty()) {
        std::size_t written = 0;
        // Writing to a buffer waits for nothing: it fails only after a failure that was told.
        if (SSL_write_ex(ssl_.get(), plain.data(), plain.size(), &written) != 1) break;
        plain = plain.subspan(written);
    }
    ports_.output = nullptr;
}

void TlsLayer::end(ByteBuffer& raw) {
    ERR_clear_error();
    ports_.output = &raw;
    if (has_begun_) SSL_shutdown(ssl_.get());
    ports_.output = nullptr;
    ERR_clear_error();
}

bool TlsLayer::is_revoked() const {
    X509* const certificate = SSL_get0_peer_certificate(ssl_.get());
    return certificate != nullptr && source_.newest()->is_revoked(certificate);
}

}  // namespace holdfast::net
