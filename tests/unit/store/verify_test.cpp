// The golden files of version 1, read by a start, by verify() and by dump(), whole, torn and damaged. They
// were written when the format was made (HOLDFAST_WRITE_GOLDEN=1 writes them again, which only a new version
// of the format is a reason for) and must be readable for ever.

#include "store/verify.hpp"

#include "store/log_store.hpp"
#include "store/memory_directory.hpp"
#include "unit/store/store_suite.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

using namespace holdfast;
using store::Batch;
using store::LogStore;
using store::LogStoreOptions;
using store::Mark;
using store::MemoryDirectory;
using store::OpenReport;
using store::Position;
using store::Table;
using store_suite::Caller;
using store_suite::queue_a;
using store_suite::queue_b;
using store_suite::value_of;

namespace {

constexpr const char* golden_folder = "tests/golden/store_v1";
constexpr LogStoreOptions golden_options{.segment_bytes = 2048};
const std::string large(100, 'v');  // worth sharing

std::unique_ptr<LogStore> open(MemoryDirectory& directory, OpenReport& report) {
    auto opened = LogStore::open(directory, golden_options, report);
    BOOST_REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : opened.error().sentence));
    return *std::move(opened);
}

void commit_before_the_snapshot(LogStore& log) {
    Caller caller{log};
    caller.append(queue_a, 1, "settled later");
    caller.put(Table::sessions, "pump-7", "state");
    caller.put(Table::subscriptions, std::string("pump-7\0a/#", 10), "options");
    caller.append(store::QueueId{99}, 1, "in a queue that is dropped");
}

/// One batch with every kind of record.
void commit_behind_the_snapshot(LogStore& log) {
    Caller caller{log};
    Batch batch;
    const store::ValuePtr shared = value_of(large);
    batch.append(queue_a, Position{2}, shared, Mark{5});
    batch.append(queue_b, Position{7}, shared);
    batch.settle(queue_a, Position{1});
    batch.put(Table::retained, "a/b", value_of("kept"));
    batch.put(Table::inbound_qos2, std::string("pump-7\0\0\1", 9), value_of(""));
    batch.erase(Table::sessions, "pump-7");
    batch.drop_queue(store::QueueId{99});
    caller.commit(std::move(batch));
    Batch remark;
    remark.remark(queue_b, Position{7}, Mark{~std::uint64_t{0}});
    caller.commit(std::move(remark));
    caller.append(queue_a, 3, "last");
}

/// As a crash leaves it: the log behind the snapshot is not in any.
MemoryDirectory::Contents write_golden() {
    MemoryDirectory directory;
    OpenReport report;
    commit_before_the_snapshot(*open(directory, report));
    const auto log = open(directory, report);
    commit_behind_the_snapshot(*log);
    return directory.contents();
}

MemoryDirectory::Contents read_golden() {
    namespace fs = std::filesystem;
    if (std::getenv("HOLDFAST_WRITE_GOLDEN") != nullptr) {
        fs::create_directories(golden_folder);
        for (const auto& [name, bytes] : write_golden()) {
            std::ofstream out(fs::path(golden_folder) / name, std::ios::binary);
            out.write(reinterpret_cast<const char*>(bytes.data()),
                      static_cast<std::streamsize>(bytes.size()));
        }
    }
    MemoryDirectory::Contents contents;
    for (const auto& entry : fs::directory_iterator(golden_folder)) {
        std::ifstream in(entry.path(), std::ios::binary);
        const std::vector<char> bytes(std::istreambuf_iterator<char>(in), {});
        const auto* first = reinterpret_cast<const std::byte*>(bytes.data());
        contents[entry.path().filename()].assign(first, first + bytes.size());
    }
    BOOST_REQUIRE(!contents.empty());
    return contents;
}

void check_whole(const LogStore& log, Caller& caller) {
    BOOST_TEST(caller.queue_text(queue_a) == "2:" + large + " 3:last");
    BOOST_TEST(caller.queue_text(queue_b) == "7:" + large);
    BOOST_TEST((caller.read_queue(queue_a).records.at(0).mark == Mark{5}));
    BOOST_TEST((caller.read_queue(queue_b).records.at(0).mark == Mark{~std::uint64_t{0}}));
    BOOST_TEST(caller.read_table(Table::sessions).records.empty());
    BOOST_TEST(caller.read_table(Table::subscriptions).records.at(0).second == "options");
    BOOST_TEST(caller.read_table(Table::inbound_qos2).records.size() == 1U);
    BOOST_TEST(caller.read_table(Table::retained).records.at(0).second == "kept");
    BOOST_TEST((log.last_position(store::QueueId{99}) == store::before_first));
}

std::string newest_log(const MemoryDirectory::Contents& files) {
    std::string name;
    for (const auto& [each, bytes] : files) {
        if (each.starts_with("log-")) name = each;
    }
    return name;
}

