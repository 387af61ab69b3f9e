#include "api/app_keys.hpp"

#include "base/digest.hpp"

#include <algorithm>
#include <chrono>
#include <tuple>
#include <utility>

namespace holdfast::api {

void AppKeys::put(AppKeyPtr key, std::optional<WallTime> last_used) {
    const std::scoped_lock lock{mutex_};
    Entry& entry = by_id_[key->key_id];
    if (key->kind == KeyKind::api_key) id_by_digest_.insert_or_assign(key->secret, key->key_id);
    entry.key = std::move(key);
    if (!entry.last_used || (last_used && *last_used > *entry.last_used)) {
        entry.last_used = last_used;
    }
}

void AppKeys::remove(std::string_view key_id) {
    const std::scoped_lock lock{mutex_};
    const auto found = by_id_.find(key_id);
    if (found == by_id_.end()) return;
    id_by_digest_.erase(found->second.key->secret);
    by_id_.erase(found);
}

AppKeyPtr AppKeys::find_locked(std::string_view key_id) const {
    const auto found = by_id_.find(key_id);
    return found == by_id_.end() ? nullptr : found->second.key;
}

AppKeyPtr AppKeys::find(std::string_view key_id) const {
    const std::scoped_lock lock{mutex_};
    return find_locked(key_id);
}

AppKeyPtr AppKeys::find_access_key(std::string_view access_key) const {
    AppKeyPtr found = find(access_key);
    return found && found->kind == KeyKind::access_key ? found : nullptr;
}

AppKeyPtr AppKeys::find_api_key(std::string_view shown) const {
    const Sha256Text digest = to_hex_text(sha256({shown}));
    const std::scoped_lock lock{mutex_};
    const auto found = id_by_digest_.find(as_text(digest));
    return found == id_by_digest_.end() ? nullptr : find_locked(found->second);
}

std::optional<WallTime> AppKeys::note_use(std::string_view key_id, WallTime now) {
    const WallTime step{now.time_since_epoch() - now.time_since_epoch() % last_use_step};
    const std::scoped_lock lock{mutex_};
    const auto found = by_id_.find(key_id);
    if (found == by_id_.end()) return std::nullopt;
    if (found->second.last_used && *found->second.last_used >= step) return std::nullopt;
    found->second.last_used = step;
    return step;
}

std::optional<WallTime> AppKeys::last_used(std::string_view key_id) const {
    const std::scoped_lock lock{mutex_};
    const auto found = by_id_.find(key_id);
    return found == by_id_.end() ? std::nullopt : found->second.last_used;
}

std::vector<AppKeyPtr> AppKeys::list() const {
    std::vector<AppKeyPtr> keys;
    {
        const std::scoped_lock lock{mutex_};
        for (const auto& [id, entry] : by_id_) keys.push_back(entry.key);
    }
    std::ranges::sort(keys, [](const AppKeyPtr& a, const AppKeyPtr& b) {
        return std::tie(a->created_at, a->key_id) > std::tie(b->created_at, b->key_id);
    });
    return keys;
}

}  // namespace holdfast::api
