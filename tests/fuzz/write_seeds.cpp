// Writes the seeds of the fuzz targets to FOLDER/<target>/: the wire examples of one sender, version
// and packet type in one file, and each pair of topics. What fuzzing adds is merged into
// tests/fuzz/corpus with libFuzzer's -set_cover_merge=1.

#include "support/wire_cases.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

using namespace holdfast;
using namespace holdfast::codec;
using namespace test_support;

namespace {

namespace fs = std::filesystem;

class SeedFolder {
public:
    explicit SeedFolder(fs::path path) : path_(std::move(path)) { fs::create_directories(path_); }
    void add(const std::string& name, std::string_view bytes) {
        std::ofstream file(path_ / name, std::ios::binary);
        file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    }

private:
    fs::path path_;
};

std::string group_of(const WireCase& row) {
    const std::string sender = row.sender == Sender::server ? "server" : "client";
    const auto type = static_cast<PacketType>(bytes_of(row.bytes)[0] >> 4);
    return sender + "-" + std::to_string(static_cast<unsigned>(row.version)) + "-" +
           std::string{to_string(type)};
}

/// The byte with which fuzz_decode chooses sender and version.
char choice_of(const WireCase& row) {
    const unsigned sender = row.sender == Sender::server ? 0x81 : 0;  // 0x81 % 3 == 0
    return static_cast<char>(sender + static_cast<unsigned>(row.version) - 3);
}

constexpr std::string_view filters[] = {
    "a/b",        "#",      "+",      "a/#",          "a/+/c",     "+/+",
    "/+",         "a//b",   "$SYS/#", "$share/g/a/#", "$share//a", "$share/g",
    "$share/+/a", "$share", "a#",     "a/+b",
};
constexpr std::string_view names[] = {"a/b",     "a",     "/",          "a//b",
                                      "$SYS/up", "a/b/c", "\xC3\xA4/1", ""};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return 2;
    }
    const fs::path folder{argv[1]};
    SeedFolder decode{folder / "fuzz_decode"};
    SeedFolder framer{folder / "fuzz_framer"};
    std::map<std::string, std::string> streams;
    std::map<std::string, char> choices;
    for (const WireCase& row : wire_cases()) {
        const std::string group = group_of(row);
        streams[group] += as_text(bytes_of(row.bytes));
        choices[group] = choice_of(row);
    }
    for (const auto& [group, stream] : streams) {
        decode.add(group, choices[group] + stream);
        framer.add(group, "\xFF\x03" + stream);
    }
    SeedFolder topics{folder / "fuzz_topic_filter"};
    std::size_t pairs = 0;
    for (const std::string_view filter : filters) {
        for (const std::string_view name : names) {
            topics.add("topics-" + std::to_string(++pairs),
                       std::string{filter} + "\n" + std::string{name});
        }
    }
    return 0;
}
