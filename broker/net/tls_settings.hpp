#pragma once
// What a listener's TLS is made of: names of files and choices, as the configuration has them. Files are
// PEM unless they say otherwise. TlsContext reads them.

#include <cstdint>
#include <string>

namespace holdfast::net {

enum class ClientCertificate : std::uint8_t { none, optional, required };
enum class TlsVersion : std::uint8_t { v1_2, v1_3 };

struct TlsSettings {
    std::string certificate;          ///< the chain, the server's own first; empty: keys of psk_file only
    std::string key;
    std::string client_authorities;   ///< who may sign clients' certificates; empty: nobody
    std::string revocations;          ///< lists of revoked clients' certificates; empty: none
    std::string psk_file;             ///< lines of identity:hexadecimal key; empty: no pre-shared keys
    std::string ocsp_response;        ///< DER, stapled to the certificate; empty: none
    std::string ciphers;              ///< of TLS 1.2, in OpenSSL's words; empty: ours
    ClientCertificate client_certificate = ClientCertificate::none;
    TlsVersion minimum = TlsVersion::v1_2;
    friend bool operator==(const TlsSettings&, const TlsSettings&) = default;
};

}  // namespace holdfast::net
