#include "net/tls_context.hpp"

#include "base/digest.hpp"
#include "base/error.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <utility>

namespace holdfast::net {

namespace {

/// Forward secrecy and authenticated encryption only.
constexpr const char* certificate_ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr const char* psk_ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20:ECDHEPSK+AESGCM:ECDHEPSK+CHACHA20:"
                                    "ECDHE-PSK-AES128-CBC-SHA256:PSK-AES128-GCM-SHA256:PSK-AES256-GCM-SHA384";
constexpr std::size_t file_bytes_max = 4 * 1024 * 1024;
constexpr std::size_t psk_bytes_max = 64;
constexpr int ticket_keys_bytes = 80;
constexpr long record_bytes_sent_max = 4096;
constexpr std::string_view session_context = "holdfast";

/// The newest of the library's errors, in its words; the others are forgotten.
std::string reason_of_library() {
    const unsigned long error = ERR_peek_last_error();
    ERR_clear_error();
    const char* const reason = error == 0 ? nullptr : ERR_reason_error_string(error);
    return reason == nullptr ? "it is not what it should be" : reason;
}

TlsResult<std::string> read_file(std::string_view what, const std::string& file) {
    std::ifstream stream{file, std::ios::binary};
    std::ostringstream text;
    if (stream) text << stream.rdbuf();
    if (!stream || !text || text.view().empty()) {
        return TlsFault(what, file, "it cannot be read or is empty",
                     "name a file that the server's user may read");
    }
    if (text.view().size() > file_bytes_max) {
        return TlsFault(what, file, "it is larger than 4 MiB", "name the right file");
    }
    return std::move(text).str();
}

BioPtr reader_of(const std::string& text) {
    return BioPtr{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
}

const TlsContext& context_of(const SSL* ssl) {
    return *static_cast<const TlsContext*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
}

/// For debugging only, so each line opens the file anew.
void log_secret(const SSL* ssl, const char* line) {
    const auto* const file = static_cast<const std::string*>(
        SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), 1));
    std::ofstream stream{*file, std::ios::app};
    stream << line << "\n";
}

}  // namespace

TlsFault::TlsFault(std::string_view what, const std::string& file, const std::string& why,
                   std::string_view remedy)
    : message(what) {
    message.append(" ").append(file).append(": ").append(why).append("; ").append(remedy);
}

/// Reads the files of one context, one after the other, until one is broken.
class TlsContext::Reader {
public:
    Reader(const TlsSettings& settings, TlsContext& made) : settings_(settings), made_(made) {}

    [[nodiscard]] std::optional<TlsFault> read() {
        made_.context_.reset(SSL_CTX_new(TLS_server_method()));
        CHECK(made_.context_ != nullptr);
        set_choices();
        for (const auto step : {&Reader::read_ciphers, &Reader::read_certificate,
                                &Reader::read_authorities, &Reader::read_revocations,
                                &Reader::read_psks, &Reader::read_ocsp_response}) {
            if (auto found = (this->*step)()) return found;
        }
        return std::nullopt;
    }

private:
    using Fault = std::optional<TlsFault>;

    void set_choices() {
        SSL_CTX* const context = native();
        SSL_CTX_set_min_proto_version(
            context, settings_.minimum == TlsVersion::v1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
        SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                         SSL_OP_CIPHER_SERVER_PREFERENCE |
                                         SSL_OP_PRIORITIZE_CHACHA);
        SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
        // A record is whole in memory on both sides, and devices have little.
        SSL_CTX_set_max_send_fragment(context, record_bytes_sent_max);
        SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
        SSL_CTX_set_num_tickets(context, 1);
        SSL_CTX_set_session_id_context(
            context, reinterpret_cast<const unsigned char*>(session_context.data()),
            static_cast<unsigned>(session_context.size()));
        SSL_CTX_set_app_data(context, &made_);
        SSL_CTX_set_alpn_select_cb(context, &TlsContext::choose_alpn, nullptr);
    }

    Fault read_ciphers() {
        const char* const ours = settings_.psk_file.empty() ? certificate_ciphers : psk_ciphers;
        const char* const list = settings_.ciphers.empty() ? ours : settings_.ciphers.c_str();
        if (SSL_CTX_set_cipher_list(native(), list) == 1) return std::nullopt;
        return TlsFault("the ciphers", list, reason_of_library(),
                     "`openssl ciphers` lists those there are");
    }

