#pragma once
// A private authority with a server's and two clients' certificates in a folder that goes away, and a TLS
// client that talks to a layer without a socket.

#include "net/certificates.hpp"
#include "net/tls_layer.hpp"

#include <openssl/err.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace holdfast::net {

class TlsFolder {
public:
    TlsFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "holdfast-tls-XXXXXX").string();
        folder_ = ::mkdtemp(name.data());
        write("authority.pem", authority.certificate);
        write_server();
        write("client.pem", client.certificate);
        write("client.key", client.key);
    }
    ~TlsFolder() { std::filesystem::remove_all(folder_); }
    TlsFolder(const TlsFolder&) = delete;
    TlsFolder& operator=(const TlsFolder&) = delete;

    void write(const std::string& name, const std::string& text) const {
        std::ofstream{folder_ / name} << text;
    }
    void write_server() const {
        const Credential server = *make_server_certificate(authority, {"localhost"}, 1);
        write("server.pem", server.certificate);
        write("server.key", server.key);
    }
    [[nodiscard]] std::string file(const std::string& name) const { return (folder_ / name).string(); }
    [[nodiscard]] TlsSettings settings() const {
        TlsSettings made;
        made.certificate = file("server.pem");
        made.key = file("server.key");
        return made;
    }
    [[nodiscard]] TlsSettings settings_with_clients() const {
        TlsSettings made = settings();
        made.client_authorities = file("authority.pem");
        made.client_certificate = ClientCertificate::required;
        return made;
    }

    const Credential authority = *make_authority("authority", 2);
    const Credential client = *make_client_certificate(authority, "pump-7", 1);

private:
    std::filesystem::path folder_;
};

/// Drives a TLS client against `layer`, bytes handed over in memory.
class TlsClient {
public:
    explicit TlsClient(Layer& layer) : layer_(layer), context_(SSL_CTX_new(TLS_client_method())) {
        SSL_CTX_set_session_cache_mode(context_.get(), SSL_SESS_CACHE_CLIENT);
    }

    [[nodiscard]] SSL_CTX* context() { return context_.get(); }
    void resume(SSL_SESSION* session) { resumed_ = session; }

    /// Until nothing more is to be said. True: the client is content.
    bool shake_hands() {
        begin();
        int result = 0;
        for (int round = 0; round < 10 && result != 1 && !last.failure; ++round) {
            result = SSL_do_handshake(ssl_.get());
            if (result != 1 && SSL_get_error(ssl_.get(), result) != SSL_ERROR_WANT_READ) break;
            pass_on();
        }
        return result == 1 && !last.failure;
    }
    void send(std::string_view text) {
        SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size()));
        pass_on();
    }
    /// The layer's words to the client.
    [[nodiscard]] std::string receive(std::string_view sealed_text) {
        ByteBuffer raw;
        layer_.seal(as_bytes(sealed_text), raw);
        hand_to_client({raw.data(), raw.size()});
        return read();
    }
    [[nodiscard]] std::string read() {
        std::string text;
        std::array<char, 4096> part{};
        for (int got = 0; (got = SSL_read(ssl_.get(), part.data(), part.size())) > 0;) {
            text.append(part.data(), static_cast<std::size_t>(got));
        }
        return text;
    }
    void hand_to_client(ByteView bytes) {
        if (!bytes.empty()) BIO_write(SSL_get_rbio(ssl_.get()), bytes.data(), static_cast<int>(bytes.size()));
    }
    [[nodiscard]] SSL* ssl() { return ssl_.get(); }

    Opened last;            ///< of the bytes handed over last
    std::string received;   ///< by the layer, in plain
    bool has_begun = false;
    bool is_resumed = false;

private:
    void begin() {
        ssl_.reset(SSL_new(context_.get()));
        SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
        SSL_set_connect_state(ssl_.get());
        SSL_set_tlsext_host_name(ssl_.get(), "localhost");
        if (resumed_ != nullptr) SSL_set_session(ssl_.get(), resumed_);
    }
    void pass_on() {
        char* data = nullptr;
        BIO* const out = SSL_get_wbio(ssl_.get());
        const long size = BIO_get_mem_data(out, &data);
        const std::string bytes(data, static_cast<std::size_t>(size));
        BIO_reset(out);
        ByteBuffer plain;
        ByteBuffer reply;
        if (!bytes.empty()) last = layer_.open(as_bytes(bytes), plain, reply);
        has_begun = has_begun || last.has_begun;
        is_resumed = is_resumed || last.is_resumed;
        received += as_text({plain.data(), plain.size()});
        hand_to_client({reply.data(), reply.size()});
    }

    Layer& layer_;
    SslContextPtr context_;
    SslPtr ssl_;
    SSL_SESSION* resumed_ = nullptr;
};

}  // namespace holdfast::net
