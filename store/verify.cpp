#include "store/verify.hpp"

#include "store/recovery.hpp"
#include "store/value_reader.hpp"

#include <utility>

namespace holdfast::store {

namespace {

constexpr std::size_t values_per_read = 256;

OpenError cannot_lock(const Directory& directory, std::error_code code) {
    const std::string cause = code == std::errc::device_or_resource_busy
                                  ? "a process has this store open; stop it first"
                                  : code.message();
    return {code, directory.path() + "/lock: " + cause};
}

/// Keeps records whole, for who only counts or prints them.
class Counting final : public ScanSink {
public:
    bool on_batch(std::span<const RecordView> records) override {
        for (const RecordView& record : records) {
            if (!read_change(record)) return false;
        }
        return true;
    }
};

/// Reads waiting values in portions and counts the damaged ones.
class Values {
public:
    explicit Values(VerifyReport& report) : report_(report) {}
    void add(WantedValue wanted) {
        wanted_.push_back(std::move(wanted));
        if (wanted_.size() == values_per_read) read();
    }
    void read() {
        const ReadValues values = read_values(wanted_);
        report_.unreadable += values.damaged;
        if (values.error) report_.problems.push_back("values: " + values.error.message());
        wanted_.clear();
    }

private:
    VerifyReport& report_;
    std::vector<WantedValue> wanted_;
};

void verify_segments(const Contents& contents, VerifyReport& report) {
    for (const auto& [number, segment] : contents.segments().all()) {
        const std::string name = segment_name(number);
        ++report.segments;
        const IoResult<Bytes> bytes = read_whole(*segment->file);
        if (bytes.has_error()) {
            report.problems.push_back(name + ": " + bytes.error().message());
            continue;
        }
        Counting sink;
        const ScanResult result = scan_segment({.bytes = *bytes,
                                                .number = number,
                                                .from = segment_header_bytes,
                                                .limit = segment->end,
                                                .is_limit_exact = true},
                                               sink);
        report.records_in_segments += result.records;
        for (const Extent& damage : result.damages) {
            report.problems.push_back(name + ", offset " + std::to_string(damage.offset) + ": " +
                                      std::to_string(damage.bytes) + " bytes are damaged");
        }
    }
}

void verify_values(const Contents& contents, VerifyReport& report) {
    Values values{report};
    const auto add = [&](const Stored& stored, std::size_t prefix) {
        values.add({{},
                    contents.segments().find(stored.at.segment),
                    stored.at.offset,
                    static_cast<std::uint32_t>(prefix),
                    stored.bytes});
    };
    for (const QueueId queue : contents.index().queues()) {
        contents.index().find_queue(queue)->records.visit_after(
            before_first, [&](const QueueRecords::Record& record) {
                add(record.stored, append_prefix_bytes);
                return true;
            });
    }
    for (std::size_t table = 0; table < static_cast<std::size_t>(Table::count_); ++table) {
        for (const auto& [key, stored] : contents.index().records(static_cast<Table>(table))) {
            add(stored, key.size());
        }
    }
    values.read();
    report.queues = contents.index().queues().size();
    report.waiting = contents.index().total();
    if (report.unreadable == 0) return;
    report.problems.push_back(std::to_string(report.unreadable) +
                              " waiting records have damaged bytes and cannot be read");
}

// --- Dump

std::string quoted(std::string_view key) {
    std::string text = "\"";
    for (const char c : key) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte < 0x7F && c != '"' && c != '\\') {
            text += c;
            continue;
        }
        constexpr std::string_view digits = "0123456789abcdef";
        text += "\\x";
        text += digits[byte >> 4U];
        text += digits[byte & 15U];
    }
    return text + '"';
}

std::string_view name_of(Table table) {
    switch (table) {
        case Table::sessions: return "sessions";
        case Table::subscriptions: return "subscriptions";
        case Table::inbound_qos2: return "inbound_qos2";
        case Table::retained: return "retained";
        default: return "unknown";
    }
}

