#include "config_keys.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <map>
#include <set>
#include <sstream>

namespace {

using namespace holdfast;

struct Row {
    std::string section;
    std::string name;
    std::string value;  ///< kind and range
    std::string usual;  ///< the default
};

std::string without(std::string text, std::string_view unwanted) {
    std::erase_if(text, [&](char c) { return unwanted.find(c) != std::string_view::npos; });
    return text;
}

/// The cells of a Markdown table's row, trimmed.
std::vector<std::string> cells_of(const std::string& line) {
    std::vector<std::string> cells;
    std::istringstream stream{line.substr(1)};
    for (std::string cell; std::getline(stream, cell, '|');) {
        const auto first = cell.find_first_not_of(' ');
        const auto last = cell.find_last_not_of(' ');
        cells.push_back(first == std::string::npos ? "" : cell.substr(first, last - first + 1));
    }
    return cells;
}

/// Every key that docs/configuration.md describes.
std::vector<Row> documented_keys() {
    std::vector<Row> rows;
    std::ifstream page{"docs/configuration.md"};
    std::string section;
    for (std::string line; std::getline(page, line);) {
        if (line.starts_with("## `["))
            section = line.substr(5, line.find(']') - 5);
        else if (line.starts_with("## "))
            section.clear();
        if (section.empty() || !line.starts_with("| `")) continue;
        const auto cells = cells_of(line);
        BOOST_REQUIRE(cells.size() >= 4U);
        rows.push_back(
            {section, without(cells[0], "`"), without(cells[1], "`\""), without(cells[2], "`\"")});
    }
    return rows;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(config_keys_table)

BOOST_AUTO_TEST_CASE(durations_have_one_number_and_one_unit) {
    BOOST_TEST((parse_duration("10s") == 10U));
    BOOST_TEST((parse_duration("5m") == 300U));
    BOOST_TEST((parse_duration("2h") == 7200U));
    BOOST_TEST((parse_duration("7d") == 604'800U));
    for (const char* const text : {"", "10", "s", "10 s", "1h30m", "-1s", "+1s", "1.5s", "10S",
                                   "never", "99999999999999999999s", "9999999999999999999d"}) {
        BOOST_TEST(!parse_duration(text), text);
    }
}

BOOST_AUTO_TEST_CASE(sizes_have_binary_units) {
    BOOST_TEST((parse_bytes("512B") == 512U));
    BOOST_TEST((parse_bytes("64KiB") == 65'536U));
    BOOST_TEST((parse_bytes("1MiB") == 1'048'576U));
    BOOST_TEST((parse_bytes("2GiB") == 2'147'483'648U));
    for (const char* const text : {"", "512", "KiB", "1KB", "1 KiB", "1kib", "-1B", "1.5MiB"}) {
        BOOST_TEST(!parse_bytes(text), text);
    }
}

BOOST_AUTO_TEST_CASE(what_is_shown_reads_back_the_same) {
    for (const ConfigKey& key : config_keys()) {
        for (const std::uint64_t value : {key.minimum, key.maximum, key.load(Config{})}) {
            if (key.kind == ValueKind::duration && value != open_value) {
                BOOST_TEST((parse_duration(show(key, value)) == value));
            }
            if (key.kind == ValueKind::bytes && value != open_value) {
                BOOST_TEST((parse_bytes(show(key, value)) == value));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(every_default_lies_in_its_range) {
    for (const ConfigKey& key : config_keys()) {
        const std::uint64_t usual = key.load(Config{});
        if (key.kind == ValueKind::flag) continue;
        if (key.kind == ValueKind::choice) {
            BOOST_TEST(usual < key.choices.size(), key.name);
        } else if (usual == open_value) {
            BOOST_TEST(!key.open_word.empty(), key.name);
        } else {
            BOOST_TEST((usual >= key.minimum && usual <= key.maximum), key.name);
        }
    }
}

BOOST_AUTO_TEST_CASE(the_documentation_names_every_key_with_its_range_and_default) {
    std::map<std::pair<std::string, std::string>, Row> rows;
    for (const Row& row : documented_keys()) {
        BOOST_TEST(rows.emplace(std::pair{row.section, row.name}, row).second, row.name);
    }
    BOOST_REQUIRE(!rows.empty());
    for (const ConfigKey& key : config_keys()) {
        const auto row = rows.find({std::string{key.section}, std::string{key.name}});
        BOOST_TEST_REQUIRE((row != rows.end()), key.section << "." << key.name);
        BOOST_TEST(row->second.value == without(describe_range(key), "\""), key.name);
        BOOST_TEST(row->second.usual == show(key, key.load(Config{})), key.name);
    }
    std::size_t names = 0;
    for (const std::string_view section : section_names()) {
        for (const std::string_view name : key_names(section)) {
            ++names;
            BOOST_TEST(rows.contains({std::string{section}, std::string{name}}),
                       section << "." << name << " is not documented");
        }
    }
    BOOST_TEST(rows.size() == names, "the page describes keys that do not exist");
}

BOOST_AUTO_TEST_SUITE_END()
