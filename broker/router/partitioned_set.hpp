#pragma once
// PartitionedSet: a hash set of pointers whose key is read from what they point to, cut into
// partitions that grow one by one. A table of a million entries that doubles at once would stop every
// publisher for a tenth of a second; one of its partitions does so in less than a millisecond. It
// shrinks again when entries leave.
//
// In a large one nothing lies in a cache, so what counts is how many places a search reads one after the
// other: one for what is not there, and the entry itself for what is. Each partition is one array of hash
// and pointer, searched from where the hash says on (linear probing), a quarter of it empty at least, and
// closed up again when an entry leaves. prefetch() lets the first of the two places come meanwhile.
// Owns the table, not what is pointed to. Threads: none.
//
// `Access` supplies: `Key`; `static Key key_of(const Entry&)`; `static std::uint64_t hash(Key, seed)`
// of good quality in all bits.

#include "base/error.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace holdfast::router {

template <class Entry, class Access>
class PartitionedSet {
public:
    using Key = typename Access::Key;
    enum class Hash : std::uint64_t {};

    explicit PartitionedSet(std::uint64_t seed) : seed_(seed), partitions_(partition_count) {}

    /// What a search begins with is fetched while the caller does something else.
    [[nodiscard]] Hash prefetch(const Key& key) const {
        const Hash hash = hash_of(key);
        const Slots& slots = partition_of(hash).slots;
        if (!slots.empty()) __builtin_prefetch(&slots[home_of(hash, slots)]);
        return hash;
    }
    /// nullptr: not there. `hash` is what prefetch() returned for this key.
    [[nodiscard]] Entry* find(const Key& key, Hash hash) const {
        const Slots& slots = partition_of(hash).slots;
        if (slots.empty()) return nullptr;
        for (std::size_t at = home_of(hash, slots);; at = next(at, slots)) {
            const Slot& slot = slots[at];
            if (slot.entry == nullptr) return nullptr;
            if (slot.hash == hash && Access::key_of(*slot.entry) == key) return slot.entry;
        }
    }
    [[nodiscard]] Entry* find(const Key& key) const { return find(key, hash_of(key)); }

    /// The entry's key is not in the set yet.
    void insert(Entry& entry) {
        const Hash hash = hash_of(Access::key_of(entry));
        Partition& partition = partition_of(hash);
        if (4 * (partition.size + 1) > 3 * partition.slots.size()) {
            resize(partition, partition.size + 1);
        }
        put({hash, &entry}, partition.slots);
        ++partition.size;
        ++size_;
    }

    /// The entry is in the set, and its key can still be read.
    void erase(const Entry& entry) {
        const Hash hash = hash_of(Access::key_of(entry));
        Partition& partition = partition_of(hash);
        CHECK(!partition.slots.empty());
        std::size_t at = home_of(hash, partition.slots);
        while (partition.slots[at].entry != &entry) {
            CHECK(partition.slots[at].entry != nullptr);
            at = next(at, partition.slots);
        }
        close_gap(partition.slots, at);
        --partition.size;
        --size_;
        const bool is_large = partition.slots.size() > 64;
        if (is_large && partition.size < partition.slots.size() / 8) {
            resize(partition, 2 * partition.size);
        }
    }

    /// In no particular order; `visit` may destroy the entry it gets.
    template <class Visit>
    void for_each(Visit visit) const {
        for (const Partition& partition : partitions_) {
            for (const Slot& slot : partition.slots) {
                if (slot.entry != nullptr) visit(*slot.entry);
            }
        }
    }

    [[nodiscard]] std::size_t size() const { return size_; }

private:
    static constexpr std::size_t partition_count = 256;
    static constexpr unsigned partition_bits = std::countr_zero(partition_count);

    struct Slot {
        Hash hash{};
        Entry* entry = nullptr;  ///< nullptr: nothing is here
    };
    using Slots = std::vector<Slot>;  ///< none, or a power of two
    struct Partition {
        Slots slots;
        std::size_t size = 0;
    };

    [[nodiscard]] Hash hash_of(const Key& key) const { return Hash{Access::hash(key, seed_)}; }
    [[nodiscard]] const Partition& partition_of(Hash hash) const {
        return partitions_[static_cast<std::uint64_t>(hash) % partition_count];
    }
    [[nodiscard]] Partition& partition_of(Hash hash) {
        return partitions_[static_cast<std::uint64_t>(hash) % partition_count];
    }
    static std::size_t home_of(Hash hash, const Slots& slots) {
        return (static_cast<std::uint64_t>(hash) >> partition_bits) & (slots.size() - 1);
    }
    static std::size_t next(std::size_t at, const Slots& slots) {
        return (at + 1) & (slots.size() - 1);
    }

    static void put(const Slot& slot, Slots& slots) {
        std::size_t at = home_of(slot.hash, slots);
        while (slots[at].entry != nullptr) at = next(at, slots);
        slots[at] = slot;
    }

    /// Room for so many, a quarter of it empty.
    static void resize(Partition& partition, std::size_t size) {
        Slots slots(std::bit_ceil(std::max<std::size_t>(4, size + size / 3 + 1)));
        for (const Slot& slot : partition.slots) {
            if (slot.entry != nullptr) put(slot, slots);
        }
        partition.slots = std::move(slots);
    }

    /// What was put further on because this place was taken comes back.
    static void close_gap(Slots& slots, std::size_t gap) {
        const std::size_t mask = slots.size() - 1;
        for (std::size_t at = next(gap, slots); slots[at].entry != nullptr; at = next(at, slots)) {
            const std::size_t distance = (at - home_of(slots[at].hash, slots)) & mask;
            if (distance < ((at - gap) & mask)) continue;  // it is not further on than its home
            slots[gap] = slots[at];
            gap = at;
        }
        slots[gap] = {};
    }

    std::uint64_t seed_;
    std::size_t size_ = 0;
    std::vector<Partition> partitions_;
};

}  // namespace holdfast::router
