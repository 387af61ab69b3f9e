#include "http_login.hpp"

#include "base/error.hpp"
#include "base/hmac.hpp"
#include "base/utf8.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <cstring>
#include <utility>

namespace holdfast {

namespace {

namespace json = boost::json;
using Told = ServiceAnswer::Result;

constexpr std::size_t response_bytes_max = 256 * 1024;
constexpr std::size_t reason_bytes_max = 200;
/// The year 9999: what an instant of ours can always say.
constexpr std::int64_t expires_at_max = 253'402'300'799;

ServiceAnswer no_answer(std::string detail) {
    return {.detail = "the service of http_login_url: " + std::move(detail)};
}

std::string_view view_of(const json::string& text) { return {text.data(), text.size()}; }

/// Reads the object of a 200; keeps the first thing that is wrong.
class AnswerReader {
public:
    explicit AnswerReader(const Clock& clock) : clock_(clock) {}

    ServiceAnswer read(const json::object& object) {
        for (const auto& member : object) read_member(member.key(), member.value());
        if (!has_result_) fail("its answer has no result: it must be allow, deny or ignore");
        if (!problem_.empty()) return no_answer(std::move(problem_));
        if (answer_.result == Told::deny) {
            answer_.detail = "the service of http_login_url says no" +
                             (reason_.empty() ? std::string{} : ": " + reason_);
        }
        return std::move(answer_);
    }

private:
    void fail(std::string problem) {
        if (problem_.empty()) problem_ = std::move(problem);
    }

    void read_member(std::string_view name, const json::value& value) {
        if (name == "result") return read_result(value);
        if (name == "acl") return read_rules(value);
        if (name == "expires_at") return read_expiry(value);
        if (name == "reason") return read_reason(value);
        // What is not understood may have been meant to forbid something.
        fail("its answer has a member that is none of result, acl, expires_at and reason");
    }

    void read_result(const json::value& value) {
        has_result_ = true;
        const json::string* const word = value.if_string();
        if (word != nullptr && *word == "allow") {
            answer_.result = Told::allow;
        } else if (word != nullptr && *word == "deny") {
            answer_.result = Told::deny;
        } else if (word != nullptr && *word == "ignore") {
            answer_.result = Told::ignore;
        } else {
            fail("its answer has a result that is none of allow, deny and ignore");
        }
    }

    void read_rules(const json::value& value) {
        if (value.is_null()) return;
        auto rules = access::read_token_rules(value);
        if (!rules) return fail("its answer's " + rules.error());
        answer_.rules = *std::move(rules);
    }

    void read_expiry(const json::value& value) {
        if (value.is_null()) return;
        const std::int64_t* const seconds = value.if_int64();
        if (seconds == nullptr || *seconds < 0 || *seconds > expires_at_max) {
            return fail("its answer has an expires_at that is no number of seconds since 1970");
        }
        answer_.valid_until = clock_.now() + (WallTime{Seconds{*seconds}} - clock_.wall_now());
    }

    void read_reason(const json::value& value) {
        if (const json::string* const text = value.if_string()) {
            reason_ = view_of(*text).substr(0, reason_bytes_max);
        }
    }

