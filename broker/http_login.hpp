#pragma once
// HttpLogin: the service of [access] http_login_url. A question is a POST with a JSON object, docs/access.md
// says which; the answer is 200 with an object. Whatever else comes, or does not come in time, is no answer
// that decides, and lets nobody in. Questions that are the same are asked once while the answer is waited
// for, and for a short time after it. Keeps keyed digests of questions, no passwords.
// Limits: 16,384 answers known, 1,024 questions asked at once; HttpClient's of connections.
// Threads: ask() by any shard; requests and their responses on the one of `home`.
// Lifetime: ends when no shard runs any more and before `send` and the executors; then nobody is answered.

#include "api/http_client.hpp"
#include "base/environment.hpp"
#include "http_login_settings.hpp"
#include "login_service.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <array>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace holdfast {

class HttpLogin final : public LoginService {
public:
    static constexpr std::size_t known_max = 16'384;
    static constexpr std::size_t asked_max = 1'024;

    /// `tls` for a URL that begins with https. The settings' URL is one.
    HttpLogin(const HttpLoginSettings& settings, api::ClientTlsPtr tls, const Clock& clock,
              Random& random, store::Executor& home, api::SendRequest send);

    void ask(const session::Credentials& credentials, std::string listener,
             store::Executor& executor, std::function<void(ServiceAnswer)> done) override;

private:
    using Digest = std::array<std::uint8_t, 32>;
    struct ByDigest {
        /// Keyed already: no peer can choose its bits.
        std::size_t operator()(const Digest& digest) const;
    };
    struct Known {
        ServiceAnswer answer;
        Instant until;
    };
    struct Waiting {
        store::Executor* executor;
        std::function<void(ServiceAnswer)> done;
    };
    enum class Asked : std::uint8_t { now, already, too_many };

    [[nodiscard]] Digest digest_of(const std::string& question) const;
    [[nodiscard]] const ServiceAnswer* find_known(const Digest& digest) const;
    [[nodiscard]] Asked enter(const Digest& digest, Waiting waiting);
    void send(const Digest& digest, const std::string& question);
    void on_result(const Digest& digest, const api::ClientResult& result);
    void keep(const Digest& digest, const ServiceAnswer& answer);

    const HttpLoginSettings settings_;
    const Clock& clock_;
    store::Executor& home_;
    const api::SendRequest send_;
    api::ClientRequest request_;  ///< but for its body
    std::array<std::uint8_t, 32> key_{};
    std::mutex mutex_;
    boost::unordered_flat_map<Digest, Known, ByDigest> known_;
    boost::unordered_flat_map<Digest, std::vector<Waiting>, ByDigest> asked_;
};

/// What the client shows, as the service gets it.
[[nodiscard]] std::string question_of(const session::Credentials& credentials,
                                      std::string_view listener);
[[nodiscard]] ServiceAnswer answer_of(const api::ClientResult& result, const Clock& clock);

}  // namespace holdfast