std::size_t find(const std::vector<std::byte>& bytes, std::string_view text) {
    const auto part = std::as_bytes(std::span{text});
    const auto found = std::search(bytes.begin(), bytes.end(), part.begin(), part.end());
    BOOST_REQUIRE(found != bytes.end());
    return static_cast<std::size_t>(found - bytes.begin());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(verify_and_golden_files)

BOOST_AUTO_TEST_CASE(a_store_of_version_1_is_read) {
    MemoryDirectory directory{read_golden()};
    const auto verified = store::verify(directory);
    BOOST_REQUIRE(verified.has_value());
    BOOST_TEST(verified->problems.empty());
    BOOST_TEST(verified->waiting.records == 6U);
    OpenReport report;
    const auto log = open(directory, report);
    BOOST_TEST(report.damages.empty());
    BOOST_TEST(report.snapshot == "snapshot-00000001");
    Caller caller{*log};
    check_whole(*log, caller);
}

BOOST_AUTO_TEST_CASE(a_store_of_version_1_is_read_without_its_snapshot) {
    MemoryDirectory::Contents files = read_golden();
    files["snapshot-00000001"][60] ^= std::byte{1};
    MemoryDirectory directory{files};
    OpenReport report;
    const auto log = open(directory, report);
    BOOST_REQUIRE(report.damages.size() == 1U);
    BOOST_TEST(report.damages[0].kept_as == "snapshot-00000001.kept");
    Caller caller{*log};
    check_whole(*log, caller);
}

BOOST_AUTO_TEST_CASE(a_torn_tail_is_cut_and_kept) {
    MemoryDirectory::Contents files = read_golden();
    std::vector<std::byte>& bytes = files[newest_log(files)];
    const std::size_t last = find(bytes, "last");
    std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(last) + 2, bytes.end(), std::byte{0});
    MemoryDirectory directory{files};
    OpenReport report;
    const auto log = open(directory, report);
    BOOST_REQUIRE(report.damages.size() == 1U);
    BOOST_TEST(report.damages[0].is_torn_tail);
    BOOST_TEST(directory.contents().contains(report.damages[0].kept_as));
    BOOST_TEST(Caller{*log}.queue_text(queue_a) == "2:" + large);
}

BOOST_AUTO_TEST_CASE(a_damaged_batch_costs_nothing_else_and_is_kept) {
    MemoryDirectory::Contents files = read_golden();
    std::vector<std::byte>& bytes = files[newest_log(files)];
    bytes[find(bytes, "a/b")] ^= std::byte{1};
    MemoryDirectory directory{files};
    const auto verified = store::verify(directory);
    BOOST_REQUIRE(verified.has_value());
    BOOST_TEST(!verified->problems.empty());
    BOOST_TEST(directory.contents() == files);  // verify changes nothing
    OpenReport report;
    const auto log = open(directory, report);
    BOOST_REQUIRE(report.damages.size() == 1U);
    BOOST_TEST(!report.damages[0].is_torn_tail);
    BOOST_TEST(report.damages[0].file == newest_log(files));
    BOOST_TEST(directory.contents().contains(report.damages[0].kept_as));
    Caller caller{*log};
    BOOST_TEST(caller.queue_text(queue_a) == "1:settled later 3:last");
    BOOST_TEST(caller.read_table(Table::sessions).records.at(0).second == "state");
}

BOOST_AUTO_TEST_CASE(a_newer_version_is_refused_with_a_sentence) {
    MemoryDirectory::Contents files = read_golden();
    const std::string name = newest_log(files);
    store::Bytes header;
    store::append_segment_header(header, {.version = 2, .number = 2});
    std::ranges::copy(header, files[name].begin());
    MemoryDirectory directory{files};
    OpenReport report;
    const auto opened = LogStore::open(directory, golden_options, report);
    BOOST_REQUIRE(opened.has_error());
    BOOST_TEST(opened.error().sentence ==
               "memory/" + name +
                   ", offset 8: version 2 of the format; this program reads version 1. Open the "
                   "store with the program that wrote it");
    BOOST_TEST(directory.contents() == files);
}

BOOST_AUTO_TEST_CASE(a_damaged_value_is_left_out_of_its_page_only) {
    MemoryDirectory::Contents files = read_golden();
    std::vector<std::byte>& old = files["log-00000001"];
    old[find(old, "options")] ^=
        std::byte{1};  // the snapshot points to it, nobody reads it at the start
    MemoryDirectory directory{files};
    const auto verified = store::verify(directory);
    BOOST_REQUIRE(verified.has_value());
    BOOST_TEST(verified->unreadable == 1U);
    OpenReport report;
    const auto log = open(directory, report);
    Caller caller{*log};
    BOOST_TEST(caller.read_table(Table::subscriptions).records.empty());
    BOOST_TEST(caller.read_table(Table::retained).records.size() == 1U);
    BOOST_TEST(log->figures().damaged_reads == 1U);
}

BOOST_AUTO_TEST_CASE(a_dump_names_every_record) {
    MemoryDirectory directory{read_golden()};
    std::string text;
    const auto records =
        store::dump(directory, [&](std::string_view line) { text += std::string(line) + "\n"; });
    BOOST_REQUIRE(records.has_value());
    BOOST_TEST(*records == 13U);
    for (const char* line :
         {"append queue=71 position=2 mark=5 bytes=100", "append_shared queue=72 position=7",
          "settle queue=71 position=1", "put table=retained key=\"a/b\" bytes=4",
          "put table=inbound_qos2 key=\"pump-7\\x00\\x00\\x01\" bytes=0",
          "erase table=sessions key=\"pump-7\"", "drop_queue queue=99",
          "remark queue=72 position=7 mark=18446744073709551615"}) {
        BOOST_CHECK_MESSAGE(text.find(line) != std::string::npos, line << " is not in\n" << text);
    }
}

BOOST_AUTO_TEST_CASE(an_open_store_is_busy) {
    MemoryDirectory directory{read_golden()};
    OpenReport report;
    const auto log = open(directory, report);
    BOOST_TEST((store::verify(directory).error().code == std::errc::device_or_resource_busy));
}

BOOST_AUTO_TEST_SUITE_END()
