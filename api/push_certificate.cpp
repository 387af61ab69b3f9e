#include "api/push_certificate.hpp"

#include "api/contract_time.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <utility>

namespace holdfast::api {

namespace {

namespace json = boost::json;

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using X509Ptr = std::unique_ptr<X509, decltype(&X509_free)>;

constexpr TextRule content_rule{
    .characters_min = 1, .characters_max = certificate_bytes_max, .is_secret = true};
const TextRule app_rule{.characters_min = 1, .characters_max = 36, .alphabet = identifier_alphabet};

/// What is encrypted is no certificate; without this OpenSSL would ask at the terminal.
int no_password(char*, int, int, void*) { return -1; }

WallTime time_of(const ASN1_TIME* time) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
    const std::chrono::year_month_day day{
        std::chrono::year{parts.tm_year + 1900},
        std::chrono::month{static_cast<unsigned>(parts.tm_mon) + 1},
        std::chrono::day{static_cast<unsigned>(parts.tm_mday)}};
    return std::chrono::sys_days{day} + std::chrono::hours{parts.tm_hour} +
           std::chrono::minutes{parts.tm_min} + std::chrono::seconds{parts.tm_sec};
}

std::string common_name_of(X509& certificate) {
    X509_NAME* const subject = X509_get_subject_name(&certificate);
    const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (at < 0) return {};
    unsigned char* text = nullptr;
    const int size =
        ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
    if (size < 0) return {};
    const std::string name{reinterpret_cast<const char*>(text), static_cast<std::size_t>(size)};
    OPENSSL_free(text);
    return name;
}

X509Ptr next_of(BIO* bio) {
    return X509Ptr{PEM_read_bio_X509(bio, nullptr, no_password, nullptr), &X509_free};
}

/// Fills in what the text says of its authorities; else the rule that it breaks.
std::string_view describe(PushCertificate& certificate) {
    const std::string& pem = certificate.pem;
    if (pem.find("PRIVATE KEY") != std::string::npos) {
        return "must have no private key in it: only certificates are needed; make another key, "
               "since this one has travelled";
    }
    const Bio bio{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free};
    std::size_t count = 0;
    for (X509Ptr each = next_of(bio.get()); each; each = next_of(bio.get())) {
        if (X509_check_ca(each.get()) == 0) {
            return "must be certificates of authorities (CA:TRUE): the receiver's own is signed by "
                   "one, and is sent by the receiver";
        }
        if (++count > certificate_authorities_max) return "must be at most 10 certificates";
        const WallTime expires_at = time_of(X509_get0_notAfter(each.get()));
        if (count == 1) {
            certificate.cn_name = common_name_of(*each);
            certificate.effective_at = time_of(X509_get0_notBefore(each.get()));
            certificate.expires_at = expires_at;
        }
        certificate.expires_at = std::max(certificate.expires_at, expires_at);
    }
    const bool is_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    if (count == 0 || !is_end) {
        return "must be certificates in PEM form: -----BEGIN CERTIFICATE----- and so on";
    }
    return {};
}

void read_content(JsonFields& fields, PushCertificate& certificate, WallTime now) {
    certificate.pem = fields.text("content", content_rule);
    if (fields.failed()) return;
    if (const auto rule = describe(certificate); !rule.empty()) return fields.fail("content", rule);
    if (certificate.expires_at <= now) {
        fields.fail("content", "must be a certificate that is valid: it expired at " +
                                   contract_time(certificate.expires_at));
    }
}

}  // namespace

ReadFields<PushCertificate> read_new_certificate(const json::value& body, WallTime now) {
    std::optional<FieldError> error;
    JsonFields fields{body, error};
    PushCertificate certificate;
    certificate.app_id = fields.find_text("app_id", app_rule).value_or("");
    certificate.created_at = now;
    read_content(fields, certificate, now);
    if (error) return *std::move(error);
    return certificate;
}

ReadFields<PushCertificate> read_certificate_update(const json::value& body,
                                                    PushCertificate certificate, WallTime now) {
    std::optional<FieldError> error;
    JsonFields fields{body, error};
    read_content(fields, certificate, now);
    if (error) return *std::move(error);
    return certificate;
}

json::object certificate_json(const PushCertificate& certificate) {
    json::object shown{{"certificate_id", certificate.certificate_id},
                       {"cn_name", certificate.cn_name},
                       {"create_date", contract_time(certificate.created_at)},
                       {"effective_date", contract_time(certificate.effective_at)},
                       {"expiry_date", contract_time(certificate.expires_at)}};
    if (!certificate.app_id.empty()) shown["app_id"] = certificate.app_id;
    return shown;
}

store::Document document_of(const PushCertificate& certificate) {
    const json::object body{{"content", certificate.pem},
                            {"app_id", certificate.app_id},
                            {"create_date", contract_time(certificate.created_at)}};
    return {.kind = store::DocumentKind::push_certificate,
            .id = certificate.certificate_id,
            .name = certificate.cn_name,
            .body = json::serialize(body)};
}

std::optional<PushCertificate> certificate_of(const store::Document& document) {
    json::error_code error;
    const json::value body = json::parse(document.body, error);
    const json::object* const fields = error ? nullptr : body.if_object();
    if (fields == nullptr) return std::nullopt;
    const auto text = [&](std::string_view key) -> std::string {
        const json::value* const found = fields->if_contains(key);
        return found == nullptr || !found->is_string() ? "" : std::string{found->get_string()};
    };
    PushCertificate certificate{
        .certificate_id = document.id, .app_id = text("app_id"), .pem = text("content")};
    certificate.created_at = parse_contract_time(text("create_date")).value_or(WallTime{});
    if (!describe(certificate).empty()) return std::nullopt;
    return certificate;
}

}  // namespace holdfast::api
