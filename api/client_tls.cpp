#include "api/client_tls.hpp"

#include <openssl/ssl.h>

#include <utility>

namespace holdfast::api {

namespace ssl = boost::asio::ssl;

ClientTls::ClientTls(ClientTlsSettings given)
    : settings(std::move(given)), context(ssl::context::tls_client) {}

boost::system::result<ClientTlsPtr, std::string> make_client_tls(ClientTlsSettings settings) {
    const auto tls = std::make_shared<ClientTls>(std::move(settings));
    boost::system::error_code error;
    tls->context.set_verify_mode(ssl::verify_peer, error);
    if (SSL_CTX_set_min_proto_version(tls->context.native_handle(), TLS1_2_VERSION) != 1) {
        return std::string{"TLS 1.2 is not to be had"};
    }
    const std::string& authorities = tls->settings.authorities_pem;
    if (authorities.empty()) {
        tls->context.set_default_verify_paths(error);
        if (error)
            return "the authorities that the system trusts cannot be read: " + error.message();
        return ClientTlsPtr{tls};
    }
    tls->context.add_certificate_authority(boost::asio::buffer(authorities), error);
    if (error) return "the authorities are no certificates in PEM form: " + error.message();
    // Who is named is trusted, also where another authority has signed for it.
    X509_STORE_set_flags(SSL_CTX_get_cert_store(tls->context.native_handle()),
                         X509_V_FLAG_PARTIAL_CHAIN);
    return ClientTlsPtr{tls};
}

}  // namespace holdfast::api
