#pragma once
// TlsContext: one reading of a listener's TLS files, immutable: certificate, key, authorities, lists of
// revoked certificates, pre-shared keys. TlsSource holds the newest one and reads the files again: what is
// broken keeps the one before, and connections keep the one they began with.
// Versions 1.2 and 1.3; no renegotiation, no compression, no early data; sessions are resumed by tickets
// alone, and the server keeps none. Tickets outlive a reload unless whom we trust has changed.
// Threads: any.

#include "net/openssl_pointers.hpp"
#include "net/tls_settings.hpp"

#include <boost/system/result.hpp>
#include <boost/unordered/unordered_flat_map.hpp>

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::net {

class TlsContext;
using TlsContextPtr = std::shared_ptr<const TlsContext>;

/// What is wrong with a file, which, and what to do about it; in one line.
struct TlsFault {
    TlsFault() = default;  // boost::system::result wants it
    TlsFault(std::string_view what, const std::string& file, const std::string& why,
             std::string_view remedy);
    std::string message;
};
template <class T>
using TlsResult = boost::system::result<T, TlsFault>;

class TlsContext {
public:
    /// `previous` gives its ticket keys on; null: there is none. `alpn`: the protocol that is chosen when
    /// a client names some. `keylog`: where secrets are written for debugging; empty: nowhere.
    [[nodiscard]] static TlsResult<TlsContextPtr> read(const TlsSettings& settings,
                                                       std::string_view alpn,
                                                       const std::string& keylog,
                                                       const TlsContext* previous);

    /// A server's side of a new connection. Keep the context as long as it. A std::string that is set as
    /// its application data gets the identity whose pre-shared key is used.
    [[nodiscard]] SslPtr make_session() const;
    /// For who brings a stream of its own. Keep the context as long as what is made of it.
    [[nodiscard]] SSL_CTX* native() const { return context_.get(); }
    [[nodiscard]] bool is_revoked(X509* certificate) const;

private:
    class Reader;
    TlsContext() = default;
    static unsigned find_psk(SSL* ssl, const char* identity, unsigned char* key, unsigned key_max);
    static int choose_alpn(SSL* ssl, const unsigned char** chosen, unsigned char* chosen_size,
                           const unsigned char* offered, unsigned offered_size, void* context);
    static int staple(SSL* ssl, void* context);

    SslContextPtr context_;
    std::vector<X509CrlPtr> revocations_;
    std::string authorities_text_;  ///< with the revocations: whether trust has changed
    std::string alpn_;
    std::string ocsp_response_;
    std::string keylog_;
    boost::unordered_flat_map<std::string, std::string> psks_;  ///< key by identity
};

/// The newest context of a listener.
class TlsSource {
public:
    TlsSource(TlsSettings settings, std::string alpn, std::string keylog)
        : settings_(std::move(settings)), alpn_(std::move(alpn)), keylog_(std::move(keylog)) {}

    /// Reads the files; a fault leaves the newest as it was. One thread at a time.
    [[nodiscard]] TlsResult<void> read();
    /// Whether a file has changed since read(). The same thread.
    [[nodiscard]] bool has_changed() const;
    /// Not before read() has succeeded once.
    [[nodiscard]] TlsContextPtr newest() const { return newest_.load(); }
    [[nodiscard]] const TlsSettings& settings() const { return settings_; }

private:
    /// Instants of change and sizes of all files, in words.
    [[nodiscard]] std::string stamps() const;

    const TlsSettings settings_;
    const std::string alpn_;
    const std::string keylog_;
    std::string stamps_;
    std::atomic<TlsContextPtr> newest_;
};

}  // namespace holdfast::net
