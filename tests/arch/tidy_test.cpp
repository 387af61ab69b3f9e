// The parts of docs/style.md that a compiler and clang-tidy do not see, as tests. Each case fails when
// it matched no file, so that a moved folder cannot switch it off.

#include "arch/source_tree.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace {

using arch::SourceFile;

/// No socket, timer, thread, sleep or clock: these folders are driven by their arguments.
constexpr std::array core_folders{"broker/base",    "broker/codec",    "broker/router",
                                  "broker/session", "broker/delivery", "store"};

constexpr std::array product_folders{"broker", "api", "store"};

/// What clang-format keeps to, and what a comment or a literal that it cannot break may have.
constexpr std::size_t columns_aim = 100;
constexpr std::size_t columns_max = 110;

/// Tables of wire examples, which are long because the protocol is.
constexpr std::array long_tables{"tests/support/wire_cases.hpp", "tests/support/wire_cases.cpp"};

bool is_in(const SourceFile& file, std::span<const char* const> folders) {
    return std::ranges::any_of(folders, [&](const char* folder) { return file.is_under(folder); });
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// Where `token` stands as a word of its own (its ends need not be letters), or npos.
std::size_t find_word(std::string_view text, std::string_view token) {
    for (std::size_t at = text.find(token); at != std::string_view::npos;
         at = text.find(token, at + 1)) {
        const std::size_t end = at + token.size();
        const bool joins_before = is_word(token.front()) && at > 0 && is_word(text[at - 1]);
        const bool joins_after = is_word(token.back()) && end < text.size() && is_word(text[end]);
        if (!joins_before && !joins_after) return at;
    }
    return std::string_view::npos;
}

struct Ban {
    std::vector<std::string> tokens;
    std::vector<const char*> folders;
    std::set<std::string> except;
    std::string because;
};

const std::vector<Ban>& bans_in_code() {
    static const std::vector<Ban> bans{
        {{"steady_clock::now", "system_clock::now", "high_resolution_clock", "random_device",
          "clock_gettime", "gettimeofday", "getrandom", "std::time(", "std::rand(", "srand("},
         {"broker", "api", "store", "tests/unit", "tests/support"},
         {"broker/base/environment.cpp"},
         "time and randomness are arguments; only base/environment.cpp reads them"},
        {{"sleep_for", "sleep_until", "usleep", "nanosleep", "sleep("},
         {"broker", "api", "store", "tests/unit", "tests/support"},
         {"broker/net/moderation.cpp"},
         "nothing sleeps but a flooded loop: wait for the event, or pass the instant"},
        {{"co_await", "co_return", "co_yield", "std::cout", "std::cerr", "std::thread",
          "std::jthread"},
         {core_folders.begin(), core_folders.end()},
         {"store/committer.hpp", "store/committer.cpp", "store/sqlite_worker.hpp",
          "store/sqlite_worker.cpp"},
         "the core has no I/O, no threads and no coroutines; the store's threads have a file each"},
        {{"throw"},
         {"broker", "api", "store"},
         {"broker/config.cpp", "broker/net/listener.cpp", "broker/net/readiness.cpp",
          "broker/server.cpp", "broker/storage.cpp", "broker/platform.cpp"},
         "errors are values; only what reads the configuration, opens the data directory, makes the "
         "shards and listens throws, at the start"},
        {{"std::views", "std::ranges::views"},
         {core_folders.begin(), core_folders.end()},
         {},
         "clang 14 cannot compile them, and the core is fuzzed with it"},
        {{"assert("}, {"broker", "api", "store"}, {}, "CHECK is always on; assert is not"},
        {{"using namespace std"},
         {"broker", "api", "store", "bench", "tests"},
         {},
         "names keep their std::"},
    };
    return bans;
}

bool is_text(const SourceFile& file) {
    return !file.is_under("tests/fuzz/corpus") && !file.is_under("tests/golden") &&
           file.text.find('\0') == std::string::npos;
}

/// An open end without its issue, or one of its cousins. The words are put together so that this file
/// does not contain them.
bool has_open_end(std::string_view line) {
    static const std::string todo = std::string("TO") + "DO";
    const std::size_t at = find_word(line, todo);
    if (at != std::string_view::npos) {
        const std::string_view rest = line.substr(at + todo.size());
        return !(rest.starts_with("(#") && rest.size() > 2 &&
                 std::isdigit(static_cast<unsigned char>(rest[2])));
    }
    static const std::array cousins{std::string("FIX") + "ME", std::string("XX") + "X",
                                    std::string("HA") + "CK"};
    return std::ranges::any_of(cousins, [&](const std::string& word) {
        return find_word(line, word) != std::string_view::npos;
    });
}

/// A path of one particular machine, such as a home or a working folder at the root.
bool has_machine_path(std::string_view line) {
    static const std::array roots{std::string("/wo") + "rk/", std::string("/ro") + "ot/"};
    for (const std::string& root : roots) {
        for (std::size_t at = line.find(root); at != std::string_view::npos;
             at = line.find(root, at + 1)) {
            const char before = at == 0 ? ' ' : line[at - 1];
            if (!is_word(before) &&
                std::string_view(".+#}-$").find(before) == std::string_view::npos)
                return true;
        }
    }
    return false;
}

std::size_t columns(std::string_view line) {
    return static_cast<std::size_t>(std::ranges::count_if(
        line, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::size_t lines_max(const SourceFile& file) {
    if (std::ranges::find(long_tables, file.path) != long_tables.end()) return 10'000;
    if (file.is_under("tests")) return 600;
    return file.is_header() ? 200 : 400;
}

const SourceFile* find_file(std::string_view path) {
    for (const SourceFile& file : arch::all_files()) {
        if (file.path == path) return &file;
    }
    return nullptr;
}

/// The words of the CMakeLists.txt that is nearest above the file.
bool is_in_a_list(const SourceFile& file) {
    std::string folder = file.folder();
    while (true) {
        const std::string prefix = folder.empty() ? "" : folder + "/";
        if (const SourceFile* list = find_file(prefix + "CMakeLists.txt"); list != nullptr) {
            std::string text = list->text;
            std::ranges::replace_if(
                text, [](char c) { return c == '(' || c == ')'; }, ' ');
            const std::vector<std::string> words = arch::split_words(text);
            return std::ranges::find(words, file.path.substr(prefix.size())) != words.end();
        }
        if (folder.empty()) return false;
        const std::size_t slash = folder.rfind('/');
        folder = slash == std::string::npos ? "" : folder.substr(0, slash);
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tidy)

BOOST_AUTO_TEST_CASE(files_are_short) {
    std::size_t matched = 0;
    for (const SourceFile* file : arch::cpp_files()) {
        ++matched;
        const std::size_t count = file->lines().size();
        BOOST_CHECK_MESSAGE(count <= lines_max(*file),
                            file->path << ": " << count << " lines, at most " << lines_max(*file)
                                       << "; split it by meaning");
    }
    BOOST_REQUIRE(matched > 0);
}

BOOST_AUTO_TEST_CASE(lines_are_short) {
    std::size_t matched = 0;
    std::size_t over_the_aim = 0;
    for (const SourceFile* file : arch::cpp_files()) {
        std::size_t number = 0;
        for (std::string_view line : file->lines()) {
            ++number;
            ++matched;
            if (columns(line) > columns_aim) ++over_the_aim;
            BOOST_CHECK_MESSAGE(columns(line) <= columns_max,
                                file->path << ":" << number << ": " << columns(line)
                                           << " columns, at most " << columns_max);
        }
    }
    BOOST_REQUIRE(matched > 0);
    BOOST_WARN_MESSAGE(over_the_aim == 0, over_the_aim << " of " << matched
                                                       << " lines have more than " << columns_aim
                                                       << " columns");
}

BOOST_AUTO_TEST_CASE(headers_open_with_pragma_once_and_a_comment) {
    std::size_t matched = 0;
    for (const SourceFile* file : arch::cpp_files()) {
        if (!file->is_header()) continue;
        ++matched;
        const auto lines = file->lines();
        BOOST_CHECK_MESSAGE(!lines.empty() && lines[0] == "#pragma once",
                            file->path << ":1: the first line is not #pragma once");
        BOOST_CHECK_MESSAGE(
            lines.size() > 1 && lines[1].starts_with("// "),
            file->path << ":2: says what the header owns, in a comment, and does not");
    }
    BOOST_REQUIRE(matched > 0);
}

BOOST_AUTO_TEST_CASE(banned_calls_are_absent) {
    std::map<std::string, std::size_t> matched;
    for (const SourceFile* file : arch::cpp_files()) {
        const std::string code = arch::code_only(file->text);
        for (const Ban& ban : bans_in_code()) {
            if (!is_in(*file, ban.folders)) continue;
            ++matched[ban.because];
            if (ban.except.contains(file->path)) continue;
            std::size_t number = 0;
            for (std::string_view line : arch::split_lines(code)) {
                ++number;
                for (const std::string& token : ban.tokens) {
                    BOOST_CHECK_MESSAGE(
                        find_word(line, token) == std::string_view::npos,
                        file->path << ":" << number << ": " << token << ": " << ban.because);
                }
            }
        }
    }
    for (const Ban& ban : bans_in_code()) {
        BOOST_CHECK_MESSAGE(matched[ban.because] > 0, "no file was looked at for: " << ban.because);
    }
}

BOOST_AUTO_TEST_CASE(exceptions_of_the_bans_exist) {
    for (const Ban& ban : bans_in_code()) {
        for (const std::string& path : ban.except) {
            BOOST_CHECK_MESSAGE(find_file(path) != nullptr,
                                path << " is excepted and does not exist");
        }
    }
}

BOOST_AUTO_TEST_CASE(open_ends_name_their_issue_and_paths_are_nobodys) {
    std::size_t matched = 0;
    for (const SourceFile& file : arch::all_files()) {
        if (!is_text(file)) continue;
        ++matched;
        std::size_t number = 0;
        for (std::string_view line : file.lines()) {
            ++number;
            const std::string where = file.path + ":" + std::to_string(number);
            BOOST_CHECK_MESSAGE(!has_open_end(line), where << ": an open end without (#issue)");
            BOOST_CHECK_MESSAGE(!has_machine_path(line), where << ": a path of one machine");
        }
    }
    BOOST_REQUIRE(matched > 0);
}

BOOST_AUTO_TEST_CASE(every_cpp_is_in_a_cmake_list) {
    std::size_t matched = 0;
    for (const SourceFile* file : arch::cpp_files()) {
        const bool must_be = file->is_cpp() || is_in(*file, product_folders);
        if (!must_be) continue;
        ++matched;
        BOOST_CHECK_MESSAGE(is_in_a_list(*file),
                            file->path << ": in no list of the nearest CMakeLists.txt");
    }
    BOOST_REQUIRE(matched > 0);
}

// Such a header is not compiled alone to see whether it includes what it needs.
BOOST_AUTO_TEST_CASE(a_cpp_includes_the_header_of_its_name_first) {
    std::size_t matched = 0;
    for (const SourceFile* file : arch::cpp_files()) {
        if (!file->is_cpp()) continue;
        const std::string header = file->path.substr(0, file->path.size() - 3) + "hpp";
        if (find_file(header) == nullptr) continue;
        ++matched;
        const auto lines = file->lines();
        const auto first = std::ranges::find_if(
            lines, [](std::string_view line) { return line.starts_with("#include"); });
        BOOST_REQUIRE(first != lines.end());
        const std::string_view name{*first};
        const std::size_t quote = name.find('"');
        BOOST_CHECK_MESSAGE(
            quote != std::string_view::npos && name.ends_with('"') &&
                header.ends_with(name.substr(quote + 1, name.size() - quote - 2)),
            file->path << ": its first include is not " << header);
    }
    BOOST_REQUIRE(matched > 0);
}

BOOST_AUTO_TEST_CASE(every_cpp_of_the_product_has_its_header) {
    static const std::set<std::string> without{"broker/main.cpp", "broker/net/boost_impl.cpp"};
    std::set<std::string> stems;  // path without extension, of every header
    for (const SourceFile* file : arch::cpp_files()) {
        if (file->is_header()) stems.insert(file->path.substr(0, file->path.size() - 4));
    }
    std::size_t matched = 0;
    for (const SourceFile* file : arch::cpp_files()) {
        if (!file->is_cpp() || !is_in(*file, product_folders) || without.contains(file->path))
            continue;
        ++matched;
        // connection_publish.cpp is a part of connection.hpp; decode.cpp says whose it is by its include.
        const bool includes_own_folder =
            file->text.find("#include \"" + file->folder().substr(file->folder().rfind('/') + 1) +
                            "/") != std::string::npos;
        const std::string stem = file->path.substr(0, file->path.size() - 4);
        const bool has_header = stems.contains(stem) || includes_own_folder;
        BOOST_CHECK_MESSAGE(
            has_header, file->path << ": has no header beside it and includes none of its folder");
    }
    BOOST_REQUIRE(matched > 0);
}

/// The page names tests as proofs: each must be there.
BOOST_AUTO_TEST_CASE(tests_named_by_the_security_page_exist) {
    const auto page = std::ranges::find(arch::all_files(), "docs/security.md", &SourceFile::path);
    BOOST_TEST_REQUIRE((page != arch::all_files().end()));
    std::string tests;  // all of their text
    for (const SourceFile& file : arch::all_files()) {
        if (file.is_under("tests") && !file.is_under("tests/arch")) tests += file.text;
    }
    std::size_t named = 0;
    for (std::string_view line : page->lines()) {
        if (!line.starts_with("| ") || line.starts_with("| class")) continue;
        std::string_view proofs = line.substr(0, line.rfind('|'));
        proofs.remove_prefix(proofs.rfind('|') + 1);
        BOOST_CHECK_MESSAGE(proofs.find('`') != std::string_view::npos, "no proof of: " << line);
        for (std::size_t at = 0; (at = proofs.find('`', at)) != std::string_view::npos;) {
            const std::size_t end = proofs.find('`', at + 1);
            const std::string_view name = proofs.substr(at + 1, end - at - 1);
            ++named;
            BOOST_CHECK_MESSAGE(tests.find(name) != std::string::npos, name << ": no such test");
            at = end + 1;
        }
    }
    BOOST_TEST(named > 30U);
}

BOOST_AUTO_TEST_CASE(unit_tests_mirror_the_tree) {
    std::size_t matched = 0;
    for (const SourceFile* file : arch::cpp_files()) {
        if (!file->is_under("tests/unit") || !file->path.ends_with("_test.cpp")) continue;
        ++matched;
        const std::string folder = file->folder().substr(std::string("tests/unit/").size());
        const std::string name = file->path.substr(file->path.rfind('/') + 1);
        const bool has_subject =
            std::ranges::any_of(arch::cpp_files(), [&](const SourceFile* subject) {
                if (subject->folder() != "broker/" + folder && subject->folder() != folder)
                    return false;
                const std::string subject_name = subject->path.substr(subject->path.rfind('/') + 1);
                return name.starts_with(subject_name.substr(0, subject_name.size() - 4) + "_");
            });
        BOOST_CHECK_MESSAGE(has_subject, file->path << ": named after no file of " << folder);
    }
    BOOST_REQUIRE(matched > 0);
}

BOOST_AUTO_TEST_CASE(the_changelog_has_an_unreleased_section) {
    const SourceFile* changelog = find_file("CHANGELOG.md");
    BOOST_REQUIRE(changelog != nullptr);
    const auto lines = changelog->lines();
    BOOST_CHECK(std::ranges::find(lines, "## [Unreleased]") != lines.end());
}

BOOST_AUTO_TEST_SUITE_END()

// The checks above are only worth something if their own eyes are good.
BOOST_AUTO_TEST_SUITE(eyes)

BOOST_AUTO_TEST_CASE(comments_and_literals_are_blanked_and_lines_kept) {
    const std::string code = arch::code_only(
        "int a = 1'000; // throw\nf(\"throw\\\"\", 't', R\"x(throw)x\");\n/* \n */b");
    BOOST_TEST(code.find("throw") == std::string::npos);
    BOOST_TEST(arch::split_lines(code).size() == 4U);
    BOOST_TEST(arch::split_lines(code)[0].starts_with("int a = 1'000; "));
    BOOST_TEST(arch::split_lines(code)[3].ends_with("b"));
}

BOOST_AUTO_TEST_CASE(words_are_found_whole) {
    BOOST_TEST(find_word("static_assert(x)", "assert(") == std::string_view::npos);
    BOOST_TEST(find_word("  assert(x)", "assert(") == 2U);
    BOOST_TEST(find_word("throw_exception", "throw") == std::string_view::npos);
}

BOOST_AUTO_TEST_CASE(open_ends_and_machine_paths_are_seen) {
    const std::string todo = std::string("TO") + "DO";
    BOOST_TEST(has_open_end("// " + todo + ": later"));
    BOOST_TEST(!has_open_end("// " + todo + "(#12): later"));
    BOOST_TEST(has_machine_path(std::string("see /wo") + "rk/main"));
    BOOST_TEST(!has_machine_path(std::string("sensors/wo") + "rk/1"));
}

BOOST_AUTO_TEST_SUITE_END()