    Fault read_certificate() {
        if (settings_.certificate.empty()) return std::nullopt;
        if (SSL_CTX_use_certificate_chain_file(native(), settings_.certificate.c_str()) != 1) {
            return TlsFault("the certificate", settings_.certificate, reason_of_library(),
                         "it must be PEM, the server's own certificate first");
        }
        if (SSL_CTX_use_PrivateKey_file(native(), settings_.key.c_str(), SSL_FILETYPE_PEM) != 1) {
            return TlsFault("the key", settings_.key, reason_of_library(),
                         "it must be PEM, without a password, and that of " + settings_.certificate);
        }
        return std::nullopt;
    }

    Fault read_authorities() {
        if (settings_.client_authorities.empty()) return std::nullopt;
        const std::string& file = settings_.client_authorities;
        auto text = read_file("the authorities of clients", file);
        if (text.has_error()) return text.error();
        made_.authorities_text_ = *text;
        const BioPtr bio = reader_of(*text);
        X509_STORE* const store = SSL_CTX_get_cert_store(native());
        int count = 0;
        while (X509Ptr certificate{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)}) {
            X509_STORE_add_cert(store, certificate.get());
            SSL_CTX_add_client_CA(native(), certificate.get());
            ++count;
        }
        const std::string why = reason_of_library();
        if (count == 0 || why != "no start line") {
            return TlsFault("the authorities of clients", file, count == 0 ? "no certificate in it" : why,
                         "it must be certificates in PEM, one after the other");
        }
        const bool is_required = settings_.client_certificate == ClientCertificate::required;
        SSL_CTX_set_verify(native(),
                           SSL_VERIFY_PEER | (is_required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                           nullptr);
        return std::nullopt;
    }

    Fault read_revocations() {
        if (settings_.revocations.empty()) return std::nullopt;
        const std::string& file = settings_.revocations;
        auto text = read_file("the revoked certificates", file);
        if (text.has_error()) return text.error();
        made_.authorities_text_ += *text;
        const BioPtr bio = reader_of(*text);
        X509_STORE* const store = SSL_CTX_get_cert_store(native());
        while (X509CrlPtr list{PEM_read_bio_X509_CRL(bio.get(), nullptr, nullptr, nullptr)}) {
            X509_STORE_add_crl(store, list.get());
            made_.revocations_.push_back(std::move(list));
        }
        const std::string why = reason_of_library();
        if (made_.revocations_.empty() || why != "no start line") {
            return TlsFault("the revoked certificates", file,
                         made_.revocations_.empty() ? "no list in it" : why,
                         "it must be lists (X509 CRL) in PEM, one after the other");
        }
        X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
        return std::nullopt;
    }

    Fault read_psks() {
        if (settings_.psk_file.empty()) return std::nullopt;
        auto text = read_file("the pre-shared keys", settings_.psk_file);
        if (text.has_error()) return text.error();
        std::istringstream lines{*text};
        std::string line;
        for (unsigned number = 1; std::getline(lines, line); ++number) {
            if (line.empty() || line.front() == '#') continue;
            const std::size_t colon = line.rfind(':');
            const std::string identity = line.substr(0, colon == std::string::npos ? 0 : colon);
            const auto key = from_hex(std::string_view{line}.substr(
                colon == std::string::npos ? line.size() : colon + 1));
            if (identity.empty() || key.empty() || key.size() > psk_bytes_max) {
                return TlsFault("the pre-shared keys",
                             settings_.psk_file + " line " + std::to_string(number),
                             "it is not identity:key",
                             "write the key as 2 to 128 hexadecimal digits");
            }
            made_.psks_[identity].assign(key.begin(), key.end());
        }
        SSL_CTX_set_psk_server_callback(native(), &TlsContext::find_psk);
        // A ticket would not say whose key it was, and such a handshake is cheap without one.
        SSL_CTX_set_options(native(), SSL_OP_NO_TICKET);
        SSL_CTX_set_num_tickets(native(), 0);
        return std::nullopt;
    }

    Fault read_ocsp_response() {
        if (settings_.ocsp_response.empty()) return std::nullopt;
        auto text = read_file("the OCSP response", settings_.ocsp_response);
        if (text.has_error()) return text.error();
        made_.ocsp_response_ = std::move(*text);
        SSL_CTX_set_tlsext_status_cb(native(), &TlsContext::staple);
        return std::nullopt;
    }

    [[nodiscard]] SSL_CTX* native() const { return made_.context_.get(); }

    const TlsSettings& settings_;
    TlsContext& made_;
};

