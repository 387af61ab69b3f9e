#include "http_login_client.hpp"

#include "access/text_file.hpp"
#include "http_login.hpp"

#include <utility>

namespace holdfast {

namespace {

/// At once; what is beyond waits in line.
constexpr std::size_t connections_max = 32;

class HttpLoginWithClient final : public LoginService {
public:
    HttpLoginWithClient(const HttpLoginSettings& settings, api::ClientTlsPtr tls,
                        const HttpLoginSite& site)
        // Whoever writes the configuration may name any address.
        : client_(site.loop, site.clock,
                  {.connections_max = connections_max,
                   .waiting_max = HttpLogin::asked_max,
                   .policy = {.allows_all = true, .allowed = {}}}),
          login_(settings, std::move(tls), site.clock, site.random, site.home,
                 [this](api::ClientRequest request, api::ClientDone done) {
                     client_.send(std::move(request), std::move(done));
                 }) {}

    void ask(const session::Credentials& credentials, std::string listener,
             store::Executor& executor, std::function<void(ServiceAnswer)> done) override {
        login_.ask(credentials, std::move(listener), executor, std::move(done));
    }

private:
    api::HttpClient client_;
    HttpLogin login_;
};

access::Loaded<api::ClientTlsPtr> tls_of(const HttpLoginSettings& settings) {
    std::string authorities;
    if (!settings.ca_file.empty()) {
        auto text = access::read_text_file(settings.ca_file);
        if (!text) return text.error();
        authorities = *std::move(text);
    }
    auto tls = api::make_client_tls({.authorities_pem = std::move(authorities), .name = {}});
    if (tls) return *std::move(tls);
    return access::FileError{settings.ca_file, 0, tls.error(),
                             "name a file of certificates in PEM form"};
}

}  // namespace

access::Loaded<std::unique_ptr<LoginService>> make_http_login(const HttpLoginSettings& settings,
                                                              const HttpLoginSite& site) {
    if (!settings.is_used()) return std::unique_ptr<LoginService>{};
    auto tls = tls_of(settings);
    if (!tls) return tls.error();
    return std::unique_ptr<LoginService>{
        std::make_unique<HttpLoginWithClient>(settings, *std::move(tls), site)};
}

}  // namespace holdfast
