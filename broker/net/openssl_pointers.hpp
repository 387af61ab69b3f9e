#pragma once
// Owners of OpenSSL's objects.

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

namespace holdfast::net {

template <auto release>
struct Releases {
    template <class T>
    void operator()(T* object) const {
        release(object);
    }
};

using SslPtr = std::unique_ptr<SSL, Releases<SSL_free>>;
using SslContextPtr = std::unique_ptr<SSL_CTX, Releases<SSL_CTX_free>>;
using X509Ptr = std::unique_ptr<X509, Releases<X509_free>>;
using X509CrlPtr = std::unique_ptr<X509_CRL, Releases<X509_CRL_free>>;
using RevokedPtr = std::unique_ptr<X509_REVOKED, Releases<X509_REVOKED_free>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, Releases<X509_EXTENSION_free>>;
using Asn1TimePtr = std::unique_ptr<ASN1_TIME, Releases<ASN1_TIME_free>>;
using PkeyPtr = std::unique_ptr<EVP_PKEY, Releases<EVP_PKEY_free>>;
using BignumPtr = std::unique_ptr<BIGNUM, Releases<BN_free>>;
using BioPtr = std::unique_ptr<BIO, Releases<BIO_free_all>>;

}  // namespace holdfast::net
