#pragma once
// ClientTls: how the server speaks TLS when it is the one who connects: from TLS 1.2 on, and only with who
// shows a certificate that an authority has signed for the name. Immutable; connections share one.
// Threads: any. Errors: a sentence.

#include <boost/asio/ssl/context.hpp>
#include <boost/system/result.hpp>

#include <memory>
#include <string>

namespace holdfast::api {

struct ClientTlsSettings {
    std::string authorities_pem;  ///< who may sign; empty: those that the system trusts
    std::string name;             ///< that the certificate must be for; empty: the URL's host
    bool sends_name = true;       ///< in the handshake (SNI), where it is no address

    friend bool operator==(const ClientTlsSettings&, const ClientTlsSettings&) = default;
};

struct ClientTls {
    explicit ClientTls(ClientTlsSettings given);

    const ClientTlsSettings settings;
    /// OpenSSL counts references to it; what it says does not change.
    mutable boost::asio::ssl::context context;
};
using ClientTlsPtr = std::shared_ptr<const ClientTls>;

[[nodiscard]] boost::system::result<ClientTlsPtr, std::string> make_client_tls(
    ClientTlsSettings settings);

}  // namespace holdfast::api