    const Clock& clock_;
    ServiceAnswer answer_;
    bool has_result_ = false;
    std::string reason_;
    std::string problem_;
};

json::value text_or_null(std::optional<std::string_view> text) {
    if (!text) return nullptr;
    return json::string{*text};
}

/// JSON is text: a password that is none cannot be told.
bool is_text(const session::Credentials& credentials) {
    return !credentials.password || is_valid_utf8_string(as_text(*credentials.password));
}

}  // namespace

std::string question_of(const session::Credentials& credentials, std::string_view listener) {
    json::object question;
    question["client_id"] = json::string{credentials.client_id};
    question["user_name"] = text_or_null(credentials.user_name);
    question["password"] = text_or_null(
        credentials.password ? std::optional{as_text(*credentials.password)} : std::nullopt);
    question["peer_address"] = json::string{credentials.peer.address_text()};
    question["listener"] = json::string{listener};
    question["is_secure"] = credentials.is_secure;
    question["protocol_level"] = credentials.protocol_level;
    if (const session::TlsIdentity* const tls = credentials.tls) {
        if (!tls->common_name.empty()) question["tls_common_name"] = json::string{tls->common_name};
        if (!tls->fingerprint.empty()) question["tls_fingerprint"] = json::string{tls->fingerprint};
    }
    return json::serialize(question);
}

ServiceAnswer answer_of(const api::ClientResult& result, const Clock& clock) {
    if (!result) {
        return no_answer(std::string{api::to_string(result.error().failure)} + ": " +
                         result.error().detail);
    }
    if (result->status != 200) {
        return no_answer("it answered " + std::to_string(result->status) + " instead of 200");
    }
    json::error_code error;
    const json::value body = json::parse(result->body, error);
    if (error || !body.is_object()) return no_answer("its answer is no JSON object");
    return AnswerReader{clock}.read(body.get_object());
}

HttpLogin::HttpLogin(const HttpLoginSettings& settings, api::ClientTlsPtr tls, const Clock& clock,
                     Random& random, store::Executor& home, api::SendRequest send)
    : settings_(settings), clock_(clock), home_(home), send_(std::move(send)) {
    auto url = api::parse_http_url(settings.url);
    CHECK(url.has_value());
    request_ = {.method = boost::beast::http::verb::post,
                .url = *std::move(url),
                .fields = {{"Content-Type", "application/json"}, {"Accept", "application/json"}},
                .tls = std::move(tls),
                .limits = {.response_bytes_max = response_bytes_max,
                           .connect_timeout = settings.timeout,
                           .request_timeout = settings.timeout}};
    random.fill(key_);
}

std::size_t HttpLogin::ByDigest::operator()(const Digest& digest) const {
    std::size_t value = 0;
    std::memcpy(&value, digest.data(), sizeof value);
    return value;
}

HttpLogin::Digest HttpLogin::digest_of(const std::string& question) const {
    return HmacKey{as_text(key_)}.mac(question);
}

void HttpLogin::ask(const session::Credentials& credentials, std::string listener,
                    store::Executor& executor, std::function<void(ServiceAnswer)> done) {
    if (!is_text(credentials)) {
        return done({.result = Told::deny,
                     .detail = "the password is no UTF-8, and cannot be told to http_login_url"});
    }
    std::string question = question_of(credentials, listener);
    const Digest digest = digest_of(question);
    {
        std::unique_lock lock{mutex_};
        if (const ServiceAnswer* const known = find_known(digest)) {
            const ServiceAnswer answer = *known;
            lock.unlock();
            return done(answer);
        }
        const Asked asked = enter(digest, {&executor, done});
        if (asked == Asked::already) return;
        if (asked == Asked::too_many) {
            lock.unlock();
            return done(no_answer("too many questions wait for an answer"));
        }
    }
    home_.post([this, digest, question = std::move(question)] { send(digest, question); });
}

const ServiceAnswer* HttpLogin::find_known(const Digest& digest) const {
    const auto known = known_.find(digest);
    if (known == known_.end() || known->second.until <= clock_.now()) return nullptr;
    return &known->second.answer;
}

HttpLogin::Asked HttpLogin::enter(const Digest& digest, Waiting waiting) {
    const auto same = asked_.find(digest);
    if (same == asked_.end()) {
        if (asked_.size() >= asked_max) return Asked::too_many;
        asked_[digest].push_back(std::move(waiting));
        return Asked::now;
    }
    if (same->second.size() >= asked_max) return Asked::too_many;
    same->second.push_back(std::move(waiting));
    return Asked::already;
}

void HttpLogin::send(const Digest& digest, const std::string& question) {
    api::ClientRequest request = request_;
    request.body = question;
    send_(std::move(request),
          [this, digest](const api::ClientResult& result) { on_result(digest, result); });
}

void HttpLogin::on_result(const Digest& digest, const api::ClientResult& result) {
    const ServiceAnswer answer = answer_of(result, clock_);
    std::vector<Waiting> waiting;
    {
        const std::scoped_lock lock{mutex_};
        waiting = std::move(asked_[digest]);
        asked_.erase(digest);
        keep(digest, answer);
    }
    for (Waiting& each : waiting) {
        each.executor->post([done = std::move(each.done), answer] { done(answer); });
    }
}

/// A failure is asked about again the next time.
void HttpLogin::keep(const Digest& digest, const ServiceAnswer& answer) {
    if (!settings_.cache || answer.result == Told::unavailable) return;
    const Instant now = clock_.now();
    if (known_.size() >= known_max) {
        boost::unordered::erase_if(known_,
                                   [&](const auto& entry) { return entry.second.until <= now; });
        if (known_.size() >= known_max) known_.clear();
    }
    known_.insert_or_assign(digest, Known{answer, now + *settings_.cache});
}

}  // namespace holdfast
