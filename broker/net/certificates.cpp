#include "net/certificates.hpp"

#include "base/peer_address.hpp"
#include "net/openssl_pointers.hpp"

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <array>

namespace holdfast::net {

namespace {

constexpr long seconds_per_day = 86'400;
/// Clocks of devices are a little behind.
constexpr long before_now = -seconds_per_day;

CertificateFault fault(std::string_view what) {
    const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return {what, reason == nullptr ? "failed" : reason};
}

BioPtr reader_of(const std::string& text) {
    return BioPtr{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
}

X509Ptr certificate_of(const std::string& pem) {
    return X509Ptr{PEM_read_bio_X509(reader_of(pem).get(), nullptr, nullptr, nullptr)};
}

PkeyPtr key_of(const std::string& pem) {
    return PkeyPtr{PEM_read_bio_PrivateKey(reader_of(pem).get(), nullptr, nullptr, nullptr)};
}

/// What `write` puts out.
template <class Write>
std::string text_of(Write write) {
    const BioPtr bio{BIO_new(BIO_s_mem())};
    if (write(bio.get()) != 1) return {};
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

Credential credential_of(X509* certificate, EVP_PKEY* key) {
    return {text_of([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate); }),
            text_of([&](BIO* bio) {
                return PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
            })};
}

bool set_serial(X509* certificate) {
    std::array<unsigned char, 16> bytes{};
    if (RAND_bytes(bytes.data(), bytes.size()) != 1) return false;
    bytes[0] &= 0x7FU;
    const BignumPtr number{BN_bin2bn(bytes.data(), bytes.size(), nullptr)};
    return BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
    X509V3_CTX context{};
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const ExtensionPtr extension{X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str())};
    return extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1;
}

struct Extension {
    int kind;
    std::string value;
};

/// `authority`: null: it signs itself.
CertificateResult<Credential> make(const Credential* authority, const std::string& common_name,
                                   int days, const std::vector<Extension>& extensions) {
    const PkeyPtr key{EVP_EC_gen("P-256")};
    const X509Ptr certificate{X509_new()};
    const X509Ptr issuer = authority != nullptr ? certificate_of(authority->certificate) : nullptr;
    const PkeyPtr issuer_key = authority != nullptr ? key_of(authority->key) : nullptr;
    if (authority != nullptr && (!issuer || !issuer_key)) return fault("the authority's files");
    X509* const made = certificate.get();
    X509* const signer = issuer ? issuer.get() : made;
    X509_set_version(made, X509_VERSION_3);
    X509_gmtime_adj(X509_getm_notBefore(made), before_now);
    X509_gmtime_adj(X509_getm_notAfter(made), days * seconds_per_day);
    X509_set_pubkey(made, key.get());
    bool is_good = set_serial(made) &&
                   X509_NAME_add_entry_by_NID(
                       X509_get_subject_name(made), NID_commonName, MBSTRING_UTF8,
                       reinterpret_cast<const unsigned char*>(common_name.data()),
                       static_cast<int>(common_name.size()), -1, 0) == 1 &&
                   X509_set_issuer_name(made, X509_get_subject_name(signer)) == 1;
    for (const auto& [kind, value] : extensions) {
        is_good = is_good && add_extension(made, signer, kind, value);
    }
    EVP_PKEY* const signing_key = issuer_key ? issuer_key.get() : key.get();
    if (!is_good || X509_sign(made, signing_key, EVP_sha256()) == 0) {
        return fault("a certificate for " + common_name);
    }
    return credential_of(made, key.get());
}

}  // namespace

CertificateFault::CertificateFault(std::string_view what, std::string_view why) : message(what) {
    message.append(": ").append(why);
}

CertificateResult<Credential> make_authority(const std::string& name, int days) {
    return make(nullptr, name, days,
                {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
                 {NID_key_usage, "critical,keyCertSign,cRLSign"},
                 {NID_subject_key_identifier, "hash"}});
}

CertificateResult<Credential> make_server_certificate(const Credential& authority,
                                                      const std::vector<std::string>& names, int days) {
    std::string alternatives;
    for (const std::string& name : names) {
        alternatives += (alternatives.empty() ? "" : ",");
        alternatives += (parse_address(name) ? "IP:" : "DNS:") + name;
    }
    return make(&authority, names.front(), days,
                {{NID_basic_constraints, "critical,CA:FALSE"},
                 {NID_key_usage, "critical,digitalSignature"},
                 {NID_ext_key_usage, "serverAuth"},
                 {NID_subject_alt_name, alternatives}});
}

CertificateResult<Credential> make_client_certificate(const Credential& authority,
                                                      const std::string& common_name, int days) {
    return make(&authority, common_name, days,
                {{NID_basic_constraints, "critical,CA:FALSE"},
                 {NID_key_usage, "critical,digitalSignature"},
                 {NID_ext_key_usage, "clientAuth"}});
}

CertificateResult<std::string> revoke(const Credential& authority, const std::string& revocations,
                                      const std::string& certificate, int days) {
    const X509Ptr issuer = certificate_of(authority.certificate);
    const PkeyPtr key = key_of(authority.key);
    const X509Ptr revoked = certificate_of(certificate);
    X509CrlPtr list{revocations.empty()
                        ? X509_CRL_new()
                        : PEM_read_bio_X509_CRL(reader_of(revocations).get(), nullptr, nullptr, nullptr)};
    if (!issuer || !key || !revoked || !list) return fault("the files to revoke with");
    const Asn1TimePtr now{X509_gmtime_adj(nullptr, 0)};
    const Asn1TimePtr next{X509_gmtime_adj(nullptr, days * seconds_per_day)};
    X509_REVOKED* known = nullptr;
    if (X509_CRL_get0_by_cert(list.get(), &known, revoked.get()) != 1) {
        RevokedPtr entry{X509_REVOKED_new()};
        X509_REVOKED_set_serialNumber(entry.get(), X509_get_serialNumber(revoked.get()));
        X509_REVOKED_set_revocationDate(entry.get(), now.get());
        if (X509_CRL_add0_revoked(list.get(), entry.get()) == 1) static_cast<void>(entry.release());
    }
    X509_CRL_set_version(list.get(), X509_CRL_VERSION_2);
    X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(issuer.get()));
    X509_CRL_set1_lastUpdate(list.get(), now.get());
    X509_CRL_set1_nextUpdate(list.get(), next.get());
    X509_CRL_sort(list.get());
    if (X509_CRL_sign(list.get(), key.get(), EVP_sha256()) == 0) return fault("the list of the revoked");
    return text_of([&](BIO* bio) { return PEM_write_bio_X509_CRL(bio, list.get()); });
}

}  // namespace holdfast::net
