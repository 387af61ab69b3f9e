// The table of allowed includes (layers.txt) against the includes that are there.

#include "arch/source_tree.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace {

using arch::SourceFile;
using arch::split_words;

struct Row {
    std::vector<std::string> project;
    std::vector<std::string> third_party;
};

struct Table {
    std::map<std::string, std::vector<std::string>> groups;
    std::map<std::string, Row> rows;
};

struct Include {
    std::size_t line;
    std::string path;
    bool is_quoted;
};

std::string text_of(std::string_view path) {
    for (const SourceFile& file : arch::all_files()) {
        if (file.path == path) return file.text;
    }
    return {};
}

Table read_table() {
    Table table;
    const std::string text = text_of("tests/arch/layers.txt");
    for (std::string_view line : arch::split_lines(text)) {
        if (line.empty() || line.starts_with('#')) continue;
        if (line.starts_with("group ")) {
            const std::size_t equals = line.find('=');
            table.groups[split_words(line.substr(6, equals - 6)).at(0)] =
                split_words(line.substr(equals + 1));
            continue;
        }
        const std::size_t first = line.find('|');
        const std::size_t second = line.find('|', first + 1);
        BOOST_REQUIRE_MESSAGE(second != std::string_view::npos, "layers.txt: not a row: " << line);
        Row row;
        row.project = split_words(line.substr(first + 1, second - first - 1));
        for (const std::string& word : split_words(line.substr(second + 1))) {
            const auto group = table.groups.find(word);
            if (group == table.groups.end()) {
                row.third_party.push_back(word);
            } else {
                row.third_party.insert(row.third_party.end(), group->second.begin(),
                                       group->second.end());
            }
        }
        table.rows[split_words(line.substr(0, first)).at(0)] = std::move(row);
    }
    return table;
}

std::vector<Include> includes_of(const SourceFile& file) {
    std::vector<Include> found;
    std::size_t number = 0;
    for (std::string_view line : file.lines()) {
        ++number;
        if (!line.starts_with("#include ")) continue;
        line.remove_prefix(9);
        const std::size_t end = line.find_first_of("\">", 1);
        if (end == std::string_view::npos) continue;
        found.push_back({number, std::string(line.substr(1, end - 1)), line.front() == '"'});
    }
    return found;
}

bool is_folder_or_part(std::string_view path, std::string_view prefix) {
    if (!path.starts_with(prefix)) return false;
    return path.size() == prefix.size() || path[prefix.size()] == '/' || path[prefix.size()] == '.';
}

bool is_threads(std::string_view path) {
    static constexpr std::array names{"thread",    "mutex", "shared_mutex", "condition_variable",
                                      "future",    "latch", "barrier",      "semaphore",
                                      "stop_token"};
    return std::ranges::find(names, path) != names.end();
}

std::string third_party_kind(std::string_view path) {
    if (is_threads(path)) return "threads";
    if (path.find_first_of("/.") == std::string_view::npos) return "std";
    // Files like those of the system, and none of it.
    static constexpr std::array libraries{"sqlite3.h", "expat.h", "zip.h"};
    if (std::ranges::find(libraries, path) != libraries.end()) return std::string(path);
    const bool is_posix = path.starts_with("sys/") || path.starts_with("netinet/") ||
                          path.starts_with("arpa/") || path.starts_with("net/") ||
                          path.starts_with("linux/") || path.find('/') == std::string_view::npos;
    return is_posix ? "posix" : std::string(path);
}

bool third_party_is_allowed(const Row& row, std::string_view path) {
    const std::string kind = third_party_kind(path);
    return std::ranges::any_of(
        row.third_party, [&](const std::string& token) { return is_folder_or_part(kind, token); });
}

/// The path from the root of a project header that an include names; empty when there is none.
std::string resolve(const std::set<std::string>& paths, const std::string& include) {
    for (const char* root : {"", "broker/", "tests/"}) {
        if (paths.contains(root + include)) return root + include;
    }
    return {};
}

bool project_is_allowed(const Row& row, const SourceFile& file, const std::string& path) {
    const std::string folder = path.substr(0, path.rfind('/'));
    if (folder == file.folder()) return true;
    return std::ranges::any_of(row.project, [&](const std::string& token) {
        if (token == "all") return !path.starts_with("tests/") && !path.starts_with("bench/");
        return token == folder || token == path;
    });
}

Row row_for(const Table& table, const SourceFile& file) {
    Row row = table.rows.at(file.folder());
    const auto own = table.rows.find(file.path);
    if (own == table.rows.end()) return row;
    row.project.insert(row.project.end(), own->second.project.begin(), own->second.project.end());
    row.third_party.insert(row.third_party.end(), own->second.third_party.begin(),
                           own->second.third_party.end());
    return row;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(layers)

BOOST_AUTO_TEST_CASE(every_folder_with_cpp_files_has_a_row) {
    const Table table = read_table();
    BOOST_REQUIRE(!table.rows.empty());
    std::set<std::string> missing;
    for (const SourceFile* file : arch::cpp_files()) {
        if (!table.rows.contains(file->folder())) missing.insert(file->folder());
    }
    for (const std::string& folder : missing) BOOST_ERROR("no row in layers.txt for " << folder);
}

BOOST_AUTO_TEST_CASE(every_row_matches_a_file) {
    for (const auto& [name, row] : read_table().rows) {
        const bool is_used = std::ranges::any_of(arch::cpp_files(), [&](const SourceFile* file) {
            return file->path == name || file->folder() == name;
        });
        BOOST_CHECK_MESSAGE(is_used, "layers.txt: no file matches the row " << name);
    }
}

BOOST_AUTO_TEST_CASE(every_include_is_allowed) {
    const Table table = read_table();
    std::set<std::string> paths;
    for (const SourceFile* file : arch::cpp_files()) paths.insert(file->path);
    std::size_t matched = 0;
    for (const SourceFile* file : arch::cpp_files()) {
        if (!table.rows.contains(file->folder())) continue;  // reported above
        const Row row = row_for(table, *file);
        for (const Include& include : includes_of(*file)) {
            ++matched;
            const std::string where = file->path + ":" + std::to_string(include.line);
            if (!include.is_quoted) {
                BOOST_CHECK_MESSAGE(third_party_is_allowed(row, include.path),
                                    where << ": <" << include.path << "> is not allowed here");
                continue;
            }
            const std::string path = resolve(paths, include.path);
            BOOST_CHECK_MESSAGE(
                !path.empty(), where << ": \"" << include.path << "\" is no header of the project");
            BOOST_CHECK_MESSAGE(path.empty() || project_is_allowed(row, *file, path),
                                where << ": \"" << include.path << "\" is not allowed here");
        }
    }
    BOOST_REQUIRE_MESSAGE(matched > 0, "no include was found");
}

BOOST_AUTO_TEST_SUITE_END()