TlsResult<TlsContextPtr> TlsContext::read(const TlsSettings& settings, std::string_view alpn,
                                          const std::string& keylog, const TlsContext* previous) {
    const std::shared_ptr<TlsContext> made{new TlsContext};
    made->alpn_ = alpn;
    if (const auto found = Reader{settings, *made}.read()) return *found;
    if (!keylog.empty()) {
        made->keylog_ = keylog;
        SSL_CTX_set_ex_data(made->native(), 1, &made->keylog_);
        SSL_CTX_set_keylog_callback(made->native(), &log_secret);
    }
    // A ticket of one whom we do not trust any more must not let him in.
    if (previous != nullptr && previous->authorities_text_ == made->authorities_text_) {
        std::array<unsigned char, ticket_keys_bytes> keys{};
        SSL_CTX_get_tlsext_ticket_keys(previous->native(), keys.data(), keys.size());
        SSL_CTX_set_tlsext_ticket_keys(made->native(), keys.data(), keys.size());
        OPENSSL_cleanse(keys.data(), keys.size());
    }
    return TlsContextPtr{made};
}

SslPtr TlsContext::make_session() const {
    SslPtr ssl{SSL_new(context_.get())};
    CHECK(ssl != nullptr);
    SSL_set_accept_state(ssl.get());
    return ssl;
}

bool TlsContext::is_revoked(X509* certificate) const {
    return std::ranges::any_of(revocations_, [certificate](const X509CrlPtr& list) {
        if (X509_NAME_cmp(X509_CRL_get_issuer(list.get()), X509_get_issuer_name(certificate)) != 0) {
            return false;
        }
        X509_REVOKED* entry = nullptr;
        return X509_CRL_get0_by_cert(list.get(), &entry, certificate) == 1;
    });
}

unsigned TlsContext::find_psk(SSL* ssl, const char* identity, unsigned char* key, unsigned key_max) {
    if (identity == nullptr) return 0;
    const auto& psks = context_of(ssl).psks_;
    const auto found = psks.find(identity);
    if (found == psks.end() || found->second.size() > key_max) return 0;
    std::memcpy(key, found->second.data(), found->second.size());
    if (auto* const claimed = static_cast<std::string*>(SSL_get_app_data(ssl))) *claimed = identity;
    return static_cast<unsigned>(found->second.size());
}

/// A client that names other protocols only is served all the same: old ones name all kinds.
int TlsContext::choose_alpn(SSL* ssl, const unsigned char** chosen, unsigned char* chosen_size,
                            const unsigned char* offered, unsigned offered_size, void*) {
    const std::string& ours = context_of(ssl).alpn_;
    for (unsigned at = 0; at < offered_size;) {
        const unsigned size = offered[at];
        const std::string_view name{reinterpret_cast<const char*>(offered + at + 1), size};
        if (name == ours) {
            *chosen = offered + at + 1;
            *chosen_size = static_cast<unsigned char>(size);
            return SSL_TLSEXT_ERR_OK;
        }
        at += 1 + size;
    }
    return SSL_TLSEXT_ERR_NOACK;
}

int TlsContext::staple(SSL* ssl, void*) {
    const std::string& response = context_of(ssl).ocsp_response_;
    auto* const copy = static_cast<unsigned char*>(OPENSSL_memdup(response.data(), response.size()));
    if (copy == nullptr) return SSL_TLSEXT_ERR_NOACK;
    SSL_set_tlsext_status_ocsp_resp(ssl, copy, static_cast<long>(response.size()));
    return SSL_TLSEXT_ERR_OK;
}

TlsResult<void> TlsSource::read() {
    std::string stamps_now = stamps();
    const TlsContextPtr before = newest_.load();
    auto made = TlsContext::read(settings_, alpn_, keylog_, before.get());
    stamps_ = std::move(stamps_now);  // a broken file is not read again until it changes
    if (made.has_error()) return made.error();
    newest_.store(std::move(*made));
    return {};
}

bool TlsSource::has_changed() const { return stamps() != stamps_; }

std::string TlsSource::stamps() const {
    std::string text;
    for (const std::string* const file :
         {&settings_.certificate, &settings_.key, &settings_.client_authorities,
          &settings_.revocations, &settings_.psk_file, &settings_.ocsp_response}) {
        if (file->empty()) continue;
        std::error_code error;
        const auto changed = std::filesystem::last_write_time(*file, error);
        text += std::to_string(error ? 0 : changed.time_since_epoch().count()) + " ";
        const auto size = std::filesystem::file_size(*file, error);
        text += std::to_string(error ? 0 : size) + "\n";
    }
    return text;
}

}  // namespace holdfast::net
