#pragma once
// AppKeys: the keys of applications as every request needs them, in memory; KeyStore reads them at the start
// and puts each change here once it is durable.
// Threads: any; one mutex, held for one look-up or one change.

#include "api/app_key.hpp"

#include <boost/unordered/unordered_map.hpp>

#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::api {

/// What an API key begins with, so that one is known when it turns up where it should not.
inline constexpr std::string_view api_key_prefix = "hf_";
/// How exactly it is known when a key was used last.
inline constexpr Seconds last_use_step{3600};

class AppKeys {
public:
    /// Adds it, or puts it in the place of the one with its id, whose last use stays known.
    void put(AppKeyPtr key, std::optional<WallTime> last_used = {});
    void remove(std::string_view key_id);

    // Null: there is none, or it is of the other kind.

    [[nodiscard]] AppKeyPtr find(std::string_view key_id) const;
    [[nodiscard]] AppKeyPtr find_access_key(std::string_view access_key) const;
    /// Whose it is that was shown. Found by its digest: what the time of that tells helps nobody.
    [[nodiscard]] AppKeyPtr find_api_key(std::string_view shown) const;

    /// The start of the step, at the first use within it: that is worth being kept.
    std::optional<WallTime> note_use(std::string_view key_id, WallTime now);
    /// The start of the step in which it was.
    [[nodiscard]] std::optional<WallTime> last_used(std::string_view key_id) const;

    /// Latest first.
    [[nodiscard]] std::vector<AppKeyPtr> list() const;

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };
    template <class Value>
    using Table = boost::unordered_map<std::string, Value, Hash, std::equal_to<>>;

    struct Entry {
        AppKeyPtr key;
        std::optional<WallTime> last_used;
    };

    [[nodiscard]] AppKeyPtr find_locked(std::string_view key_id) const;

    mutable std::mutex mutex_;
    Table<Entry> by_id_;
    Table<std::string> id_by_digest_;  ///< of API keys
};

}  // namespace holdfast::api
