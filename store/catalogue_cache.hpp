#pragma once
// RecordCache: the records of a catalogue that were read or changed last, by their names. Holds what is
// there, never that something is not there. The least recently used one goes when it is full.
// Threads: any; one mutex, held for one look-up or one change. Records are destroyed outside of it.

#include "base/error.hpp"

#include <boost/unordered/unordered_map.hpp>

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace holdfast::store {

template <class Record>
class RecordCache {
public:
    using RecordPtr = std::shared_ptr<const Record>;

    explicit RecordCache(std::size_t records_max) : records_max_(records_max) {
        CHECK(records_max > 0);
    }

    /// Null: ask the catalogue.
    [[nodiscard]] RecordPtr find(std::string_view name) const {
        const std::scoped_lock lock{mutex_};
        const auto found = by_name_.find(name);
        if (found == by_name_.end()) return nullptr;
        by_use_.splice(by_use_.begin(), by_use_, found->second);
        return found->second->record;
    }

    void put(const std::string& name, RecordPtr record) {
        std::list<Entry> gone;
        const std::scoped_lock lock{mutex_};
        take_out(name, gone);
        by_use_.push_front({name, std::move(record)});
        by_name_.emplace(by_use_.front().name, by_use_.begin());
        if (by_name_.size() > records_max_) take_out(std::string{by_use_.back().name}, gone);
    }

    void erase(std::string_view name) {
        std::list<Entry> gone;
        const std::scoped_lock lock{mutex_};
        take_out(name, gone);
    }

    [[nodiscard]] std::size_t size() const {
        const std::scoped_lock lock{mutex_};
        return by_name_.size();
    }

private:
    struct Entry {
        std::string name;
        RecordPtr record;
    };
    using Place = typename std::list<Entry>::iterator;

    void take_out(std::string_view name, std::list<Entry>& gone) {
        const auto found = by_name_.find(name);
        if (found == by_name_.end()) return;
        const Place place = found->second;
        by_name_.erase(found);
        gone.splice(gone.begin(), by_use_, place);
    }

    const std::size_t records_max_;
    mutable std::mutex mutex_;
    mutable std::list<Entry> by_use_;                        ///< most recently used first
    boost::unordered_map<std::string_view, Place> by_name_;  ///< views of the entries' names
};

}  // namespace holdfast::store
