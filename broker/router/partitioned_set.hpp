#pragma once
// PartitionedSet: a hash set of pointers whose key is read from what they point to, cut into
// partitions that grow one by one. A table of a million entries that doubles at once would stop every
// publisher for a tenth of a second; one of its partitions does so in less than a millisecond. It
// shrinks again when entries leave. Owns the table, not what is pointed to. Threads: none.
//
// `Access` supplies: `Key`; `static Key key_of(const Entry&)`; `static std::uint64_t hash(Key, seed)`
// of good quality in all bits.

#include <boost/unordered/unordered_flat_set.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace holdfast::router {

template <class Entry, class Access>
class PartitionedSet {
public:
    using Key = typename Access::Key;

    explicit PartitionedSet(std::uint64_t seed)
        : seed_(seed), partitions_(partition_count, Partition(0, Hash{seed})) {}

    /// nullptr: not there.
    [[nodiscard]] Entry* find(const Key& key) const {
        const HashedKey hashed{key, Access::hash(key, seed_)};
        const Partition& partition = partitions_[index_of(hashed.hash)];
        const auto found = partition.find(hashed);
        return found == partition.end() ? nullptr : *found;
    }

    /// The entry's key is not in the set yet.
    void insert(Entry& entry) {
        partitions_[index_of(Access::hash(Access::key_of(entry), seed_))].insert(&entry);
        ++size_;
    }

    /// The entry is in the set, and its key can still be read.
    void erase(const Entry& entry) {
        const Key key = Access::key_of(entry);
        const HashedKey hashed{key, Access::hash(key, seed_)};
        Partition& partition = partitions_[index_of(hashed.hash)];
        size_ -= partition.erase(hashed);
        if (partition.bucket_count() > 64 && partition.size() < partition.bucket_count() / 8) {
            partition.rehash(partition.size() * 2);
        }
    }

    /// In no particular order; `visit` may destroy the entry it gets.
    template <class Visit>
    void for_each(Visit visit) const {
        for (const Partition& partition : partitions_) {
            for (Entry* entry : partition) visit(*entry);
        }
    }

    [[nodiscard]] std::size_t size() const { return size_; }

private:
    static constexpr std::size_t partition_count = 256;
    /// The table's own use of the hash is its lowest byte and its highest bits.
    static std::size_t index_of(std::uint64_t hash) { return (hash >> 8) % partition_count; }

    struct HashedKey {
        Key key;
        std::uint64_t hash;
    };
    struct Hash {
        using is_transparent = void;
        using is_avalanching = void;
        std::uint64_t seed;
        std::size_t operator()(const Entry* entry) const {
            return Access::hash(Access::key_of(*entry), seed);
        }
        std::size_t operator()(const HashedKey& key) const { return key.hash; }
    };
    struct Equal {
        using is_transparent = void;
        bool operator()(const Entry* a, const Entry* b) const { return a == b; }
        bool operator()(const HashedKey& key, const Entry* entry) const {
            return key.key == Access::key_of(*entry);
        }
        bool operator()(const Entry* entry, const HashedKey& key) const {
            return (*this)(key, entry);
        }
    };
    using Partition = boost::unordered_flat_set<Entry*, Hash, Equal>;

    std::uint64_t seed_;
    std::size_t size_ = 0;
    std::vector<Partition> partitions_;
};

}  // namespace holdfast::router