std::string describe(const LoggedChange& change) {
    const auto number = [](auto value) {
        return std::to_string(static_cast<std::uint64_t>(value));
    };
    const std::string place =
        " queue=" + number(change.queue) + " position=" + number(change.position);
    const std::string mark = " mark=" + number(change.mark);
    const std::string bytes = " bytes=" + std::to_string(change.value_bytes);
    const std::string keyed =
        " table=" + std::string(name_of(change.table)) + " key=" + quoted(change.key);
    switch (change.type) {
        case RecordType::append: return "append" + place + mark + bytes;
        case RecordType::append_shared:
            return "append_shared" + place + mark + bytes +
                   " value_at=" + std::to_string(change.value_offset);
        case RecordType::put: return "put" + keyed + bytes;
        case RecordType::erase: return "erase" + keyed;
        case RecordType::remark: return "remark" + place + mark;
        case RecordType::settle: return "settle" + place;
        default: return "drop_queue queue=" + number(change.queue);
    }
}

class Printing final : public ScanSink {
public:
    explicit Printing(const DumpSink& sink) : sink_(sink) {}
    void on_round(const RoundStart& start) override {
        sink_("round " + std::to_string(start.number) + " durable=" +
              std::to_string(start.durable) + " bytes=" + std::to_string(start.bytes));
    }
    bool on_batch(std::span<const RecordView> records) override {
        for (const RecordView& record : records) {
            const auto change = read_change(record);
            if (!change) return false;
            const std::string_view begins = record.is_first() ? "  batch " : "        ";
            sink_(std::string(begins) + std::to_string(record.offset) + ": " + describe(*change));
            ++records_;
        }
        return true;
    }
    [[nodiscard]] std::uint64_t records() const { return records_; }

private:
    const DumpSink& sink_;
    std::uint64_t records_ = 0;
};

}  // namespace

Opened<VerifyReport> verify(Directory& directory) {
    const auto lock = directory.lock();
    if (lock.has_error()) return cannot_lock(directory, lock.error());
    VerifyReport report;
    Recovery recovery{directory, {.segment_bytes = 0, .is_read_only = true}, report.open};
    if (auto error = recovery.run()) return *std::move(error);
    for (const Damage& damage : report.open.damages) report.problems.push_back(damage.sentence);
    report.problems.insert(report.problems.end(), report.open.notes.begin(),
                           report.open.notes.end());
    verify_segments(recovery.contents(), report);
    verify_values(recovery.contents(), report);
    return report;
}

Opened<std::uint64_t> dump(Directory& directory, const DumpSink& sink) {
    const auto lock = directory.lock();
    if (lock.has_error()) return cannot_lock(directory, lock.error());
    OpenReport report;
    Recovery recovery{directory, {.segment_bytes = 0, .is_read_only = true}, report};
    if (auto error = recovery.run()) return *std::move(error);
    for (const SnapshotStart& snapshot : recovery.snapshots()) {
        sink(snapshot_name(snapshot.number) + " log behind " +
             segment_name(snapshot.place.segment) + ", offset " +
             std::to_string(snapshot.place.offset));
    }
    std::uint64_t records = 0;
    for (const auto& [number, segment] : recovery.contents().segments().all()) {
        const IoResult<Bytes> bytes = read_whole(*segment->file);
        if (bytes.has_error()) {
            return OpenError{bytes.error(), segment_name(number) + ": " + bytes.error().message()};
        }
        sink(segment_name(number) + " end=" + std::to_string(segment->end) +
             " alive=" + std::to_string(segment->live_records));
        Printing printing{sink};
        const ScanResult result = scan_segment({.bytes = *bytes,
                                                .number = number,
                                                .from = segment_header_bytes,
                                                .limit = segment->end,
                                                .is_limit_exact = true},
                                               printing);
        records += printing.records();
        for (const Extent& damage : result.damages) {
            sink("  damaged " + std::to_string(damage.offset) + ": " +
                 std::to_string(damage.bytes) + " bytes");
        }
    }
    return records;
}

}  // namespace holdfast::store
