#pragma once
// A private certificate authority: makes keys and certificates, so that TLS works on the first day and in
// tests. Keys are EC P-256. Everything is PEM text; files are for who calls. Errors: the library's words.
// Limitations: no intermediate authorities, no serial numbers kept: they are 128 random bits.

#include <boost/system/result.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace holdfast::net {

/// What the library said.
struct CertificateFault {
    CertificateFault() = default;  // boost::system::result wants it
    CertificateFault(std::string_view what, std::string_view why);
    std::string message;
};
template <class T>
using CertificateResult = boost::system::result<T, CertificateFault>;

struct Credential {
    std::string certificate;
    std::string key;
};

[[nodiscard]] CertificateResult<Credential> make_authority(const std::string& name, int days);
/// `names`: host names and IP addresses by which clients reach the server; the first is its common name.
[[nodiscard]] CertificateResult<Credential> make_server_certificate(
    const Credential& authority, const std::vector<std::string>& names, int days);
[[nodiscard]] CertificateResult<Credential> make_client_certificate(const Credential& authority,
                                                                    const std::string& common_name,
                                                                    int days);
/// The list `revocations`, which may be empty, with one certificate more, signed anew for `days`.
[[nodiscard]] CertificateResult<std::string> revoke(const Credential& authority,
                                                    const std::string& revocations,
                                                    const std::string& certificate, int days);

}  // namespace holdfast::net
