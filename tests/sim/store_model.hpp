#pragma once
// StoreModel: what a log store may hold after the power went, kept the slow and obvious way: the state
// behind every batch that was committed, and which batches were answered.
//
// A store that was opened again must be one of these states, no earlier than the last batch that was
// answered, give or take what may be elided: records that a batch which only settles has settled since, and
// marks that a batch which only settles and remarks has set since.

#include "store/store.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace sim {

namespace store = holdfast::store;

struct StoredRecord {
    std::string text;
    std::uint64_t mark = 0;
    friend bool operator==(const StoredRecord&, const StoredRecord&) = default;
};
using Place = std::pair<std::uint64_t, std::uint64_t>;  ///< queue, position

struct StoreState {
    std::map<Place, StoredRecord> queued;
    std::map<std::pair<int, std::string>, std::string> tables;
    std::map<std::uint64_t, std::uint64_t> last_positions;  ///< of known queues
};

/// Reads everything that a store holds. Rounds of a store without a thread are not needed for it.
[[nodiscard]] StoreState read_state(store::Store& store);

class StoreModel {
public:
    StoreModel();

    /// As a batch to commit, and noted as the next one.
    struct Change {
        enum class Kind { append, settle, remark, drop, put, erase } kind;
        Place place{};
        int table = 0;
        std::string key;
        std::string text;
        std::uint64_t mark = 0;
    };
    using Changes = std::vector<Change>;
    [[nodiscard]] store::Batch commit(Changes changes);

    [[nodiscard]] std::size_t committed() const { return batches_.size(); }
    [[nodiscard]] const StoreState& latest() const { return states_.back(); }

    using IsAnswered = std::function<bool(std::size_t batch)>;
    /// Why `found` cannot be what is left of the first `committed` batches; empty: it can be.
    [[nodiscard]] std::string judge(const StoreState& found, std::size_t committed,
                                    const IsAnswered& is_answered) const;

    /// A batch failed: it and what follows never happened.
    void forget(const std::set<std::size_t>& failed);

private:
    static void apply(StoreState& state, const Change& change);
    [[nodiscard]] std::string compare(const StoreState& found, std::size_t prefix,
                                      std::size_t committed) const;
    [[nodiscard]] bool may_vanish(const Changes& batch, const StoreState& found,
                                  std::size_t committed) const;
    [[nodiscard]] bool settled_between(Place place, std::size_t from, std::size_t to) const;
    [[nodiscard]] bool marked_between(Place place, std::uint64_t mark, std::size_t from,
                                      std::size_t to) const;

    std::vector<Changes> batches_;
    std::vector<StoreState> states_;  ///< states_[n]: behind the first n batches
};

}  // namespace sim
