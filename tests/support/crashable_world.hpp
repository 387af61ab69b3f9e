#pragma once
// CrashableWorld: a World on a store, and the next one on what a crash leaves of it. The scripts of worlds
// that have crashed may be kept, but nothing comes of them. Threads: none.

#include "support/logged_store.hpp"
#include "support/world.hpp"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace test_support {

class CrashableWorld {
public:
    explicit CrashableWorld(const holdfast::Limits& limits = {}, std::size_t shards = 1)
        : limits_(limits), shards_(shards) {
        begin(std::make_unique<LoggedStore>());
    }

    [[nodiscard]] World& operator*() { return *worlds_.back(); }
    [[nodiscard]] World* operator->() { return worlds_.back().get(); }
    [[nodiscard]] LoggedStore& store() { return *stores_.back(); }

    /// The process ends without a word; of the batches it committed the first `kept` are there, all by
    /// default. Another process starts `later` and reads them back.
    World& crash_and_restart(std::optional<std::size_t> kept = std::nullopt,
                             holdfast::Milliseconds later = holdfast::Milliseconds{0}) {
        const holdfast::Instant now = worlds_.back()->now;
        worlds_.back()->crash();
        begin(store().survivor(kept.value_or(store().begun())));
        worlds_.back()->now = now + later;
        worlds_.back()->restore();
        return *worlds_.back();
    }

private:
    void begin(std::unique_ptr<LoggedStore> store) {
        stores_.push_back(std::move(store));
        worlds_.push_back(std::make_unique<World>(limits_, shards_, "", stores_.back().get()));
    }

    const holdfast::Limits limits_;
    const std::size_t shards_;
    std::vector<std::unique_ptr<LoggedStore>> stores_;
    std::vector<std::unique_ptr<World>> worlds_;
};

}  // namespace test_support
