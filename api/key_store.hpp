#pragma once
// KeyStore: changes keys of applications where they are kept, and in AppKeys once that is durable.
// Calls are carried out in their order. Errors: those of Catalogue.
// Threads: the HTTP side's; load() before its threads. Lifetime: what it was made of outlives it, and the
// answers that are under way.

#include "api/app_keys.hpp"
#include "api/key_record.hpp"
#include "base/environment.hpp"
#include "base/error.hpp"
#include "store/documents.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <functional>
#include <string>
#include <system_error>
#include <tuple>

namespace holdfast::api {

/// Of each kind.
inline constexpr std::size_t app_keys_max = 1'000;

/// Random ones: 20 letters and digits, 40 letters and digits, "hf_" and 64 hexadecimal digits.
[[nodiscard]] std::string make_access_key(Random& random);
[[nodiscard]] std::string make_secret_key(Random& random);
[[nodiscard]] std::string make_api_key(Random& random);

class KeyStore {
public:
    KeyStore(store::Documents& documents, store::Executor& executor, AppKeys& keys)
        : documents_(documents), executor_(executor), keys_(keys) {}

    using Answer = std::tuple<std::error_code, AppKeyPtr>;
    using Change = std::function<void(AppKeyFacts& facts)>;

    /// limit_reached. An API key gets its id.
    [[nodiscard]] boost::asio::awaitable<Answer> add(AppKeyFacts facts);
    [[nodiscard]] boost::asio::awaitable<Answer> change(std::string key_id, Change change);
    [[nodiscard]] boost::asio::awaitable<std::error_code> remove(std::string key_id);
    /// Keeps when it was used. Nobody waits for that, and nothing follows from a failure.
    void keep_use(const AppKey& key, WallTime now);

    /// What add() does, for the start, which waits for it.
    [[nodiscard]] Result<AppKeyPtr> add_and_wait(AppKeyFacts facts);
    /// All there are, into AppKeys; waits. How many cannot be read.
    [[nodiscard]] Result<std::size_t> load();

private:
    [[nodiscard]] Answer take(std::error_code error, const store::DocumentPtr& document);

    store::Documents& documents_;
    store::Executor& executor_;
    AppKeys& keys_;
};

}  // namespace holdfast::api
