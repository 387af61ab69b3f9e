// Any bytes as a token, as the JSON inside one, and as a file of keys: nothing crashes, nobody is let in
// without a signature, and claims that are accepted have a name, a time and a list that can be asked.

#include "access/jwt.hpp"
#include "base/error.hpp"
#include "base/utf8.hpp"

#include <cstdint>
#include <string>
#include <string_view>

using namespace holdfast;
using namespace holdfast::access;

namespace {

constexpr TokenLogin login_at(std::string_view client_id) {
    return {.client_id = client_id, .user_name = {}, .now = WallTime{Seconds{1'800'000'000}}};
}

void check_claims(const TokenClaims& claims) {
    CHECK(!claims.user_name.empty() && is_valid_utf8_string(claims.user_name));
    CHECK(claims.valid_for > Milliseconds{0});
    if (claims.rules == nullptr) return;
    const TokenRights rights{claims.rules, Who{.client_id = "c", .user_name = claims.user_name},
                             nullptr};
    // What may be subscribed to as a whole may be asked for in part.
    if (rights.may_subscribe("a/#", QoS::at_most_once)) {
        CHECK(rights.may_subscribe("a/b", QoS::at_most_once));
    }
    static_cast<void>(rights.may_publish("a/b", QoS::at_least_once, true));
    static_cast<void>(rights.may_receive("a/b"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 4096) return 0;
    const std::string text{reinterpret_cast<const char*>(data), size};
    static const auto keys = TokenKeys::of_one_key("a secret that no corpus of this has used", "key");
    const auto judged = judge_token(text, *keys, {}, login_at("c"));
    CHECK(judged.has_error());
    CHECK(!judged.error().detail.empty() && !judged.error().has_expired);

    const auto header = read_token_header(text);
    if (header) CHECK(header->algorithm.size() < size);
    const auto claims = read_token_claims(text, {.issuer = {}, .audience = "mqtt"}, login_at("c"));
    if (claims) check_claims(*claims);

    const auto set = TokenKeys::of_set(text, "set");
    if (set) CHECK(set->size() >= 1 && set->size() <= token_keys_max);
    const auto one = TokenKeys::of_one_key(text, "key");
    if (one) CHECK(one->size() == 1 && one->find("any") == one->find({}));
    return 0;
}
