#pragma once
// PushCertificate: the certificate of an authority that an application gave, so that receivers of pushes can
// show what that authority has signed: an action names it as cert_id. PEM text to a value and back, and to
// the document that keeps it. Several authorities may stand in one text: an old one beside its successor.
// A value. Threads: any. Errors: FieldError; a text is never shown.

#include "api/push_rule.hpp"
#include "base/time.hpp"

#include <string>
#include <string_view>

namespace holdfast::api {

inline constexpr std::size_t push_certificates_max = 100;
inline constexpr std::size_t certificate_bytes_max = 64 * 1024;  ///< of the PEM text
inline constexpr std::size_t certificate_authorities_max = 10;   ///< in one text

struct PushCertificate {
    std::string certificate_id;
    std::string app_id;   ///< as it was given; empty: not
    std::string pem;      ///< `content`
    std::string cn_name;  ///< of the first authority; empty: it has none
    WallTime created_at{};
    WallTime effective_at{};  ///< of the first
    WallTime expires_at{};    ///< of the one that lasts longest
};

/// Refuses what has expired before `now`.
[[nodiscard]] ReadFields<PushCertificate> read_new_certificate(const boost::json::value& body,
                                                               WallTime now);
/// The certificate with another text.
[[nodiscard]] ReadFields<PushCertificate> read_certificate_update(const boost::json::value& body,
                                                                  PushCertificate certificate,
                                                                  WallTime now);

/// As the contract shows authorities; without their text.
[[nodiscard]] boost::json::object certificate_json(const PushCertificate& certificate);

[[nodiscard]] store::Document document_of(const PushCertificate& certificate);
/// Empty: not what this program writes.
[[nodiscard]] std::optional<PushCertificate> certificate_of(const store::Document& document);

}  // namespace holdfast::api
