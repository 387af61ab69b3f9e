// Checks and matching of topics against the plainest way to say the same. The input is a filter, a
// line feed and a name.

#include "base/error.hpp"
#include "base/topic.hpp"
#include "base/utf8.hpp"
#include "codec/topic_scan.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

using namespace holdfast;

namespace {

constexpr std::size_t levels_max = 16;

std::vector<std::string> levels_of(std::string_view text) {
    std::vector<std::string> levels(1);
    for (const char c : text) {
        if (c == '/') {
            levels.emplace_back();
        } else {
            levels.back() += c;
        }
    }
    return levels;
}

bool is_filter_slowly(std::string_view filter) {
    const std::vector<std::string> levels = levels_of(filter);
    if (filter.empty() || levels.size() > levels_max) return false;
    for (std::size_t i = 0; i < levels.size(); ++i) {
        const std::string& level = levels[i];
        if (level == "+") continue;
        if (level == "#" && i + 1 == levels.size()) continue;
        if (level.find('+') != std::string::npos || level.find('#') != std::string::npos) {
            return false;
        }
    }
    return true;
}

bool matches_slowly(std::string_view filter, std::string_view name) {
    const std::vector<std::string> wanted = levels_of(filter);
    const std::vector<std::string> levels = levels_of(name);
    if (name.front() == '$' && (wanted[0] == "+" || wanted[0] == "#")) return false;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (wanted[i] == "#") return i <= levels.size();
        if (i == levels.size()) return false;
        if (wanted[i] != "+" && wanted[i] != levels[i]) return false;
    }
    return wanted.size() == levels.size();
}

void check_shared(std::string_view filter) {
    const auto shared = parse_shared_filter(filter, levels_max);
    const std::vector<std::string> levels = levels_of(filter);
    CHECK(is_shared_filter(filter) == (levels[0] == "$share"));
    const bool has_name = levels.size() >= 3 && levels[0] == "$share" && !levels[1].empty() &&
                          levels[1].find_first_of("+#") == std::string::npos;
    if (!has_name) {
        CHECK(!shared);
        return;
    }
    const std::string_view inner = filter.substr(7 + levels[1].size() + 1);
    CHECK(shared.has_value() == is_filter_slowly(inner));
    CHECK(!shared || (shared->share_name == levels[1] && shared->filter == inner));
}

void check_scan(std::string_view text) {
    const codec::TopicScan scan = codec::scan_topic(text);
    CHECK(scan.is_utf8 == is_valid_utf8_string(text));
    CHECK(scan.has_wildcard == has_wildcard(text));
    const std::size_t levels = levels_of(text).size();
    CHECK(codec::is_too_deep(text, levels_max) == (levels > levels_max));
    const bool is_name = !text.empty() && !scan.has_wildcard && levels <= levels_max;
    CHECK(is_valid_topic_name(text, levels_max) == is_name);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 512) return 0;
    const std::uint8_t* end = data + size;
    const std::uint8_t* feed = std::find(data, end, std::uint8_t{'\n'});
    // Copies of the exact size, so that the sanitizer sees one byte too many.
    const std::vector<char> filter_bytes(data, feed);
    const std::vector<char> name_bytes(feed == end ? end : feed + 1, end);
    const std::string_view filter{filter_bytes.data(), filter_bytes.size()};
    const std::string_view name{name_bytes.data(), name_bytes.size()};

    check_scan(filter);
    check_scan(name);
    check_shared(filter);
    CHECK(is_valid_topic_filter(filter, levels_max) == is_filter_slowly(filter));
    const bool can_match =
        is_valid_topic_filter(filter, levels_max) && is_valid_topic_name(name, levels_max);
    if (can_match) CHECK(topic_matches(filter, name) == matches_slowly(filter, name));
    return 0;
}
